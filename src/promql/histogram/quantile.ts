// Quantiles and fractions of native histograms, estimated from their buckets.

import { type Bucket, bucketAt, cutAtZeroBucket, zeroBucket } from './buckets.ts';
import type { FloatHistogram } from './float-histogram.ts';
import { fractionBelow, valueAtFraction } from './interpolation.ts';

/** An estimated quantile. */
export interface NativeQuantile {
  readonly value: number;
  /**
   * What NaN observations, which count as larger than all others, did to it: `result` if it lies among
   * them and is NaN, `skewed` if it is higher for them.
   */
  readonly nanObservations: 'none' | 'result' | 'skewed';
}

/** An estimated fraction. */
export interface NativeFraction {
  readonly value: number;
  /** There are NaN observations; they are in no fraction. */
  readonly hasNaNObservations: boolean;
}

/**
 * The value below which the fraction `q` of observations lies. In exponential buckets observations are
 * taken to be spread evenly over the logarithm, in custom ones and the zero bucket evenly. NaN for an
 * empty histogram or a `q` that is NaN; −Inf and +Inf for q < 0 and q > 1.
 */
export function nativeQuantile(q: number, h: FloatHistogram): NativeQuantile {
  if (q < 0) return plain(Number.NEGATIVE_INFINITY);
  if (q > 1) return plain(Number.POSITIVE_INFINITY);
  if (h.count === 0 || Number.isNaN(q)) return plain(Number.NaN);

  // Counting starts at the nearer end, where fewer rounding errors add up; but from below if NaN
  // observations are missing above.
  const hasNaNSum = Number.isNaN(h.sum);
  const isFromBelow = hasNaNSum || q < 0.5;
  const rank = (isFromBelow ? q : 1 - q) * h.count;
  const found = findRank(h, rank, isFromBelow);
  const bucket = withNaturalBounds(h, found.bucket);
  if (h.usesCustomBuckets) {
    if (bucket.lower === Number.NEGATIVE_INFINITY) return plain(bucket.upper);
    // Of a histogram without any bound, the only bucket has no finite value to give.
    const isLast = bucket.upper === Number.POSITIVE_INFINITY;
    if (isLast && h.customValues.length > 0) return plain(bucket.lower);
  }
  // Buckets may add up to more than the count, by rounding.
  const reached = Math.min(found.reached, h.count);
  if (reached < rank) {
    // All buckets together do not reach the rank: it lies among the NaN observations.
    if (hasNaNSum) return { value: Number.NaN, nanObservations: 'result' };
    return plain(bucket.upper);
  }
  const rankInBucket = isFromBelow ? rank - (reached - bucket.count) : reached - rank;
  return {
    value: valueAtFraction(bucket, rankInBucket / bucket.count, h.usesCustomBuckets),
    nanObservations: hasNaNSum && countInBuckets(h) < h.count ? 'skewed' : 'none',
  };
}

function plain(value: number): NativeQuantile {
  return { value, nanObservations: 'none' };
}

interface Rank {
  readonly bucket: Bucket;
  /** Observations from the end counted from, those of the bucket included. */
  readonly reached: number;
}

/** Stands for the bucket of a histogram that has none. */
const NO_BUCKET: Bucket = {
  lower: 0,
  upper: 0,
  lowerInclusive: false,
  upperInclusive: false,
  count: 0,
};

/** The bucket in which counting from one end reaches `rank`; the last one if none does. */
function findRank(h: FloatHistogram, rank: number, isFromBelow: boolean): Rank {
  const numBuckets = h.negativeBuckets.length + 1 + h.positiveBuckets.length;
  let reached = 0;
  let position = -1;
  for (let i = 0; i < numBuckets; i++) {
    const next = isFromBelow ? i : numBuckets - 1 - i;
    const count = countAt(h, next);
    if (count === 0) continue;
    position = next;
    reached += count;
    if (reached >= rank) break;
  }
  return { bucket: position < 0 ? NO_BUCKET : bucketAtPosition(h, position), reached };
}

// Positions are in ascending order of values: negative buckets, the zero bucket, positive buckets.

function countAt(h: FloatHistogram, position: number): number {
  const numNegative = h.negativeBuckets.length;
  if (position < numNegative) return h.negativeBuckets[numNegative - 1 - position]!;
  if (position > numNegative) return h.positiveBuckets[position - numNegative - 1]!;
  // After a subtraction it may be negative, and is then passed over.
  return h.zeroCount > 0 ? h.zeroCount : 0;
}

function bucketAtPosition(h: FloatHistogram, position: number): Bucket {
  const numNegative = h.negativeBuckets.length;
  if (position === numNegative) return zeroBucket(h);
  const side = position < numNegative ? 'negative' : 'positive';
  const i = side === 'negative' ? numNegative - 1 - position : position - numNegative - 1;
  const spans = side === 'negative' ? h.negativeSpans : h.positiveSpans;
  let index = 0;
  let before = 0;
  for (const { offset, length } of spans) {
    index += offset;
    if (i < before + length) {
      const bucket = bucketAt(h, side, index + i - before, countAt(h, position));
      return cutAtZeroBucket(bucket, h.zeroThreshold);
    }
    before += length;
    index += length;
  }
  return NO_BUCKET;
}

function countInBuckets(h: FloatHistogram): number {
  const numBuckets = h.negativeBuckets.length + 1 + h.positiveBuckets.length;
  let sum = 0;
  for (let position = 0; position < numBuckets; position++) sum += countAt(h, position);
  return sum;
}

/**
 * The zero bucket of a histogram that has only positive (or only negative) buckets starts (or ends) at 0;
 * so does the first custom bucket if it has positive values at all.
 */
function withNaturalBounds(h: FloatHistogram, bucket: Bucket): Bucket {
  if (h.usesCustomBuckets) {
    const isFirst = bucket.lower === Number.NEGATIVE_INFINITY;
    return isFirst && bucket.upper > 0 ? { ...bucket, lower: 0 } : bucket;
  }
  return bucket.lower < 0 && bucket.upper > 0 ? cutAtZero(h, bucket) : bucket;
}

/** A bucket around 0, cut where the histogram has buckets on one side only. */
function cutAtZero(h: FloatHistogram, bucket: Bucket): Bucket {
  const hasNegative = h.negativeBuckets.length > 0;
  const hasPositive = h.positiveBuckets.length > 0;
  if (hasPositive && !hasNegative) return { ...bucket, lower: 0 };
  if (hasNegative && !hasPositive) return { ...bucket, upper: 0 };
  return bucket;
}

/**
 * The fraction of observations between `lower` and `upper`, of all including NaN ones. NaN for an empty
 * histogram or a bound that is NaN, 0 if lower ≥ upper.
 */
export function nativeFraction(lower: number, upper: number, h: FloatHistogram): NativeFraction {
  if (h.count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) {
    return { value: Number.NaN, hasNaNObservations: false };
  }
  if (lower >= upper) return { value: 0, hasNaNObservations: false };
  const hasNaNSum = Number.isNaN(h.sum);
  const observed = hasNaNSum ? countInBuckets(h) : h.count;
  const buckets = h.buckets();
  const lowerRank = rankOf(h, buckets, lower, observed);
  const upperRank = rankOf(h, buckets, upper, observed);
  return {
    value: (upperRank - lowerRank) / h.count,
    hasNaNObservations: hasNaNSum && observed < h.count,
  };
}

/** How many observations are below `value`, at most `observed`. */
function rankOf(
  h: FloatHistogram,
  buckets: readonly Bucket[],
  value: number,
  observed: number,
): number {
  let rank = 0;
  for (const bucket of buckets) {
    const isAroundZero = bucket.lower <= 0 && bucket.upper >= 0;
    const { lower, upper, count } = isAroundZero ? cutAtZero(h, bucket) : bucket;
    if (lower >= value) return Math.min(rank, observed);
    if (upper > value) {
      // A first custom bucket has no lower end to interpolate from and counts as a whole.
      if (lower === Number.NEGATIVE_INFINITY) return Math.min(count, observed);
      const isLinear = h.usesCustomBuckets || isAroundZero;
      return Math.min(rank + count * fractionBelow({ lower, upper }, value, isLinear), observed);
    }
    rank += count;
  }
  return observed;
}
