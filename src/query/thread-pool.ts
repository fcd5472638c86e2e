// The query threads: started when needed, replaced when they die. Each evaluates one query at a time; an
// answer that waits for its reader leaves the thread free for the next query.

import type { Worker } from 'node:worker_threads';
import type { TimeRange } from '../model/time-range.ts';
import type { Database } from '../storage/interface.ts';
import type { Execution, Executor } from './executor.ts';
import type { ExecutionEvents, QueryJob } from './job.ts';
import type { MemoryLedger, MemoryLimits } from './memory-ledger.ts';
import { QueryThread } from './query-thread.ts';
import type { DatabaseRange, StatementJob } from './statement.ts';
import { DEFAULT_GRACE, type GraceLimits } from './stop-grace.ts';
import type { ThreadSetup } from './thread-messages.ts';
import { joinedViews, ViewPin } from './view-pin.ts';

export interface ThreadPoolOptions {
  /** Most threads, ≥ 1. */
  readonly threads: number;
  readonly spawn: (setup: ThreadSetup, heapMiB: number) => Worker;
  /** With a slot for each thread, from 0. */
  readonly ledger: MemoryLedger;
  readonly memoryLimits: MemoryLimits;
  /** Of each thread's result cache; 0: none. */
  readonly cacheBytes: number;
  /** Of a query that does not react to its stop, before its thread is ended; DEFAULT_GRACE if left out. */
  readonly grace?: GraceLimits;
  /** True while others than who a query is of may want a thread: one is then left free by helpers. */
  readonly isShared?: () => boolean;
  /** Called when a thread dies of itself. */
  readonly onDeath: (error: Error) => void;
}

export class ThreadPool implements Executor {
  onRoom: () => void = () => {};
  readonly #options: ThreadPoolOptions;
  /** By slot. */
  readonly #threads: (QueryThread | undefined)[];
  #isClosed = false;
  #deaths = 0;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
    this.#threads = new Array<undefined>(options.threads).fill(undefined);
  }

  /** Threads that died of themselves or did not stop in time. */
  get deaths(): number {
    return this.#deaths;
  }

  get hasRoom(): boolean {
    return this.#threads.some((_, slot) => this.isFree(slot));
  }

  /** Most threads. */
  get size(): number {
    return this.#threads.length;
  }

  /** May a query be started on this thread now? */
  isFree(slot: number): boolean {
    return !this.#isClosed && (this.#threads[slot]?.isFree ?? true);
  }

  /** Starts all threads now, so that the first queries need not wait for them. */
  startAll(): void {
    for (let slot = 0; slot < this.#threads.length; slot++) {
      if (!this.#isClosed) this.#thread(slot);
    }
  }

  start(job: QueryJob, database: Database, range: TimeRange, events: ExecutionEvents): Execution {
    return this.#pick(job.affinity).start(job, new ViewPin(database.share!(range)), events);
  }

  startStatement(
    job: StatementJob,
    reads: readonly DatabaseRange[],
    affinity: number,
    events: ExecutionEvents,
  ): Execution {
    return this.#pick(affinity).startStatement(job, new ViewPin(joinedViews(reads)), events);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#threads.map((thread) => thread?.terminate()));
  }

  /**
   * The thread that may have cached what the query needs, if it is free; else the free one with the fewest
   * answers under way, or a new one.
   */
  #pick(affinity: number): QueryThread {
    const preferred = affinity % this.#threads.length;
    if (this.isFree(preferred)) return this.#thread(preferred);
    let best: number | undefined;
    for (let slot = 0; slot < this.#threads.length; slot++) {
      if (!this.isFree(slot)) continue;
      if (best === undefined || this.#load(slot) < this.#load(best)) best = slot;
    }
    return this.#thread(best!);
  }

  /** Threads that may help with a query of another. */
  #freeForHelp(): QueryThread[] {
    const free = this.#threads.filter((thread) => thread?.isFree === true) as QueryThread[];
    return this.#options.isShared?.() === true ? free.slice(1) : free;
  }

  #load(slot: number): number {
    return this.#threads[slot]?.queries ?? 0;
  }

  #thread(slot: number): QueryThread {
    this.#threads[slot] ??= this.#newThread(slot);
    return this.#threads[slot];
  }

  #newThread(slot: number): QueryThread {
    const {
      spawn,
      ledger,
      memoryLimits,
      cacheBytes,
      grace = DEFAULT_GRACE,
      onDeath,
    } = this.#options;
    return new QueryThread({
      slot,
      spawn,
      ledger,
      memoryLimits,
      cacheBytes,
      grace,
      freeThreads: () => this.#freeForHelp(),
      onRoom: () => this.onRoom(),
      onExit: (error) => {
        this.#threads[slot] = undefined;
        ledger.clear(slot);
        if (!this.#isClosed) {
          this.#deaths++;
          onDeath(error);
        }
      },
    });
  }
}
