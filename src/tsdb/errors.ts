// Errors of the engine as a whole.

import { AppError, errorMessage, systemErrorCode } from '../runtime/error.ts';
import { unavailable } from '../storage/errors.ts';

/** The same error, but a full disk as what it is to a caller: a reason to come again later. */
export function withDiskFullNamed(error: unknown): unknown {
  const code = systemErrorCode(error);
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return unavailable(
    'TSDB_DISK_FULL',
    `no space left: free some disk space, then try again (${errorMessage(error)})`,
    error,
  );
}

/** A caller's mistake: what a closed querier has found is not to be read any more. */
export function querierClosed(): AppError {
  return new AppError('internal', 'TSDB_QUERIER_CLOSED', 'querier is closed');
}
