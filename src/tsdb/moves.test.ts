// Files of sections that were merged elsewhere do not stay for the few that were not.

import { expect, test } from 'vitest';
import { DAY_MS } from '../model/time-range.ts';
import { FaultyFileSystem } from '../runtime/faulty-file-system.ts';
import {
  batchOf,
  FakeClock,
  floatSeries,
  labelsOf,
  NOW,
  readEverything,
} from './testing/engine-model.ts';
import { DATA_DIR, filesBelow, openInline } from './testing/inline-engine.ts';

test('a file of two days goes once the older is merged, though the newer has nothing to merge with', async () => {
  const fs = new FaultyFileSystem();
  const db = await openInline(fs, { clock: new FakeClock() });
  const database = db.database('default')!;
  const today = Math.floor(NOW / DAY_MS) * DAY_MS;
  const write = async (from: number, count: number, series: number): Promise<void> => {
    const rows = Array.from({ length: count }, (_, i): [number, number] => [
      from + i,
      (i * 7919) % 100_003,
    ]);
    await database.write(batchOf(floatSeries(labelsOf(series), rows)));
  };
  const sizes = (): number[] => {
    const paths = filesBelow(fs, DATA_DIR).filter((path) => path.endsWith('.part'));
    return paths.map((path) => fs.readFile(path).length);
  };
  await write(today - DAY_MS, 3000, 1);
  await db.flush();
  // Much of the day before, little of today.
  await write(today - DAY_MS + 10_000, 3000, 1);
  await write(today, 10, 1);
  await db.flush();
  const before = await readEverything(database);
  expect(sizes()).toHaveLength(2);
  await db.merge();
  // One of each day. Today's has taken nothing of the other along.
  const [small, large] = sizes().sort((a, b) => a - b);
  expect(sizes()).toHaveLength(2);
  expect(small).toBeLessThan(large! / 4);
  expect(await readEverything(database)).toEqual(before);
  const { merges } = db.stats().counters;
  expect(merges).toBe(2);
  await db.merge();
  expect(db.stats().counters.merges).toBe(merges);
  await db.close();
  const again = await openInline(fs, { clock: new FakeClock() });
  expect(await readEverything(again.database('default')!)).toEqual(before);
  await again.close();
});
