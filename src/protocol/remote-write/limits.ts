// Bounds of a remote-write request that its size in bytes does not give.

import { AppError } from '../../runtime/error.ts';

/**
 * Series entries in one request. Senders put a few thousand into one; without a bound a small body of
 * millions of empty entries would keep a server busy for minutes.
 */
export const MAX_SERIES_PER_REQUEST = 500_000;

export function tooManySeries(): AppError {
  return new AppError(
    'bad_data',
    'WRITE_TOO_MANY_SERIES',
    `more than ${MAX_SERIES_PER_REQUEST} series in one request: send smaller requests`,
  );
}
