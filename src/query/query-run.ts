// One query from its admission to the last piece of its answer.

import type { Clock } from '../runtime/clock.ts';
import type { Execution, Executor } from './executor.ts';
import type { ActiveQuery, QueryAnswer } from './interface.ts';
import { type StopReason, stopError } from './interrupt.ts';
import type { QueryFigures } from './job.ts';
import { PieceChannel } from './piece-channel.ts';
import type { QueryWork } from './query-work.ts';

export interface QueryRunOptions {
  readonly id: string;
  /** Who shares with others what there is. */
  readonly owner: string;
  readonly work: QueryWork;
  readonly timeoutMs: number;
  readonly preparationMs: number;
  readonly clock: Clock;
  /** Called if it ends before it was started. */
  readonly leaveQueue: () => void;
}

/** What became of a query. */
export interface QueryOutcome {
  readonly figures: QueryFigures | undefined;
  /** undefined: answered to the end, or its reader wanted no more. */
  readonly error: unknown;
}

export class QueryRun {
  /** Resolves when nothing works on it any more and its answer has been read or given up. Never rejects. */
  readonly finished: Promise<QueryOutcome>;
  readonly #options: QueryRunOptions;
  readonly #channel: PieceChannel;
  readonly #receivedAt: number;
  readonly #admitted: number;
  readonly #timer: NodeJS.Timeout;
  #started: number | undefined;
  #execution: Execution | undefined;
  #figures: QueryFigures | undefined;
  #error: unknown;
  #isStopped = false;
  /** Nothing works on it (any more). */
  #isDone = false;
  /** Its answer has been read to the end or given up. */
  #isRead = false;
  #finish!: (outcome: QueryOutcome) => void;

  constructor(options: QueryRunOptions) {
    this.#options = options;
    const { clock, timeoutMs } = options;
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#receivedAt = clock.now();
    this.#admitted = clock.monotonic();
    this.#channel = new PieceChannel(() => this.#execution?.taken());
    this.#timer = setTimeout(() => this.stop('timeout'), timeoutMs);
  }

  get id(): string {
    return this.#options.id;
  }

  get owner(): string {
    return this.#options.owner;
  }

  get work(): QueryWork {
    return this.#options.work;
  }

  /** True while it keeps its thread from others. */
  get isEvaluating(): boolean {
    const isAtWork = this.#started !== undefined && this.#figures === undefined && !this.#isDone;
    return isAtWork && !this.#channel.isFull;
  }

  get state(): ActiveQuery['state'] {
    return this.#started === undefined ? 'queued' : 'running';
  }

  get queuedMs(): number {
    return (this.#started ?? this.#options.clock.monotonic()) - this.#admitted;
  }

  /** ms since it was admitted. */
  get ageMs(): number {
    return this.#options.clock.monotonic() - this.#admitted;
  }

  describe(): ActiveQuery {
    const { id, state, work, ageMs } = this;
    return { id, ...work.describe(), receivedAt: this.#receivedAt, ageMs, state };
  }

  /** Gives it to an executor that has room. A failure to start is the query's. */
  start(executor: Executor): void {
    const { work, timeoutMs, preparationMs, clock } = this.#options;
    this.#started = clock.monotonic();
    const queuedMs = this.queuedMs;
    const timing = { timeLeftMs: timeoutMs - queuedMs, queuedMs, preparationMs };
    try {
      this.#execution = work.start(executor, timing, {
        evaluated: (figures) => {
          this.#figures = figures;
        },
        piece: (piece, isLast) => {
          this.#channel.push(piece);
          if (isLast) this.#channel.complete();
        },
        failed: (error) => this.#fail(error),
        done: () => this.#done(),
      });
    } catch (error) {
      this.#fail(error);
      this.#done();
    }
  }

  /** Resolves when there is something of the answer; rejects if there will be none. */
  async answer(): Promise<QueryAnswer> {
    await this.#channel.whenReadable();
    const whole = this.#channel.takeOnly();
    if (whole === undefined) {
      const pieces = new AnswerPieces(this.#channel, () => this.stop('ended'));
      return { whole, isOwn: false, pieces };
    }
    this.stop('ended');
    return { whole, isOwn: true, pieces: onePiece(whole) };
  }

  /**
   * Ends it: who waits for the answer is told at once, the work stops as soon as it can. `ended`: nobody
   * waits. Idempotent.
   */
  stop(reason: StopReason): void {
    if (reason === 'ended') {
      this.#isRead = true;
      this.#channel.abandon();
    }
    if (!this.#isStopped && !(this.#isDone && this.#isRead)) {
      this.#isStopped = true;
      if (reason !== 'ended') this.#fail(stopError(reason, this.#phase));
      if (this.#started === undefined) {
        this.#options.leaveQueue();
        this.#isDone = true;
      } else if (!this.#isDone) {
        this.#execution?.stop(reason);
      }
    }
    this.#settle();
  }

  /** Ends it before it was started. */
  refuse(error: unknown): void {
    this.#isStopped = true;
    this.#fail(error);
    this.#options.leaveQueue();
    this.#done();
  }

  get #phase(): string {
    return this.#started === undefined ? 'query queue' : 'expression evaluation';
  }

  #fail(error: unknown): void {
    // The work's own account of a stop comes too late to matter.
    this.#error ??= error;
    this.#channel.fail(error);
  }

  #done(): void {
    this.#isDone = true;
    this.#settle();
  }

  /** Done and read: nothing is left. An answer that failed has nothing to be read. */
  #settle(): void {
    if (!this.#isDone || !(this.#isRead || this.#error !== undefined)) return;
    clearTimeout(this.#timer);
    this.#finish({ figures: this.#figures, error: this.#error });
  }
}

/** An answer that is all there. */
export async function* onePiece(piece: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield piece;
}

/** As a generator function would be, but that ending it before the first piece counts too. */
class AnswerPieces implements AsyncGenerator<Uint8Array, void> {
  readonly #channel: PieceChannel;
  readonly #end: () => void;
  #isEnded = false;

  constructor(channel: PieceChannel, end: () => void) {
    this.#channel = channel;
    this.#end = end;
  }

  async next(): Promise<IteratorResult<Uint8Array, void>> {
    if (this.#isEnded) return { done: true, value: undefined };
    try {
      const piece = await this.#channel.next();
      if (piece !== undefined) return { done: false, value: piece };
    } catch (error) {
      await this.return();
      throw error;
    }
    return this.return();
  }

  async return(): Promise<IteratorResult<Uint8Array, void>> {
    this.#isEnded = true;
    this.#end();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<Uint8Array, void>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
