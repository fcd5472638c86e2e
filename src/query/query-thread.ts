// One query thread as the service sees it: what runs on it, what became of it.

import type { Worker } from 'node:worker_threads';
import type { EvalRequest } from '../promql/eval/plan.ts';
import type { PostedPart } from '../promql/eval/split.ts';
import { threadDied, threadEnded, threadLost, threadOutOfMemory } from './errors.ts';
import { transferables } from './evaluate-parts.ts';
import type { Execution } from './executor.ts';
import { type StopReason, StopWord } from './interrupt.ts';
import type { ExecutionEvents, QueryFigures, QueryJob } from './job.ts';
import { ValueSender } from './known-values.ts';
import type { MemoryLedger, MemoryLimits } from './memory-ledger.ts';
import { MAX_PIECES_IN_FLIGHT } from './piece-channel.ts';
import type { StatementJob } from './statement.ts';
import { type GraceLimits, StopGrace } from './stop-grace.ts';
import {
  type FromThread,
  type PartJob,
  receiveError,
  type ThreadSetup,
  type ToThread,
} from './thread-messages.ts';
import type { ViewPin } from './view-pin.ts';

/** Objects come on top of the budgeted columns: a thread's heap is not held tighter than this. */
const MIN_HEAP_MIB = 128;
const MiB = 2 ** 20;

export interface QueryThreadOptions {
  readonly slot: number;
  readonly spawn: (setup: ThreadSetup, heapMiB: number) => Worker;
  readonly ledger: MemoryLedger;
  readonly memoryLimits: MemoryLimits;
  readonly cacheBytes: number;
  readonly grace: GraceLimits;
  /** Other threads that are free to take a part of a query now. */
  readonly freeThreads: () => readonly QueryThread[];
  /** A query can be started that could not before. */
  readonly onRoom: () => void;
  /** The thread is gone; its queries have been told. */
  readonly onExit: (error: Error) => void;
}

/** A query, or a part of another thread's. */
interface Running {
  readonly job: QueryJob | PartJob | StatementJob;
  readonly startedAt: number;
  readonly events: RunningEvents;
  readonly pin: ViewPin;
  isEvaluated: boolean;
  /** Slabs of pieces that came and were not taken, oldest first. */
  readonly untaken: number[];
  /** Since it was told to stop. */
  grace: StopGrace | undefined;
  /** Parts of it on other threads. */
  helpers: readonly Execution[];
}

/** Of a query `evaluated` and `piece`, of a part `part`. `failed` and `done` of both. */
interface RunningEvents extends Pick<ExecutionEvents, 'failed' | 'done'> {
  evaluated?(figures: QueryFigures): void;
  piece?(piece: Uint8Array, isLast: boolean): void;
  part?(parts: readonly PostedPart[]): void;
}

/** Tickets are unique in the process, so that no late message finds the wrong query. */
let lastTicket = 0;
const MAX_TICKET = 2 ** 31 - 1;

export class QueryThread {
  readonly #options: QueryThreadOptions;
  readonly #worker: Worker;
  readonly #word = new StopWord();
  readonly #values = new ValueSender();
  readonly #running = new Map<number, Running>();
  /** Memory of pieces, by slab id. */
  readonly #slabs: Uint8Array[] = [];
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
      if (query.untaken.length < MAX_PIECES_IN_FLIGHT) return false;
    }
    return true;
  }

  /** Queries being evaluated or answered. */
  get queries(): number {
    return this.#running.size;
  }

  /** Takes the pin over and releases it once the view is not read any more. */
  start(job: QueryJob, pin: ViewPin, events: ExecutionEvents): Execution {
    return this.#start('run', job, pin, events);
  }

  /** The same for a statement of another language. */
  startStatement(job: StatementJob, pin: ViewPin, events: ExecutionEvents): Execution {
    return this.#start('runStatement', job, pin, events);
  }

  /** The same for a part of a query. */
  startPart(job: PartJob, pin: ViewPin, events: RunningEvents): Execution {
    return this.#start('runPart', job, pin, events);
  }

  /** Ends the thread with all that runs on it. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #start<K extends 'run' | 'runPart' | 'runStatement'>(
    kind: K,
    job: Extract<ToThread, { kind: K }>['job'],
    pin: ViewPin,
    events: RunningEvents,
  ): Execution {
    lastTicket = (lastTicket % MAX_TICKET) + 1;
    const ticket = lastTicket;
    const query: Running = {
      job,
      startedAt: performance.now(),
      events,
      pin,
      isEvaluated: false,
      untaken: [],
      grace: undefined,
      helpers: [],
    };
    this.#running.set(ticket, query);
    this.#evaluating = ticket;
    this.#post({ kind, ticket, job, view: this.#values.pack(pin.descriptor) } as ToThread);
    return {
      taken: () => {
        const slab = query.untaken.shift();
        if (slab !== undefined) this.#post({ kind: 'taken', ticket, slab });
      },
      stop: (reason) => this.#stop(ticket, query, reason),
    };
  }

  #post(message: ToThread, moved: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, moved);
  }

  #receive(message: FromThread): void {
    const { ticket } = message;
    const query = this.#running.get(ticket);
    if (query === undefined) {
      // Stopped while this was under way.
      if (message.kind === 'piece') {
        this.#pieceOf(message);
        this.#post({ kind: 'taken', ticket, slab: message.slab });
      }
      return;
    }
    switch (message.kind) {
      case 'recruit':
        query.helpers = this.#recruit(ticket, query, message.request);
        this.#post({ kind: 'helpers', ticket, count: query.helpers.length });
        return;
      case 'piece':
        // A statement goes on; while it waits for its reader, another can be started.
        if (this.#evaluating === ticket) this.#evaluating = undefined;
        if (message.figures !== undefined) {
          if (message.findings !== undefined) query.pin.learn(message.findings);
          this.#evaluated(ticket, query);
          query.events.evaluated?.(message.figures);
        }
        query.untaken.push(message.slab);
        query.events.piece?.(this.#pieceOf(message), message.isLast);
        if (message.isLast) this.#finish(ticket, query);
        else if (this.isFree) this.#options.onRoom();
        return;
      case 'partDone':
        query.events.part?.(message.parts);
        this.#finish(ticket, query);
        return;
      case 'ended':
        if (message.error !== undefined) {
          const { path } = message.error;
          if (path !== undefined) query.pin.damaged(path, message.error.message);
          query.events.failed(receiveError(message.error));
        }
        this.#finish(ticket, query);
        return;
    }
  }

  #pieceOf({ slab, length, memory }: Extract<FromThread, { kind: 'piece' }>): Uint8Array {
    if (memory !== undefined) this.#slabs[slab] = new Uint8Array(memory);
    return this.#slabs[slab]!.subarray(0, length);
  }

  /** Has free threads take parts of the request; this one keeps the part with index 0. */
  #recruit(ticket: number, query: Running, request: EvalRequest): Execution[] {
    if (!('engine' in query.job)) return [];
    const threads = this.#options.freeThreads();
    const { engine, timeLeftMs } = query.job;
    const partJob = (index: number): PartJob => ({
      request,
      engine,
      partition: { index, count: threads.length + 1 },
      timeLeftMs: timeLeftMs - (performance.now() - query.startedAt),
    });
    return threads.map((thread, i) =>
      thread.startPart(partJob(i + 1), query.pin.hold(), {
        part: (parts) =>
          this.#post({ kind: 'part', ticket, index: i, parts }, transferables(parts)),
        // Without it there is no result: nobody need work on the others.
        failed: (error) => {
          query.events.failed(error);
          this.#stop(ticket, query, 'ended');
        },
        done: () => {},
      }),
    );
  }

  #stop(ticket: number, query: Running, reason: StopReason): void {
    if (!this.#running.has(ticket) || query.grace !== undefined) return;
    if (query.isEvaluated) {
      // Nothing of the data is held any more; what the thread still has goes when it reads the message.
      this.#post({ kind: 'stop', ticket });
      this.#finish(ticket, query);
      return;
    }
    this.#post({ kind: 'stop', ticket });
    // A statement that gave another the thread works at nothing: the message is enough, when it is read.
    if (this.#evaluating !== undefined && this.#evaluating !== ticket) return;
    this.#word.set(ticket, reason);
    for (const helper of query.helpers) helper.stop(reason);
    query.grace = new StopGrace(this.#word.thread, this.#options.grace, () => {
      this.#fatal ??= threadEnded();
      void this.#worker.terminate();
    });
  }

  #evaluated(ticket: number, query: Running): void {
    if (query.isEvaluated) return;
    query.isEvaluated = true;
    query.grace?.clear();
    if (this.#evaluating === ticket) this.#evaluating = undefined;
    // Those that are still at work do it for nobody.
    for (const helper of query.helpers) helper.stop('ended');
    query.pin.release();
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
    const atWork = this.#evaluating;
    const running = [...this.#running];
    this.#running.clear();
    this.#options.onExit(error);
    for (const [ticket, query] of running) {
      const isCause = atWork === undefined || atWork === ticket;
      query.events.failed(isCause ? error : threadLost(error));
      this.#evaluated(ticket, query);
      query.events.done();
    }
    this.#options.onRoom();
  }
}
