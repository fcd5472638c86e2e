// Buckets with their bounds, as they are shown and interpolated in.

import { formatG } from '../../model/go-text.ts';
import { CUSTOM_BUCKETS_SCHEMA } from '../../model/native-histogram.ts';
import type { FloatHistogram } from './float-histogram.ts';
import { exponentialBound } from './schema.ts';

/** `count` observations between `lower` and `upper`. */
export interface Bucket {
  readonly lower: number;
  readonly upper: number;
  readonly lowerInclusive: boolean;
  readonly upperInclusive: boolean;
  readonly count: number;
}

export type Side = 'positive' | 'negative';

/** The bucket `index` of one side, its bounds as the schema has them. */
export function bucketAt(h: FloatHistogram, side: Side, index: number, count: number): Bucket {
  const { schema } = h;
  if (schema === CUSTOM_BUCKETS_SCHEMA) {
    const lower = index === 0 ? Number.NEGATIVE_INFINITY : customBound(h.customValues, index - 1);
    const upper = customBound(h.customValues, index);
    return { lower, upper, lowerInclusive: index === 0, upperInclusive: true, count };
  }
  const outer = exponentialBound(index, schema);
  const inner = exponentialBound(index - 1, schema);
  return side === 'positive'
    ? { lower: inner, upper: outer, lowerInclusive: false, upperInclusive: true, count }
    : { lower: -outer, upper: -inner, lowerInclusive: true, upperInclusive: false, count };
}

function customBound(bounds: readonly number[], index: number): number {
  return bounds[index] ?? Number.POSITIVE_INFINITY;
}

/** The buckets of one side that are not empty, away from zero. */
export function bucketsOfSide(h: FloatHistogram, side: Side): Bucket[] {
  const counts = side === 'positive' ? h.positiveBuckets : h.negativeBuckets;
  const buckets: Bucket[] = [];
  let index = 0;
  let i = 0;
  for (const { offset, length } of side === 'positive' ? h.positiveSpans : h.negativeSpans) {
    index += offset;
    for (const end = i + length; i < end; i++, index++) {
      const count = counts[i]!;
      if (count !== 0) buckets.push(bucketAt(h, side, index, count));
    }
  }
  return buckets;
}

/** The zero bucket of an exponential histogram. */
export function zeroBucket(h: FloatHistogram): Bucket {
  return {
    lower: -h.zeroThreshold,
    upper: h.zeroThreshold,
    lowerInclusive: true,
    upperInclusive: true,
    count: h.zeroCount,
  };
}

/** A bucket that the zero bucket reaches into, cut at the zero threshold. */
export function cutAtZeroBucket(bucket: Bucket, zeroThreshold: number): Bucket {
  if (bucket.upper < 0 && bucket.upper > -zeroThreshold) {
    return { ...bucket, upper: -zeroThreshold };
  }
  if (bucket.lower > 0 && bucket.lower < zeroThreshold) {
    return { ...bucket, lower: zeroThreshold };
  }
  return bucket;
}

/** See {@link FloatHistogram.buckets}. A zero bucket with a negative count (after a subtraction) is left out. */
export function ascendingBuckets(h: FloatHistogram): Bucket[] {
  const buckets = bucketsOfSide(h, 'negative').reverse();
  const negatives = buckets.length;
  if (h.zeroCount > 0) buckets.push(zeroBucket(h));
  for (const bucket of bucketsOfSide(h, 'positive')) buckets.push(bucket);
  if (h.zeroThreshold === 0) return buckets;
  const firstPositive = negatives + (h.zeroCount > 0 ? 1 : 0);
  return buckets.map((bucket, i) =>
    i < negatives || i >= firstPositive ? cutAtZeroBucket(bucket, h.zeroThreshold) : bucket,
  );
}

/** `(0.5,1]:2` */
export function printBucket(bucket: Bucket): string {
  const open = bucket.lowerInclusive ? '[' : '(';
  const close = bucket.upperInclusive ? ']' : ')';
  return `${open}${formatG(bucket.lower)},${formatG(bucket.upper)}${close}:${formatG(bucket.count)}`;
}
