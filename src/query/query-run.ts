// One query from its admission to the last piece of its answer.

import type { Clock } from '../runtime/clock.ts';
import type { ChangeState } from './cache/evaluate-range.ts';
import type { Execution, Executor } from './executor.ts';
import type { ActiveQuery, QueryAnswer, QueryRequest } from './interface.ts';
import { type StopReason, stopError } from './interrupt.ts';
import type { QueryFigures } from './job.ts';
import { PieceChannel } from './piece-channel.ts';
import type { PreparedQuery } from './prepare.ts';
import { isSmallQuery } from './small-query.ts';

export interface QueryRunOptions {
  readonly id: string;
  readonly request: QueryRequest;
  readonly prepared: PreparedQuery;
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

  get request(): QueryRequest {
    return this.#options.request;
  }

  /** So small that it had better not be given to another thread. */
  get isSmall(): boolean {
    const { request, prepared } = this.#options;
    try {
      return isSmallQuery(prepared.plan, request.database);
    } catch {
      // A damaged part: whoever reads the samples will tell.
      return false;
    }
  }

  get queuedMs(): number {
    return (this.#started ?? this.#options.clock.monotonic()) - this.#admitted;
  }

  /** ms since it was admitted. */
  get ageMs(): number {
    return this.#options.clock.monotonic() - this.#admitted;
  }

  describe(): ActiveQuery {
    const { database, query, startT, endT, stepMs } = this.request;
    return {
      id: this.id,
      database: database.name,
      query,
      startT,
      endT,
      stepMs,
      receivedAt: this.#receivedAt,
      state: this.#started === undefined ? 'queued' : 'running',
    };
  }

  /** Gives it to an executor that has room. A failure to start is the query's. */
  start(executor: Executor): void {
    const { request, prepared, timeoutMs, preparationMs, clock } = this.#options;
    this.#started = clock.monotonic();
    const queuedMs = this.queuedMs;
    const { limit, stats, trace, warnings } = request;
    const job = {
      request: prepared.plan.request,
      engine: prepared.engine,
      changes: this.#changes(),
      affinity: affinityOf(request.database.name, request.query),
      limit,
      stats,
      trace,
      warnings,
      timeLeftMs: timeoutMs - queuedMs,
      queuedMs,
      preparationMs,
    };
    try {
      this.#execution = executor.start(job, request.database, prepared.plan.range, {
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
      return { whole, pieces };
    }
    this.stop('ended');
    return { whole, pieces: onePiece(whole) };
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

  get #phase(): string {
    return this.#started === undefined ? 'query queue' : 'expression evaluation';
  }

  /** For queries that can use the cache. Asked before the data is: what changes later makes results stale. */
  #changes(): ChangeState | undefined {
    const { request, prepared } = this.#options;
    const { database, stepMs, useCache, stats } = request;
    // Statistics tell what an evaluation costs.
    if (!useCache || stepMs === undefined || stats !== 'none') return undefined;
    const feed = database.changes?.();
    if (feed === undefined || prepared.plan.range.minT < feed.keptFromT) return undefined;
    const { id, buffer, seq } = feed.log;
    return { logId: id, logBuffer: buffer, seq };
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

async function* onePiece(piece: Uint8Array): AsyncGenerator<Uint8Array, void> {
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

/** Equal for queries that may use each other's cached results, else likely different; ≥ 0. */
export function affinityOf(databaseName: string, query: string): number {
  let hash = 0;
  for (const text of [databaseName, query]) {
    for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  }
  return hash >>> 0;
}
