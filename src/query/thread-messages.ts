// What the service and its threads say to each other.

import type { EngineOptions } from '../promql/eval/interface.ts';
import type { EvalRequest } from '../promql/eval/plan.ts';
import type { PostedPart } from '../promql/eval/split.ts';
import { AppError, type ErrorKind, errorMessage } from '../runtime/error.ts';
import type { QueryFigures, QueryJob } from './job.ts';
import type { PackedValue } from './known-values.ts';
import type { MemoryLimits } from './memory-ledger.ts';
import type { StatementJob } from './statement.ts';

/** `workerData` of a query thread. */
export interface ThreadSetup {
  /** Buffer of its StopWord. */
  readonly stopWord: SharedArrayBuffer;
  /** Buffer of the MemoryLedger of all threads. */
  readonly ledger: SharedArrayBuffer;
  /** This thread's slot of it. */
  readonly slot: number;
  readonly memoryLimits: MemoryLimits;
  /** Of its result cache; 0: none. */
  readonly cacheBytes: number;
}

export type ToThread =
  /** `ticket` names the query from now on; `view` is a SharedView's descriptor, to be unpacked in the order of messages. */
  | {
      readonly kind: 'run';
      readonly ticket: number;
      readonly job: QueryJob;
      readonly view: PackedValue;
    }
  /** The same for a statement of another language; `view` is a list of descriptors. */
  | {
      readonly kind: 'runStatement';
      readonly ticket: number;
      readonly job: StatementJob;
      readonly view: PackedValue;
    }
  /** Evaluate a part of another thread's query. */
  | {
      readonly kind: 'runPart';
      readonly ticket: number;
      readonly job: PartJob;
      readonly view: PackedValue;
    }
  /** So many threads have taken parts of it. */
  | { readonly kind: 'helpers'; readonly ticket: number; readonly count: number }
  /** What the `index`-th of them made. */
  | {
      readonly kind: 'part';
      readonly ticket: number;
      readonly index: number;
      readonly parts: readonly PostedPart[];
    }
  /** The piece in the slab is not needed any more. */
  | { readonly kind: 'taken'; readonly ticket: number; readonly slab: number }
  /** Send no more of it. While it is evaluated, the stop word says so. */
  | { readonly kind: 'stop'; readonly ticket: number };

/** A part of a query's aggregations. */
export interface PartJob {
  readonly request: EvalRequest;
  readonly engine: EngineOptions;
  readonly partition: { readonly index: number; readonly count: number };
  /** ms until the query's timeout. */
  readonly timeLeftMs: number;
}

export type FromThread =
  /** Are there threads to take parts of the request, which may ask for less than the query? */
  | { readonly kind: 'recruit'; readonly ticket: number; readonly request: EvalRequest }
  | {
      readonly kind: 'partDone';
      readonly ticket: number;
      readonly parts: readonly PostedPart[];
    }
  | {
      readonly kind: 'piece';
      readonly ticket: number;
      /** The piece is the first `length` bytes of this slab, until it has been taken. */
      readonly slab: number;
      readonly length: number;
      /** The slab's memory, where the slab is new. */
      readonly memory: SharedArrayBuffer | undefined;
      readonly isLast: boolean;
      /** With the first piece of a query, the last of a statement: evaluation is over. */
      readonly figures: QueryFigures | undefined;
      /** With the figures of a query of PromQL: what its querier found out, if anything. */
      readonly findings: unknown;
    }
  /** `isDone` without a last piece: stopped or failed. */
  | { readonly kind: 'ended'; readonly ticket: number; readonly error: SentError | undefined };

/** An error on its way between threads. */
export interface SentError {
  /** undefined: not an AppError. */
  readonly kind: ErrorKind | undefined;
  readonly code: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Of a damaged file, see SharedView.damaged. */
  readonly path: string | undefined;
}

export function sendError(error: unknown): SentError {
  const isApp = error instanceof AppError;
  const path = (error as { path?: unknown } | null)?.path;
  return {
    kind: isApp ? error.kind : undefined,
    code: isApp ? error.code : '',
    message: errorMessage(error),
    stack: error instanceof Error ? error.stack : undefined,
    path: typeof path === 'string' ? path : undefined,
  };
}

/** The error as it was, but for its identity; where it was thrown is in its cause. */
export function receiveError(sent: SentError): Error {
  const cause = new Error(sent.message);
  if (sent.stack !== undefined) cause.stack = sent.stack;
  if (sent.kind === undefined) return cause;
  return new AppError(sent.kind, sent.code, sent.message, cause);
}
