import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { acquireDataLock } from './data-lock.ts';
import { lockName } from './filenames.ts';

let dir: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  dir = fs.mkdtempSync(join(tmpdir(), 'tidemark-lock-'));
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  fs.rmSync(dir, { recursive: true, force: true });
});

const BUILT = new URL('../../dist/src/tsdb/data-lock.js', import.meta.url).href;

/** A process that tries to take the lock, prints what came of it and stays if it has it. */
async function contender(folder: string): Promise<{ child: ChildProcess; outcome: string }> {
  const script = `
    const { acquireDataLock } = await import(${JSON.stringify(BUILT)});
    await acquireDataLock(${JSON.stringify(folder)}).then(
      () => { console.log('held'); setInterval(() => {}, 1e6); },
      (error) => console.log(error.code),
    );`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [text] = await once(child.stdout!, 'data');
  return { child, outcome: String(text).trim() };
}

const locked = expect.objectContaining({ kind: 'conflict', code: 'TSDB_DATA_LOCKED' });

test('one at a time, and again after a release', async () => {
  const first = await acquireDataLock(dir);
  await expect(acquireDataLock(dir)).rejects.toEqual(locked);
  await expect(acquireDataLock(dir)).rejects.toThrow(`process ${process.pid}`);
  await first.release();
  await first.release();
  const second = await acquireDataLock(dir);
  expect(fs.readdirSync(dir)).toEqual([lockName(2)]);
  await second.release();
});

test('a folder without the lock of another is free', async () => {
  const other = join(dir, 'other');
  fs.mkdirSync(other);
  const locks = [await acquireDataLock(dir), await acquireDataLock(other)];
  for (const lock of locks) await lock.release();
});

test('a missing folder is an error', async () => {
  await expect(acquireDataLock(join(dir, 'missing'))).rejects.toMatchObject({
    code: 'TSDB_DATA_LOCK_FAILED',
  });
});

test('works below a path that is too long for a socket', async () => {
  const long = join(dir, 'x'.repeat(150), 'y'.repeat(150));
  fs.mkdirSync(long, { recursive: true });
  const lock = await acquireDataLock(long);
  await expect(acquireDataLock(long)).rejects.toEqual(locked);
  expect(fs.readdirSync(long)).toEqual([lockName(1)]);
  await lock.release();
  await (await acquireDataLock(long)).release();
});

test('left-overs of interrupted attempts are cleared away', async () => {
  const pending = join(dir, 'lock-0011223344556677.tmp');
  fs.writeFileSync(pending, '');
  fs.writeFileSync(join(dir, lockName(3)), '');
  const lock = await acquireDataLock(dir);
  expect(fs.readdirSync(dir)).toEqual([lockName(4)]);
  await lock.release();
});

test('another process holds it until it is killed', async () => {
  const holder = await contender(dir);
  expect(holder.outcome).toBe('held');
  await expect(acquireDataLock(dir)).rejects.toThrow(`process ${holder.child.pid}`);
  holder.child.kill('SIGKILL');
  await once(holder.child, 'exit');
  await (await acquireDataLock(dir)).release();
});

test('a stopped process still holds it', async () => {
  const holder = await contender(dir);
  holder.child.kill('SIGSTOP');
  await expect(acquireDataLock(dir)).rejects.toEqual(locked);
});

test('of many that find a dead lock, one gets it', async () => {
  for (let round = 0; round < 3; round++) {
    const folder = fs.mkdtempSync(join(dir, 'round-'));
    const dead = await contender(folder);
    dead.child.kill('SIGKILL');
    await once(dead.child, 'exit');
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => attempt(folder)));
    expect(outcomes.filter((outcome) => outcome === 'held')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'TSDB_DATA_LOCKED')).toHaveLength(19);
  }
});

async function attempt(folder: string): Promise<string> {
  try {
    await acquireDataLock(folder);
    return 'held';
  } catch (error) {
    return (error as { code: string }).code;
  }
}
