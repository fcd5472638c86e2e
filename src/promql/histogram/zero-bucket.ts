// Zero buckets of different widths: before histograms are added or compared, the narrower one is widened,
// up to where no bucket with observations is cut in two.

import { exponentialBound } from './schema.ts';
import { bucketIndexes, type SparseBuckets, sparseBuckets } from './spans.ts';

/** What of an exponential histogram changes when its zero bucket does. */
export interface ZeroAndBuckets {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly positive: SparseBuckets;
  readonly negative: SparseBuckets;
}

/**
 * The smallest zero threshold, at least `threshold`, that lies inside no bucket with observations of
 * either side.
 */
export function clearThreshold(
  h: Pick<ZeroAndBuckets, 'schema' | 'positive' | 'negative'>,
  threshold: number,
): number {
  let result = threshold;
  for (;;) {
    const next = Math.max(
      upperBoundAround(h.positive, h.schema, result),
      upperBoundAround(h.negative, h.schema, result),
    );
    if (next === result) return result;
    result = next;
  }
}

/** The upper bound (in absolute terms) of the populated bucket that `value` is inside of, else `value`. */
function upperBoundAround(buckets: SparseBuckets, schema: number, value: number): number {
  let index = 0;
  let i = 0;
  for (const { offset, length } of buckets.spans) {
    index += offset;
    for (const end = i + length; i < end; i++, index++) {
      if (exponentialBound(index - 1, schema) >= value) return value;
      if (buckets.counts[i] === 0) continue;
      const upper = exponentialBound(index, schema);
      if (upper > value) return upper;
    }
  }
  return value;
}

/** How many of the leading buckets lie within [0, threshold], which must be a {@link clearThreshold}. */
export function bucketsWithin(
  spans: SparseBuckets['spans'],
  schema: number,
  threshold: number,
): number {
  let index = 0;
  let within = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (const end = index + length; index < end; index++) {
      if (exponentialBound(index - 1, schema) >= threshold) return within;
      within++;
    }
  }
  return within;
}

/** The histogram with a zero bucket of at least `threshold`; what lies within it moves there. */
export function widenZeroBucket(h: ZeroAndBuckets, threshold: number): ZeroAndBuckets {
  if (threshold === h.zeroThreshold) return h;
  const zeroThreshold = clearThreshold(h, threshold);
  const numPositive = bucketsWithin(h.positive.spans, h.schema, zeroThreshold);
  const numNegative = bucketsWithin(h.negative.spans, h.schema, zeroThreshold);
  let { zeroCount } = h;
  for (let i = 0; i < numPositive; i++) zeroCount += h.positive.counts[i]!;
  for (let i = 0; i < numNegative; i++) zeroCount += h.negative.counts[i]!;
  return {
    schema: h.schema,
    zeroThreshold,
    zeroCount,
    positive: withoutFirst(h.positive, numPositive),
    negative: withoutFirst(h.negative, numNegative),
  };
}

/** The buckets without the first `n`. */
function withoutFirst(buckets: SparseBuckets, n: number): SparseBuckets {
  if (n === 0) return buckets;
  return sparseBuckets(bucketIndexes(buckets.spans).slice(n), buckets.counts.slice(n));
}

/**
 * Leaves out leading buckets that end within the zero bucket. A sound histogram has none; of one that
 * has, Prometheus ignores them when it is added to another.
 */
export function withoutHidden(
  buckets: SparseBuckets,
  schema: number,
  zeroThreshold: number,
): SparseBuckets {
  if (zeroThreshold === 0) return buckets;
  let hidden = 0;
  let index = 0;
  for (const { offset, length } of buckets.spans) {
    index += offset;
    for (const end = index + length; index < end; index++) {
      if (exponentialBound(index, schema) > zeroThreshold) return withoutFirst(buckets, hidden);
      hidden++;
    }
  }
  return withoutFirst(buckets, hidden);
}
