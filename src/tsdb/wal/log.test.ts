// The log with its worker thread and real files, and what the model test does not reach.

import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FaultyFileSystem } from '../../runtime/faulty-file-system.ts';
import { nodeFileSystem } from '../../runtime/file-system.ts';
import { Log, type LogOptions } from './log.ts';
import { readLog } from './reader.ts';
import { isIntact, openInline, readBack, recordOf } from './wal-fixtures.ts';

let dir: string;

beforeEach(() => {
  dir = fs.mkdtempSync(join(tmpdir(), 'tidemark-wal-'));
});

afterEach(() => {
  fs.rmSync(dir, { recursive: true, force: true });
});

function openWorker(options: Partial<LogOptions> = {}): Promise<Log> {
  return Log.open({
    dir,
    sync: 'always',
    intervalMs: 1000,
    segmentBytes: 200_000,
    firstSeq: 1,
    threads: 'worker',
    onFatal: (error) => {
      throw error;
    },
    ...options,
  });
}

function readFiles(): { seqs: number[]; nextSeq: number; damaged: number } {
  const seqs: number[] = [];
  const contents = readLog(nodeFileSystem, dir, 1, (record) => {
    expect(isIntact(record)).toBe(true);
    seqs.push(record.commitSeq);
  });
  return { seqs, nextSeq: contents.nextSeq, damaged: contents.damaged.length };
}

const from = (a: number, b: number): number[] => Array.from({ length: b - a + 1 }, (_, i) => a + i);

describe('with a worker', () => {
  test('records come back after a close, and after a crash in a second life', async () => {
    const first = await openWorker();
    const order: number[] = [];
    await Promise.all(
      from(1, 1000).map((seq) => first.append(recordOf(seq)).then(() => order.push(seq))),
    );
    expect(order).toEqual(from(1, 1000));
    expect(first.syncStats().syncs).toBeLessThan(1000);
    await first.close();
    expect(first.sizeBytes()).toBe(
      fs.readdirSync(dir).reduce((sum, name) => sum + fs.statSync(join(dir, name)).size, 0),
    );
    expect(readFiles()).toEqual({ seqs: from(1, 1000), nextSeq: 1001, damaged: 0 });

    const { segments } = readLog(nodeFileSystem, dir, 1, () => {});
    const second = await openWorker({ firstSeq: 1001, segments });
    for (let seq = 1001; seq <= 1100; seq++) {
      const appended = second.append(recordOf(seq));
      if (seq % 10 === 0) await appended;
    }
    await second.truncate(500);
    await second.abandon();
    const { seqs } = readFiles();
    expect(seqs[0]).toBeGreaterThan(1);
    expect(seqs).toEqual(from(seqs[0]!, 1100));
  });

  test('more than the ring can hold is refused, and none of it is written', async () => {
    const log = await openWorker({ ringBytes: 65_536 });
    const outcomes = await Promise.allSettled(
      from(1, 3000).map((seq) => log.append(recordOf(seq))),
    );
    const kept = from(1, 3000).filter((seq) => outcomes[seq - 1]!.status === 'fulfilled');
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason.code).toBe('LOG_OVERLOADED');
    await log.close();
    expect(readFiles().seqs).toEqual(kept);
  });

  test('a folder that cannot be made is an error of open', async () => {
    fs.writeFileSync(join(dir, 'file'), '');
    await expect(openWorker({ dir: join(dir, 'file', 'wal') })).rejects.toThrow();
  });

  test('a write that fails ends the log, once', async () => {
    const fatal: string[] = [];
    const log = await openWorker({ onFatal: (error) => fatal.push(error.code) });
    fs.rmSync(dir, { recursive: true });
    const outcomes = await Promise.allSettled([1, 2, 3].map((seq) => log.append(recordOf(seq))));
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'LOG_FAILED' } });
    }
    await expect(log.append(recordOf(4))).rejects.toMatchObject({ code: 'LOG_FAILED' });
    expect(fatal).toEqual(['LOG_FAILED']);
    await log.close();
  });

  test('in interval mode the sync follows without another write', async () => {
    const log = await openWorker({ sync: 'interval', intervalMs: 20 });
    await log.append(recordOf(1));
    expect(log.syncStats().syncs).toBe(0);
    await expect.poll(() => log.syncStats().syncs).toBe(1);
    await log.close();
  });
});

describe('inline', () => {
  test('interval mode: what is older than the interval survives a power cut', async () => {
    let now = 0;
    const clock = { now: () => 1_700_000_000_000 + now, monotonic: () => now };
    const files = new FaultyFileSystem();
    const log = await openInline(files, {
      sync: 'interval',
      intervalMs: 100,
      clock,
      pump: 'manual',
      segmentBytes: 1 << 20,
    });
    let seq = 1;
    const written: { seq: number; at: number }[] = [];
    for (; seq <= 100; seq++) {
      void log.append(recordOf(seq)).then(() => {});
      log.pump();
      written.push({ seq, at: now });
      const safe = written.filter(({ at }) => at <= now - 100).map((record) => record.seq);
      const { seqs } = readBack(files.powerCut(seq));
      expect(seqs).toEqual(expect.arrayContaining(safe));
      now += 7;
      log.pump();
    }
    expect(files.calls.get('fdatasync')).toBeLessThan(12);
  });

  test('nothing is settled before the sync', async () => {
    const files = new FaultyFileSystem();
    const log = await openInline(files, { pump: 'manual' });
    let settled = 0;
    void log.append(recordOf(1)).then(() => settled++);
    void log.append(recordOf(2)).then(() => settled++);
    await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toBe(0);
    log.pump();
    await Promise.resolve();
    expect(settled).toBe(2);
    expect(files.calls.get('fdatasync')).toBe(1);
  });

  test('the body may be used again as soon as append returns', async () => {
    const files = new FaultyFileSystem();
    const log = await openInline(files, {});
    const record = recordOf(7);
    const appended = log.append(record);
    record.body.fill(0xee);
    record.rejected.fill(9);
    await appended;
    expect(readBack(files).seqs).toEqual([7]);
  });

  test('appends out of order, too large or after the end are refused', async () => {
    const files = new FaultyFileSystem();
    const log = await openInline(files, { firstSeq: 5 });
    await expect(log.append(recordOf(4))).rejects.toMatchObject({ code: 'LOG_ORDER' });
    await log.append(recordOf(5));
    await expect(log.append(recordOf(5))).rejects.toMatchObject({ code: 'LOG_ORDER' });
    const large = { ...recordOf(6), body: new Uint8Array(40_000) };
    await expect(log.append(large)).rejects.toMatchObject({ kind: 'limit' });
    await log.close();
    await log.close();
    await expect(log.append(recordOf(6))).rejects.toMatchObject({ code: 'LOG_CLOSED' });
    await expect(log.roll()).rejects.toMatchObject({ code: 'LOG_CLOSED' });
    expect(readBack(files).seqs).toEqual([5]);
  });

  test('a log that was opened and closed leaves no file', async () => {
    const files = new FaultyFileSystem();
    const log = await openInline(files, {});
    await log.roll();
    await log.close();
    expect(files.readdir('/data/wal')).toEqual([]);
  });

  test('a segment that cannot be removed is tried again', async () => {
    const files = new FaultyFileSystem();
    const log = await openInline(files, {});
    await log.append(recordOf(1));
    await log.roll();
    files.failAt({ op: 'unlink', nth: 1, code: 'EACCES' });
    await expect(log.truncate(1)).rejects.toMatchObject({ code: 'LOG_REMOVE' });
    await log.append(recordOf(2));
    await log.truncate(1);
    expect(readBack(files).seqs).toEqual([2]);
  });
});
