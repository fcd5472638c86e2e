// A query reads what was there when it began, whatever becomes of generations, parts and databases.

import { expect, test } from 'vitest';
import { ALL_TIME, DAY_MS } from '../model/time-range.ts';
import { FaultyFileSystem } from '../runtime/faulty-file-system.ts';
import type { Querier } from '../storage/interface.ts';
import type { Tsdb } from './db.ts';
import {
  batchOf,
  FakeClock,
  floatSeries,
  labelsOf,
  NOW,
  valueText,
} from './testing/engine-model.ts';
import { DATA_DIR, filesBelow, openInline } from './testing/inline-engine.ts';
import { readingSharedViews } from './testing/shared-storage.ts';

async function textOf(querier: Querier): Promise<string[]> {
  const rows: string[] = [];
  for await (const { samples } of querier.select([])) {
    for (let i = 0; i < samples.length; i++) rows.push(`${samples.t[i]} ${valueText(samples, i)}`);
  }
  return rows;
}

/** Old samples in two parts and in the head; the clock makes them cold later. */
async function filled(fs: FaultyFileSystem, clock: FakeClock): Promise<Tsdb> {
  const db = await openInline(fs, { clock });
  for (let round = 0; round < 3; round++) {
    const points = Array.from({ length: 50 }, (_, i): [number, number] => [
      NOW - i * 1000 - round,
      i + round / 4,
    ]);
    await db.database('default')!.write(batchOf(floatSeries(labelsOf(round), points)));
    if (round < 2) await db.flush();
  }
  return db;
}

/** Fills the memory and the files that the query's sources would leave, with other values. */
async function churn(db: Tsdb): Promise<void> {
  for (let round = 0; round < 4; round++) {
    const points = Array.from({ length: 300 }, (_, i): [number, number] => [
      NOW + 1 + round * 1000 + i,
      -1 - i,
    ]);
    await db.database('default')!.write(batchOf(floatSeries(labelsOf(9), points)));
    await db.flush();
  }
}

const EVENTS: Record<string, (db: Tsdb, clock: FakeClock) => Promise<unknown>> = {
  'a flush, and others into the same memory': (db) => churn(db),
  'merges of its parts': async (db, clock) => {
    await db.flush();
    clock.advance(3 * DAY_MS);
    await db.merge();
    expect(db.stats().counters.merges).toBeGreaterThan(0);
  },
  'a delete that is cleaned': async (db) => {
    await db.database('default')!.deleteSamples([[]], ALL_TIME);
    await db.cleanTombstones();
    expect(await textOf(db.database('default')!.querier(ALL_TIME))).toEqual([]);
  },
  'the database dropped and made again': async (db) => {
    await db.dropDatabase('default');
    await churn(db);
  },
};

const THREADS = ['its thread', 'another thread'];
const CASES = THREADS.flatMap((where) =>
  Object.entries(EVENTS).map((event) => [where, ...event] as const),
);

for (const [where, what, happens] of CASES) {
  test(`a query under way on ${where} outlives ${what}`, async () => {
    const clock = new FakeClock();
    const fs = new FaultyFileSystem();
    const opened = await filled(fs, clock);
    const db = where === 'its thread' ? opened : readingSharedViews(opened, fs);
    const first = db.database('default')!.querier({ minT: 0, maxT: NOW });
    const wanted = await textOf(first);
    expect(wanted).toHaveLength(150);
    const begun = first.select([])[Symbol.asyncIterator]();
    const entry = await begun.next();
    await happens(db, clock);
    expect(entry.done).toBe(false);
    let series = 1;
    while ((await begun.next()).done !== true) series++;
    expect(series).toBe(3);
    expect(await textOf(first)).toEqual(wanted);
    first.close();
    first.close();
    // What only the query had kept goes with it.
    const named = db.database('default')!.parts.sections.map(({ entry: { file } }) => file);
    const kept = filesBelow(fs, DATA_DIR).filter((path) => path.endsWith('.part'));
    expect(kept.map((path) => path.split('/').at(-1))).toEqual([...new Set(named)].sort());
  });
}
