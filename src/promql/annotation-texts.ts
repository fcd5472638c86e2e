// The texts of annotations, as Prometheus words them: people search for them, tests compare them.

import { formatG, formatGDigits, quote } from '../model/go-text.ts';
import type { ForcedMonotonicity } from './annotations.ts';

/** ` for metric name "x"`, nothing if the series no longer has its name. */
function ofMetric(metricName: string): string {
  return metricName === '' ? '' : ` for metric name ${quote(metricName)}`;
}

export type HistogramOperation = 'addition' | 'subtraction' | 'aggregation';

// Warnings

export function invalidRatio(ratio: number, cappedTo: number): string {
  return `ratio value should be between -1 and 1, got ${formatG(ratio)}, capping to ${formatG(cappedTo)}`;
}

export function invalidQuantile(quantile: number): string {
  return `quantile value should be between 0 and 1, got ${formatG(quantile)}`;
}

export function badBucketLabel(metricName: string, value: string): string {
  return `bucket label "le" is missing or has a malformed value of ${quote(value)}${ofMetric(metricName)}`;
}

export function mixedFloatsHistograms(metricName: string): string {
  return `encountered a mix of histograms and floats for metric name ${quote(metricName)}`;
}

export const MIXED_FLOATS_HISTOGRAMS_AGGREGATION =
  'encountered a mix of histograms and floats for aggregation';

export function mixedClassicNativeHistograms(metricName: string): string {
  return `vector contains a mix of classic and native histograms${ofMetric(metricName)}`;
}

export function nativeHistogramNotCounter(metricName: string): string {
  return `this native histogram metric is not a counter: ${quote(metricName)}`;
}

export function nativeHistogramNotGauge(metricName: string): string {
  return `this native histogram metric is not a gauge: ${quote(metricName)}`;
}

export function mixedExponentialCustomHistograms(metricName: string): string {
  return `vector contains a mix of histograms with exponential and custom buckets schemas for metric name ${quote(metricName)}`;
}

export function incompatibleBucketLayout(operator: string): string {
  return `incompatible bucket layout encountered for binary operator ${operator}`;
}

export const SORT_IN_RANGE_QUERY =
  'sort is ineffective for range queries since results are always ordered by labels';

export function counterResetCollision(operation: HistogramOperation): string {
  return `conflicting counter resets during histogram ${operation}`;
}

export function startTimeOverlap(metricName: string, occurrences: number): string {
  const times = occurrences > 1 ? ` (${occurrences} occurrences)` : '';
  return `sample has start time that overlaps with previous sample timestamp for metric ${quote(metricName)}${times}`;
}

// Infos

export function possibleNonCounter(metricName: string): string {
  return `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${quote(metricName)}`;
}

export function possibleNonCounterType(metricName: string, type: string): string {
  return `metric might not be a counter, __type__ label is not set to "counter" or "histogram", got ${quote(type)}: ${quote(metricName)}`;
}

export function incompatibleTypes(lhsType: string, operator: string, rhsType: string): string {
  return `incompatible sample types encountered for binary operator ${quote(operator)}: ${lhsType} ${operator} ${rhsType}`;
}

export function histogramIgnoredInAggregation(aggregation: string): string {
  return `ignored histogram in ${aggregation} aggregation`;
}

export function histogramIgnoredInMixedRange(metricName: string): string {
  return `ignored histograms in a range containing both floats and histograms for metric name ${quote(metricName)}`;
}

export function quantileNaNResult(metricName: string): string {
  return `input to histogram_quantile has NaN observations, result is NaN${ofMetric(metricName)}`;
}

export function quantileNaNSkew(metricName: string): string {
  return `input to histogram_quantile has NaN observations, result is skewed higher${ofMetric(metricName)}`;
}

export function fractionNaNs(metricName: string): string {
  return `input to histogram_fraction has NaN observations, which are excluded from all fractions${ofMetric(metricName)}`;
}

export function mismatchedCustomBuckets(operation: HistogramOperation): string {
  return `mismatched custom buckets were reconciled during ${operation}`;
}

/** Where a classic histogram's buckets are explained. */
const QUANTILE_PAGE =
  'https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile';

export function forcedMonotonicity(of: ForcedMonotonicity): string {
  return (
    `input to histogram_quantile needed to be fixed for monotonicity (see ${QUANTILE_PAGE})` +
    `${ofMetric(of.metricName)}, from buckets ${formatG(of.minBucket)} to ${formatG(of.maxBucket)}, ` +
    `with a max diff of ${formatGDigits(of.maxDiff, 2)}, over ${of.samples} samples ` +
    `from ${formatSeconds(of.minT)} to ${formatSeconds(of.maxT)}`
  );
}

/** ISO 8601 without a fraction. */
function formatSeconds(t: number): string {
  return `${new Date(t).toISOString().slice(0, -5)}Z`;
}
