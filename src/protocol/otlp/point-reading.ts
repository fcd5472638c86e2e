// What the readers of data points in both encodings share.

import type { RawFloat64 } from '../../model/native-histogram.ts';
import { MAX_BUCKETS } from './limits.ts';
import type { ExponentialBuckets, Point } from './model.ts';

/** Of `flags`: there is no value any more. */
export const NO_RECORDED_VALUE = 1;

export const ZERO: RawFloat64 = { low: 0, high: 0 };

export const NO_BUCKETS: ExponentialBuckets = { offset: 0, counts: [] };

/** Readers keep one bucket more than may be, and so know that there were too many. */
export function bucketProblem(...numbers: readonly number[]): string | undefined {
  return Math.max(...numbers) > MAX_BUCKETS ? `it has more than ${MAX_BUCKETS} buckets` : undefined;
}

/** What all points have, while it is read. */
export type PointHead = { -readonly [K in keyof Point]: Point[K] };
