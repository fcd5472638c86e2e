// The first queries on a new thread take ten times as long as later ones, until their code has been compiled.
// So every thread, this one for small queries included, evaluates some over data that is there before anybody asks.

import { METRIC_NAME } from '../model/labels.ts';
import type { Database } from '../storage/interface.ts';
import type { Executor } from './executor.ts';
import type { QueryRequest } from './interface.ts';
import type { QueryJob } from './job.ts';
import { type LanguageOptions, type PreparedQuery, prepareQuery } from './prepare.ts';
import { isSmallQuery } from './small-query.ts';
import type { ThreadPool } from './thread-pool.ts';

const HOUR_MS = 3_600_000;
const STEP_MS = 15_000;
/** Metrics with fewer series do not keep the loops busy, with more one query would hold a thread for long. */
const MIN_SERIES = 20;
const MAX_SERIES = 2000;
const MAX_SMALL_SERIES = 32;
const LISTED_METRICS = 1000;
const TRIED_METRICS = 50;
/** Work per thread, until when most of it is compiled. */
const MAX_MS = 2000;
const MAX_QUERIES = 120;
/** Small ones take a fraction of a millisecond, and so more of them until their code is hot. */
const SMALL_QUERIES = 2000;
/** Queries pass limits of users' queries only if something is wrong. */
const TIMEOUT_MS = 5000;

/** What people ask most, in all forms of answers. */
const QUERIES: readonly ((metric: string) => string)[] = [
  (m) => `sum by (instance) (rate(${m}[5m]))`,
  (m) => m,
  (m) => `rate(${m}[5m])`,
  (m) => `topk(5, max_over_time(${m}[10m]))`,
  (m) => `histogram_quantile(0.9, sum by (le) (rate(${m}[5m])))`,
  (m) => `avg without (instance) (${m}) / 2 > 0`,
  (m) => `avg_over_time(${m}[10m])`,
  (m) => `count(${m} / ${m})`,
];

export interface WarmUpOptions {
  readonly pool: ThreadPool;
  /** Takes small queries. */
  readonly inline: Executor;
  readonly language: LanguageOptions;
  readonly database: Database;
  readonly now: () => number;
  readonly monotonic: () => number;
}

/** False if the database has no data that would do. Gives way to queries: threads at work are not waited for. */
export async function warmUp(options: WarmUpOptions): Promise<boolean> {
  const { pool, inline, monotonic } = options;
  const { large, small } = await findMaterial(options);
  if (small !== undefined) {
    for (let i = 0; i < SMALL_QUERIES && inline.hasRoom; i++) {
      const prepared = prepareOn(small, i, false, options);
      if (isSmallQuery(prepared.plan, options.database))
        await evaluate(inline, 0, prepared, options);
      // Whoever writes in the meantime must not wait for all of them.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  if (large === undefined) return false;
  for (let slot = 0; slot < pool.size; slot++) {
    const started = monotonic();
    for (let i = 0; i < MAX_QUERIES && monotonic() - started < MAX_MS; i++) {
      if (!pool.isFree(slot)) break;
      // In turns instant and range, as code for one step and for many differs.
      const isRange = Math.floor(i / QUERIES.length) % 2 === 0;
      await evaluate(pool, slot, prepareOn(large, i, isRange, options), options);
    }
  }
  return true;
}

interface Material {
  readonly metric: string;
  /** Its samples are in the hour before. */
  readonly endT: number;
}

/** Something with neither too few nor too many series, and something with few: in memory, else on disk. */
async function findMaterial({ database, now }: WarmUpOptions): Promise<{
  readonly large: Material | undefined;
  readonly small: Material | undefined;
}> {
  let large: Material | undefined;
  let small: Material | undefined;
  const consider = (series: number, material: Material): void => {
    if (series >= MIN_SERIES && series <= MAX_SERIES) large ??= material;
    if (series >= 1 && series <= MAX_SMALL_SERIES) small ??= material;
  };
  const { maxT, seriesCountByMetricName } = await database.cardinality(LISTED_METRICS);
  for (const { name, value } of seriesCountByMetricName)
    consider(value, { metric: name, endT: maxT });
  if (large !== undefined) return { large, small };
  const endT = newestStored(database, now());
  const range = { minT: endT - HOUR_MS, maxT: endT };
  const querier = database.querier(range);
  try {
    const names = await querier.labelValues(METRIC_NAME, [], LISTED_METRICS);
    for (const name of names.slice(0, TRIED_METRICS)) {
      const matchers = [{ type: '=', name: METRIC_NAME, value: name }] as const;
      const { length } = await querier.selection(matchers, range);
      consider(length, { metric: name, endT });
      if (large !== undefined && small !== undefined) break;
    }
  } finally {
    querier.close();
  }
  return { large, small };
}

/** The end of what is on disk, as far as that is known. */
function newestStored(database: Database, now: number): number {
  const blocks = database.blocks?.() ?? [];
  return blocks.reduce(
    (newest, { maxT }) => Math.min(Math.max(newest, maxT), now),
    blocks[0]?.maxT ?? now,
  );
}

/** The `i`th query over the material. */
function prepareOn(
  { metric, endT }: Material,
  i: number,
  isRange: boolean,
  { language, database }: WarmUpOptions,
): PreparedQuery {
  const request: QueryRequest = {
    database,
    query: QUERIES[i % QUERIES.length]!(`{__name__=${JSON.stringify(metric)}}`),
    startT: isRange ? endT - HOUR_MS : endT,
    endT,
    stepMs: isRange ? STEP_MS : undefined,
    timeoutMs: undefined,
    lookbackMs: undefined,
    limit: 0,
    stats: 'none',
    useCache: false,
    trace: false,
    warnings: [],
  };
  return prepareQuery(request, language, Number.POSITIVE_INFINITY);
}

/** Resolves when it is over, well or not. */
function evaluate(
  executor: Executor,
  slot: number,
  { plan, engine }: PreparedQuery,
  { database }: WarmUpOptions,
): Promise<void> {
  const job: QueryJob = {
    request: plan.request,
    engine,
    changes: undefined,
    affinity: slot,
    limit: 0,
    stats: 'none',
    trace: false,
    warnings: [],
    timeLeftMs: TIMEOUT_MS,
    queuedMs: 0,
    preparationMs: 0,
  };
  return new Promise((resolve) => {
    const execution = executor.start(job, database, plan.range, {
      evaluated: () => {},
      piece: () => execution.taken(),
      failed: () => {},
      done: resolve,
    });
  });
}
