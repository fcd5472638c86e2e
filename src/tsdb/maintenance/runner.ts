// Runs maintenance jobs (flushes, merges) off the ingest thread: one worker each, so that a long merge
// never holds up a flush. In inline mode, for tests, a job runs at once on this thread.

import type { Worker } from 'node:worker_threads';
import { AppError } from '../../runtime/error.ts';
import type { FileSystem } from '../../runtime/file-system.ts';
import { startWorker } from '../../runtime/workers.ts';
import { PartCorruptError } from '../partition/errors.ts';
import { type Job, type JobResult, runJob } from './jobs.ts';

/** What a thread says of an error; `path` names the part if one is damaged. */
interface JobFailure {
  readonly message: string;
  readonly code: string | undefined;
  readonly path: string | undefined;
}

interface Reply {
  readonly id: number;
  readonly result?: JobResult<Job>;
  readonly error?: JobFailure;
}

interface Waiting {
  resolve(result: JobResult<Job>): void;
  reject(error: unknown): void;
}

function errorOf({ message, code, path }: JobFailure): Error {
  if (path !== undefined) return new PartCorruptError(path, message.replace(`${path}: `, ''));
  return Object.assign(new Error(message), { code });
}

export interface JobRunner {
  /** Runs a job after those given before; rejects with what it threw. */
  run<J extends Job>(job: J): Promise<JobResult<J>>;
  close(): Promise<void>;
}

/** Runs jobs at once on this thread. */
export class InlineRunner implements JobRunner {
  readonly #fs: FileSystem;

  constructor(fs: FileSystem) {
    this.#fs = fs;
  }

  async run<J extends Job>(job: J): Promise<JobResult<J>> {
    return runJob(this.#fs, job);
  }

  async close(): Promise<void> {}
}

/** Runs jobs one after another on a thread that is started by the first. */
export class WorkerRunner implements JobRunner {
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;

  run<J extends Job>(job: J): Promise<JobResult<J>> {
    const worker = this.#start();
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      worker.postMessage({ id, job });
    });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
    this.#failAll(new AppError('unavailable', 'TSDB_CLOSED', 'the store is closing'));
  }

  #start(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = startWorker('./worker.ts', import.meta.url);
    worker.on('message', (reply: Reply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if (reply.error === undefined) waiting?.resolve(reply.result!);
      else waiting?.reject(errorOf(reply.error));
    });
    worker.on('error', (error) => {
      // The next job starts a new thread; the data of the failed one is still in the log or the inputs.
      if (this.#worker === worker) this.#worker = undefined;
      this.#failAll(error);
    });
    this.#worker = worker;
    return worker;
  }

  #failAll(error: unknown): void {
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
