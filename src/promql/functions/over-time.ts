// sum, avg, count, first, last and present_over_time, and the times of first and last.

import { counterResetCollision, mismatchedCustomBuckets } from '../annotation-texts.ts';
import { type StepSeries, setFloat, setHistogram } from '../eval/step-series.ts';
import { HistogramSum } from '../histogram/histogram-sum.ts';
import { CompensatedSum } from './compensated-sum.ts';
import type {
  FunctionCall,
  RangeFunction,
  RangeSamples,
  RangeSeries,
  WindowFrame,
} from './interface.ts';
import { noteMixed, notesOf, rangePosition, splitPoints } from './points.ts';
import { ROWS_PER_CHECKPOINT, WindowRows } from './windows.ts';

const floatRows = new WindowRows();
const histogramRows = new WindowRows();

export const sumOverTime: RangeFunction = addedUp(sumOf, 'sum');

/** A mean is the sum over the number; once the sum would be infinite, a running mean. */
export const avgOverTime: RangeFunction = addedUp(meanOf, 'mean');

function addedUp(
  ofFloats: (call: FunctionCall, v: Float64Array, from: number, to: number) => number,
  ofHistograms: 'sum' | 'mean',
): RangeFunction {
  return (call, frame, input, out) => {
    const { floats, histograms } = splitPoints(input.samples);
    const { from, to } = floatRows.find(floats, frame);
    if (histograms !== undefined) histogramRows.find(histograms, frame);
    for (let i = 0; i < frame.count; i++) {
      const hasFloats = from[i]! < to[i]!;
      if (histograms === undefined || histogramRows.from[i] === histogramRows.to[i]) {
        if (hasFloats) setFloat(out, i, ofFloats(call, floats.v, from[i]!, to[i]!));
      } else if (hasFloats) {
        noteMixed(call, input);
      } else {
        const sum = new HistogramSum(ofHistograms);
        for (let j = histogramRows.from[i]!; j < histogramRows.to[i]!; j++) {
          if (!sum.add(histograms.h[j]!)) break;
        }
        setSum(call, input, sum, i, out);
      }
    }
  };
}

function setSum(
  call: FunctionCall,
  input: RangeSeries,
  sum: HistogramSum,
  i: number,
  out: StepSeries,
): void {
  const result = sum.result();
  if (result === undefined) {
    notesOf(call, input).mixedSchemas();
    return;
  }
  setHistogram(out, i, result);
  const { annotations } = call;
  if (sum.counterResetCollision) {
    annotations.warn(counterResetCollision('aggregation'), rangePosition(call));
  }
  if (sum.boundsReconciled) {
    annotations.info(mismatchedCustomBuckets('aggregation'), rangePosition(call));
  }
}

/** Compensated sum of rows [from, to). */
function sumOf({ control }: FunctionCall, v: Float64Array, from: number, to: number): number {
  const sum = new CompensatedSum();
  for (let j = from; j < to; j++) {
    if (j % ROWS_PER_CHECKPOINT === 0) control.checkpoint();
    sum.add(v[j]!);
  }
  return sum.total;
}

/** Mean of rows [from, to), at least one. */
function meanOf(call: FunctionCall, v: Float64Array, from: number, to: number): number {
  const sum = new CompensatedSum();
  sum.sum = v[from]!;
  for (let j = from + 1; j < to; j++) {
    if (j % ROWS_PER_CHECKPOINT === 0) call.control.checkpoint();
    const { compensation } = sum;
    const before = sum.sum;
    sum.add(v[j]!);
    if (sum.sum === Infinity || sum.sum === -Infinity) {
      return runningMean(call, v, j, to, j - from, before, compensation);
    }
  }
  const count = to - from;
  return sum.sum / count + sum.compensation / count;
}

/** Goes on from row `at`, after `count` rows whose sum is known. */
function runningMean(
  { control }: FunctionCall,
  v: Float64Array,
  at: number,
  to: number,
  count: number,
  sum: number,
  compensation: number,
): number {
  const mean = new CompensatedSum();
  mean.sum = sum / count;
  mean.compensation = compensation / count;
  for (let j = at, n = count + 1; j < to; j++, n++) {
    if (j % ROWS_PER_CHECKPOINT === 0) control.checkpoint();
    mean.scale((n - 1) / n);
    mean.add(v[j]! / n);
  }
  return mean.total;
}

/** Sets a float of each window that has rows, of whichever kind. */
function ofWindows(
  value: (samples: RangeSamples, from: number, to: number) => number,
): RangeFunction {
  return (_call, frame, { samples }, out) => {
    const { from, to } = floatRows.find(samples, frame);
    for (let i = 0; i < frame.count; i++) {
      if (from[i]! < to[i]!) setFloat(out, i, value(samples, from[i]!, to[i]!));
    }
  };
}

export const countOverTime: RangeFunction = ofWindows((_samples, from, to) => to - from);
export const presentOverTime: RangeFunction = ofWindows(() => 1);

/** In seconds. */
export const tsOfFirstOverTime: RangeFunction = ofWindows(({ t }, from) => t[from]! / 1000);
export const tsOfLastOverTime: RangeFunction = ofWindows(({ t }, _from, to) => t[to - 1]! / 1000);

export function firstOverTime(
  _call: FunctionCall,
  frame: WindowFrame,
  { samples }: RangeSeries,
  out: StepSeries,
): void {
  const { from, to } = floatRows.find(samples, frame);
  for (let i = 0; i < frame.count; i++) if (from[i]! < to[i]!) setRow(out, i, samples, from[i]!);
}

export function lastOverTime(
  _call: FunctionCall,
  frame: WindowFrame,
  { samples }: RangeSeries,
  out: StepSeries,
): void {
  const { from, to } = floatRows.find(samples, frame);
  for (let i = 0; i < frame.count; i++) if (from[i]! < to[i]!) setRow(out, i, samples, to[i]! - 1);
}

function setRow(out: StepSeries, i: number, { v, histograms }: RangeSamples, row: number): void {
  const histogram = histograms?.[row];
  if (histogram === undefined) setFloat(out, i, v[row]!);
  else setHistogram(out, i, histogram);
}
