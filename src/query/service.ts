// Who may query when, and for how long: admission, queue, timeouts, cancellation, and the record of it all.

import type { QueryPlan } from '../promql/eval/plan.ts';
import type { Clock } from '../runtime/clock.ts';
import { FairQueue, largestShare } from '../runtime/fair-queue.ts';
import type { StopSignal } from '../runtime/stop-signal.ts';
import type { Database } from '../storage/interface.ts';
import type { AnswerCache, AnswerPlace } from './cache/answer-cache.ts';
import { CopiedPieces } from './cache/copied-pieces.ts';
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
  /** Who shares with others what there is, by the name of a database; that one, if left out. */
  readonly ownerOf?: (database: string) => string;
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
  readonly #queue: FairQueue<QueryRun>;
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
    this.#queue = new FairQueue(() => options.clock.monotonic());
    const startNext = (): void => this.#startNext();
    options.inline.onRoom = startNext;
    if (options.threads !== undefined) options.threads.onRoom = startNext;
  }

  get figures(): QueryServiceFigures {
    return {
      running: this.#running.size,
      queued: this.#queue.size,
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

  async run(request: QueryRequest, signal: StopSignal): Promise<QueryAnswer> {
    const { language, limits, answers } = this.#options;
    const found = answers.find(request);
    if (found instanceof Uint8Array) return this.#repeat(request, found, signal);
    const isForThreads = request.database.share !== undefined;
    let plan: QueryPlan | undefined;
    const answer = await this.#runWork(request.database, isForThreads, signal, () => {
      const prepare = isForThreads ? prepareQuickly : prepareQuery;
      const prepared = prepare(request, language, limits.maxLengthBytes);
      plan = prepared.plan;
      return new PromqlWork(request, prepared);
    });
    return found === undefined || plan === undefined ? answer : kept(answer, found, plan);
  }

  async runStatement(request: StatementRequest, signal: StopSignal): Promise<QueryAnswer> {
    const { limits, clock } = this.#options;
    const work = new StatementWork(request);
    if (request.attempt !== undefined) {
      this.#refuseLate(signal);
      refuseTooLong(request.text, limits.maxLengthBytes);
      const started = clock.monotonic();
      const whole = await request.attempt();
      if (whole !== undefined) return this.#answered(work, whole, clock.monotonic() - started);
    }
    return this.#runWork(request.database, work.isForThreads, signal, () => {
      refuseTooLong(request.text, limits.maxLengthBytes);
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
    signal: StopSignal,
  ): QueryAnswer {
    this.#refuseLate(signal);
    this.#cacheQueries++;
    this.#cacheHits++;
    return this.#answered({ database: name, about: [name], text: query }, whole, 0);
  }

  /** An answer that nobody has to be asked for. */
  #answered(
    work: Pick<QueryWork, 'database' | 'about' | 'text'>,
    whole: Uint8Array,
    evaluationMs: number,
  ): QueryAnswer {
    this.#started++;
    this.#evaluationMs += evaluationMs;
    this.#top.add(work, evaluationMs / 1000, 0);
    return { whole, isOwn: false, pieces: onePiece(whole) };
  }

  /** Throws for who has gone, or comes when it is over. */
  #refuseLate(signal: StopSignal): void {
    signal.throwIfAborted();
    if (this.#isClosed) throw serviceClosed();
  }

  async #runWork(
    { name }: Database,
    isForThreads: boolean,
    signal: StopSignal,
    prepare: () => QueryWork,
  ): Promise<QueryAnswer> {
    this.#refuseLate(signal);
    const owner = this.#options.ownerOf?.(name) ?? name;
    const run = this.#admit(owner, isForThreads, prepare);
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
    const runs = this.#runs();
    const itself = runs.filter(({ work }) => work.listedAs === undefined);
    const all = [...itself.map((run) => run.describe()), ...this.#listings.describe(runs)];
    return all.sort((a, b) => Number(a.id) - Number(b.id));
  }

  top(limit: number): readonly TopQuery[] {
    return this.#top.list(limit);
  }

  cancel(id: string): boolean {
    if (this.#listings.stop(id)) return true;
    const run = this.#runs().find((candidate) => candidate.id === id);
    run?.stop('canceled');
    return run !== undefined;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const run of this.#runs()) run.stop('closed');
    await Promise.all([this.#options.threads?.close(), this.#options.inline.close()]);
  }

  #runs(): QueryRun[] {
    return [...this.#running, ...this.#queue.items()];
  }

  /** Puts the query into the queue, or refuses it, or the last one of whoever has most of the queue. */
  #admit(owner: string, isForThreads: boolean, prepare: () => QueryWork): QueryRun {
    const { limits, clock } = this.#options;
    const isFull = this.#queue.size >= limits.maxQueued && !this.#canStart(owner, isForThreads);
    const evicted = isFull ? this.#queue.lastOfLongest(owner) : undefined;
    if (isFull && evicted === undefined) throw this.#refusal();
    const started = clock.monotonic();
    const work = prepare();
    const run: QueryRun = new QueryRun({
      id: work.listedAs ?? this.#newId(),
      owner,
      work,
      timeoutMs: Math.min(work.timeoutMs ?? limits.timeoutMs, limits.timeoutMs),
      preparationMs: clock.monotonic() - started,
      clock,
      leaveQueue: () => void this.#queue.remove(owner, run),
    });
    evicted?.item.refuse(this.#refusal());
    this.#queue.push(owner, run);
    void run.finished.then(({ figures, error }) => this.#finished(run, figures, error));
    return run;
  }

  #newId(): string {
    return String(++this.#lastId);
  }

  #refusal(): Error {
    this.#refused++;
    return queueFull(this.#running.size, this.#options.limits.maxQueued);
  }

  #canStart(owner: string, isForThreads: boolean): boolean {
    const executor = this.#executorOf(isForThreads);
    return this.#queue.size === 0 && executor.hasRoom && this.#mayTake(owner, executor);
  }

  #executorOf(isForThreads: boolean): Executor {
    const { threads, inline } = this.#options;
    return threads !== undefined && isForThreads ? threads : inline;
  }

  /** Small queries do not wait for a thread, nor for each other: if one is at work here, threads take them. */
  #executorFor(run: QueryRun): Executor {
    const { inline } = this.#options;
    const { work } = run;
    return inline.hasRoom && work.isSmall ? inline : this.#executorOf(work.isForThreads);
  }

  /** First come, first served, for each owner. */
  #startNext(): void {
    let isMore = true;
    while (isMore && this.#running.size < this.#options.limits.maxConcurrency) {
      isMore = this.#queue.heads().some(({ owner, item }) => this.#tryToStart(owner, item));
    }
  }

  #tryToStart(owner: string, run: QueryRun): boolean {
    const executor = this.#executorFor(run);
    if (!executor.hasRoom || !this.#mayTake(owner, executor)) return false;
    this.#queue.start(owner);
    this.#running.add(run);
    this.#started++;
    run.start(executor);
    return true;
  }

  /** While there are others, nobody gets all places, nor all threads. */
  #mayTake(owner: string, executor: Executor): boolean {
    const { limits, threads } = this.#options;
    if (this.#running.size >= limits.maxConcurrency) return false;
    if (!this.#queue.isSharedWith(owner)) return true;
    if (this.#queue.runningOf(owner) >= largestShare(limits.maxConcurrency)) return false;
    if (executor !== threads) return true;
    const evaluating = [...this.#running].filter((run) => run.owner === owner && run.isEvaluating);
    return evaluating.length < largestShare(threads.size);
  }

  /** True if queries of more than one owner have come lately. */
  get isShared(): boolean {
    return this.#queue.isShared();
  }

  #finished(run: QueryRun, figures: QueryFigures | undefined, error: unknown): void {
    if (this.#running.delete(run)) this.#queue.end(run.owner);
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

/** The same answer, kept at once or, where it comes in pieces, when they have been read. */
function kept(answer: QueryAnswer, place: AnswerPlace, plan: QueryPlan): QueryAnswer {
  const { whole, pieces } = answer;
  if (whole === undefined) {
    const take = (all: Uint8Array): void => place.keep(plan, all);
    return { whole, isOwn: false, pieces: new CopiedPieces(pieces, place.maxBytes, take) };
  }
  place.keep(plan, whole);
  return { whole, isOwn: false, pieces };
}
