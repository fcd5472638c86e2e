// Bounds of a request that its size in bytes does not give.

import { AppError } from '../../runtime/error.ts';

/**
 * Series of one request. SDKs and collectors send a few thousand; without a bound a small body of millions of
 * empty points would fill memory.
 */
export const MAX_SERIES_PER_REQUEST = 500_000;

/**
 * Resources, scopes, metrics and points of one request together. Those that are empty or refused make no series, but
 * take time.
 */
export const MAX_ENTRIES_PER_REQUEST = 1_000_000;

/** Arrays and maps within the value of an attribute. Real ones have two or three levels. */
export const MAX_VALUE_DEPTH = 32;

/** Attributes of one thing. SDKs keep at most 128 by default. */
export const MAX_ATTRIBUTES = 1024;

/** Buckets on one side of a histogram, quantiles of a summary. SDKs keep at most 160 by default. */
export const MAX_BUCKETS = 65_536;

/** Exemplars of one point; further ones are left out and counted. SDKs keep one for each bucket at most. */
export const MAX_EXEMPLARS = 4096;

export function tooManySeries(): AppError {
  return new AppError(
    'bad_data',
    'OTLP_TOO_MANY_SERIES',
    `the request would make more than ${MAX_SERIES_PER_REQUEST} series: send smaller batches`,
  );
}

export function tooManyEntries(): AppError {
  return new AppError(
    'bad_data',
    'OTLP_TOO_MANY_ENTRIES',
    `the request has more than ${MAX_ENTRIES_PER_REQUEST} resources, scopes, metrics and points: send smaller batches`,
  );
}
