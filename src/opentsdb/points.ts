// Points of one series on their way from the store to the answer.

import type { SampleColumns } from '../model/sample.ts';
import type { Downsample, RateOptions } from '../protocol/opentsdb/query/query.ts';
import { reduce } from './reduce.ts';

/** Ascending by time, of equal length. */
export interface Points {
  /** ms */
  readonly t: Float64Array;
  readonly v: Float64Array;
}

/** What they take in memory. */
export const BYTES_PER_POINT = 16;

/** A copy of the samples that are numbers: stale markers, other NaN and histograms are no points of OpenTSDB's. */
export function pointsOf({ length, t, v, histograms }: SampleColumns): Points {
  const times = new Float64Array(length);
  const values = new Float64Array(length);
  let count = 0;
  for (let i = 0; i < length; i++) {
    const value = v[i]!;
    if (Number.isNaN(value) || histograms?.[i] !== undefined) continue;
    times[count] = t[i]!;
    values[count++] = value;
  }
  return { t: times.subarray(0, count), v: values.subarray(0, count) };
}

/** Bounds of the answer, ms, both included. */
export interface AnswerRange {
  readonly startT: number;
  readonly endT: number;
}

/** How many points {@link downsample} makes at most. */
export function downsampledLength(
  { intervalMs, fill }: Downsample,
  { startT, endT }: AnswerRange,
  points: number,
): number {
  if (intervalMs === undefined) return 1;
  if (fill === 'none') return points;
  // One more for the interval before the range, which the first rate needs.
  return Math.floor((endT - alignDown(startT, intervalMs)) / intervalMs) + 2;
}

/**
 * One point for each interval, at its start: of intervals without points the fill policy's, where it has one. The
 * points must be those of whole intervals.
 */
export function downsample(points: Points, how: Downsample, range: AnswerRange): Points {
  const { intervalMs, aggregator, fill } = how;
  if (intervalMs === undefined) return wholeRange(points, how, range);
  const length = downsampledLength(how, range, points.t.length);
  const t = new Float64Array(length);
  const v = new Float64Array(length);
  const scratch = new Float64Array(points.t.length);
  const filler = fill === 'zero' ? 0 : Number.NaN;
  let expected = alignDown(range.startT, intervalMs);
  let count = 0;
  const put = (time: number, value: number): void => {
    t[count] = time;
    v[count++] = value;
  };
  for (let i = 0; i < points.t.length; ) {
    const start = alignDown(points.t[i]!, intervalMs);
    let inside = 0;
    for (; i < points.t.length && points.t[i]! < start + intervalMs; i++) {
      scratch[inside++] = points.v[i]!;
    }
    if (fill !== 'none') for (; expected < start; expected += intervalMs) put(expected, filler);
    put(start, reduce(aggregator, scratch, inside));
    expected = start + intervalMs;
  }
  if (fill !== 'none') for (; expected <= range.endT; expected += intervalMs) put(expected, filler);
  return { t: t.subarray(0, count), v: v.subarray(0, count) };
}

/** All points as one, at the start of the range, whose end does not count. */
function wholeRange(points: Points, { aggregator }: Downsample, range: AnswerRange): Points {
  const values = points.v.filter((_, i) => {
    return points.t[i]! >= range.startT && points.t[i]! < range.endT;
  });
  if (values.length === 0) return { t: values, v: values };
  const value = reduce(aggregator, values, values.length);
  return { t: Float64Array.of(range.startT), v: Float64Array.of(value) };
}

/** The start of the interval that holds `t`. */
export function alignDown(t: number, intervalMs: number): number {
  return Math.floor(t / intervalMs) * intervalMs;
}

/** What each value has changed by in a second since the one before; the first has no rate. */
export function rate({ t, v }: Points, options: RateOptions): Points {
  const times = new Float64Array(t.length);
  const rates = new Float64Array(t.length);
  let count = 0;
  for (let i = 1; i < t.length; i++) {
    const change = v[i]! - v[i - 1]!;
    if (change < 0 && options.isCounter && options.dropsResets) continue;
    times[count] = t[i]!;
    rates[count++] = ratePerSecond(change, v[i]!, v[i - 1]!, t[i]! - t[i - 1]!, options);
  }
  return { t: times.subarray(0, count), v: rates.subarray(0, count) };
}

function ratePerSecond(
  change: number,
  value: number,
  previous: number,
  elapsedMs: number,
  { isCounter, counterMax, resetValue }: RateOptions,
): number {
  const seconds = elapsedMs / 1000;
  if (change >= 0 || !isCounter) return change / seconds;
  const perSecond = (counterMax - previous + value) / seconds;
  return resetValue > 0 && perSecond > resetValue ? 0 : perSecond;
}
