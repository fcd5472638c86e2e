// Statements of languages other than PromQL. Such a language lives beside this folder, not in it: a face asks for
// a statement by the language's name, and a role gives threads the evaluators of the languages there are.

import type { TimeRange } from '../model/time-range.ts';
import type { Database, Querier } from '../storage/interface.ts';
import type { About } from './interface.ts';

/** What of a database a statement may read. */
export interface DatabaseRange {
  readonly database: Database;
  readonly range: TimeRange;
}

/** One statement to be evaluated. */
export interface StatementRequest {
  /** Names the evaluator. */
  readonly language: string;
  /** For people. */
  readonly text: string;
  /** Under which it is on record. */
  readonly database: Database;
  /** Opened as queriers, in this order. */
  readonly reads: readonly DatabaseRange[];
  /** Plain data for the evaluator. */
  readonly body: unknown;
  /** The work that it is a part of, and listed as; undefined: it is listed as itself. */
  readonly listing: Listing | undefined;
  /** So little work, and answer, that it had better not be given to another thread; false if left out. */
  readonly isSmall?: boolean;
  /**
   * Makes the whole answer at once if that takes less than a millisecond; undefined if it turns out to take longer,
   * or fails: then the statement is evaluated like any other. Left out: that cannot be.
   */
  readonly attempt?: () => Promise<Uint8Array | undefined>;
}

/** Work listed among the queries, whose statements run one after another, by the service or elsewhere. */
export interface ListedWork {
  readonly language: string;
  readonly database: string;
  readonly about: About;
  readonly query: string;
  /** Called when somebody wants it ended. */
  stop(): void;
}

export interface Listing {
  /** Among those of all queries. */
  readonly id: string;
  /** The work is over. Idempotent. */
  end(): void;
}

/** A statement on its way to a thread. Plain data. */
export interface StatementJob {
  readonly language: string;
  readonly body: unknown;
  /** ms until the timeout, from when the thread gets the job. */
  readonly timeLeftMs: number;
}

/** What a statement's evaluator needs of the thread it is on. */
export interface StatementHost {
  /** Called every few milliseconds of work: throws AppError once the statement is to stop. */
  checkpoint(): void;
  /** Holds `bytes` more memory, or fewer if negative; throws QUERY_MEMORY or QUERY_TOTAL_MEMORY. */
  reserve(bytes: number): void;
  /**
   * Lets others work if it has been long enough: nothing of the thread's scratch memory, such as columns that were
   * read, may be in use. Throws as `checkpoint` does.
   */
  breathe(): Promise<void>;
  /** Memory for a piece: PIECE_BYTES of it, used again once the piece has been read. */
  newPiece(): Uint8Array;
  /**
   * Sends the beginning of such memory; waits until the reader is ready for it, and others work meanwhile, as
   * with {@link breathe}. With the last piece reading is over: queriers are closed.
   */
  send(piece: Uint8Array, isLast: boolean): Promise<void>;
}

/** Evaluates the body of a statement to pieces, the last of them marked. Throws AppError. */
export type StatementEvaluator = (
  body: unknown,
  queriers: readonly Querier[],
  host: StatementHost,
) => Promise<void>;

/** By language. */
export type StatementEvaluators = Readonly<Record<string, StatementEvaluator>>;
