// One query thread as the service sees it: what runs on it, what became of it.

import type { Worker } from 'node:worker_threads';
import type { SharedView } from '../storage/interface.ts';
import { threadDied, threadEnded, threadOutOfMemory } from './errors.ts';
import type { Execution } from './executor.ts';
import { type StopReason, StopWord } from './interrupt.ts';
import type { ExecutionEvents, QueryJob } from './job.ts';
import type { MemoryLedger, MemoryLimits } from './memory-ledger.ts';
import { MAX_PIECES_IN_FLIGHT } from './piece-channel.ts';
import {
  type FromThread,
  receiveError,
  type ThreadSetup,
  type ToThread,
} from './thread-messages.ts';

/** A query that does not react to its stop for so long is ended with its thread. */
const STOP_GRACE_MS = 1000;
/** Objects come on top of the budgeted columns: a thread's heap is not held tighter than this. */
const MIN_HEAP_MIB = 128;
const MiB = 2 ** 20;

export interface QueryThreadOptions {
  readonly slot: number;
  readonly spawn: (setup: ThreadSetup, heapMiB: number) => Worker;
  readonly ledger: MemoryLedger;
  readonly memoryLimits: MemoryLimits;
  readonly cacheBytes: number;
  /** A query can be started that could not before. */
  readonly onRoom: () => void;
  /** The thread is gone; its queries have been told. */
  readonly onExit: (error: Error) => void;
}

interface Running {
  readonly events: ExecutionEvents;
  readonly view: SharedView;
  isEvaluated: boolean;
  /** Pieces that came and were not taken. */
  untaken: number;
  graceTimer: NodeJS.Timeout | undefined;
}

/** Tickets are unique in the process, so that no late message finds the wrong query. */
let lastTicket = 0;
const MAX_TICKET = 2 ** 31 - 1;

export class QueryThread {
  readonly #options: QueryThreadOptions;
  readonly #worker: Worker;
  readonly #word = new StopWord();
  readonly #running = new Map<number, Running>();
  #evaluating: number | undefined;
  /** Why it died, where that is known before it exits. */
  #fatal: Error | undefined;
  #isGone = false;

  constructor(options: QueryThreadOptions) {
    const { slot, spawn, ledger, memoryLimits, cacheBytes } = options;
    this.#options = options;
    const setup: ThreadSetup = {
      stopWord: this.#word.buffer,
      ledger: ledger.buffer,
      slot,
      memoryLimits,
      cacheBytes,
    };
    const heapMiB = Math.max(MIN_HEAP_MIB, Math.ceil(memoryLimits.maxBytes / MiB));
    this.#worker = spawn(setup, heapMiB);
    this.#worker.on('message', (message: FromThread) => this.#receive(message));
    this.#worker.on('error', (error) => {
      const isMemory = (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
      this.#fatal ??= isMemory
        ? threadOutOfMemory(heapMiB * MiB)
        : threadDied(error.message, error);
    });
    this.#worker.on('exit', (code) => this.#exited(code));
  }

  /** True if nothing is evaluated and no answer is being made: those under way wait for their readers. */
  get isFree(): boolean {
    if (this.#isGone || this.#fatal !== undefined || this.#evaluating !== undefined) return false;
    for (const query of this.#running.values()) {
      if (query.untaken < MAX_PIECES_IN_FLIGHT) return false;
    }
    return true;
  }

  /** Queries being evaluated or answered. */
  get queries(): number {
    return this.#running.size;
  }

  /** Takes the view over and releases it once it is not read any more. */
  start(job: QueryJob, view: SharedView, events: ExecutionEvents): Execution {
    lastTicket = (lastTicket % MAX_TICKET) + 1;
    const ticket = lastTicket;
    const query: Running = {
      events,
      view,
      isEvaluated: false,
      untaken: 0,
      graceTimer: undefined,
    };
    this.#running.set(ticket, query);
    this.#evaluating = ticket;
    this.#post({ kind: 'run', ticket, job, view: view.descriptor });
    return {
      taken: () => {
        query.untaken--;
        if (this.#running.has(ticket)) this.#post({ kind: 'taken', ticket });
      },
      stop: (reason) => this.#stop(ticket, query, reason),
    };
  }

  /** Ends the thread with all that runs on it. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #post(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromThread): void {
    const query = this.#running.get(message.ticket);
    // Stopped while this was under way.
    if (query === undefined) return;
    if (message.kind === 'ended') {
      if (message.error !== undefined) {
        const { path } = message.error;
        if (path !== undefined) query.view.damaged(path, message.error.message);
        query.events.failed(receiveError(message.error));
      }
      this.#finish(message.ticket, query);
      return;
    }
    if (message.figures !== undefined) {
      this.#evaluated(message.ticket, query);
      query.events.evaluated(message.figures);
    }
    query.untaken++;
    query.events.piece(message.piece, message.isLast);
    if (message.isLast) this.#finish(message.ticket, query);
    else if (this.isFree) this.#options.onRoom();
  }

  #stop(ticket: number, query: Running, reason: StopReason): void {
    if (!this.#running.has(ticket) || query.graceTimer !== undefined) return;
    this.#post({ kind: 'stop', ticket });
    if (query.isEvaluated) {
      // Nothing of the data is held any more; what the thread still has goes when it reads the message.
      this.#finish(ticket, query);
      return;
    }
    this.#word.set(ticket, reason);
    query.graceTimer = setTimeout(() => {
      this.#fatal ??= threadEnded();
      void this.#worker.terminate();
    }, STOP_GRACE_MS);
  }

  #evaluated(ticket: number, query: Running): void {
    if (query.isEvaluated) return;
    query.isEvaluated = true;
    clearTimeout(query.graceTimer);
    if (this.#evaluating === ticket) this.#evaluating = undefined;
    query.view.release();
  }

  #finish(ticket: number, query: Running): void {
    this.#evaluated(ticket, query);
    this.#running.delete(ticket);
    query.events.done();
    if (this.isFree) this.#options.onRoom();
  }

  #exited(code: number): void {
    this.#isGone = true;
    const error = this.#fatal ?? threadDied(`it ended with code ${code}`);
    const running = [...this.#running];
    this.#running.clear();
    this.#options.onExit(error);
    for (const [ticket, query] of running) {
      query.events.failed(error);
      this.#evaluated(ticket, query);
      query.events.done();
    }
    this.#options.onRoom();
  }
}
