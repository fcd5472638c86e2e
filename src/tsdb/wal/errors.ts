// Errors of the log.

import { AppError, errorMessage } from '../../runtime/error.ts';

/** The record is certainly not in the log; later ones may succeed. */
export function logDiskFull(cause: unknown): AppError {
  return new AppError(
    'unavailable',
    'LOG_DISK_FULL',
    `no space left for the write-ahead log: free some disk space, writing resumes by itself (${errorMessage(cause)})`,
    cause,
  );
}

/** The log cannot be trusted any more: nothing will be acknowledged until the process starts anew. */
export function logFailed(cause: unknown): AppError {
  return new AppError(
    'unavailable',
    'LOG_FAILED',
    `the write-ahead log failed and takes no more writes: ${errorMessage(cause)}; check the disk, then restart`,
    cause,
  );
}

/** More has been written than the disk takes at the moment. */
export function logOverloaded(): AppError {
  return new AppError(
    'unavailable',
    'LOG_OVERLOADED',
    'the disk does not keep up with the writes: try again later',
  );
}

export function logClosed(): AppError {
  return new AppError('unavailable', 'LOG_CLOSED', 'the write-ahead log has been closed');
}

export function recordTooLarge(bytes: number, limit: number): AppError {
  return new AppError(
    'limit',
    'LOG_RECORD_TOO_LARGE',
    `a write of ${bytes} bytes is too large for the write-ahead log (limit ${limit}): send smaller requests`,
  );
}

export function newerLogFormat(path: string, version: number, supported: number): AppError {
  return new AppError(
    'unsupported',
    'LOG_NEWER_FORMAT',
    `${path} needs a reader of log format ${version} or later, this program reads up to ${supported}: start the newer program again`,
  );
}
