// What the engine costs in counts that are the same on every machine: bytes on disk, kernel work, calls into the
// kernel, pages read. Measured on the synthetic data of the benchmarks, over a file system in memory.

import { statSync } from 'node:fs';
import { LANES, laneBodies, type Protocol, TARGETS_PER_BODY, TICK_MS } from '../../bench/corpus.ts';
import { SERIES_PER_TARGET } from '../../bench/shape.ts';
import { kernelPath } from '../../src/codec/kernel.ts';
import { snappyEncode } from '../../src/codec/snappy.ts';
import { Engine } from '../../src/promql/eval/engine.ts';
import { parserOptions } from '../../src/promql/language/features.ts';
import { parseExpr } from '../../src/promql/language/parser.ts';
import { FaultyFileSystem } from '../../src/runtime/faulty-file-system.ts';
import type { Database } from '../../src/storage/interface.ts';
import type { Tsdb } from '../../src/tsdb/db.ts';
import { readCounts } from '../../src/tsdb/read-counts.ts';
import { FakeClock } from '../../src/tsdb/testing/engine-model.ts';
import { DATA_DIR, filesBelow, openInline } from '../../src/tsdb/testing/inline-engine.ts';
import { AllocationCount } from './allocation-count.ts';
import { countKernelWork, type KernelCounts, kernelCounts } from './counting-kernel.ts';

const SERIES = 8000;
const SAMPLES_PER_BODY = SERIES_PER_TARGET * TARGETS_PER_BODY;
const BODIES_PER_TICK = SERIES / SAMPLES_PER_BODY;
/** An hour. */
const TICKS = 240;
/** The first bodies bring new series, and so are not what later ones cost. */
const STEADY_FROM_TICK = 40;
/** The last of them, during which allocations are counted. */
const COUNTED_TICKS = 20;

/** Ticks of remote write 2.0 after which all series are known and all code is compiled. */
const WARM_V2_TICKS = 20;

/** A figure by its name; more is worse. */
export type Counts = Readonly<Record<string, number>>;

const QUERIES: Readonly<Record<string, string>> = {
  'sum of rates': 'sum by (instance) (rate(node_cpu_seconds_total[5m]))',
  'quantile of rates':
    'histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))',
  'average over time': 'avg_over_time(node_load5[1h])',
  'one gauge': 'node_load5',
};

/** Takes some seconds. Once per process: it changes what a kernel is. */
export async function measureCounts(): Promise<Counts> {
  countKernelWork();
  const counts: Record<string, number> = { 'kernel module, bytes': statSync(kernelPath()).size };
  const fileSystem = new FaultyFileSystem(1);
  const clock = new FakeClock();
  const options = { clock, walSegmentBytes: 2 ** 26 };
  let db = await openInline(fileSystem, options);
  const endT = clock.wall;
  await measureIngest(db.database('default')!, endT, counts);
  await measureDisk(db, fileSystem, counts);
  await db.close();
  // Nothing is in a cache.
  db = await openInline(fileSystem, options);
  await measureQueries(db.database('default')!, endT, counts);
  await db.close();
  await measureIngestV2(clock, counts);
  return counts;
}

async function measureIngest(
  database: Database,
  endT: number,
  counts: Record<string, number>,
): Promise<void> {
  const bodies = bodiesInOrder(endT);
  const first = takeBodies(bodies, STEADY_FROM_TICK);
  const steady = takeBodies(bodies, TICKS - STEADY_FROM_TICK - COUNTED_TICKS);
  const counted = takeBodies(bodies, COUNTED_TICKS);
  await write(database, first);
  const before = kernelCounts();
  await write(database, steady);
  const after = kernelCounts();
  const calls = callsIn(after) - callsIn(before);
  counts['ingest: kernel work per sample'] =
    (after.work - before.work) / (steady.length * SAMPLES_PER_BODY);
  counts['ingest: kernel calls per body'] = calls / steady.length;
  // By now all code is compiled.
  const allocations = await AllocationCount.start();
  await write(database, counted);
  counts['ingest: heap bytes allocated per body'] = (await allocations.bytes()) / counted.length;
}

/** The same series in remote write 2.0. */
async function measureIngestV2(clock: FakeClock, counts: Record<string, number>): Promise<void> {
  const db = await openInline(new FaultyFileSystem(1), { clock, walSegmentBytes: 2 ** 26 });
  const database = db.database('default')!;
  const bodies = bodiesInOrder(clock.wall, 'remote-write-2');
  const first = takeBodies(bodies, WARM_V2_TICKS);
  const steady = takeBodies(bodies, COUNTED_TICKS);
  const counted = takeBodies(bodies, COUNTED_TICKS);
  await write(database, first, 'remote-write-2');
  const before = kernelCounts();
  await write(database, steady, 'remote-write-2');
  const after = kernelCounts();
  const work = after.work - before.work;
  const calls = callsIn(after) - callsIn(before);
  counts['ingest of 2.0: kernel work per sample'] = work / (steady.length * SAMPLES_PER_BODY);
  counts['ingest of 2.0: kernel calls per body'] = calls / steady.length;
  const allocations = await AllocationCount.start();
  await write(database, counted, 'remote-write-2');
  const heap = await allocations.bytes();
  counts['ingest of 2.0: heap bytes allocated per body'] = heap / counted.length;
  await db.close();
}

/** The lanes' bodies in turns, so that no lane is ahead of another. */
function* bodiesInOrder(
  endT: number,
  protocol: Protocol = 'remote-write-1',
): Generator<Uint8Array> {
  const lanes = Array.from({ length: LANES }, (_, lane) =>
    laneBodies({ series: SERIES, ticks: TICKS, endT, protocol }, lane),
  );
  for (;;) {
    for (const lane of lanes) {
      const { value, done } = lane.next();
      if (done === true) return;
      yield snappyEncode(value.body);
    }
  }
}

function takeBodies(bodies: Iterator<Uint8Array>, ticks: number): Uint8Array[] {
  return Array.from({ length: ticks * BODIES_PER_TICK }, () => {
    const { value, done } = bodies.next();
    if (done === true) throw new Error('there are fewer bodies than ticks');
    return value;
  });
}

async function write(
  database: Database,
  bodies: readonly Uint8Array[],
  format: Protocol = 'remote-write-1',
): Promise<void> {
  for (const body of bodies) await database.writeEncoded!({ format, body });
}

function callsIn({ calls }: KernelCounts): number {
  return sum(calls.values());
}

async function measureDisk(
  db: Tsdb,
  fileSystem: FaultyFileSystem,
  counts: Record<string, number>,
): Promise<void> {
  const log = bytesOf(fileSystem, (path) => path.includes('/wal/'));
  const before = kernelCounts().work;
  await db.flush();
  await db.merge();
  const samples = SERIES * TICKS;
  counts['flush and merge: kernel work per sample'] = (kernelCounts().work - before) / samples;
  counts['log: bytes per sample'] = log / samples;
  const parts = bytesOf(fileSystem, (path) => !path.includes('/wal/'));
  counts['disk: bytes per sample'] = parts / samples;
}

function bytesOf(fileSystem: FaultyFileSystem, counts: (path: string) => boolean): number {
  return sum(
    filesBelow(fileSystem, DATA_DIR)
      .filter(counts)
      .map((path) => fileSystem.stat(path)!.size),
  );
}

async function measureQueries(
  database: Database,
  endT: number,
  counts: Record<string, number>,
): Promise<void> {
  const engine = new Engine({ useKernel: true });
  for (const [name, query] of Object.entries(QUERIES)) {
    const expr = parseExpr(query, parserOptions([]));
    const startT = endT - TICKS * TICK_MS;
    const plan = engine.plan({ expr, query, startT, endT, stepMs: TICK_MS });
    const before = kernelCounts();
    const readBefore = { ...readCounts };
    const querier = database.querier(plan.range);
    const { stats } = await engine.run(plan, querier);
    querier.close();
    const after = kernelCounts();
    if (stats.samplesRead === 0) throw new Error(`${query} reads nothing`);
    counts[`${name}: kernel work`] = after.work - before.work;
    counts[`${name}: kernel calls`] = callsIn(after) - callsIn(before);
    counts[`${name}: pages read`] = readCounts.pages - readBefore.pages;
    counts[`${name}: bytes read`] = readCounts.bytes - readBefore.bytes;
    counts[`${name}: chunks decoded`] = readCounts.chunks - readBefore.chunks;
  }
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
