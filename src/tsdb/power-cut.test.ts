// The engine on a disk that loses everything not synced, unsynced directory entries included: at a
// random file operation the power goes; what was acknowledged must be there afterwards, nothing else.

import { expect, test } from 'vitest';
import { FaultyFileSystem } from '../runtime/faulty-file-system.ts';
import type { FileSystem } from '../runtime/file-system.ts';
import { openTsdb, type Tsdb } from './db.ts';
import {
  batchOf,
  FakeClock,
  floatSeries,
  labelsOf,
  NOW,
  readEverything,
} from './testing/engine-model.ts';

const CUTS = Number(process.env.POWER_CUTS ?? 150);
const FIRST_SEED = Number(process.env.FUZZ_SEED ?? 1);

type Points = Map<string, Map<number, string>>;

function randomOf(seed: number): (below: number) => number {
  let state = (seed * 0x9e3779b1) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

interface Run {
  /** What each acknowledged write added: (series, t) are never written twice. */
  readonly acknowledged: Points;
  readonly attempted: Points;
}

function note(points: Points, series: string, t: number, value: string): void {
  const ofSeries = points.get(series) ?? new Map<number, string>();
  ofSeries.set(t, value);
  points.set(series, ofSeries);
}

async function open(fileSystem: FileSystem, seed: number, onFatal = (): void => {}): Promise<Tsdb> {
  let lastId = seed * 1000;
  return openTsdb({
    dataDir: '/data',
    threads: 'inline',
    minFreeBytes: 0,
    walSegmentBytes: 4096,
    clock: new FakeClock(),
    randomId: () => ++lastId,
    fileSystem,
    onFatal,
  });
}

function hexOf(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
}

/** Writes, flushes and merges until something fails or the work is done. */
async function work(
  db: Tsdb,
  random: (below: number) => number,
  run: Run,
  first: number,
): Promise<void> {
  for (let step = 0; step < 40; step++) {
    const writes: Promise<unknown>[] = [];
    for (let w = 0; w <= random(3); w++) {
      const series = random(6);
      const labels = labelsOf(series);
      const name = `test_metric{job="test", series="s${series}"}`;
      // Two days, any order, each time once.
      const number = first + step * 10 + w;
      const t = NOW - random(2) * 86_400_000 - number * 1000;
      const value = number + 0.25;
      note(run.attempted, name, t, hexOf(value));
      const write = db.database('default')!.write(batchOf(floatSeries(labels, [[t, value]])));
      writes.push(write.then(() => note(run.acknowledged, name, t, hexOf(value))));
    }
    const results = await Promise.allSettled(writes);
    if (results.some((result) => result.status === 'rejected')) return;
    if (random(8) === 0) await settleOnce(db);
  }
}

async function settleOnce(db: Tsdb): Promise<void> {
  await db.flush();
  await db.merge();
}

function expectBetween(seen: Points, run: Run, context: string): void {
  for (const [series, points] of run.acknowledged) {
    for (const [t, value] of points) {
      expect(seen.get(series)?.get(t), `${context}: lost ${series} at ${t}`).toBe(value);
    }
  }
  for (const [series, points] of seen) {
    for (const [t, value] of points) {
      expect(run.attempted.get(series)?.get(t), `${context}: invented ${series} at ${t}`).toBe(
        value,
      );
    }
  }
}

test(`${CUTS} power cuts at random file operations lose nothing acknowledged`, async () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + CUTS; seed++) {
    const random = randomOf(seed);
    const run: Run = { acknowledged: new Map(), attempted: new Map() };
    let fs = new FaultyFileSystem(seed);
    // Three lives: the later ones start from what the cut before left.
    for (let life = 0; life < 3; life++) {
      const context = `seed ${seed} life ${life}`;
      let db: Tsdb | undefined;
      try {
        db = await open(fs, seed * 10 + life);
        expectBetween(await readEverything(db.database('default')!), run, context);
        fs.failAt({ op: 'any', nth: 1 + random(250), code: 'EIO', sticky: true });
        await work(db, random, run, life * 1000);
      } catch (error) {
        if ((error as Error).name === 'AssertionError') throw error;
        // The lights went out inside of the engine.
      }
      const after = fs.powerCut(seed * 7 + life);
      // Ends its retries; what it still does it does to the old disk.
      await db?.close().catch(() => {});
      fs = after;
    }
    const db = await open(fs, seed * 10 + 9);
    expectBetween(await readEverything(db.database('default')!), run, `seed ${seed} end`);
    await db.close();
  }
}, 300_000);

test('an engine that never syncs does lose acknowledged samples', async () => {
  let lost = 0;
  for (let seed = 1; seed <= 10; seed++) {
    const disk = new FaultyFileSystem(seed);
    const lying: FileSystem = new Proxy(disk, {
      get: (target, name) => {
        if (name === 'fdatasync' || name === 'syncDirectory') return () => {};
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
    const run: Run = { acknowledged: new Map(), attempted: new Map() };
    await work(await open(lying, seed), randomOf(seed), run, 0);
    const db = await open(disk.powerCut(seed), seed + 100);
    const seen = await readEverything(db.database('default')!);
    for (const [series, points] of run.acknowledged) {
      for (const t of points.keys()) if (!seen.get(series)?.has(t)) lost++;
    }
  }
  expect(lost).toBeGreaterThan(0);
});
