// Which native histograms may be stored (the rules of Prometheus), and the reduction of resolutions
// finer than it stores.

import {
  type BucketSpan,
  CUSTOM_BUCKETS_SCHEMA,
  floatOfRaw,
  type NativeHistogram,
} from './native-histogram.ts';
import { isStaleHistogram } from './native-histogram-stale.ts';

/** The coarsest exponential schema. */
export const MIN_EXPONENTIAL_SCHEMA = -4;
/** The finest exponential schema that is stored. */
export const MAX_EXPONENTIAL_SCHEMA = 8;
/** The finest schema that is accepted and then reduced to {@link MAX_EXPONENTIAL_SCHEMA}. */
export const MAX_REDUCIBLE_SCHEMA = 52;

/**
 * Why a histogram must be refused, or undefined if it may be stored (after {@link reduceResolution}).
 * Stale markers are accepted as they are.
 */
export function validateHistogram(histogram: NativeHistogram): string | undefined {
  if (isStaleHistogram(histogram)) return undefined;
  const { schema } = histogram;
  if (schema === CUSTOM_BUCKETS_SCHEMA) {
    return checkCustom(histogram) ?? checkCounts(histogram);
  }
  if (schema >= MIN_EXPONENTIAL_SCHEMA && schema <= MAX_REDUCIBLE_SCHEMA) {
    return checkExponential(histogram) ?? checkCounts(histogram);
  }
  return `histogram has an invalid schema, which must be between ${MIN_EXPONENTIAL_SCHEMA} and ${MAX_REDUCIBLE_SCHEMA} for exponential buckets, or ${CUSTOM_BUCKETS_SCHEMA} for custom buckets, got schema ${schema}`;
}

function checkExponential(histogram: NativeHistogram): string | undefined {
  if (histogram.customValues.length > 0) {
    return 'histogram with exponential schema must not have custom bounds';
  }
  return (
    checkSpans('positive', histogram.positiveSpans, histogram.positiveCounts.length) ??
    checkSpans('negative', histogram.negativeSpans, histogram.negativeCounts.length)
  );
}

function checkCustom(histogram: NativeHistogram): string | undefined {
  const bounds = histogram.customValues;
  for (let i = 0; i < bounds.length; i++) {
    if (!Number.isFinite(bounds[i]!)) return 'custom buckets: bounds must be finite';
    if (i > 0 && bounds[i]! <= bounds[i - 1]!) {
      return `custom buckets: bounds must be in strictly increasing order, ${bounds[i]} follows ${bounds[i - 1]}`;
    }
  }
  if (Number(histogram.zeroCount) !== 0) return 'custom buckets: must have zero count of 0';
  if (histogram.zeroThreshold !== 0) return 'custom buckets: must have zero threshold of 0';
  if (histogram.negativeSpans.length > 0) return 'custom buckets: must not have negative spans';
  if (histogram.negativeCounts.length > 0) return 'custom buckets: must not have negative buckets';
  const spans = histogram.positiveSpans;
  if ((spans[0]?.offset ?? 0) < 0) {
    return `custom buckets: span number 1 has negative offset ${spans[0]!.offset}`;
  }
  const mismatch = checkSpans('positive', spans, histogram.positiveCounts.length);
  if (mismatch) return mismatch;
  let reach = 0;
  for (const span of spans) reach += span.offset + span.length;
  if (reach <= bounds.length + 1) return undefined;
  return `custom buckets: only ${bounds.length} custom bounds defined, which is insufficient to cover total span length of ${reach}`;
}

function checkSpans(
  side: string,
  spans: readonly BucketSpan[],
  numBuckets: number,
): string | undefined {
  let need = 0;
  for (let i = 0; i < spans.length; i++) {
    const { offset, length } = spans[i]!;
    if (i > 0 && offset < 0) {
      return `${side} side: span number ${i + 1} has negative offset ${offset}`;
    }
    need += length;
  }
  if (need === numBuckets) return undefined;
  return `${side} side: spans need ${need} buckets, have ${numBuckets} buckets`;
}

function checkCounts(histogram: NativeHistogram): string | undefined {
  if (histogram.kind === 'float') {
    // NaN counts pass, as they do in Prometheus.
    if (histogram.count < 0) return `observation count is ${histogram.count}, which is negative`;
    if (histogram.zeroCount < 0) {
      return `zero bucket has observation count of ${histogram.zeroCount}, which is negative`;
    }
    return (
      findNegative('positive', histogram.positiveCounts) ??
      findNegative('negative', histogram.negativeCounts)
    );
  }
  const negative =
    findNegative('positive', histogram.positiveCounts) ??
    findNegative('negative', histogram.negativeCounts);
  if (negative) return negative;
  let found = histogram.zeroCount;
  for (const count of histogram.positiveCounts) found += count;
  for (const count of histogram.negativeCounts) found += count;
  // A NaN observation counts, makes the sum NaN, and is in no bucket.
  const hasNaN = Number.isNaN(floatOfRaw(histogram.sum));
  if (hasNaN ? found <= histogram.count : found === histogram.count) return undefined;
  return `${found} observations found in buckets, but the count is ${histogram.count}`;
}

function findNegative(
  side: string,
  counts: readonly bigint[] | readonly number[],
): string | undefined {
  const at = (counts as readonly (bigint | number)[]).findIndex((count) => count < 0);
  if (at < 0) return undefined;
  return `${side} side: bucket number ${at + 1} has observation count of ${counts[at]}, which is negative`;
}

/**
 * The histogram at no finer a schema than `maxSchema`, which must be exponential. Neighbouring buckets
 * are added up; nothing else changes, not even the reset hint. Returns the same object if there is
 * nothing to do. Spans and buckets must fit each other ({@link validateHistogram}).
 */
export function reduceResolution(histogram: NativeHistogram, maxSchema: number): NativeHistogram {
  if (histogram.schema <= maxSchema || isStaleHistogram(histogram)) return histogram;
  const shift = histogram.schema - maxSchema;
  if (histogram.kind === 'integer') {
    const positive = mergeBuckets(histogram.positiveSpans, histogram.positiveCounts, shift, addBig);
    const negative = mergeBuckets(histogram.negativeSpans, histogram.negativeCounts, shift, addBig);
    return {
      ...histogram,
      schema: maxSchema,
      positiveSpans: positive.spans,
      positiveCounts: positive.counts,
      negativeSpans: negative.spans,
      negativeCounts: negative.counts,
    };
  }
  const positive = mergeBuckets(histogram.positiveSpans, histogram.positiveCounts, shift, addFloat);
  const negative = mergeBuckets(histogram.negativeSpans, histogram.negativeCounts, shift, addFloat);
  return {
    ...histogram,
    schema: maxSchema,
    positiveSpans: positive.spans,
    positiveCounts: positive.counts,
    negativeSpans: negative.spans,
    negativeCounts: negative.counts,
  };
}

const addBig = (a: bigint, b: bigint): bigint => a + b;
const addFloat = (a: number, b: number): number => a + b;

/** Adds up runs of 2^shift buckets. Bucket i goes to bucket ⌈i / 2^shift⌉, whose upper bound is the same. */
function mergeBuckets<Count>(
  spans: readonly BucketSpan[],
  counts: readonly Count[],
  shift: number,
  add: (a: Count, b: Count) => Count,
): { spans: BucketSpan[]; counts: Count[] } {
  const mergedSpans: { offset: number; length: number }[] = [];
  const mergedCounts: Count[] = [];
  const divisor = 2 ** shift;
  let bucket = 0;
  let next = 0;
  let last = 0;
  for (const { offset, length } of spans) {
    bucket += offset;
    for (let i = 0; i < length && next < counts.length; i++, bucket++, next++) {
      // Adding 0 turns the -0 of Math.ceil into 0.
      const target = Math.ceil(bucket / divisor) + 0;
      const count = counts[next]!;
      if (mergedSpans.length === 0) {
        mergedSpans.push({ offset: target, length: 1 });
        mergedCounts.push(count);
      } else if (target === last) {
        const at = mergedCounts.length - 1;
        mergedCounts[at] = add(mergedCounts[at]!, count);
      } else if (target === last + 1) {
        mergedSpans[mergedSpans.length - 1]!.length++;
        mergedCounts.push(count);
      } else {
        mergedSpans.push({ offset: target - last - 1, length: 1 });
        mergedCounts.push(count);
      }
      last = target;
    }
  }
  return { spans: mergedSpans, counts: mergedCounts };
}
