// Errors of the engine as a whole.

import { errorMessage, systemErrorCode } from '../runtime/error.ts';
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
