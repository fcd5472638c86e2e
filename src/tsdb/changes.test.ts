// What the log of changes says of writes, deletes and lost parts: enough for a cache never to be stale.

import { expect, test } from 'vitest';
import { labelsFromObject } from '../model/labels.ts';
import { FaultyFileSystem } from '../runtime/faulty-file-system.ts';
import { metricClass } from '../storage/change-log.ts';
import type { BatchSeries, Database } from '../storage/interface.ts';
import type { TsdbDatabase } from './database.ts';
import type { Tsdb } from './db.ts';
import { batchOf, floatSeries, NOW } from './testing/engine-model.ts';
import { DATA_DIR, filesBelow, openInline } from './testing/inline-engine.ts';

const HOUR = 3_600_000;

function sampleOf(metric: string, t: number): BatchSeries {
  return floatSeries(labelsFromObject({ __name__: metric, job: 'a' }), [[t, 1]]);
}

async function open(): Promise<{ db: Tsdb; database: Database; fs: FaultyFileSystem }> {
  const fs = new FaultyFileSystem();
  const db = await openInline(fs);
  return { db, database: db.database('default')!, fs };
}

/** What `change` changed between NOW − 10 h and NOW, of these metrics (all metrics if none). */
async function changed(
  database: Database,
  change: () => Promise<unknown>,
  ...metrics: string[]
): Promise<number> {
  const { seq } = database.changes!().log;
  await change();
  const classes = metrics.length === 0 ? undefined : metrics.map(metricClass);
  return database.changes!().log.firstChange(seq, NOW - 10 * HOUR, NOW, classes);
}

test('a write changes its metrics at its times', async () => {
  const { database } = await open();
  const write = (): Promise<unknown> =>
    database.write(batchOf(sampleOf('a', NOW - HOUR), sampleOf('b', NOW)));
  expect(await changed(database, write)).toBe(NOW - HOUR);
  expect(await changed(database, write, 'a')).toBe(NOW - HOUR);
  expect(await changed(database, write, 'b')).toBe(NOW);
  expect(await changed(database, write, 'c')).toBe(Number.POSITIVE_INFINITY);
  expect(await changed(database, write, 'c', 'b')).toBe(NOW);
});

test('classes are right also for the thousandth series', async () => {
  const { database } = await open();
  const series = Array.from({ length: 1000 }, (_, i) => sampleOf(`metric_${i}`, NOW - HOUR));
  await database.write(batchOf(...series));
  for (const metric of ['metric_0', 'metric_255', 'metric_256', 'metric_999']) {
    const write = (): Promise<unknown> => database.write(batchOf(sampleOf(metric, NOW)));
    expect(await changed(database, write, metric)).toBe(NOW);
    expect(await changed(database, write, 'metric_500')).toBe(Number.POSITIVE_INFINITY);
  }
});

test('histograms are noted too', async () => {
  const { database } = await open();
  const histogram = {
    kind: 'float',
    schema: 0,
    resetHint: 0,
    count: 1,
    sum: { low: 0, high: 0 },
    zeroCount: 1,
    zeroThreshold: 0.5,
    positiveSpans: [],
    negativeSpans: [],
    positiveCounts: [],
    negativeCounts: [],
    customValues: [],
  } as const;
  const { labels } = sampleOf('h', 0);
  const samples = {
    length: 1,
    t: Float64Array.of(NOW - HOUR),
    v: new Float64Array(1),
    startT: undefined,
    histograms: [histogram],
  };
  const write = (): Promise<unknown> => database.write(batchOf({ labels, samples, exemplars: [] }));
  expect(await changed(database, write, 'h')).toBe(NOW - HOUR);
  expect(await changed(database, write, 'g')).toBe(Number.POSITIVE_INFINITY);
});

test('flush and merge change nothing, a delete anything', async () => {
  const { db, database } = await open();
  await database.write(batchOf(sampleOf('a', NOW)));
  expect(await changed(database, () => db.flush())).toBe(Number.POSITIVE_INFINITY);
  await database.write(batchOf(sampleOf('b', NOW)));
  await db.flush();
  expect(await changed(database, () => db.merge())).toBe(Number.POSITIVE_INFINITY);
  const range = { minT: NOW, maxT: NOW };
  const remove = (): Promise<unknown> =>
    database.deleteSamples([[{ type: '=', name: 'job', value: 'a' }]], range);
  expect(await changed(database, remove, 'c')).toBe(Number.NEGATIVE_INFINITY);
});

test('a part that is set aside may change anything', async () => {
  const { db, database, fs } = await open();
  await database.write(batchOf(sampleOf('a', NOW)));
  await db.flush();
  const [part] = filesBelow(fs, DATA_DIR).filter((name) => name.endsWith('.part'));
  const lose = async (): Promise<void> => {
    (database as TsdbDatabase).parts.quarantine({ path: part!, message: 'rotten' });
  };
  expect(await changed(database, lose, 'c')).toBe(Number.NEGATIVE_INFINITY);
});

test('a database made again under the same name has another log', async () => {
  const { db, database } = await open();
  const before = database.changes!().log;
  await db.dropDatabase('default');
  const after = db.database('default')!.changes!().log;
  expect(after.id).not.toBe(before.id);
});
