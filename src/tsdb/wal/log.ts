// The write-ahead log as the main thread sees it: `append` copies a record into a ring of shared
// memory, the writer (a thread of its own, or inline in tests) makes it durable, and the promise
// resolves. Group commit: whatever gathers while one sync runs shares the next.

import type { Worker } from 'node:worker_threads';
import type { Clock } from '../../runtime/clock.ts';
import { systemClock } from '../../runtime/clock.ts';
import { AppError } from '../../runtime/error.ts';
import type { FileSystem } from '../../runtime/file-system.ts';
import { nodeFileSystem } from '../../runtime/file-system.ts';
import { startWorker } from '../../runtime/workers.ts';
import { logClosed, logDiskFull, logFailed, logOverloaded, recordTooLarge } from './errors.ts';
import type { LogWorkerData } from './log-worker.ts';
import {
  type Completion,
  LOG_WRITER_READY,
  type LogFailure,
  type LogSegment,
  LogWriter,
} from './log-writer.ts';
import { type LogRecord, layOutRecord, recordBytes } from './record.ts';
import { EntryType, newRingMemory, RingConsumer, RingProducer } from './ring.ts';

export interface LogOptions {
  readonly dir: string;
  /** `always`: resolve when synced. `interval`: when written, and sync within `intervalMs`. */
  readonly sync: 'always' | 'interval';
  readonly intervalMs: number;
  /** Length at which a segment is closed and the next begun; at most 1 GiB. */
  readonly segmentBytes: number;
  /** Lowest commitSeq that will be appended: `nextSeq` of the reader or higher. */
  readonly firstSeq: number;
  /** Segments that the reader found, for `truncate` to remove. */
  readonly segments?: readonly LogSegment[];
  readonly threads: 'worker' | 'inline';
  /** Called once, when nothing will ever be acknowledged again; the process should exit non-zero. */
  readonly onFatal: (error: AppError) => void;
  /** Memory for records on their way to disk, a power of two; a record may have half of it. */
  readonly ringBytes?: number;

  // Only with `inline`:
  readonly fileSystem?: FileSystem;
  readonly clock?: Clock;
  /** Numbers below 2^53, never the same twice. */
  readonly newSegmentId?: () => number;
  /** `manual`: nothing is written before `pump` is called. Otherwise at the end of the tick. */
  readonly pump?: 'auto' | 'manual';
}

/** 128 MiB take the writes of some seconds if the disk stalls; unused pages cost nothing. */
const WORKER_RING_BYTES = 128 * 1024 * 1024;
const INLINE_RING_BYTES = 32 * 1024 * 1024;
const MAX_SEGMENT_BYTES = 1024 * 1024 * 1024;

/** What carries out the entries of the ring. */
interface Engine {
  /** There is work: called after each entry. */
  wake(): void;
  /** Makes room in the ring at once if it can. */
  relieve(): void;
  /** Keeps the process alive, or no longer. */
  hold(held: boolean): void;
  /** Ends it without any further write. */
  stop(): Promise<void>;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: AppError) => void;
}

export class Log {
  readonly #ring: RingProducer;
  readonly #onFatal: (error: AppError) => void;
  /** Entries in the ring and not yet settled, oldest first, from `#settled` on. */
  #waiters: Waiter[] = [];
  #settled = 0;
  #lastSeq: number;
  #failure: AppError | undefined;
  #closing: Promise<void> | undefined;
  #isAbandoned = false;
  #figures: LogFigures;
  #engine!: Engine;

  private constructor(ring: RingProducer, options: LogOptions) {
    this.#ring = ring;
    this.#onFatal = options.onFatal;
    this.#lastSeq = options.firstSeq - 1;
    const segments = options.segments ?? [];
    this.#figures = {
      sizeBytes: segments.reduce((sum, segment) => sum + segment.bytes, 0),
      oldestSeq: segments.length === 0 ? 0 : Math.min(...segments.map((s) => s.firstSeq)),
      syncs: 0,
      syncMs: 0,
    };
  }

  /** Makes the folder if need be. No file is created before the first record. */
  static async open(options: LogOptions): Promise<Log> {
    const isInline = options.threads === 'inline';
    const memory = newRingMemory(
      options.ringBytes ?? (isInline ? INLINE_RING_BYTES : WORKER_RING_BYTES),
    );
    const log = new Log(new RingProducer(memory), options);
    const writerOptions = {
      dir: options.dir,
      shard: 0,
      sync: options.sync,
      intervalMs: options.intervalMs,
      segmentBytes: Math.min(options.segmentBytes, MAX_SEGMENT_BYTES),
      segments: options.segments ?? [],
    };
    const settle = (completion: Completion): void => log.#settle(completion);
    const fail = (cause: unknown): void => log.#fail(cause);
    if (isInline) {
      const writer = new LogWriter(
        writerOptions,
        new RingConsumer(memory),
        options.fileSystem ?? nodeFileSystem,
        options.clock ?? systemClock,
        options.newSegmentId,
      );
      log.#engine = new InlineEngine(writer, settle, options.pump ?? 'auto');
    } else {
      log.#engine = await WorkerEngine.start({ options: writerOptions, memory }, settle, fail);
    }
    return log;
  }

  /**
   * Copies the record (its buffers are free on return) and resolves, in commitSeq order, once it is
   * durable, or with `interval` once it is written. Rejects with `unavailable`: LOG_DISK_FULL,
   * LOG_OVERLOADED, LOG_CLOSED (the record is certainly not in the log) or LOG_FAILED (it may be;
   * nothing will be acknowledged again); and with `limit`: LOG_RECORD_TOO_LARGE.
   */
  append(record: LogRecord): Promise<void> {
    const refusal = this.#refusal() ?? this.#put(record);
    return refusal === undefined ? this.#settlement() : Promise.reject(refusal);
  }

  #refusal(): AppError | undefined {
    return this.#failure ?? (this.#closing === undefined ? undefined : logClosed());
  }

  // Puts a record into the ring, or says why not.
  #put(record: LogRecord): AppError | undefined {
    if (record.commitSeq <= this.#lastSeq) {
      const message = `commitSeq ${record.commitSeq} after ${this.#lastSeq}: the log must grow`;
      return new AppError('internal', 'LOG_ORDER', message);
    }
    const length = recordBytes(record.rejected.length, record.body.length);
    if (length > this.#ring.maxEntryBytes) return recordTooLarge(length, this.#ring.maxEntryBytes);
    let offset = this.#ring.reserve(length);
    if (offset < 0) {
      this.#engine.relieve();
      offset = this.#ring.reserve(length);
      if (offset < 0) return logOverloaded();
    }
    layOutRecord(record, this.#ring.memory, offset);
    this.#ring.publish(EntryType.record);
    this.#lastSeq = record.commitSeq;
    return undefined;
  }

  // A promise for the entry just put. Entries are settled in the order in which they were put.
  #settlement(): Promise<void> {
    const promise = new Promise<void>((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
    if (this.#waiters.length - this.#settled === 1) this.#engine.hold(true);
    this.#engine.wake();
    return promise;
  }

  /**
   * Removes closed segments that hold nothing above `seq`; see `roll` for the present one. Rejects
   * with LOG_REMOVE if a file could not be removed; it will be tried again next time.
   */
  async truncate(seq: number): Promise<void> {
    await this.#command(EntryType.truncate, seq);
  }

  /** Closes the present segment; the next record starts a new one. */
  async roll(): Promise<void> {
    await this.#command(EntryType.roll, 0);
  }

  /**
   * Takes no more records, makes everything durable and marks the segment as complete. Resolves even
   * if the log has failed. Idempotent.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // Leaves `#closing` time to be set, so that nothing can be appended behind the command.
    await Promise.resolve();
    try {
      if (this.#failure === undefined) await this.#putCommand(EntryType.close, 0);
    } catch (error) {
      if (this.#failure === undefined) throw error;
    } finally {
      await this.#engine.stop();
    }
  }

  /** Stops at once, as a crash would; what is under way is never settled. For tests. */
  async abandon(): Promise<void> {
    this.#isAbandoned = true;
    this.#closing ??= Promise.resolve();
    await this.#engine.stop();
  }

  /** Writes everything that is waiting, now. Only with `inline`. */
  pump(): void {
    this.#engine.relieve();
  }

  /** Bytes of all segments. */
  sizeBytes(): number {
    return this.#figures.sizeBytes;
  }

  /** First commitSeq of the oldest segment, 0 if there is none. */
  oldestSeq(): number {
    return this.#figures.oldestSeq;
  }

  /** How many syncs there have been, and how long they took in all. */
  syncStats(): { readonly syncs: number; readonly syncMs: number } {
    const { syncs, syncMs } = this.#figures;
    return { syncs, syncMs };
  }

  async #command(type: EntryType, argument: number): Promise<void> {
    const refusal = this.#refusal();
    if (refusal !== undefined) throw refusal;
    await this.#putCommand(type, argument);
  }

  async #putCommand(type: EntryType, argument: number): Promise<void> {
    while (!this.#ring.putCommand(type, argument)) {
      this.#engine.relieve();
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#failure !== undefined) throw this.#failure;
    }
    const settled = this.#settlement();
    this.#engine.relieve();
    await settled;
  }

  #settle(completion: Completion): void {
    if (this.#isAbandoned) return;
    this.#figures = completion;
    const { failure } = completion;
    if (failure?.kind === 'fatal') {
      this.#fail(Object.assign(new Error(failure.message), { code: failure.code }));
      return;
    }
    const error = failure && toAppError(failure);
    const end = this.#settled + completion.entries;
    for (; this.#settled < end; this.#settled++) {
      const waiter = this.#waiters[this.#settled]!;
      if (error === undefined) waiter.resolve();
      else waiter.reject(error);
    }
    if (this.#settled === this.#waiters.length) {
      this.#waiters = [];
      this.#settled = 0;
      this.#engine.hold(false);
    } else if (this.#settled > 1024) {
      this.#waiters = this.#waiters.slice(this.#settled);
      this.#settled = 0;
    }
  }

  // The end: everything under way and everything to come is refused.
  #fail(cause: unknown): void {
    if (this.#failure !== undefined || this.#isAbandoned) return;
    const failure = logFailed(cause);
    this.#failure = failure;
    const waiters = this.#waiters.slice(this.#settled);
    this.#waiters = [];
    this.#settled = 0;
    for (const waiter of waiters) waiter.reject(failure);
    this.#engine?.hold(false);
    this.#onFatal(failure);
  }
}

type LogFigures = Pick<Completion, 'sizeBytes' | 'oldestSeq' | 'syncs' | 'syncMs'>;

function toAppError(failure: LogFailure): AppError {
  const cause = Object.assign(new Error(failure.message), { code: failure.code });
  if (failure.kind === 'diskFull') return logDiskFull(cause);
  return new AppError('unavailable', 'LOG_REMOVE', failure.message, cause);
}

type Settle = (completion: Completion) => void;

/** Runs the writer on this thread, at the end of each tick or when told to. */
class InlineEngine implements Engine {
  readonly #writer: LogWriter;
  readonly #settle: Settle;
  readonly #pumps: 'auto' | 'manual';
  #isScheduled = false;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(writer: LogWriter, settle: Settle, pumps: 'auto' | 'manual') {
    this.#writer = writer;
    this.#settle = settle;
    this.#pumps = pumps;
  }

  wake(): void {
    if (this.#isScheduled || this.#pumps === 'manual') return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.relieve();
    });
  }

  relieve(): void {
    if (this.#isStopped) return;
    for (;;) {
      const completion = this.#writer.step();
      if (completion === undefined) break;
      this.#settle(completion);
    }
    this.#syncLater();
  }

  // In interval mode the last write of a burst is synced although nothing follows it.
  #syncLater(): void {
    const ms = this.#writer.msUntilSync();
    if (this.#timer !== undefined || this.#pumps === 'manual' || ms === Number.POSITIVE_INFINITY) {
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.relieve();
    }, ms).unref();
  }

  hold(): void {}

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }
}

/** Runs the writer on a thread of its own. */
class WorkerEngine implements Engine {
  readonly #worker: Worker;
  readonly #ready: Promise<void>;
  readonly #exited: Promise<void>;
  #hasClosed = false;
  #isStopped = false;

  private constructor(data: LogWorkerData, settle: Settle, fail: (cause: unknown) => void) {
    const worker = startWorker('./log-worker.ts', import.meta.url, { workerData: data });
    this.#worker = worker;
    let isReady = false;
    this.#ready = new Promise((resolve, reject) => {
      worker.on('message', (message: Completion | typeof LOG_WRITER_READY) => {
        if (message === LOG_WRITER_READY) {
          isReady = true;
          resolve();
          return;
        }
        if (message.closed) this.#hasClosed = true;
        settle(message);
      });
      worker.on('error', (error) => (isReady ? fail(error) : reject(error)));
    });
    this.#exited = new Promise((resolve) => {
      worker.on('exit', (code) => {
        const isExpected = this.#hasClosed || this.#isStopped || !isReady;
        if (!isExpected) fail(new Error(`the log's thread ended by itself (${code})`));
        resolve();
      });
    });
  }

  /** Resolves once the thread takes entries; rejects if it cannot start. */
  static async start(
    data: LogWorkerData,
    settle: Settle,
    fail: (cause: unknown) => void,
  ): Promise<WorkerEngine> {
    const engine = new WorkerEngine(data, settle, fail);
    await engine.#ready;
    engine.#worker.unref();
    return engine;
  }

  // The ring itself wakes the thread.
  wake(): void {}

  relieve(): void {}

  hold(held: boolean): void {
    if (held) this.#worker.ref();
    else this.#worker.unref();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#worker.ref();
    // After a close the thread ends by itself.
    if (!this.#hasClosed) await this.#worker.terminate();
    await this.#exited;
  }
}
