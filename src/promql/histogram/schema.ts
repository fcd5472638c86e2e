// Bucket bounds of exponential schemas: bucket i of schema s reaches from 2^((i−1)/2^s), exclusive, to
// 2^(i/2^s), inclusive; on the negative side mirrored.

import { BOUNDS_OF_SCHEMA_8 } from './exponential-bounds.ts';
import { type SparseBuckets, sparseBuckets } from './spans.ts';

const FINEST_SCHEMA = 8;

/** Exponents of the smallest and the largest power of two that is a number. */
const MIN_EXPONENT = -1074;
const MAX_EXPONENT = 1023;

/** Powers of two by exponent − MIN_EXPONENT: looking one up takes a fiftieth of the time of `**`. */
const POWERS: Float64Array = Float64Array.from(
  { length: MAX_EXPONENT - MIN_EXPONENT + 1 },
  (_, i) => 2 ** (i + MIN_EXPONENT),
);

/**
 * The upper bound of bucket `index` on the positive side. The bucket below +Inf ends at the largest
 * finite number, so that only infinities fall into the one above it. `schema` must be −4…8.
 */
export function exponentialBound(index: number, schema: number): number {
  if (schema < 0) return timesPowerOfTwo(1, index * (1 << -schema));
  const octave = Math.floor(index / (1 << schema));
  const fraction =
    BOUNDS_OF_SCHEMA_8[(index - octave * (1 << schema)) << (FINEST_SCHEMA - schema)]!;
  return timesPowerOfTwo(2 * fraction, octave);
}

/** `factor`, in [1, 2), times 2^exponent. 2^1024 itself, the first that is none, is the largest number. */
function timesPowerOfTwo(factor: number, exponent: number): number {
  if (exponent > MAX_EXPONENT) {
    return exponent === MAX_EXPONENT + 1 && factor === 1
      ? Number.MAX_VALUE
      : Number.POSITIVE_INFINITY;
  }
  // The largest that is rounded to 0 is half of the smallest number.
  if (exponent < MIN_EXPONENT) {
    return exponent === MIN_EXPONENT - 1 && factor > 1 ? Number.MIN_VALUE : 0;
  }
  return factor * POWERS[exponent - MIN_EXPONENT]!;
}

/** The bucket that bucket `index` falls into where 2^shift buckets become one. */
export function coarserIndex(index: number, shift: number): number {
  // Adding 0 turns the −0 of Math.ceil into 0.
  return Math.ceil(index / 2 ** shift) + 0;
}

/** The buckets of one side at schema `toSchema` ≤ `fromSchema`, both exponential. */
export function reduceSchema(
  buckets: SparseBuckets,
  fromSchema: number,
  toSchema: number,
): SparseBuckets {
  if (fromSchema === toSchema || buckets.counts.length === 0) return buckets;
  const shift = fromSchema - toSchema;
  const indexes: number[] = [];
  const counts: number[] = [];
  let index = 0;
  let i = 0;
  for (const { offset, length } of buckets.spans) {
    index += offset;
    for (const end = i + length; i < end; i++, index++) {
      const target = coarserIndex(index, shift);
      const last = indexes.length - 1;
      if (last >= 0 && indexes[last] === target) counts[last]! += buckets.counts[i]!;
      else {
        indexes.push(target);
        counts.push(buckets.counts[i]!);
      }
    }
  }
  return sparseBuckets(indexes, counts);
}
