// `anchored` and `smoothed` ranges: the values at both ends of a window are taken or interpolated from
// its neighbours instead of extrapolated. Windows reach back by the lookback interval, smoothed ones
// also forward.

import { type StepSeries, setFloat, setHistogram } from '../eval/step-series.ts';
import { ExtendedHistogramRate } from './extended-histogram-rate.ts';
import {
  type ExtendedWindow,
  extendWindow,
  isLeftInterpolated,
  isRightInterpolated,
} from './extended-window.ts';
import { durationSeconds, type RateKind } from './extrapolation.ts';
import type { FunctionCall, RangeSamples, RangeSeries, WindowFrame } from './interface.ts';
import { interpolateFloat } from './interpolation.ts';
import { type FloatPoints, noteMixed, notesOf, splitPoints } from './points.ts';
import { firstAfter, WindowRows, windowEndT } from './windows.ts';

const floatRows = new WindowRows();
const histogramRows = new WindowRows();

/** rate, increase and delta of an anchored or smoothed range. */
export function extendedRate(
  call: FunctionCall,
  frame: WindowFrame,
  input: RangeSeries,
  kind: RateKind,
  isSmoothed: boolean,
  out: StepSeries,
): void {
  const { lookbackMs } = call.options;
  const afterMs = isSmoothed ? lookbackMs : 0;
  const { floats, histograms } = splitPoints(input.samples);
  floatRows.find(floats, frame, lookbackMs, afterMs);
  if (histograms !== undefined) histogramRows.find(histograms, frame, lookbackMs, afterMs);
  const histogramRate =
    histograms && new ExtendedHistogramRate(histograms, kind, notesOf(call, input));
  const divisor = durationSeconds(frame.rangeMs);
  for (let i = 0; i < frame.count; i++) {
    const endT = windowEndT(frame, i);
    const startT = endT - frame.rangeMs;
    const hasFloats = floatRows.from[i]! < floatRows.to[i]!;
    if (histograms !== undefined && histogramRows.from[i]! < histogramRows.to[i]!) {
      if (hasFloats) {
        noteMixed(call, input);
        continue;
      }
      const { from, to } = histogramRows;
      const window = extendWindow(histograms.t, from[i]!, to[i]!, startT, endT, isSmoothed);
      const result = window && histogramRate?.compute(window);
      if (result !== undefined) setHistogram(out, i, kind.isRate ? result.divide(divisor) : result);
    } else if (hasFloats) {
      const { from, to } = floatRows;
      const window = extendWindow(floats.t, from[i]!, to[i]!, startT, endT, isSmoothed);
      if (window === undefined) continue;
      const result = floatIncrease(floats, window, kind.isCounter);
      setFloat(out, i, kind.isRate ? result / divisor : result);
    }
  }
}

function leftValue(points: FloatPoints, window: ExtendedWindow, isCounter: boolean): number {
  return isLeftInterpolated(points.t, window)
    ? interpolateFloat(points, window.first, window.startT, isCounter)
    : points.v[window.first]!;
}

function rightValue(points: FloatPoints, window: ExtendedWindow, isCounter: boolean): number {
  return isRightInterpolated(points.t, window)
    ? interpolateFloat(points, window.last - 1, window.endT, isCounter)
    : points.v[window.last]!;
}

function floatIncrease(points: FloatPoints, window: ExtendedWindow, isCounter: boolean): number {
  const { t, v } = points;
  const left = leftValue(points, window, isCounter);
  const right = rightValue(points, window, isCounter);
  let result = right - left;
  if (!isCounter) return result;
  // Resets at the ends are in the interpolated values already.
  const from = t[window.first]! <= window.startT ? window.first + 1 : window.first;
  const to = t[window.last]! >= window.endT ? window.last : window.last + 1;
  let lost = 0;
  let previous = left;
  for (let j = from; j < to; j++) {
    if (v[j]! < previous) lost += previous;
    previous = v[j]!;
  }
  if (right < previous) lost += previous;
  result += lost;
  return result;
}

/**
 * A range vector that is the result itself, not the argument of a function: the samples inside of
 * (startT, endT) with the values at both ends. Floats only. `lookbackMs` as for {@link extendedRate}.
 */
export function extendedSamples(
  samples: RangeSamples,
  startT: number,
  endT: number,
  lookbackMs: number,
  isSmoothed: boolean,
): RangeSamples {
  const { t, v, length } = samples;
  const oldest = firstAfter(t, 0, length, startT - lookbackMs);
  const end = firstAfter(t, oldest, length, isSmoothed ? endT + lookbackMs : endT);
  const window =
    oldest === end ? undefined : extendWindow(t, oldest, end, startT, endT, isSmoothed);
  if (window === undefined) return ofColumns(new Float64Array(0), new Float64Array(0));
  const from = t[window.first]! <= startT ? window.first + 1 : window.first;
  const to = Math.max(from, t[window.last]! >= endT ? window.last : window.last + 1);
  const rows = to - from + 2;
  const outT = new Float64Array(rows);
  const outV = new Float64Array(rows);
  outT.set(t.subarray(from, to), 1);
  outV.set(v.subarray(from, to), 1);
  outT[0] = startT;
  outV[0] = leftValue(samples, window, false);
  outT[rows - 1] = endT;
  outV[rows - 1] = rightValue(samples, window, false);
  return ofColumns(outT, outV);
}

function ofColumns(t: Float64Array, v: Float64Array): RangeSamples {
  return { length: t.length, t, v, startT: undefined, histograms: undefined };
}
