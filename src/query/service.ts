// Who may query when, and for how long: admission, queue, timeouts, cancellation, and the record of it all.

import type { QueryPlan } from '../promql/eval/plan.ts';
import type { Clock } from '../runtime/clock.ts';
import type { AnswerCache } from './cache/answer-cache.ts';
import { queueFull, serviceClosed } from './errors.ts';
import type { Executor } from './executor.ts';
import type {
  ActiveQuery,
  QueryAnswer,
  QueryRequest,
  QueryService,
  TopQuery,
} from './interface.ts';
import type { QueryFigures } from './job.ts';
import { Listings } from './listings.ts';
import { type LanguageOptions, prepareQuery, prepareQuickly, refuseTooLong } from './prepare.ts';
import { PromqlWork } from './promql-work.ts';
import { onePiece, QueryRun } from './query-run.ts';
import type { QueryWork } from './query-work.ts';
import type { ListedWork, Listing, StatementRequest } from './statement.ts';
import { StatementWork } from './statement-work.ts';
import { TopQueries } from './top-queries.ts';

export interface QueryLimits {
  readonly maxConcurrency: number;
  readonly maxQueued: number;
  readonly timeoutMs: number;
  readonly maxLengthBytes: number;
}

export interface QueryServiceOptions {
  readonly limits: QueryLimits;
  readonly language: LanguageOptions;
  /** For databases that can be shared with threads; undefined: all run inline. */
  readonly threads: Executor | undefined;
  readonly inline: Executor;
  readonly answers: AnswerCache;
  readonly clock: Clock;
}

/** Counts since the start, and levels. */
export interface QueryServiceFigures {
  readonly running: number;
  readonly queued: number;
  readonly started: number;
  readonly refused: number;
  readonly failed: number;
  readonly samplesRead: number;
  readonly queueSeconds: number;
  readonly evaluationSeconds: number;
  /** Queries that asked the result cache, and those of them that found something. */
  readonly cacheQueries: number;
  readonly cacheHits: number;
}

export class LocalQueryService implements QueryService {
  readonly #options: QueryServiceOptions;
  readonly #top = new TopQueries();
  readonly #queue: QueryRun[] = [];
  readonly #running = new Set<QueryRun>();
  readonly #listings: Listings;
  #lastId = 0;
  #isClosed = false;
  #started = 0;
  #refused = 0;
  #failed = 0;
  #samplesRead = 0;
  #queueMs = 0;
  #evaluationMs = 0;
  #cacheQueries = 0;
  #cacheHits = 0;

  constructor(options: QueryServiceOptions) {
    this.#options = options;
    this.#listings = new Listings(options.clock);
    const startNext = (): void => this.#startNext();
    options.inline.onRoom = startNext;
    if (options.threads !== undefined) options.threads.onRoom = startNext;
  }

  get figures(): QueryServiceFigures {
    return {
      running: this.#running.size,
      queued: this.#queue.length,
      started: this.#started,
      refused: this.#refused,
      failed: this.#failed,
      samplesRead: this.#samplesRead,
      queueSeconds: this.#queueMs / 1000,
      evaluationSeconds: this.#evaluationMs / 1000,
      cacheQueries: this.#cacheQueries,
      cacheHits: this.#cacheHits,
    };
  }

  async run(request: QueryRequest, signal: AbortSignal): Promise<QueryAnswer> {
    const { language, limits, answers } = this.#options;
    const found = answers.find(request);
    if (found instanceof Uint8Array) return this.#repeat(request, found, signal);
    const isForThreads = request.database.share !== undefined;
    let plan: QueryPlan | undefined;
    const answer = await this.#runWork(isForThreads, signal, () => {
      const prepare = isForThreads ? prepareQuickly : prepareQuery;
      const prepared = prepare(request, language, limits.maxLengthBytes);
      plan = prepared.plan;
      return new PromqlWork(request, prepared);
    });
    if (answer.whole !== undefined && plan !== undefined) found?.keep(plan, answer.whole);
    return answer;
  }

  runStatement(request: StatementRequest, signal: AbortSignal): Promise<QueryAnswer> {
    const work = new StatementWork(request);
    return this.#runWork(work.isForThreads, signal, () => {
      refuseTooLong(request.text, this.#options.limits.maxLengthBytes);
      return work;
    });
  }

  list(work: ListedWork): Listing {
    return this.#listings.add(this.#newId(), work);
  }

  /** The same answer once more. */
  #repeat(
    { database: { name }, query }: QueryRequest,
    whole: Uint8Array,
    signal: AbortSignal,
  ): QueryAnswer {
    signal.throwIfAborted();
    if (this.#isClosed) throw serviceClosed();
    this.#started++;
    this.#cacheQueries++;
    this.#cacheHits++;
    this.#top.add({ database: name, about: [name], text: query }, 0, 0);
    return { whole, pieces: onePiece(whole) };
  }

  async #runWork(
    isForThreads: boolean,
    signal: AbortSignal,
    prepare: () => QueryWork,
  ): Promise<QueryAnswer> {
    signal.throwIfAborted();
    if (this.#isClosed) throw serviceClosed();
    const run = this.#admit(isForThreads, prepare);
    const abort = (): void => run.stop('canceled');
    signal.addEventListener('abort', abort, { once: true });
    void run.finished.then(() => signal.removeEventListener('abort', abort));
    this.#startNext();
    try {
      return await run.answer();
    } catch (error) {
      run.stop('ended');
      throw error;
    }
  }

  /** Oldest first. */
  active(): readonly ActiveQuery[] {
    const runs = [...this.#running, ...this.#queue];
    const itself = runs.filter(({ work }) => work.listedAs === undefined);
    const all = [...itself.map((run) => run.describe()), ...this.#listings.describe(runs)];
    return all.sort((a, b) => Number(a.id) - Number(b.id));
  }

  top(limit: number): readonly TopQuery[] {
    return this.#top.list(limit);
  }

  cancel(id: string): boolean {
    if (this.#listings.stop(id)) return true;
    const run = [...this.#running, ...this.#queue].find((candidate) => candidate.id === id);
    run?.stop('canceled');
    return run !== undefined;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const run of [...this.#running, ...this.#queue]) run.stop('closed');
    await Promise.all([this.#options.threads?.close(), this.#options.inline.close()]);
  }

  /** Puts the query into the queue, or refuses it. */
  #admit(isForThreads: boolean, prepare: () => QueryWork): QueryRun {
    const { limits, clock } = this.#options;
    if (this.#queue.length >= limits.maxQueued && !this.#canStart(isForThreads)) {
      this.#refused++;
      throw queueFull(this.#running.size, limits.maxQueued);
    }
    const started = clock.monotonic();
    const work = prepare();
    const run: QueryRun = new QueryRun({
      id: work.listedAs ?? this.#newId(),
      work,
      timeoutMs: Math.min(work.timeoutMs ?? limits.timeoutMs, limits.timeoutMs),
      preparationMs: clock.monotonic() - started,
      clock,
      leaveQueue: () => {
        const place = this.#queue.indexOf(run);
        if (place >= 0) this.#queue.splice(place, 1);
      },
    });
    this.#queue.push(run);
    void run.finished.then(({ figures, error }) => this.#finished(run, figures, error));
    return run;
  }

  #newId(): string {
    return String(++this.#lastId);
  }

  #canStart(isForThreads: boolean): boolean {
    const isNext =
      this.#queue.length === 0 && this.#running.size < this.#options.limits.maxConcurrency;
    return isNext && this.#executorOf(isForThreads).hasRoom;
  }

  #executorOf(isForThreads: boolean): Executor {
    const { threads, inline } = this.#options;
    return threads !== undefined && isForThreads ? threads : inline;
  }

  /** Small queries do not wait for a thread, nor for each other: if one is at work here, threads take them. */
  #executorFor(run: QueryRun): Executor {
    const { inline } = this.#options;
    const { work } = run;
    return work.isSmall && inline.hasRoom ? inline : this.#executorOf(work.isForThreads);
  }

  /** First come, first served. */
  #startNext(): void {
    for (;;) {
      const next = this.#queue[0];
      if (next === undefined || this.#running.size >= this.#options.limits.maxConcurrency) return;
      const executor = this.#executorFor(next);
      if (!executor.hasRoom) return;
      this.#queue.shift();
      this.#running.add(next);
      this.#started++;
      next.start(executor);
    }
  }

  #finished(run: QueryRun, figures: QueryFigures | undefined, error: unknown): void {
    this.#running.delete(run);
    if (error !== undefined) this.#failed++;
    const samplesRead = figures?.samplesRead ?? 0;
    this.#samplesRead += samplesRead;
    this.#queueMs += run.queuedMs;
    this.#evaluationMs += figures?.evaluationMs ?? 0;
    if (figures?.cachedSteps !== undefined) this.#cacheQueries++;
    if ((figures?.cachedSteps ?? 0) > 0) this.#cacheHits++;
    this.#top.add(run.work, run.ageMs / 1000, samplesRead);
    this.#startNext();
  }
}
