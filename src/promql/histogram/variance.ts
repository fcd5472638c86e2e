// How far observations spread, estimated from the buckets of a native histogram.

import type { Bucket } from './buckets.ts';
import type { FloatHistogram } from './float-histogram.ts';
import { addCompensated } from './kahan.ts';

/** Estimated variance of the observations, taking every bucket's as one value in its middle. */
export function nativeStdvar(h: FloatHistogram): number {
  const mean = h.sum / h.count;
  const sums = [0];
  const compensations = [0];
  for (const bucket of h.buckets()) {
    const distance = middleOf(bucket, h.usesCustomBuckets) - mean;
    addCompensated(sums, compensations, 0, bucket.count * distance * distance);
  }
  return (sums[0]! + compensations[0]!) / h.count;
}

/** Estimated standard deviation: the root of {@link nativeStdvar}. */
export function nativeStddev(h: FloatHistogram): number {
  return Math.sqrt(nativeStdvar(h));
}

/** The arithmetic mean of custom bounds, the geometric one of exponential bounds, 0 around zero. */
function middleOf({ lower, upper }: Bucket, isCustom: boolean): number {
  if (isCustom) return (upper + lower) / 2;
  if (lower <= 0 && upper >= 0) return 0;
  const middle = Math.sqrt(upper * lower);
  return upper < 0 ? -middle : middle;
}
