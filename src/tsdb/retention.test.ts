// Retention: what is older is not served and goes from the disk; a wrong clock takes nothing away.

import { expect, test } from 'vitest';
import { ALL_TIME, DAY_MS, type TimeRange } from '../model/time-range.ts';
import { FaultyFileSystem } from '../runtime/faulty-file-system.ts';
import { DEFAULT_LIMITS } from '../storage/admission.ts';
import type { Database } from '../storage/interface.ts';
import type { Tsdb } from './db.ts';
import { batchOf, FakeClock, floatSeries, labelsOf, NOW } from './testing/engine-model.ts';
import { DATA_DIR, filesBelow, openInline } from './testing/inline-engine.ts';

const HOUR_MS = 3_600_000;
const KEPT_DAYS = 5;
const LIMITS = { ...DEFAULT_LIMITS, retentionMs: KEPT_DAYS * DAY_MS };
const DECADE_MS = 3650 * DAY_MS;

function open(fs: FaultyFileSystem, clock: FakeClock, limits = LIMITS): Promise<Tsdb> {
  return openInline(fs, { clock, limits });
}

async function timesIn(database: Database, range: TimeRange = ALL_TIME): Promise<number[]> {
  const querier = database.querier(range);
  try {
    const times: number[] = [];
    for await (const { samples } of querier.select([])) {
      times.push(...samples.t.subarray(0, samples.length));
    }
    return times;
  } finally {
    querier.close();
  }
}

function parts(fs: FaultyFileSystem): string[] {
  return filesBelow(fs, DATA_DIR).filter((path) => path.endsWith('.part'));
}

/** A sample at noon of each of the last `days` days; oldest first. */
async function writeDays(db: Tsdb, days: number): Promise<number[]> {
  const times = Array.from({ length: days }, (_, i) => NOW - (days - 1 - i) * DAY_MS);
  const rows = times.map((t): [number, number] => [t, t]);
  await db.database('default')!.write(batchOf(floatSeries(labelsOf(1), rows)));
  return times;
}

test('a query sees exactly what retention keeps, in the head and in parts', async () => {
  const clock = new FakeClock();
  const db = await open(new FaultyFileSystem(), clock);
  const database = db.database('default')!;
  const start = NOW - KEPT_DAYS * DAY_MS;
  const rows = [0, 1, 2, 3].map((i): [number, number] => [start + i, i]);
  await database.write(
    batchOf(floatSeries(labelsOf(1), rows), floatSeries(labelsOf(2), rows.slice(0, 1))),
  );
  for (const place of ['head', 'part']) {
    clock.wall = NOW;
    clock.steady = 0;
    expect(await timesIn(database), place).toEqual([...rows.map(([t]) => t), start]);
    clock.advance(2);
    expect(await timesIn(database), place).toEqual([start + 2, start + 3]);
    expect(await timesIn(database, { minT: 0, maxT: start + 2 }), place).toEqual([start + 2]);
    const querier = database.querier(ALL_TIME);
    expect(await querier.series([]), place).toEqual([labelsOf(1)]);
    expect(await querier.labelValues('series', []), place).toEqual(['s1']);
    querier.close();
    if (place === 'head') await db.flush();
  }
  // A sample older than that is refused with its reason.
  const old = await database.write(
    batchOf(
      floatSeries(labelsOf(3), [
        [start + 1, 1],
        [start + 2, 1],
      ]),
    ),
  );
  expect(old.rejections.map(({ reason }) => reason)).toEqual(['outside_retention']);
  expect(old.samplesWritten).toBe(1);
});

test('sections go one by one as their days end, and a file with its last', async () => {
  const clock = new FakeClock();
  const fs = new FaultyFileSystem();
  const db = await open(fs, clock);
  const times = await writeDays(db, KEPT_DAYS);
  await db.flush();
  expect(parts(fs)).toHaveLength(1);
  const sections = (): number => db.stats().gauges.sections!;
  expect(sections()).toBe(KEPT_DAYS);
  for (let day = 1; day <= KEPT_DAYS; day++) {
    clock.advance(DAY_MS);
    db.tick();
    const kept = times.filter((t) => t >= clock.now() - LIMITS.retentionMs);
    expect(await timesIn(db.database('default')!)).toEqual(kept);
    // The oldest sample is at the very edge: still kept.
    expect(sections()).toBe(kept.length);
    expect(sections()).toBe(KEPT_DAYS - day + 1);
  }
  clock.advance(1);
  db.tick();
  expect(sections()).toBe(0);
  expect(parts(fs)).toEqual([]);
  const after = await open(fs.powerCut(1), clock);
  expect(await timesIn(after.database('default')!)).toEqual([]);
});

test('a query under way keeps the files that retention takes', async () => {
  const clock = new FakeClock();
  const fs = new FaultyFileSystem();
  const db = await open(fs, clock);
  const times = await writeDays(db, 3);
  await db.flush();
  const querier = db.database('default')!.querier(ALL_TIME);
  clock.advance(20 * DAY_MS);
  db.tick();
  expect(db.stats().gauges.sections).toBe(0);
  expect(parts(fs)).toHaveLength(1);
  for await (const { samples } of querier.select([])) {
    expect([...samples.t.subarray(0, samples.length)]).toEqual(times);
  }
  querier.close();
  expect(parts(fs)).toEqual([]);
});

test('no retention: nothing ever goes', async () => {
  const clock = new FakeClock();
  const db = await open(new FaultyFileSystem(), clock, { ...LIMITS, retentionMs: 0 });
  const times = await writeDays(db, 3);
  await db.flush();
  clock.advance(DECADE_MS);
  db.tick();
  expect(await timesIn(db.database('default')!)).toEqual(times);
});

for (const jumpMs of [-DECADE_MS, -HOUR_MS, HOUR_MS, DECADE_MS]) {
  const what = `${Math.abs(jumpMs) / HOUR_MS} h ${jumpMs < 0 ? 'back' : 'ahead'}`;

  test(`a clock that jumps ${what} while running takes nothing away`, async () => {
    const clock = new FakeClock();
    const fs = new FaultyFileSystem();
    const db = await open(fs, clock);
    const times = await writeDays(db, KEPT_DAYS);
    await db.flush();
    clock.wall += jumpMs;
    for (let hour = 0; hour < 48; hour++) db.tick();
    expect(db.stats().gauges.sections).toBe(KEPT_DAYS);
    clock.wall -= jumpMs;
    expect(await timesIn(db.database('default')!)).toEqual(times);
  });

  test(`a clock that is ${what} at a start takes nothing away`, async () => {
    const clock = new FakeClock();
    const fs = new FaultyFileSystem();
    const first = await open(fs, clock);
    const times = await writeDays(first, KEPT_DAYS);
    await first.close();
    clock.wall += jumpMs;
    const db = await open(fs, clock);
    for (let i = 0; i < 10; i++) db.tick();
    expect(db.stats().gauges.sections).toBe(KEPT_DAYS);
    await db.close();
    clock.wall -= jumpMs;
    const mended = await open(fs, clock);
    mended.tick();
    expect(await timesIn(mended.database('default')!)).toEqual(times);
  });
}

test('while the clocks disagree at most one day of a database goes an hour', async () => {
  const clock = new FakeClock();
  const fs = new FaultyFileSystem();
  const db = await open(fs, clock);
  await writeDays(db, KEPT_DAYS);
  await db.flush();
  // Twenty days pass by both clocks, but the wall clock has also jumped: everything is due.
  clock.advance(20 * DAY_MS);
  clock.wall += HOUR_MS;
  const sections = (): number => db.stats().gauges.sections!;
  for (let hour = 1; hour <= KEPT_DAYS; hour++) {
    for (let i = 0; i < 5; i++) db.tick();
    expect(sections()).toBe(KEPT_DAYS - hour);
    clock.advance(HOUR_MS - 1);
    db.tick();
    expect(sections()).toBe(KEPT_DAYS - hour);
    clock.advance(1);
  }
});

test('after a long rest retention resumes once a sender has confirmed the time', async () => {
  const clock = new FakeClock();
  const fs = new FaultyFileSystem();
  const first = await open(fs, clock);
  await writeDays(first, KEPT_DAYS);
  await first.close();
  clock.advance(60 * DAY_MS);
  const db = await open(fs, clock);
  const database = db.database('default')!;
  db.tick();
  expect(db.stats().gauges.sections).toBe(KEPT_DAYS);
  await database.write(batchOf(floatSeries(labelsOf(2), [[clock.now(), 1]])));
  expect(await timesIn(database)).toEqual([clock.now()]);
  db.tick();
  expect(db.stats().gauges.sections).toBe(0);
});
