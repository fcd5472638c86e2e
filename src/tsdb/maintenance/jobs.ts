// The jobs that maintenance threads run. Plain data in, plain data out.

import type { FileSystem } from '../../runtime/file-system.ts';
import { type FlushJob, type FlushResult, flushGeneration } from './flush.ts';
import { type MergeJob, type MergeResult, mergeParts } from './merge.ts';

export type Job = FlushJob | MergeJob;

export type JobResult<J extends Job> = J extends FlushJob ? FlushResult : MergeResult;

export function runJob<J extends Job>(fs: FileSystem, job: J): JobResult<J> {
  const result = job.kind === 'flush' ? flushGeneration(fs, job) : mergeParts(fs, job);
  return result as JobResult<J>;
}
