// A query of PromQL as the work of a run.

import { ALL_TIME } from '../model/time-range.ts';
import type { ChangeState } from './cache/evaluate-range.ts';
import type { Execution, Executor } from './executor.ts';
import type { QueryRequest } from './interface.ts';
import type { ExecutionEvents } from './job.ts';
import type { PreparedQuery, UnparsedQuery } from './prepare.ts';
import type { QueryWork, WorkTiming } from './query-work.ts';
import { isSmallQuery } from './small-query.ts';

export class PromqlWork implements QueryWork {
  readonly listedAs: undefined = undefined;
  readonly #request: QueryRequest;
  readonly #prepared: PreparedQuery | UnparsedQuery;

  constructor(request: QueryRequest, prepared: PreparedQuery | UnparsedQuery) {
    this.#request = request;
    this.#prepared = prepared;
  }

  get database(): string {
    return this.#request.database.name;
  }

  get about(): string[] {
    return [this.database];
  }

  get text(): string {
    return this.#request.query;
  }

  get timeoutMs(): number | undefined {
    return this.#request.timeoutMs;
  }

  get isForThreads(): boolean {
    return this.#request.database.share !== undefined;
  }

  get isSmall(): boolean {
    const { plan } = this.#prepared;
    try {
      return plan !== undefined && isSmallQuery(plan, this.#request.database);
    } catch {
      // A damaged part: whoever reads the samples will tell.
      return false;
    }
  }

  describe(): ReturnType<QueryWork['describe']> {
    const { query, startT, endT, stepMs } = this.#request;
    const { database, about } = this;
    return { language: 'promql', database, about, query, startT, endT, stepMs };
  }

  start(executor: Executor, timing: WorkTiming, events: ExecutionEvents): Execution {
    const prepared = this.#prepared;
    const { plan, engine } = prepared;
    const { database, query, limit, stats, trace, warnings } = this.#request;
    const job = {
      request: plan === undefined ? prepared.request : plan.request,
      engine,
      changes: this.#changes(),
      affinity: affinityOf(database.name, query),
      limit,
      stats,
      trace,
      warnings,
      ...timing,
    };
    // Which times it reads is not known before it has been parsed.
    return executor.start(job, database, plan?.range ?? ALL_TIME, events);
  }

  /** For queries that can use the cache. Asked before the data is: what changes later makes results stale. */
  #changes(): ChangeState | undefined {
    const { database, stepMs, useCache, stats } = this.#request;
    // Statistics tell what an evaluation costs.
    if (!useCache || stepMs === undefined || stats !== 'none') return undefined;
    const { plan } = this.#prepared;
    if (plan === undefined) return undefined;
    const feed = database.changes?.();
    if (feed === undefined || plan.range.minT < feed.keptFromT) return undefined;
    const { id, buffer, seq } = feed.log;
    return { logId: id, logBuffer: buffer, seq };
  }
}

/** Equal for queries that may use each other's cached results, else likely different; ≥ 0. */
export function affinityOf(databaseName: string, query: string): number {
  let hash = 0;
  for (const text of [databaseName, query]) {
    for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  }
  return hash >>> 0;
}
