// Points of histograms as native histograms.

import {
  CUSTOM_BUCKETS_SCHEMA,
  type IntegerHistogram,
  type RawFloat64,
  ResetHint,
  rawFloat64,
} from '../../model/native-histogram.ts';
import {
  MAX_EXPONENTIAL_SCHEMA,
  MIN_EXPONENTIAL_SCHEMA,
} from '../../model/native-histogram-validate.ts';
import { sparseCustom, sparseExponential } from './buckets.ts';
import type { ExponentialPoint, HistogramPoint } from './model.ts';

/** Width of the zero bucket where a sender names none: Prometheus' own for what comes by OTLP. */
const DEFAULT_ZERO_THRESHOLD = 1e-128;

const NO_SUM: RawFloat64 = rawFloat64(0);

/** Of points that tell changes: neither comparable to the one before nor a counter. */
function hintOf(isDelta: boolean): ResetHint {
  return isDelta ? ResetHint.gauge : ResetHint.unknown;
}

/** Scales finer than 8 are reduced to it. A text tells why a point cannot be stored. */
export function exponentialHistogram(
  point: ExponentialPoint,
  isDelta: boolean,
): IntegerHistogram | string {
  const { scale, zeroThreshold } = point;
  if (scale < MIN_EXPONENTIAL_SCHEMA) {
    return `scale ${scale} is too coarse for a native histogram: it must be ${MIN_EXPONENTIAL_SCHEMA} or more`;
  }
  const schema = Math.min(scale, MAX_EXPONENTIAL_SCHEMA);
  const positive = sparseExponential(point.positive, scale - schema);
  const negative = sparseExponential(point.negative, scale - schema);
  if (positive === undefined || negative === undefined) {
    return 'the index of a bucket is out of range';
  }
  const isThreshold = zeroThreshold > 0 && Number.isFinite(zeroThreshold);
  return {
    kind: 'integer',
    resetHint: hintOf(isDelta),
    schema,
    zeroThreshold: isThreshold ? zeroThreshold : DEFAULT_ZERO_THRESHOLD,
    zeroCount: BigInt(point.zeroCount),
    count: BigInt(point.count),
    sum: point.sum ?? NO_SUM,
    positiveSpans: positive.spans,
    positiveCounts: positive.counts,
    negativeSpans: negative.spans,
    negativeCounts: negative.counts,
    customValues: [],
  };
}

/** Explicit bounds as custom buckets. */
export function customHistogram(point: HistogramPoint, isDelta: boolean): IntegerHistogram {
  const { bounds, bucketCounts, count } = point;
  // A histogram of a count and a sum alone has one bucket in our model: all there is.
  const hasBuckets = bucketCounts.length > 0;
  const positive = sparseCustom(hasBuckets ? bucketCounts : [count]);
  return {
    kind: 'integer',
    resetHint: hintOf(isDelta),
    schema: CUSTOM_BUCKETS_SCHEMA,
    zeroThreshold: 0,
    zeroCount: 0n,
    count: BigInt(count),
    sum: point.sum ?? NO_SUM,
    positiveSpans: positive.spans,
    positiveCounts: positive.counts,
    negativeSpans: [],
    negativeCounts: [],
    customValues: hasBuckets ? [...bounds] : [],
  };
}
