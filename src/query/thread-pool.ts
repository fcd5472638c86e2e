// The query threads: started when needed, replaced when they die. Each evaluates one query at a time; an
// answer that waits for its reader leaves the thread free for the next query.

import type { Worker } from 'node:worker_threads';
import type { TimeRange } from '../model/time-range.ts';
import type { Database } from '../storage/interface.ts';
import type { Execution, Executor } from './executor.ts';
import type { ExecutionEvents, QueryJob } from './job.ts';
import type { MemoryLedger, MemoryLimits } from './memory-ledger.ts';
import { QueryThread } from './query-thread.ts';
import type { ThreadSetup } from './thread-messages.ts';

export interface ThreadPoolOptions {
  /** Most threads, ≥ 1. */
  readonly threads: number;
  readonly spawn: (setup: ThreadSetup, heapMiB: number) => Worker;
  /** With a slot for each thread, from 0. */
  readonly ledger: MemoryLedger;
  readonly memoryLimits: MemoryLimits;
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
    if (this.#isClosed) return false;
    return this.#threads.some((thread) => thread === undefined || thread.isFree);
  }

  /** Starts all threads now, so that the first queries need not wait for them. */
  warmUp(): void {
    for (let slot = 0; slot < this.#threads.length; slot++) {
      if (!this.#isClosed) this.#threads[slot] ??= this.#newThread(slot);
    }
  }

  start(job: QueryJob, database: Database, range: TimeRange, events: ExecutionEvents): Execution {
    return this.#pick().start(job, database.share!(range), events);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#threads.map((thread) => thread?.terminate()));
  }

  /** The free thread with the fewest answers under way, else a new one. */
  #pick(): QueryThread {
    let best: QueryThread | undefined;
    for (const thread of this.#threads) {
      if (thread?.isFree !== true) continue;
      if (best === undefined || thread.queries < best.queries) best = thread;
    }
    const slot = this.#threads.indexOf(undefined);
    if (slot < 0 || best?.queries === 0) return best!;
    const added = this.#newThread(slot);
    this.#threads[slot] = added;
    return added;
  }

  #newThread(slot: number): QueryThread {
    const { spawn, ledger, memoryLimits, onDeath } = this.#options;
    return new QueryThread({
      slot,
      spawn,
      ledger,
      memoryLimits,
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
