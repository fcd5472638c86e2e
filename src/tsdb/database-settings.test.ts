// Retention and quotas of single databases: held across flips, restarts and beside other databases.

import { expect, test } from 'vitest';
import { ALL_TIME, DAY_MS } from '../model/time-range.ts';
import { FaultyFileSystem } from '../runtime/faulty-file-system.ts';
import { DEFAULT_LIMITS } from '../storage/admission.ts';
import { DEFAULT_DATABASE_SETTINGS, NO_QUOTAS } from '../storage/database-settings.ts';
import type { WriteResult } from '../storage/interface.ts';
import type { Tsdb } from './db.ts';
import { batchOf, FakeClock, floatSeries, labelsOf, NOW } from './testing/engine-model.ts';
import { DATA_DIR, filesBelow, openInline } from './testing/inline-engine.ts';

const LIMITS = { ...DEFAULT_LIMITS, retentionMs: 10 * DAY_MS };
/** Past which new series count as new. */
const SETTLED_MS = 300_000;

async function start(fs: FaultyFileSystem, clock: FakeClock): Promise<Tsdb> {
  const db = await openInline(fs, { clock, limits: LIMITS });
  for (const name of ['a', 'b']) await db.createDatabase(name);
  return db;
}

/** Series by number, one sample each. */
function write(
  db: Tsdb,
  database: string,
  series: readonly number[],
  t = NOW,
): Promise<WriteResult> {
  const all = series.map((i) => floatSeries(labelsOf(i), [[t, i]]));
  return db.database(database)!.write(batchOf(...all));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

async function countIn(db: Tsdb, database: string): Promise<number> {
  const querier = db.database(database)!.querier(ALL_TIME);
  let samples = 0;
  for await (const entry of querier.select([])) samples += entry.samples.length;
  querier.close();
  return samples;
}

test('each database keeps its own time, after a power cut too', async () => {
  const clock = new FakeClock();
  const fs = new FaultyFileSystem();
  const db = await start(fs, clock);
  const days = range(0, 9).map((i): [number, number] => [NOW - i * DAY_MS, i]);
  for (const name of ['a', 'b', 'default']) {
    await db.database(name)!.write(batchOf(floatSeries(labelsOf(1), days.toReversed())));
  }
  await db.database('a')!.configure({ ...DEFAULT_DATABASE_SETTINGS, retentionMs: 2 * DAY_MS });
  await db.database('b')!.configure({ ...DEFAULT_DATABASE_SETTINGS, retentionMs: 0 });
  const seen = async (of: Tsdb): Promise<number[]> =>
    Promise.all(['a', 'b', 'default'].map((name) => countIn(of, name)));
  expect(await seen(db)).toEqual([3, 9, 9]);
  await db.flush();
  db.tick();
  expect(await seen(db)).toEqual([3, 9, 9]);
  const old = await write(db, 'a', [1], NOW - 3 * DAY_MS);
  expect(old.rejections.map(({ reason }) => reason)).toEqual(['outside_retention']);
  const after = await openInline(fs.powerCut(3), { clock, limits: LIMITS });
  expect(await seen(after)).toEqual([3, 9, 9]);
  expect(after.database('a')!.settings.retentionMs).toBe(2 * DAY_MS);
  clock.advance(5 * DAY_MS);
  after.tick();
  expect(await seen(after)).toEqual([0, 9, 6]);
  expect(filesBelow(fs, DATA_DIR).length).toBeGreaterThan(0);
});

test('settings that are damaged take nothing away', async () => {
  const clock = new FakeClock();
  const fs = new FaultyFileSystem();
  const db = await start(fs, clock);
  await write(db, 'a', [1], NOW - 5 * DAY_MS);
  await db.database('a')!.configure({ ...DEFAULT_DATABASE_SETTINGS, retentionMs: 400 * DAY_MS });
  await db.close();
  const file = filesBelow(fs, DATA_DIR).find((path) => path.includes('settings'))!;
  fs.flipBit(file, 100);
  const after = await openInline(fs, { clock, limits: LIMITS });
  clock.advance(300 * DAY_MS);
  after.tick();
  expect(await countIn(after, 'a')).toBe(1);
  await after.database('a')!.configure(DEFAULT_DATABASE_SETTINGS);
  expect(await countIn(after, 'a')).toBe(0);
});

test('active series: known ones go on, new ones are refused, other databases do not notice', async () => {
  const clock = new FakeClock();
  const db = await start(new FaultyFileSystem(), clock);
  await db
    .database('a')!
    .configure({ retentionMs: undefined, quotas: { ...NO_QUOTAS, maxActiveSeries: 10 } });
  const first = await write(db, 'a', range(0, 15));
  expect([first.samplesWritten, first.rejectedTotal]).toEqual([10, 5]);
  expect(first.rejections[0]).toMatchObject({
    reason: 'series_quota',
    samples: 1,
    message: expect.stringContaining('maxActiveSeries is 10'),
  });
  expect((await write(db, 'b', range(0, 100))).rejectedTotal).toBe(0);
  for (let flips = 0; flips < 4; flips++) {
    clock.advance(60_000);
    const again = await write(db, 'a', range(0, 15), clock.now());
    expect([again.samplesWritten, again.rejectedTotal]).toEqual([10, 5]);
    await db.flush();
  }
  expect(db.database('a')!.usage()).toMatchObject({
    activeSeries: 10,
    samplesWritten: 50,
    newSeries: 10,
    refusals: { maxActiveSeries: 25 },
  });
});

test('series that have ended make room for new ones, two flips later', async () => {
  const clock = new FakeClock();
  const db = await start(new FaultyFileSystem(), clock);
  await db
    .database('a')!
    .configure({ retentionMs: undefined, quotas: { ...NO_QUOTAS, maxActiveSeries: 10 } });
  await write(db, 'a', range(0, 10));
  const accepted: number[] = [];
  for (let flips = 0; flips < 3; flips++) {
    // Five of the old ones stay, others want in.
    accepted.push((await write(db, 'a', [...range(0, 5), ...range(20, 30)])).samplesWritten);
    await db.flush();
    clock.advance(60_000);
  }
  expect(accepted).toEqual([5, 5, 10]);
});

test('rates: nothing is stored, and the same write gets in later', async () => {
  const clock = new FakeClock();
  const db = await start(new FaultyFileSystem(), clock);
  const quotas = { ...NO_QUOTAS, maxNewSeriesPerSecond: 10, maxSamplesPerSecond: 100 };
  await db.database('a')!.configure({ retentionMs: undefined, quotas });
  clock.advance(SETTLED_MS);
  await write(db, 'a', range(0, 50));
  const more = range(0, 90);
  await expect(write(db, 'a', more)).rejects.toMatchObject({ code: 'STORAGE_QUOTA' });
  expect(await countIn(db, 'a')).toBe(50);
  expect((await write(db, 'b', range(0, 1000))).samplesWritten).toBe(1000);
  let tries = 1;
  for (; tries < 10; tries++) {
    clock.advance(1000);
    const done = await write(db, 'a', more).catch(() => undefined);
    if (done !== undefined) break;
  }
  // Forty new ones at ten a second.
  expect(tries).toBeLessThanOrEqual(5);
  expect(await countIn(db, 'a')).toBe(90);
  await write(db, 'a', range(0, 90), NOW + 1).catch(() => undefined);
  const over = Promise.all(range(2, 12).map((i) => write(db, 'a', range(0, 90), NOW + i)));
  await expect(over).rejects.toMatchObject({ code: 'STORAGE_QUOTA' });
});

test('disk: past the quota nothing is taken until retention has made room', async () => {
  const clock = new FakeClock();
  const db = await start(new FaultyFileSystem(), clock);
  const database = db.database('a')!;
  await write(db, 'a', range(0, 50), NOW - DAY_MS);
  await db.flush();
  const { diskBytes, storedSamples } = database.usage();
  expect([diskBytes > 0, storedSamples]).toEqual([true, 50]);
  await database.configure({
    retentionMs: undefined,
    quotas: { ...NO_QUOTAS, maxDiskBytes: diskBytes },
  });
  await expect(write(db, 'a', [1])).rejects.toThrow('maxDiskBytes');
  await write(db, 'b', [1]);
  await database.configure({ ...database.settings, retentionMs: DAY_MS / 2 });
  db.tick();
  await write(db, 'a', [1]);
});

test('a replay takes what was accepted, whatever the quotas are now', async () => {
  const clock = new FakeClock();
  const fs = new FaultyFileSystem();
  const db = await start(fs, clock);
  await write(db, 'a', range(0, 50));
  const quotas = {
    ...NO_QUOTAS,
    maxActiveSeries: 5,
    maxSamplesPerSecond: 1,
    maxNewSeriesPerSecond: 1,
  };
  await db.database('a')!.configure({ retentionMs: undefined, quotas });
  const after = await openInline(fs.powerCut(1), { clock, limits: LIMITS });
  expect(await countIn(after, 'a')).toBe(50);
  expect((await write(after, 'a', [1, 99])).rejectedTotal).toBe(1);
});
