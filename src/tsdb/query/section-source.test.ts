// What label queries see of a series inside the day of one section.

import { expect, test } from 'vitest';
import { printLabels } from '../../model/labels.ts';
import { staleHistogram } from '../../model/native-histogram-stale.ts';
import { FaultyFileSystem } from '../../runtime/faulty-file-system.ts';
import type { Tsdb } from '../db.ts';
import { batchOf, floatSeries, labelsOf, NOW } from '../testing/engine-model.ts';
import { openInline } from '../testing/inline-engine.ts';

const HOUR = 3_600_000;

/** Series 1: a float at 01:00 and a histogram, so another chunk, at 11:00. Series 2: a float at 06:00. */
async function openWithGap(): Promise<{ db: Tsdb; midnight: number }> {
  const db = await openInline(new FaultyFileSystem(1));
  const midnight = NOW - 12 * HOUR;
  const samples = {
    length: 2,
    t: Float64Array.of(midnight + HOUR, midnight + 11 * HOUR),
    v: Float64Array.of(1, 0),
    startT: undefined,
    histograms: [undefined, staleHistogram('integer')],
  };
  await db
    .database('default')!
    .write(
      batchOf(
        { labels: labelsOf(1), samples, exemplars: [] },
        floatSeries(labelsOf(2), [[midnight + 6 * HOUR, 1]]),
      ),
    );
  return { db, midnight };
}

async function seriesIn(db: Tsdb, minT: number, maxT: number): Promise<string[]> {
  const querier = db.database('default')!.querier({ minT, maxT });
  try {
    return (await querier.series([])).map(printLabels);
  } finally {
    querier.close();
  }
}

test.each(['head', 'part'])('a series is not listed between two chunks, in a %s', async (where) => {
  const { db, midnight } = await openWithGap();
  if (where === 'part') await db.flush();
  const one = printLabels(labelsOf(1));
  const two = printLabels(labelsOf(2));
  expect(await seriesIn(db, midnight + 5 * HOUR, midnight + 7 * HOUR)).toEqual([two]);
  expect(await seriesIn(db, midnight, midnight + HOUR)).toEqual([one]);
  expect(await seriesIn(db, midnight + 11 * HOUR, midnight + 12 * HOUR)).toEqual([one]);
  expect(await seriesIn(db, midnight, midnight + 12 * HOUR)).toEqual([one, two]);
  await db.close();
});
