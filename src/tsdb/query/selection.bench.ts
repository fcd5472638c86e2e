// What it costs to find series and to read them, from the head and from parts, in CPU time. Run the built file
// with node; best of some rounds each.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { labelsFromObject } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import { floatColumns } from '../../model/sample.ts';
import { ALL_TIME, DAY_MS } from '../../model/time-range.ts';
import type { BatchSeries, Database, SeriesSelection } from '../../storage/interface.ts';
import { openTsdb, type Tsdb } from '../db.ts';
import { openSharedView, type SharedViewDescriptor } from './shared-view.ts';

const HEAD_SERIES = Number(process.env.SERIES ?? 20_000);
const HEAD_SAMPLES = Number(process.env.SAMPLES ?? 240);
const PART_SERIES = 500;
const PART_SAMPLES = 5760;
const STEP_MS = 15_000;
const ROUNDS = 7;

const EVERYTHING: Matcher[] = [];
const BY_NAME: Matcher[] = [{ name: '__name__', type: '=', value: 'node_metric_7_total' }];
const BY_REGEXP: Matcher[] = [{ name: 'pod', type: '=~', value: 'node-exporter-.*[02468]' }];
const START = Math.floor((Date.now() - 2 * DAY_MS) / DAY_MS) * DAY_MS;

function seriesOf(i: number, samples: number, first: number): BatchSeries {
  const labels = labelsFromObject({
    __name__: `node_metric_${i % 500}_total`,
    cluster: 'production-eu-west-1',
    container: 'node-exporter',
    instance: `10.0.${(i / 500) >> 8}.${(i / 500) & 255}:9100`,
    job: 'node-exporter',
    namespace: 'monitoring',
    pod: `node-exporter-${((i / 500) | 0) * 7919}`,
    index: `${i % 7}`,
  });
  const t = Float64Array.from({ length: samples }, (_, k) => START + (first + k) * STEP_MS);
  const v = Float64Array.from({ length: samples }, (_, k) => k * ((i % 50) + 1) + (i % 7));
  return { labels, samples: floatColumns(t, v), exemplars: [] };
}

async function fill(
  database: Database,
  series: number,
  samples: number,
  firstSample = 0,
): Promise<void> {
  const atOnce = Math.ceil(100_000 / samples);
  for (let first = 0; first < series; first += atOnce) {
    const list = Array.from({ length: Math.min(atOnce, series - first) }, (_, i) =>
      seriesOf(first + i, samples, firstSample),
    );
    await database.write({ series: list, metadata: [], rejections: [] });
  }
}

function open(db: Tsdb): ReturnType<typeof openSharedView> {
  const { descriptor } = db.database('default')!.share(ALL_TIME);
  return openSharedView(structuredClone(descriptor) as SharedViewDescriptor);
}

async function best(
  what: string,
  per: number,
  unit: string,
  run: () => Promise<void>,
): Promise<void> {
  let least = Number.POSITIVE_INFINITY;
  let first = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(start);
    const took = user + system;
    if (round === 0) first = took;
    least = Math.min(least, took);
  }
  const show = (us: number): string => (us / per).toFixed(2);
  console.log(`${what}: ${show(least)} µs ${unit} at best, ${show(first)} at first`);
}

function readAll(found: SeriesSelection, minT: number, maxT: number): number {
  let rows = 0;
  for (let i = 0; i < found.length; i++) rows += found.read(i, minT, maxT).length;
  return rows;
}

async function measure(db: Tsdb, series: number, samples: number): Promise<void> {
  const maxT = START + (samples - 1) * STEP_MS;
  await best('opening a view', 1, 'each', async () => open(db).close());
  for (const [what, matchers] of [
    ['everything', EVERYTHING],
    ['one metric', BY_NAME],
    ['a regular expression', BY_REGEXP],
  ] as const) {
    await best(`finding ${what}`, 1, 'in all', async () => {
      const querier = open(db);
      await querier.selection(matchers, ALL_TIME);
      querier.close();
    });
  }
  const querier = open(db);
  const found = await querier.selection(EVERYTHING, ALL_TIME);
  if (found.length !== series) throw new Error(`${found.length} series, want ${series}`);
  await best(`reading ${samples} samples`, series, 'a series', async () => {
    const rows = readAll(found, START, maxT);
    if (rows !== series * samples) throw new Error(`${rows} rows, want ${series * samples}`);
  });
  await best('reading the last 20 samples', series, 'a series', async () => {
    const rows = readAll(found, maxT - 19 * STEP_MS, maxT);
    if (rows !== series * 20) throw new Error(`${rows} rows, want ${series * 20}`);
  });
  await best('labels', series, 'a series', async () => {
    for (let i = 0; i < found.length; i++) found.labels(i);
  });
  querier.close();
}

const dataDir = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
const db = await openTsdb({ dataDir, walSync: 'interval', threads: 'inline' });
try {
  console.log(`head, ${HEAD_SERIES} series of ${HEAD_SAMPLES} samples`);
  await fill(db.database('default')!, HEAD_SERIES, HEAD_SAMPLES);
  await measure(db, HEAD_SERIES, HEAD_SAMPLES);
  await db.flush();
  console.log('the same in a part');
  await measure(db, HEAD_SERIES, HEAD_SAMPLES);
  console.log('the same in a part, and newer samples in the head');
  await fill(db.database('default')!, HEAD_SERIES, 20, HEAD_SAMPLES);
  await measure(db, HEAD_SERIES, HEAD_SAMPLES + 20);
  await db.dropDatabase('default');
  console.log(`a part, ${PART_SERIES} series of ${PART_SAMPLES} samples`);
  await fill(db.database('default')!, PART_SERIES, PART_SAMPLES);
  await db.flush();
  await measure(db, PART_SERIES, PART_SAMPLES);
} finally {
  await db.close();
  rmSync(dataDir, { recursive: true, force: true });
}
