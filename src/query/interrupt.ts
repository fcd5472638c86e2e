// How a query at work on another thread is stopped: words of shared memory that its checkpoints read.

import { queryCanceled, queryTimedOut } from '../promql/errors.ts';
import type { AppError } from '../runtime/error.ts';
import { serviceClosed } from './errors.ts';

/** Why a query is stopped. `ended`: its reader wants no more of it, which is no failure. */
export type StopReason = 'canceled' | 'timeout' | 'closed' | 'ended';
const REASONS: readonly StopReason[] = ['canceled', 'timeout', 'closed', 'ended'];

const TICKET = 0;
const REASON = 1;
const THREAD = 2;
const WORDS = 3;

/** The error that tells of a stop. */
export function stopError(reason: StopReason, where = 'expression evaluation'): AppError {
  if (reason === 'timeout') return queryTimedOut(where);
  return reason === 'closed' ? serviceClosed() : queryCanceled(where);
}

/** One thread's word. The query that is evaluated is named by its ticket, so that a late stop hits nobody else. */
export class StopWord {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(4 * WORDS)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  /** The system's number of the thread that reads the word, once it has said so. */
  get thread(): number | undefined {
    return Atomics.load(this.#words, THREAD) || undefined;
  }

  set thread(number: number | undefined) {
    Atomics.store(this.#words, THREAD, number ?? 0);
  }

  /** Asks the query with this ticket (> 0) to stop. */
  set(ticket: number, reason: StopReason): void {
    Atomics.store(this.#words, REASON, REASONS.indexOf(reason));
    Atomics.store(this.#words, TICKET, ticket);
  }

  /** Why the query with this ticket is to stop; undefined if it is not. */
  reasonFor(ticket: number): StopReason | undefined {
    if (Atomics.load(this.#words, TICKET) !== ticket) return undefined;
    return REASONS[Atomics.load(this.#words, REASON)];
  }
}

/** Checks for each look at the clock, which takes as long as ten of them. */
const CHECKS_PER_LOOK = 16;

/** What one evaluation's checkpoints ask. */
export class Interrupt {
  readonly #word: StopWord;
  readonly #ticket: number;
  readonly #deadline: number;
  readonly #now: () => number;
  #checks = 0;

  /**
   * `deadline` is a time of `now` (ms, steady). Besides the word, because whoever would set that may itself
   * be busy, or be the thread that evaluates.
   */
  constructor(word: StopWord, ticket: number, deadline: number, now: () => number) {
    this.#word = word;
    this.#ticket = ticket;
    this.#deadline = deadline;
    this.#now = now;
  }

  /** Throws PROMQL_CANCELED, PROMQL_TIMEOUT or QUERY_CLOSED once the query is to stop. */
  check(): void {
    const reason = this.#word.reasonFor(this.#ticket);
    if (reason !== undefined) throw stopError(reason);
    if (this.#checks++ % CHECKS_PER_LOOK !== 0) return;
    if (this.#now() > this.#deadline) throw stopError('timeout');
  }

  /** The error of a stop that was heard of otherwise. */
  stopped(): AppError {
    return stopError(this.#word.reasonFor(this.#ticket) ?? 'canceled');
  }
}
