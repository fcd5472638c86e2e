// What the query service is to the faces that use it: a query in, an answer as bytes out.

import type { StopSignal } from '../runtime/stop-signal.ts';
import type { Database } from '../storage/interface.ts';
import type { ListedWork, Listing, StatementRequest } from './statement.ts';

/** One PromQL query over one database. Times in ms. */
export interface QueryRequest {
  readonly database: Database;
  readonly query: string;
  /** Equal to each other for an instant query. */
  readonly startT: number;
  readonly endT: number;
  /** undefined: an instant query. */
  readonly stepMs: number | undefined;
  /** Capped by the setting; undefined: that one. */
  readonly timeoutMs: number | undefined;
  readonly lookbackMs: number | undefined;
  /** Most series in the answer; 0: all. */
  readonly limit: number;
  /** `stats` beside the result: none, totals, or per step as well. */
  readonly stats: 'none' | 'total' | 'perStep';
  /** Ask the result cache. */
  readonly useCache: boolean;
  /** Add what the query did, for people. */
  readonly trace: boolean;
  /** Warnings of the face itself, put before those of the evaluation. */
  readonly warnings: readonly string[];
}

/** For a query, a whole Prometheus API answer, `{"status":"success","data":…}`, in pieces; for a statement, its evaluator's pieces. */
export interface QueryAnswer {
  /** All of it, if it is one piece or was kept: then nothing is held for it any more and `pieces` need not be read. */
  readonly whole: Uint8Array | undefined;
  /** True if nobody else has `whole`: once it is sent, its memory may be given back. */
  readonly isOwn: boolean;
  /**
   * Must be read to its end or ended with `return()`; more is made only as it is read. A piece is valid until the
   * next is asked for: its memory is used again.
   */
  readonly pieces: AsyncGenerator<Uint8Array, void>;
}

/**
 * Names of all databases that a text speaks of, the one included under which it is on record; `all` for what is the
 * business of who may read all of them. It is shown to nobody who may not read each.
 */
export type About = readonly string[] | 'all';

export interface ActiveQuery {
  readonly id: string;
  /** `promql`, or that of a statement. */
  readonly language: string;
  readonly database: string;
  readonly about: About;
  readonly query: string;
  /** undefined: its text says, if anything. */
  readonly startT: number | undefined;
  readonly endT: number | undefined;
  readonly stepMs: number | undefined;
  readonly receivedAt: number;
  /** ms since then, of a steady clock. */
  readonly ageMs: number;
  readonly state: 'queued' | 'running';
}

export interface TopQuery {
  readonly database: string;
  readonly about: About;
  readonly query: string;
  readonly count: number;
  readonly totalSeconds: number;
  readonly maxSeconds: number;
  readonly samplesRead: number;
}

export interface QueryService {
  /**
   * Resolves once the first piece is there, so that failures until then can have a status. Throws AppError:
   * `bad_data` PROMQL_PARSE and PROMQL_RANGE_TYPE, `limit` PROMQL_EXECUTION and the budgets, `timeout`,
   * `canceled`, `unavailable` when the queue is full.
   */
  run(request: QueryRequest, signal: StopSignal): Promise<QueryAnswer>;
  /**
   * The same for a statement of another language, within the same budgets. Pieces come while it is evaluated, so
   * that failures can come after them.
   */
  runStatement(request: StatementRequest, signal: StopSignal): Promise<QueryAnswer>;
  /** Lists work of a face among the active queries, until it is ended. */
  list(work: ListedWork): Listing;
  active(): readonly ActiveQuery[];
  /** Heaviest first by total time. */
  top(limit: number): readonly TopQuery[];
  /** False if no such query is active. */
  cancel(id: string): boolean;
  /** Stops everything; running queries fail with `unavailable`. Idempotent. */
  close(): Promise<void>;
}
