// A database that is dropped while work on it is under way must not reach into its successor.

import { expect, test } from 'vitest';
import { ALL_TIME } from '../model/time-range.ts';
import { FaultyFileSystem } from '../runtime/faulty-file-system.ts';
import { batchOf, floatSeries, labelsOf, NOW, readEverything } from './testing/engine-model.ts';
import { openInline } from './testing/inline-engine.ts';

const write = (t: number) => batchOf(floatSeries(labelsOf(1), [[t, 1]]));

test('a delete that outlives its database leaves the one of the same name alone', async () => {
  // The drop comes at another point of the delete each time.
  for (let turns = 0; turns < 30; turns++) {
    const fs = new FaultyFileSystem(turns);
    const db = await openInline(fs);
    await db.createDatabase('x');
    await db.database('x')!.write(write(NOW - 1000));
    const deleted = db
      .database('x')!
      .deleteSamples([[]], ALL_TIME)
      .then(
        () => 'done',
        (error: unknown) => (error as { kind?: string }).kind,
      );
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    await db.dropDatabase('x');
    await db.createDatabase('x');
    await db.database('x')!.write(write(NOW));
    expect(['done', 'not_found'], `turns ${turns}`).toContain(await deleted);
    const reopened = await openInline(fs.powerCut(turns));
    for (const store of [db, reopened]) {
      const [points] = (await readEverything(store.database('x')!)).values();
      expect([...points!.keys()], `turns ${turns}`).toEqual([NOW]);
      await store.close();
    }
  }
});
