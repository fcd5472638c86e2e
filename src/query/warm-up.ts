// The first queries on a new thread take ten times as long as later ones, until their code has been compiled.
// So every thread evaluates some queries over data that is there before anybody asks.

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
  readonly monotonic: () => number;
}

/** False if the database has no data that would do. Gives way to queries: threads at work are not waited for. */
export async function warmUp(options: WarmUpOptions): Promise<boolean> {
  const { database, pool, monotonic } = options;
  const { maxT, seriesCountByMetricName } = await database.cardinality(LISTED_METRICS);
  const metric = seriesCountByMetricName.find(
    ({ value }) => value >= MIN_SERIES && value <= MAX_SERIES,
  );
  if (metric === undefined) return false;
  for (let slot = 0; slot < pool.size; slot++) {
    const started = monotonic();
    for (let i = 0; i < MAX_QUERIES && monotonic() - started < MAX_MS; i++) {
      if (!pool.isFree(slot)) break;
      const query = QUERIES[i % QUERIES.length]!(`{__name__=${JSON.stringify(metric.name)}}`);
      // In turns instant and range, as code for one step and for many differs.
      const isRange = Math.floor(i / QUERIES.length) % 2 === 0;
      await evaluateOn(slot, query, maxT, isRange, options);
    }
  }
  return true;
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
    ...prepared,
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
