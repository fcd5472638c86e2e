// The log against a model, on a file system that forgets and fails: what was acknowledged comes back,
// what was refused does not, whatever happens in between.

import { describe, expect, test } from 'vitest';
import type { AppError } from '../../runtime/error.ts';
import { FaultyFileSystem, type FaultyOperation } from '../../runtime/faulty-file-system.ts';
import { type Random, randomOf } from '../../runtime/file-image.ts';
import type { Log } from './log.ts';
import { openInline, readBack, recordOf } from './wal-fixtures.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 1);
const POWER_CUTS = Number(process.env.PROP_RUNS ?? 500);

/** What must, may and must not be in the log. */
class Model {
  readonly acknowledged = new Set<number>();
  readonly refused = new Set<number>();
  appended = 0;
  truncatedTo = 0;

  /** Appends one record and notes what becomes of it. */
  append(log: Log, commitSeq: number): void {
    this.appended = commitSeq;
    log.append(recordOf(commitSeq)).then(
      () => this.acknowledged.add(commitSeq),
      (error: AppError) => {
        if (error.code === 'LOG_DISK_FULL') this.refused.add(commitSeq);
      },
    );
  }

  /** Throws if what has been read back breaks a promise. */
  check(seqs: readonly number[]): void {
    const found = new Set(seqs);
    for (const seq of this.acknowledged) {
      if (seq > this.truncatedTo && !found.has(seq)) throw new Error(`acknowledged ${seq} is lost`);
    }
    for (const seq of seqs) {
      if (this.refused.has(seq)) throw new Error(`refused ${seq} is in the log`);
      if (seq > this.appended) throw new Error(`${seq} is invented`);
    }
  }
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Some bursts of appends, now and then a roll or a truncation. */
async function useLog(log: Log, model: Model, firstSeq: number, random: Random): Promise<number> {
  let seq = firstSeq;
  const bursts = 1 + Math.floor(random() * 8);
  for (let burst = 0; burst < bursts; burst++) {
    const records = Math.floor(random() * 6);
    for (let i = 0; i < records; i++) model.append(log, seq++);
    const action = random();
    if (action < 0.1) {
      log.roll().catch(() => {});
    } else if (action < 0.2) {
      model.truncatedTo = Math.max(model.truncatedTo, Math.floor(random() * seq));
      log.truncate(model.truncatedTo).catch(() => {});
    } else if (action < 0.25) {
      await log.close();
      break;
    }
    if (random() < 0.8) await flush();
  }
  return seq;
}

// Microtasks only, so that a run does not depend on time.
async function flush(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

/** Several lives of one log, each ended by a power cut in the middle of some file operation. */
async function livesOfALog(seed: number, first: FaultyFileSystem): Promise<void> {
  const random = randomOf(seed);
  const model = new Model();
  let files = first;
  let nextSeq = 1;
  let segments = readBack(files).segments;
  for (let life = 0; life < 3; life++) {
    if (random() < 0.8) {
      const nth = 1 + Math.floor(random() * 60);
      files.failAt({ op: 'any', nth, code: 'EPOWER', sticky: true });
    }
    if (random() < 0.3) {
      files.failAt({ op: 'write', nth: 1 + Math.floor(random() * 8), code: 'ENOSPC' });
    }
    try {
      const log = await openInline(files, { firstSeq: nextSeq, segments, segmentBytes: 4096 });
      nextSeq = await useLog(log, model, nextSeq, random);
      if (random() < 0.5) await flush();
      await log.abandon();
    } catch (error) {
      if ((error as { code?: string }).code !== 'EPOWER') throw error;
    }
    const cutSeed = Math.floor(random() * 2 ** 31);
    files = files.powerCut(cutSeed);
    const contents = readBack(files);
    model.check(contents.seqs);
    expect(contents.damaged).toEqual([]);
    expect(contents.nextSeq).toBeGreaterThan(contents.seqs.at(-1) ?? 0);
    nextSeq = Math.max(nextSeq, contents.nextSeq);
    segments = contents.segments;
  }
}

/** Says that it synced, and did not. */
class ForgetfulFileSystem extends FaultyFileSystem {
  override fdatasync(): void {}
}

describe('power cuts', () => {
  test(`nothing acknowledged is lost in ${POWER_CUTS} seeds`, async () => {
    for (let seed = SEED; seed < SEED + POWER_CUTS; seed++) {
      await livesOfALog(seed, new FaultyFileSystem(seed)).catch((error) => {
        throw new Error(`seed ${seed}: ${error.message}`, { cause: error });
      });
    }
  });

  test('control: a log that does not sync loses something', async () => {
    let losses = 0;
    for (let seed = SEED; seed < SEED + 20; seed++) {
      await livesOfALog(seed, new ForgetfulFileSystem(seed)).catch((error) => {
        if (/is lost/.test(error.message)) losses++;
        else throw error;
      });
    }
    expect(losses).toBeGreaterThan(5);
  });

  test('control: a log that does not sync its folder loses something', async () => {
    class NamelessFileSystem extends FaultyFileSystem {
      override syncDirectory(): void {}
    }
    let losses = 0;
    for (let seed = SEED; seed < SEED + 20; seed++) {
      await livesOfALog(seed, new NamelessFileSystem(seed)).catch((error) => {
        if (/is lost/.test(error.message)) losses++;
        else throw error;
      });
    }
    expect(losses).toBeGreaterThan(5);
  });
});

interface Outcome {
  readonly model: Model;
  readonly fatal: AppError[];
  readonly codes: (string | undefined)[];
}

/** The same 40 records in bursts of three, whatever happens; small segments, so that it rolls. */
async function fixedScript(files: FaultyFileSystem): Promise<Outcome> {
  const model = new Model();
  const fatal: AppError[] = [];
  const codes: (string | undefined)[] = [];
  const log = await openInline(files, {
    segmentBytes: 2048,
    onFatal: (error) => fatal.push(error),
  });
  for (let seq = 1; seq <= 40; seq++) {
    model.appended = seq;
    void log.append(recordOf(seq)).then(
      () => {
        codes[seq] = 'ok';
        model.acknowledged.add(seq);
      },
      (error: AppError) => {
        codes[seq] = error.code;
        if (error.code === 'LOG_DISK_FULL') model.refused.add(seq);
      },
    );
    if (seq % 3 === 0) await flush();
    if (seq === 30) void log.truncate(10).catch(() => {});
  }
  model.truncatedTo = 10;
  await log.close();
  return { model, fatal, codes };
}

describe('every n-th failure', () => {
  const operations: FaultyOperation[] = ['fdatasync', 'write', 'open', 'syncDirectory', 'close'];

  test.each(operations)('EIO from %s: nothing is acknowledged after it', async (op) => {
    const sound = new FaultyFileSystem();
    await fixedScript(sound);
    const calls = sound.calls.get(op)!;
    expect(calls).toBeGreaterThan(3);
    let failures = 0;
    for (let nth = 1; nth <= calls; nth++) {
      const files = new FaultyFileSystem(nth);
      files.mkdir('/data/wal');
      files.syncDirectory('/data');
      files.syncDirectory('/');
      files.failAt({ op, nth, code: 'EIO', path: '/data/wal' });
      const { model, fatal, codes } = await fixedScript(files);
      expect(fatal.length).toBeLessThanOrEqual(1);
      failures += fatal.length;
      if (fatal.length > 0) {
        const firstFailed = codes.indexOf('LOG_FAILED');
        if (firstFailed > 0) expect(codes.slice(firstFailed)).not.toContain('ok');
      }
      for (let cut = 0; cut < 5; cut++) model.check(readBack(files.powerCut(cut)).seqs);
      files.clearFaults();
      model.check(readBack(files).seqs);
    }
    expect(failures).toBeGreaterThan(3);
  });

  test('ENOSPC from write: refused, not in the log, and the next ones go well', async () => {
    const sound = new FaultyFileSystem();
    await fixedScript(sound);
    const calls = sound.calls.get('write')!;
    for (let nth = 1; nth <= calls; nth++) {
      const files = new FaultyFileSystem(nth);
      files.failAt({ op: 'write', nth, code: 'ENOSPC' });
      const { model, fatal, codes } = await fixedScript(files);
      expect(fatal).toEqual([]);
      // At most the one batch; the failed write may also have been a seal, which refuses nothing.
      expect(codes.filter((code) => code !== 'ok').length).toBeLessThanOrEqual(1 + 3);
      for (let cut = 0; cut < 5; cut++) {
        const contents = readBack(files.powerCut(cut));
        model.check(contents.seqs);
        expect(contents.damaged).toEqual([]);
      }
    }
  });

  test('ENOSPC from fdatasync is fatal: the data may be gone', async () => {
    const files = new FaultyFileSystem();
    files.failAt({ op: 'fdatasync', nth: 3, code: 'ENOSPC' });
    const { fatal, model } = await fixedScript(files);
    expect(fatal.map((error) => error.code)).toEqual(['LOG_FAILED']);
    for (let cut = 0; cut < 20; cut++) model.check(readBack(files.powerCut(cut)).seqs);
  });

  test('a failure to cut off a half-written batch is fatal', async () => {
    const files = new FaultyFileSystem();
    files.failAt({ op: 'write', nth: 5, code: 'ENOSPC' });
    files.failAt({ op: 'truncate', nth: 1, code: 'EIO' });
    const { fatal } = await fixedScript(files);
    expect(fatal.map((error) => error.code)).toEqual(['LOG_FAILED']);
  });
});

test('a full disk refuses, and writing resumes by itself when there is space again', async () => {
  const files = new FaultyFileSystem();
  const model = new Model();
  const fatal: AppError[] = [];
  const log = await openInline(files, {
    segmentBytes: 2048,
    onFatal: (error) => fatal.push(error),
  });
  let seq = 1;
  for (const capacity of [5000, 5000, 9000, 5000, 20_000]) {
    files.setCapacity(capacity);
    for (let i = 0; i < 15; i++) {
      model.append(log, seq++);
      await flush();
    }
    model.check(readBack(files.powerCut(capacity)).seqs);
  }
  const refused = model.refused.size;
  expect(refused).toBeGreaterThan(10);
  files.setCapacity(Number.POSITIVE_INFINITY);
  const before = model.acknowledged.size;
  for (let i = 0; i < 10; i++) model.append(log, seq++);
  await tick();
  expect(model.acknowledged.size).toBe(before + 10);
  expect(model.refused.size).toBe(refused);
  expect(fatal).toEqual([]);
  await log.close();
  expect(readBack(files).seqs).toEqual([...model.acknowledged]);
});
