// Whether a result is the expected one. Floats may differ by a millionth.

import { compareLabels, type Labels, printLabels } from '../../src/model/labels.ts';
import type { BucketSpan } from '../../src/model/native-histogram.ts';
import { isStaleAt } from '../../src/model/stale.ts';
import type { PointSeries, QueryValue } from '../../src/promql/eval/interface.ts';
import { Presence, type StepSeries } from '../../src/promql/eval/step-series.ts';
import { type Steps, stepT } from '../../src/promql/eval/steps.ts';
import type { FloatHistogram } from '../../src/promql/histogram/float-histogram.ts';
import type { SequenceValue } from '../../src/promql/language/series-description.ts';
import type { Expected, RangeTimes } from './parse-file.ts';

/** One point of a result. */
export interface Point {
  readonly t: number;
  readonly value: Exclude<SequenceValue, { kind: 'omitted' }>;
}

/** A result in the form in which it is compared. */
export type Result =
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'vector'; readonly series: readonly ResultSeries[] }
  | { readonly kind: 'matrix'; readonly series: readonly ResultSeries[] };

export interface ResultSeries {
  readonly labels: Labels;
  readonly points: readonly Point[];
}

export function resultOf(value: QueryValue): Result {
  switch (value.type) {
    case 'scalar':
    case 'string':
      return { kind: value.type, value: value.value } as Result;
    case 'vector': {
      const steps: Steps = { startT: value.t, stepMs: 1, count: 1 };
      return { kind: 'vector', series: value.series.map((series) => ofSteps(series, steps)) };
    }
    case 'steps':
      return { kind: 'matrix', series: value.series.map((series) => ofSteps(series, value.steps)) };
    case 'points':
      return { kind: 'matrix', series: value.series.map(ofPoints) };
  }
}

/** The points at one time of a range query's result, as an instant query would give them. */
export function atTime(result: Result, t: number): Result {
  if (result.kind !== 'matrix') return result;
  const series = result.series.flatMap(({ labels, points }) => {
    const point = points.find((candidate) => candidate.t === t);
    return point === undefined ? [] : [{ labels, points: [point] }];
  });
  return { kind: 'vector', series };
}

function ofSteps(series: StepSeries, steps: Steps): ResultSeries {
  const points: Point[] = [];
  for (let i = 0; i < steps.count; i++) {
    if (series.present[i] === Presence.none) continue;
    const histogram = series.present[i] === Presence.histogram ? series.histograms?.[i] : undefined;
    points.push({ t: stepT(steps, i), value: valueAt(series.values, i, histogram) });
  }
  return { labels: series.labels, points };
}

function ofPoints({ labels, t, values, histograms }: PointSeries): ResultSeries {
  const points = Array.from(t, (time, i) => ({
    t: time,
    value: valueAt(values, i, histograms?.[i]),
  }));
  return { labels, points };
}

function valueAt(
  values: Float64Array,
  i: number,
  histogram: FloatHistogram | undefined,
): Point['value'] {
  if (histogram !== undefined) return { kind: 'histogram', histogram, isHintGiven: false };
  return isStaleAt(values, i) ? { kind: 'stale' } : { kind: 'float', value: values[i]! };
}

/** What is wrong with a result; undefined if it is right. `times`: those of the expected points. */
export function differenceOf(
  result: Result,
  expected: Expected,
  times: RangeTimes | undefined,
): string | undefined {
  if (result.kind === 'string') {
    return result.value === expected.text ? undefined : `got the string ${result.value}`;
  }
  if (result.kind === 'scalar') {
    if (expected.scalar === undefined) return `got the scalar ${result.value}`;
    if (isAlmostEqual(result.value, expected.scalar)) return undefined;
    return `expected ${expected.scalar}, got ${result.value}`;
  }
  if (expected.scalar !== undefined) return `expected a scalar, got a ${result.kind}`;
  if (result.kind === 'matrix') {
    if (expected.ordered) return 'a matrix has no order';
    if (times === undefined) return 'expected a vector, got a matrix';
    const unsorted = firstUnsorted(result.series);
    if (unsorted !== undefined) return `not sorted by labels: ${unsorted}`;
  }
  return seriesDifference(result, expected, times);
}

function seriesDifference(
  { kind, series: actual }: Extract<Result, { kind: 'vector' | 'matrix' }>,
  { series: expected, ordered }: Expected,
  times: RangeTimes | undefined,
): string | undefined {
  // The last line about a series counts.
  const byLabels = new Map(expected.map((series) => [JSON.stringify(series.labels), series]));
  for (const [i, series] of actual.entries()) {
    const key = JSON.stringify(series.labels);
    const name = printLabels(series.labels);
    const wanted = byLabels.get(key);
    if (wanted === undefined) return `unexpected ${name} ${printPoints(series.points)}`;
    byLabels.delete(key);
    if (ordered && wanted.position !== i + 1) {
      return `${name} is at position ${i + 1} instead of ${wanted.position}`;
    }
    const points =
      kind === 'vector'
        ? wanted.values.slice(0, 1).map((value) => ({ t: series.points[0]!.t, value }))
        : expectedPoints(wanted.values, times!);
    if (typeof points === 'string') return points;
    if (!arePointsEqual(points, series.points)) {
      return `${name}: expected ${printPoints(points)}, got ${printPoints(series.points)}`;
    }
  }
  for (const { labels } of byLabels.values()) return `${printLabels(labels)} is missing`;
  return undefined;
}

interface ExpectedPoint {
  readonly t: number;
  readonly value: SequenceValue;
}

function expectedPoints(
  values: readonly SequenceValue[],
  { startT, endT, stepMs }: RangeTimes,
): ExpectedPoint[] | string {
  if (startT + (values.length - 1) * stepMs > endT) return 'more points expected than fit';
  return values
    .map((value, i) => ({ t: startT + i * stepMs, value }))
    .filter(({ value }) => value.kind !== 'omitted');
}

function arePointsEqual(expected: readonly ExpectedPoint[], actual: readonly Point[]): boolean {
  return (
    expected.length === actual.length &&
    expected.every(
      (point, i) => point.t === actual[i]!.t && isValueEqual(point.value, actual[i]!.value),
    )
  );
}

function isValueEqual(expected: SequenceValue, actual: Point['value']): boolean {
  if (expected.kind === 'histogram' && actual.kind === 'histogram') {
    return isHistogramEqual(
      expected.histogram.compact(),
      actual.histogram.compact(),
      expected.isHintGiven,
    );
  }
  if (expected.kind === 'float' && actual.kind === 'float') {
    return isAlmostEqual(expected.value, actual.value);
  }
  return expected.kind === actual.kind;
}

function isHistogramEqual(a: FloatHistogram, b: FloatHistogram, comparesHint: boolean): boolean {
  return (
    a.schema === b.schema &&
    isAlmostEqual(a.count, b.count) &&
    isAlmostEqual(a.sum, b.sum) &&
    (!a.usesCustomBuckets || String(a.customValues) === String(b.customValues)) &&
    a.zeroThreshold === b.zeroThreshold &&
    isAlmostEqual(a.zeroCount, b.zeroCount) &&
    areSpansEqual(a.positiveSpans, b.positiveSpans) &&
    areSpansEqual(a.negativeSpans, b.negativeSpans) &&
    areCountsEqual(a.positiveBuckets, b.positiveBuckets) &&
    areCountsEqual(a.negativeBuckets, b.negativeBuckets) &&
    (!comparesHint || a.resetHint === b.resetHint)
  );
}

function areCountsEqual(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((count, i) => isAlmostEqual(count, b[i]!));
}

function areSpansEqual(a: readonly BucketSpan[], b: readonly BucketSpan[]): boolean {
  return String(bucketIndexes(a)) === String(bucketIndexes(b));
}

function bucketIndexes(spans: readonly BucketSpan[]): number[] {
  const indexes: number[] = [];
  let index = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++) indexes.push(index++);
  }
  return indexes;
}

const EPSILON = 0.000001;
const MIN_NORMAL = 2.2250738585072014e-308;

function isAlmostEqual(a: number, b: number): boolean {
  if (Number.isNaN(a) && Number.isNaN(b)) return true;
  if (a === b) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < MIN_NORMAL) return difference < EPSILON * MIN_NORMAL;
  return difference / Math.min(sum, Number.MAX_VALUE) < EPSILON;
}

function firstUnsorted(series: readonly ResultSeries[]): string | undefined {
  const found = series.find(
    ({ labels }, i) => i > 0 && compareLabels(series[i - 1]!.labels, labels) > 0,
  );
  return found === undefined ? undefined : printLabels(found.labels);
}

function printPoints(points: readonly ExpectedPoint[]): string {
  if (points.length === 0) return 'nothing';
  return points
    .slice(0, 20)
    .map(({ t, value }) => `${printValue(value)}@${t}`)
    .join(' ');
}

function printValue(value: SequenceValue): string {
  if (value.kind === 'float') return String(value.value);
  if (value.kind !== 'histogram') return value.kind;
  return `${value.histogram} (hint ${value.histogram.resetHint})`;
}
