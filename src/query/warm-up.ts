// The first queries on a new thread take ten times as long as later ones, until their code has been compiled.
// So every thread evaluates some queries over data that is there before anybody asks.

import { METRIC_NAME } from '../model/labels.ts';
import type { Database } from '../storage/interface.ts';
import type { QueryRequest } from './interface.ts';
import type { QueryJob } from './job.ts';
import { type LanguageOptions, prepareQuery } from './prepare.ts';
import type { ThreadPool } from './thread-pool.ts';

const HOUR_MS = 3_600_000;
const STEP_MS = 15_000;
/** Metrics with fewer series do not keep the loops busy, with more one query would hold a thread for long. */
const MIN_SERIES = 20;
const MAX_SERIES = 2000;
const LISTED_METRICS = 1000;
const TRIED_METRICS = 50;
/** Work per thread, until when most of it is compiled. */
const MAX_MS = 2000;
const MAX_QUERIES = 120;
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
  readonly language: LanguageOptions;
  readonly database: Database;
  readonly now: () => number;
  readonly monotonic: () => number;
}

/** False if the database has no data that would do. Gives way to queries: threads at work are not waited for. */
export async function warmUp(options: WarmUpOptions): Promise<boolean> {
  const { pool, monotonic } = options;
  const material = await findMaterial(options);
  if (material === undefined) return false;
  for (let slot = 0; slot < pool.size; slot++) {
    const started = monotonic();
    for (let i = 0; i < MAX_QUERIES && monotonic() - started < MAX_MS; i++) {
      if (!pool.isFree(slot)) break;
      const query = QUERIES[i % QUERIES.length]!(`{__name__=${JSON.stringify(material.metric)}}`);
      // In turns instant and range, as code for one step and for many differs.
      const isRange = Math.floor(i / QUERIES.length) % 2 === 0;
      await evaluateOn(slot, query, material.endT, isRange, options);
    }
  }
  return true;
}

interface Material {
  readonly metric: string;
  /** Its samples are in the hour before. */
  readonly endT: number;
}

/** Something with neither too few nor too many series: in memory, else on disk. */
async function findMaterial({ database, now }: WarmUpOptions): Promise<Material | undefined> {
  const { maxT, seriesCountByMetricName } = await database.cardinality(LISTED_METRICS);
  const inMemory = seriesCountByMetricName.find(({ value }) => fits(value));
  if (inMemory !== undefined) return { metric: inMemory.name, endT: maxT };
  const range = { minT: now() - HOUR_MS, maxT: now() };
  const querier = database.querier(range);
  try {
    const names = await querier.labelValues(METRIC_NAME, [], LISTED_METRICS);
    for (const name of names.slice(0, TRIED_METRICS)) {
      const matchers = [{ type: '=', name: METRIC_NAME, value: name }] as const;
      const { length } = await querier.selection(matchers, range);
      if (fits(length)) return { metric: name, endT: range.maxT };
    }
  } finally {
    querier.close();
  }
  return undefined;
}

function fits(series: number): boolean {
  return series >= MIN_SERIES && series <= MAX_SERIES;
}

function evaluateOn(
  slot: number,
  query: string,
  endT: number,
  isRange: boolean,
  { pool, language, database }: WarmUpOptions,
): Promise<void> {
  const request: QueryRequest = {
    database,
    query,
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
  const prepared = prepareQuery(request, language, Number.POSITIVE_INFINITY);
  const job: QueryJob = {
    request: prepared.plan.request,
    engine: prepared.engine,
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
    const execution = pool.start(job, database, prepared.plan.range, {
      evaluated: () => {},
      piece: () => execution.taken(),
      failed: () => {},
      done: resolve,
    });
  });
}
