// Bucket bounds of exponential schemas: bucket i of schema s reaches from 2^((i−1)/2^s), exclusive, to
// 2^(i/2^s), inclusive; on the negative side mirrored.

import { BOUNDS_OF_SCHEMA_8 } from './exponential-bounds.ts';
import { type SparseBuckets, sparseBuckets } from './spans.ts';

const FINEST_SCHEMA = 8;

/** Below this exponent a power of two may be subnormal; a product is rounded twice there. */
const MIN_SAFE_EXPONENT = -900;

/**
 * The upper bound of bucket `index` on the positive side. The bucket below +Inf ends at the largest
 * finite number, so that only infinities fall into the one above it. `schema` must be −4…8.
 */
export function exponentialBound(index: number, schema: number): number {
  if (schema < 0) {
    const exponent = index * 2 ** -schema;
    return exponent === 1024 ? Number.MAX_VALUE : 2 ** exponent;
  }
  const perOctave = 2 ** schema;
  const octave = Math.floor(index / perOctave);
  const fraction = BOUNDS_OF_SCHEMA_8[(index - octave * perOctave) << (FINEST_SCHEMA - schema)]!;
  if (octave === 1024 && fraction === 0.5) return Number.MAX_VALUE;
  if (octave < MIN_SAFE_EXPONENT) return 2 * fraction * 2 ** (octave + 200) * 2 ** -200;
  return 2 * fraction * 2 ** octave;
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
