// What a query is to the thread that evaluates it, and what that thread tells on its way. Plain data.

import type { EngineOptions } from '../promql/eval/interface.ts';
import type { EvalRequest } from '../promql/eval/plan.ts';
import type { ParserOptions } from '../promql/language/features.ts';
import type { ChangeState } from './cache/evaluate-range.ts';
import type { QueryRequest } from './interface.ts';

export interface QueryJob {
  /** Planned again where it is evaluated: that costs less than to send a plan. */
  readonly request: EvalRequest | UnparsedRequest;
  readonly engine: EngineOptions;
  /** Of the data to be read; undefined: the query goes past the cache. */
  readonly changes: ChangeState | undefined;
  /** Queries with equal numbers use each other's cached results. */
  readonly affinity: number;
  readonly limit: number;
  readonly stats: QueryRequest['stats'];
  readonly trace: boolean;
  readonly warnings: readonly string[];
  /** ms until the timeout, from when the thread gets the job. */
  readonly timeLeftMs: number;
  /** ms it took before the thread got it, for the stats. */
  readonly queuedMs: number;
  readonly preparationMs: number;
}

/** A request whose text is parsed where it is evaluated. */
export interface UnparsedRequest extends Omit<EvalRequest, 'expr'> {
  readonly parser: ParserOptions;
}

/** What a query cost, known once it has been evaluated. */
export interface QueryFigures {
  readonly evaluationMs: number;
  readonly samplesRead: number;
  readonly peakSamples: number;
  readonly peakBytes: number;
  readonly seriesReturned: number;
  /** Steps that came out of the cache; undefined: it was not asked. */
  readonly cachedSteps: number | undefined;
}

/** What happens to a query at work, in this order, though pieces of a statement come before it is evaluated; after `done` nothing more. */
export interface ExecutionEvents {
  /** The data has been read for the last time. */
  evaluated(figures: QueryFigures): void;
  piece(piece: Uint8Array, isLast: boolean): void;
  /** The first time counts. */
  failed(error: unknown): void;
  /** Nothing works on it any more. */
  done(): void;
}
