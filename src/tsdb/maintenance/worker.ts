// The maintenance thread: takes jobs by message, answers each with its result or its error.

import { parentPort } from 'node:worker_threads';
import { errorMessage, systemErrorCode } from '../../runtime/error.ts';
import { nodeFileSystem } from '../../runtime/file-system.ts';
import { PartCorruptError } from '../partition/errors.ts';
import { type Job, runJob } from './jobs.ts';

parentPort?.on('message', ({ id, job }: { id: number; job: Job }) => {
  try {
    parentPort?.postMessage({ id, result: runJob(nodeFileSystem, job) });
  } catch (error) {
    // Errors lose their class on the way to the other thread, so what matters goes as plain data.
    const path = error instanceof PartCorruptError ? error.path : undefined;
    const failure = { message: errorMessage(error), code: systemErrorCode(error), path };
    parentPort?.postMessage({ id, error: failure });
  }
});
