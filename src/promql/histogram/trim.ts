// The operators `</` and `>/`: only observations below, or above, a value are kept.

import { type Bucket, bucketAt, type Side, zeroBucket } from './buckets.ts';
import { FloatHistogram } from './float-histogram.ts';
import { fractionBelow } from './interpolation.ts';

/** `h </ value`: without the observations estimated to be above `value`. Compact if anything was cut. */
export function trimUpper(h: FloatHistogram, value: number): FloatHistogram {
  return trim(h, value, 'below');
}

/** `h >/ value`: without the observations estimated to be below `value`. Compact if anything was cut. */
export function trimLower(h: FloatHistogram, value: number): FloatHistogram {
  return trim(h, value, 'above');
}

type Keep = 'below' | 'above';

/** What is left of a bucket, all at one value to make up the new sum. */
interface Kept {
  readonly count: number;
  readonly middle: number;
}

const NOTHING: Kept = { count: 0, middle: 0 };

/** Running totals of what is kept. */
interface Totals {
  count: number;
  sum: number;
  isCut: boolean;
}

function trim(h: FloatHistogram, value: number, keep: Keep): FloatHistogram {
  const totals: Totals = { count: 0, sum: 0, isCut: false };
  const positiveBuckets = trimSide(h, 'positive', value, keep, totals);
  const negativeBuckets = trimSide(h, 'negative', value, keep, totals);
  let { zeroCount } = h;
  if (zeroCount > 0) {
    const kept = trimZeroBucket(h, value, keep);
    if (!Object.is(kept.count, zeroCount)) totals.isCut = true;
    zeroCount = kept.count;
    totals.count += kept.count;
    totals.sum += kept.count * kept.middle;
  }
  // The sum is known exactly as long as nothing was cut, and estimated otherwise.
  if (!totals.isCut) return h;
  return new FloatHistogram({
    ...h,
    count: totals.count,
    sum: totals.sum,
    zeroCount,
    positiveBuckets,
    negativeBuckets,
  }).compact();
}

function trimSide(
  h: FloatHistogram,
  side: Side,
  value: number,
  keep: Keep,
  totals: Totals,
): number[] {
  const counts = (side === 'positive' ? h.positiveBuckets : h.negativeBuckets).slice();
  let index = 0;
  let i = 0;
  for (const { offset, length } of side === 'positive' ? h.positiveSpans : h.negativeSpans) {
    index += offset;
    for (const end = i + length; i < end; i++, index++) {
      const count = counts[i]!;
      if (count === 0) continue;
      const bucket = bucketAt(h, side, index, count);
      const kept = trimBucket(bucket, side, value, keep, h.usesCustomBuckets);
      if (!Object.is(kept.count, count)) totals.isCut = true;
      counts[i] = kept.count;
      totals.count += kept.count;
      totals.sum += kept.count * kept.middle;
    }
  }
  return counts;
}

function trimBucket(
  bucket: Bucket,
  side: Side,
  value: number,
  keep: Keep,
  isCustom: boolean,
): Kept {
  const { lower, upper, count } = bucket;
  if (keep === 'below' ? upper <= value : lower >= value) {
    return { count, middle: middleOf(lower, upper, side, isCustom) };
  }
  const isInside = keep === 'below' ? lower < value : upper > value;
  if (!isInside) return NOTHING;
  if (lower === Number.NEGATIVE_INFINITY) return trimFirst(bucket, value, keep);
  if (upper === Number.POSITIVE_INFINITY) return trimLast(bucket, value, keep);
  const below = value <= lower ? 0 : count * fractionBelow(bucket, value, isCustom);
  return keep === 'below'
    ? { count: below, middle: middleOf(lower, value, side, isCustom) }
    : { count: count - below, middle: middleOf(value, upper, side, isCustom) };
}

/**
 * A bucket without lower end that is cut. If it has positive values it is taken to start at 0;
 * otherwise nobody knows how its observations lie around `value`.
 */
function trimFirst({ upper, count }: Bucket, value: number, keep: Keep): Kept {
  const startsAtZero = upper > 0 && upper !== Number.POSITIVE_INFINITY;
  if (keep === 'below') {
    if (startsAtZero && value > 0) return { count: (count * value) / upper, middle: value / 2 };
    return upper <= 0 ? { count, middle: value } : NOTHING;
  }
  if (startsAtZero && value >= 0) {
    return { count: count * (1 - value / upper), middle: (value + upper) / 2 };
  }
  return NOTHING;
}

/** A bucket without upper end that is cut: kept as a whole if all that is known of it lies above. */
function trimLast({ lower, count }: Bucket, value: number, keep: Keep): Kept {
  return keep === 'above' && value >= lower ? { count, middle: value } : NOTHING;
}

function trimZeroBucket(h: FloatHistogram, value: number, keep: Keep): Kept {
  const { count, lower: least, upper: greatest } = zeroBucket(h);
  const hasNegative = h.negativeBuckets.some((bucketCount) => bucketCount !== 0);
  const hasPositive = h.positiveBuckets.some((bucketCount) => bucketCount !== 0);
  const lower = hasPositive && !hasNegative ? 0 : least;
  const upper = hasNegative && !hasPositive ? 0 : greatest;
  const all = { count, middle: (lower + upper) / 2 };
  if (value <= lower) return keep === 'below' ? NOTHING : all;
  if (value >= upper) return keep === 'below' ? all : NOTHING;
  return keep === 'below'
    ? { count: (count * (value - lower)) / (upper - lower), middle: (lower + value) / 2 }
    : { count: (count * (upper - value)) / (upper - lower), middle: (value + upper) / 2 };
}

/** One value for all observations between two bounds, as they are spread there. */
function middleOf(lower: number, upper: number, side: Side, isCustom: boolean): number {
  if (lower === Number.NEGATIVE_INFINITY) {
    if (upper === Number.POSITIVE_INFINITY) return 0;
    return upper > 0 ? upper / 2 : upper;
  }
  if (upper === Number.POSITIVE_INFINITY) return lower;
  if (isCustom) return (lower + upper) / 2;
  const geometric = Math.sqrt(Math.abs(lower * upper));
  return side === 'positive' ? geometric : -geometric;
}
