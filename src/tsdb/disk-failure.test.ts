// A disk that refuses: each test runs the same script once in peace to count its calls, then once for
// each call with that one failing.

import { afterEach, describe, expect, test, vi } from 'vitest';
import { ALL_TIME } from '../model/time-range.ts';
import type { AppError } from '../runtime/error.ts';
import { FaultyFileSystem, type FaultyOperation } from '../runtime/faulty-file-system.ts';
import { type Random, randomOf } from '../runtime/file-image.ts';
import type { Database } from '../storage/interface.ts';
import type { Tsdb } from './db.ts';
import { readEverything } from './testing/engine-model.ts';
import { counter, DATA_DIR, filesBelow, kindOf, openInline } from './testing/inline-engine.ts';
import { Ledger } from './testing/ledger.ts';

/** Length of the script: how many calls there are to fail grows with it. */
const STEPS = Number(process.env.FAULT_STEPS ?? 20);
/** Of all calls together there are many: look at every n-th only. */
const STRIDE = Number(process.env.FAULT_STRIDE ?? 17);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
const DATABASES = ['default', 'other'];

afterEach(() => {
  vi.useRealTimers();
});

function databasesOf(db: Tsdb): Database[] {
  return DATABASES.flatMap((name) => db.database(name) ?? []);
}

interface Run {
  readonly ledger: Ledger;
  readonly refusals: string[];
  /** Samples acknowledged when the log failed for good. */
  countAtEnd?: number;
  /** Writes begun after that and acknowledged nevertheless. */
  lateAcknowledgements: number;
}

function newRun(): Run {
  return { ledger: new Ledger(), refusals: [], lateAcknowledgements: 0 };
}

/** Writes one at a time and several at once, flushes and merges; goes on whatever fails. */
async function work(db: Tsdb, run: Run, random: Random, steps = STEPS): Promise<void> {
  const below = (n: number): number => Math.floor(random() * n);
  await db.createDatabase('other').catch((error: unknown) => run.refusals.push(String(error)));
  for (let step = 0; step < steps; step++) {
    const isOver = run.countAtEnd !== undefined;
    const writes = Array.from({ length: 1 + below(3) }, () => {
      const database = databasesOf(db)[below(2)] ?? db.database('default')!;
      return run.ledger.write(database, below(5), 1 + below(3));
    });
    for (const result of await Promise.allSettled(writes)) {
      if (result.status === 'rejected') run.refusals.push(kindOf(result.reason));
      else if (isOver) run.lateAcknowledgements++;
    }
    if (step % 5 === 4) await db.flush().catch(() => {});
    if (step % 10 === 9) await db.merge();
  }
}

/** Counts how often the script calls an operation. */
async function callsOf(operation: FaultyOperation): Promise<number> {
  const fs = new FaultyFileSystem(SEED);
  const db = await openInline(fs);
  const before = fs.calls.get(operation) ?? 0;
  const run = newRun();
  await work(db, run, randomOf(SEED));
  expect(run.refusals).toEqual([]);
  expect(run.ledger.count).toBeGreaterThan(STEPS);
  expect(await run.ledger.problemInStrictly(databasesOf(db))).toBeUndefined();
  return (fs.calls.get(operation) ?? 0) - before;
}

describe('an input/output error', () => {
  for (const op of ['fdatasync', 'write'] as const) {
    test(`EIO at every n-th ${op}: nothing is acknowledged after the log has failed, nothing acknowledged is lost`, async () => {
      const calls = await callsOf(op);
      let fatal = 0;
      for (let nth = 1; nth <= calls; nth++) {
        const run = newRun();
        const fs = new FaultyFileSystem(nth);
        const db = await openInline(fs, {
          onFatal: () => {
            fatal++;
            expect(run.countAtEnd, `n ${nth}: told twice`).toBeUndefined();
            run.countAtEnd = run.ledger.count;
          },
        });
        // Only this once: a log that tried again would get an answer it must not trust.
        fs.failAt({ op, nth, code: 'EIO' });
        await work(db, run, randomOf(SEED));
        expect(run.lateAcknowledgements, `n ${nth}`).toBe(0);
        for (const refusal of run.refusals) {
          expect(refusal, `n ${nth}`).toMatch(/^unavailable LOG_FAILED$|EIO/);
        }
        // The page cache may show more than the disk has; only what is on the disk counts.
        for (const after of [fs.powerCut(nth), fs]) {
          const reopened = await openInline(after);
          const problem = await run.ledger.problemIn(databasesOf(reopened));
          expect(problem, `n ${nth}`).toBeUndefined();
          await reopened.close();
        }
        await db.close();
      }
      expect(fatal).toBeGreaterThan(calls / 4);
    }, 60_000);
  }
});

test(`EIO at every call of any kind (every ${STRIDE}th): nothing acknowledged is lost, now or after a start`, async () => {
  const calls = await callsOf('any');
  for (let nth = 1; nth <= calls; nth += STRIDE) {
    const run = newRun();
    const fs = new FaultyFileSystem(nth);
    const db = await openInline(fs);
    fs.failAt({ op: 'any', nth, code: 'EIO' });
    await work(db, run, randomOf(SEED));
    fs.clearFaults();
    expect(await run.ledger.problemIn(databasesOf(db)), `n ${nth}`).toBeUndefined();
    for (const after of [fs.powerCut(nth), fs]) {
      const reopened = await openInline(after);
      expect(await run.ledger.problemIn(databasesOf(reopened)), `n ${nth}`).toBeUndefined();
      await reopened.close();
    }
    await db.close();
  }
}, 600_000);

describe('a full disk', () => {
  test('ENOSPC at every n-th write: 503, nothing of it visible now or later, then it goes on', async () => {
    const calls = await callsOf('write');
    let refused = 0;
    for (let nth = 1; nth <= calls; nth++) {
      const run = newRun();
      const fs = new FaultyFileSystem(nth);
      const db = await openInline(fs, { onFatal: (error) => expect.fail(`n ${nth}: ${error}`) });
      // A few in a row, as a full disk has it; with one alone the next attempt would succeed.
      for (let i = 0; i < 1 + (nth % 3); i++)
        fs.failAt({ op: 'write', nth: nth + i, code: 'ENOSPC' });
      await work(db, run, randomOf(SEED));
      refused += run.refusals.length;
      for (const refusal of run.refusals) {
        expect(refusal, `n ${nth}`).toMatch(/^unavailable LOG_DISK_FULL$|ENOSPC/);
      }
      expect(await run.ledger.problemInStrictly(databasesOf(db)), `n ${nth}`).toBeUndefined();

      fs.clearFaults();
      const before = run.refusals.length;
      await work(db, run, randomOf(SEED + 1), 5);
      expect(run.refusals.length, `n ${nth}: refused after space came back`).toBe(before);
      expect(await run.ledger.problemInStrictly(databasesOf(db)), `n ${nth}`).toBeUndefined();
      for (const after of [fs.powerCut(nth), fs]) {
        const reopened = await openInline(after);
        const problem = await run.ledger.problemInStrictly(databasesOf(reopened));
        expect(problem, `n ${nth}`).toBeUndefined();
        await reopened.close();
      }
      await db.close();
    }
    expect(refused).toBeGreaterThan(STEPS);
  }, 60_000);

  test('however much of a refused batch reached the disk, none of it comes back', async () => {
    const database = (db: Tsdb): Database => db.database('default')!;
    for (let keepBytes = 0; keepBytes < 700; keepBytes += 9) {
      const fs = new FaultyFileSystem(keepBytes);
      const db = await openInline(fs);
      const ledger = new Ledger();
      await ledger.write(database(db), 0);
      fs.failAt({ op: 'write', nth: 1, code: 'ENOSPC', keepBytes });
      // All in one batch of the log: the first records may have been written whole.
      const writes = [1, 2, 3].map((series) => ledger.write(database(db), series, 2));
      const results = await Promise.allSettled(writes);
      expect(results.map(({ status }) => status)).toEqual(Array(3).fill('rejected'));
      for (const after of [fs.powerCut(1), fs]) {
        const problem = await ledger.problemInStrictly([database(await openInline(after))]);
        expect(problem, `${keepBytes} bytes`).toBeUndefined();
      }
    }
  });

  test('a start that meets ENOSPC at any write succeeds once there is space', async () => {
    const ledger = new Ledger();
    const used = new FaultyFileSystem(SEED);
    const first = await openInline(used);
    for (let i = 0; i < 5; i++) await ledger.write(first.database('default')!, i);
    for (const [base, written] of [
      [new FaultyFileSystem(SEED), new Ledger()],
      [used, ledger],
    ] as const) {
      const starts = [];
      for (let nth = 1; nth === 1 || starts.at(-1) === 'refused'; nth++) {
        const fs = base.powerCut(nth);
        fs.failAt({ op: 'write', nth, code: 'ENOSPC' });
        const start = openInline(fs).then(
          () => 'taken',
          () => 'refused',
        );
        starts.push(await start);
        const db = await openInline(fs);
        expect(await written.problemInStrictly(databasesOf(db)), `n ${nth}`).toBeUndefined();
      }
      // A data folder in use needs no write to start, so that a full disk does not keep it down.
      expect(starts.length > 1).toBe(base !== used);
    }
  });

  test('a capacity reached while writing: reads go on, and writes do when space comes back', async () => {
    const fs = new FaultyFileSystem(SEED);
    const db = await openInline(fs);
    const run = newRun();
    for (let round = 0; round < 3; round++) {
      fs.setCapacity(fs.usedBytes() + 3000);
      await fill(db, run);
      expect(run.refusals.at(-1)).toBe('unavailable LOG_DISK_FULL');
      expect(await run.ledger.problemInStrictly(databasesOf(db))).toBeUndefined();
      fs.setCapacity(fs.usedBytes() + 100_000);
      await run.ledger.write(db.database('default')!, round);
    }
    expect(await run.ledger.problemInStrictly(databasesOf(db))).toBeUndefined();
    const reopened = await openInline(fs.powerCut(1));
    expect(await run.ledger.problemInStrictly(databasesOf(reopened))).toBeUndefined();
  });

  test('a capacity reached by a flush: no left-over eats the space, and it is tried again by itself', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    for (let room = 0; room <= 3000; room += 150) {
      const fs = new FaultyFileSystem(SEED + room);
      const db = await openInline(fs, { walSegmentBytes: 600 });
      const run = newRun();
      await work(db, run, randomOf(SEED), 4);
      const usedBefore = fs.usedBytes();
      fs.setCapacity(usedBefore + room);
      const flushed = await db.flush().then(
        () => 'done',
        (error: unknown) => (error as AppError).code,
      );
      const isDone = flushed === 'done';
      if (!isDone) expect(flushed).toBe('TSDB_FLUSH_FAILED');
      for (let retry = 0; retry < 5; retry++) await nextRetry();
      expect(await run.ledger.problemInStrictly(databasesOf(db)), `room ${room}`).toBeUndefined();
      if (!isDone) {
        expect(counter(db, 'flushFailures'), `room ${room}`).toBeGreaterThanOrEqual(4);
        const listed = partsListed(fs);
        expect(partsOnDisk(fs), `room ${room}`).toEqual(listed);
      }
      fs.setCapacity(Number.POSITIVE_INFINITY);
      // What comes now is not in that flush: its segments of the log must survive it.
      for (let i = 0; i < 10; i++) await run.ledger.write(db.database('default')!, i, 3);
      await nextRetry();
      // A flush lets others run between its databases.
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
      expect(counter(db, 'flushes'), `room ${room}`).toBe(1);
      expect(partsOnDisk(fs), `room ${room}`).toEqual(partsListed(fs));
      expect(await run.ledger.problemInStrictly(databasesOf(db)), `room ${room}`).toBeUndefined();
      const reopened = await openInline(fs.powerCut(1));
      expect(await run.ledger.problemInStrictly(databasesOf(reopened))).toBeUndefined();
    }
  });

  test('a capacity reached by a merge: its inputs stay, the next attempt succeeds', async () => {
    const fs = new FaultyFileSystem(SEED);
    const db = await openInline(fs);
    const run = newRun();
    for (let part = 0; part < 4; part++) {
      for (let i = 0; i < 30; i++) await run.ledger.write(db.database('default')!, i % 5, 4);
      await db.flush();
    }
    const before = partsOnDisk(fs);
    for (const room of [0, 500, 1500, 2500]) {
      fs.setCapacity(fs.usedBytes() + room);
      await db.merge();
      expect(partsOnDisk(fs), `room ${room}`).toEqual(before);
      expect(await run.ledger.problemInStrictly(databasesOf(db))).toBeUndefined();
    }
    expect(counter(db, 'mergeFailures')).toBe(4);
    fs.setCapacity(Number.POSITIVE_INFINITY);
    await db.merge();
    expect(counter(db, 'merges')).toBeGreaterThan(0);
    expect(partsOnDisk(fs).length).toBeLessThan(before.length);
    expect(await run.ledger.problemInStrictly(databasesOf(db))).toBeUndefined();
  });

  test('databases, deletes and snapshots are refused as writes are, and leave nothing behind', async () => {
    const fs = new FaultyFileSystem(SEED);
    const db = await openInline(fs);
    const ledger = new Ledger();
    for (let i = 0; i < 5; i++) await ledger.write(db.database('default')!, i);
    await db.flush();
    const attempts: Record<string, () => Promise<unknown>> = {
      create: () => db.createDatabase('other'),
      delete: () => db.database('default')!.deleteSamples([[]], ALL_TIME),
      snapshot: () => db.snapshot(),
    };
    for (const [what, attempt] of Object.entries(attempts)) {
      fs.setCapacity(fs.usedBytes());
      const answer = attempt().then(() => 'done', kindOf);
      expect(await answer, what).toBe('unavailable TSDB_DISK_FULL');
      expect(db.databaseNames()).toEqual(['default']);
      expect(await ledger.problemInStrictly(databasesOf(db)), what).toBeUndefined();
      fs.setCapacity(Number.POSITIVE_INFINITY);
      const reopened = await openInline(fs.powerCut(1));
      expect(reopened.databaseNames(), what).toEqual(['default']);
      expect(await ledger.problemInStrictly(databasesOf(reopened)), what).toBeUndefined();
    }
    for (const [what, attempt] of Object.entries(attempts).reverse()) {
      expect(await attempt().then(() => 'done', kindOf), what).toBe('done');
    }
  });

  test('short of the reserve: writes are refused before the disk is full, reads and deletes go on', async () => {
    const fs = new FaultyFileSystem(SEED);
    const db = await openInline(fs, { minFreeBytes: 50_000 });
    const database = db.database('default')!;
    const run = newRun();
    fs.setCapacity(fs.usedBytes() + 60_000);
    await fill(db, run, () => db.tick());
    expect(run.refusals).toEqual(['unavailable TSDB_DISK_LOW']);
    expect(await run.ledger.problemInStrictly([database])).toBeUndefined();
    await db.flush();
    expect(await run.ledger.problemInStrictly([database])).toBeUndefined();
    await database.deleteSamples([[]], ALL_TIME);
    await db.cleanTombstones();
    expect(await readEverything(database)).toEqual(new Map());
    expect(partsOnDisk(fs)).toEqual([]);
    fs.setCapacity(fs.usedBytes() + 60_000);
    db.tick();
    await new Ledger().write(database, 1);
  });
});

/** Lets the pause after a failed flush pass, and what then follows happen. */
async function nextRetry(): Promise<void> {
  await vi.advanceTimersByTimeAsync(2000);
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Writes until the disk refuses. */
async function fill(db: Tsdb, run: Run, between: () => void = () => {}): Promise<void> {
  const refusals = run.refusals.length;
  for (let i = 0; run.refusals.length === refusals; i++) {
    expect(i).toBeLessThan(1000);
    between();
    await run.ledger
      .write(db.database('default')!, i % 5, 3)
      .catch((error: unknown) => run.refusals.push(kindOf(error)));
  }
}

function partsOnDisk(fs: FaultyFileSystem): string[] {
  return filesBelow(fs, `${DATA_DIR}/databases`).filter((path) => path.includes('.part'));
}

/** The part files that the manifests name. */
function partsListed(fs: FaultyFileSystem): string[] {
  const manifests = filesBelow(fs, `${DATA_DIR}/databases`).filter((path) =>
    path.endsWith('/manifest.json'),
  );
  const named = manifests.flatMap((path) => {
    const text = Buffer.from(fs.readFile(path)).toString();
    const { sections } = JSON.parse(text) as { sections: { file: string }[] };
    return sections.map(({ file }) => path.replace('manifest.json', `parts/${file}`));
  });
  return [...new Set(named)].sort();
}
