// What a query is to the thread that evaluates it, and what that thread tells on its way. Plain data.

import type { EngineOptions } from '../promql/eval/interface.ts';
import type { QueryPlan } from '../promql/eval/plan.ts';
import type { QueryRequest } from './interface.ts';

export interface QueryJob {
  readonly plan: QueryPlan;
  readonly engine: EngineOptions;
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

/** What a query cost, known once it has been evaluated. */
export interface QueryFigures {
  readonly evaluationMs: number;
  readonly samplesRead: number;
  readonly peakSamples: number;
  readonly peakBytes: number;
  readonly seriesReturned: number;
}

/** What happens to a query at work, in this order; after `done` nothing more. */
export interface ExecutionEvents {
  /** The data has been read for the last time. */
  evaluated(figures: QueryFigures): void;
  piece(piece: Uint8Array, isLast: boolean): void;
  failed(error: unknown): void;
  /** Nothing works on it any more. */
  done(): void;
}
