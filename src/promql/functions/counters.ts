// rate, increase and delta of floats, and what they have in common with those of histograms. Resets are
// found once per series; a window then costs a few operations however many samples it holds.

import { type StepSeries, setFloat } from '../eval/step-series.ts';
import { floatResets } from './counter-resets.ts';
import { extendedRate } from './extended-range.ts';
import {
  durationSeconds,
  extrapolationFactor,
  extrapolationFactorFromZero,
  type RateKind,
} from './extrapolation.ts';
import { histogramRates } from './histogram-rates.ts';
import type { FunctionCall, RangeFunction, RangeSeries, WindowFrame } from './interface.ts';
import { type FloatPoints, matrixSelectorOf, noteMixed, splitPoints } from './points.ts';
import { noteStartTimeOverlaps } from './start-time-overlaps.ts';
import { WindowRows, windowEndT } from './windows.ts';

export const rate: RangeFunction = rateFunction({ isCounter: true, isRate: true });
export const increase: RangeFunction = rateFunction({ isCounter: true, isRate: false });
export const delta: RangeFunction = rateFunction({ isCounter: false, isRate: false });

const NO_ROWS: readonly number[] = [];

const floatRows = new WindowRows();
const histogramRows = new WindowRows();

function rateFunction(kind: RateKind): RangeFunction {
  return (call, frame, input, out) => {
    const selector = matrixSelectorOf(call)?.selector;
    if (selector?.anchored || selector?.smoothed) {
      extendedRate(call, frame, input, kind, selector.smoothed, out);
    } else {
      extrapolatedRate(call, frame, input, kind, out);
    }
  };
}

function extrapolatedRate(
  call: FunctionCall,
  frame: WindowFrame,
  input: RangeSeries,
  kind: RateKind,
  out: StepSeries,
): void {
  const { floats, histograms } = splitPoints(input.samples);
  const useStartT = kind.isCounter && call.options.useStartTimestamps;
  floatRows.find(floats, frame);
  if (histograms !== undefined) {
    histogramRows.find(histograms, frame);
    separateMixed(call, frame, input);
    const startT = useStartT ? histograms.startT : undefined;
    histogramRates(call, frame, input, histograms, startT, histogramRows, kind, out);
  }
  if (floats.length > 0) {
    const startT = useStartT ? floats.startT : undefined;
    floatRates(call, frame, input, floats, startT, kind, out);
  }
}

/** Windows that hold floats only, found in `floatRows`. */
function floatRates(
  call: FunctionCall,
  frame: WindowFrame,
  input: RangeSeries,
  points: FloatPoints,
  startT: Float64Array | undefined,
  kind: RateKind,
  out: StepSeries,
): void {
  const { t, v } = points;
  const { isCounter } = kind;
  const { from, to } = floatRows;
  const { count, rangeMs } = frame;
  const divisor = kind.isRate ? durationSeconds(rangeMs) : 1;
  const resets = isCounter ? floatResets(points, startT) : NO_ROWS;
  let nextReset = 0;
  for (let i = 0; i < count; i++) {
    const first = from[i]!;
    const last = to[i]! - 1;
    if (last < first) continue;
    const endT = windowEndT(frame, i);
    const zeroT = startT === undefined ? 0 : startT[first]!;
    const startsInside = zeroT !== 0 && zeroT > endT - rangeMs && zeroT < t[first]!;
    if (last === first && !startsInside) continue;

    let result = v[last]! - v[first]!;
    while (nextReset < resets.length && resets[nextReset]! <= first) nextReset++;
    for (let r = nextReset; r < resets.length && resets[r]! <= last; r++) {
      result += v[resets[r]! - 1]!;
    }
    let factor: number;
    if (startsInside) {
      result += v[first]!;
      factor = extrapolationFactorFromZero(zeroT, endT, t[first]!, t[last]!, last - first + 1);
    } else {
      factor = extrapolationFactor(
        endT - rangeMs,
        endT,
        t[first]!,
        t[last]!,
        last - first + 1,
        isCounter,
        v[first]!,
        result,
      );
    }
    setFloat(out, i, result * (factor / divisor));
  }
  if (startT !== undefined) noteStartTimeOverlaps(call, frame, input, points, startT, floatRows);
}

/** Windows that hold both floats and histograms have no result: both become empty. */
function separateMixed(call: FunctionCall, frame: WindowFrame, input: RangeSeries): void {
  let isMixed = false;
  for (let i = 0; i < frame.count; i++) {
    if (floatRows.from[i] === floatRows.to[i]) continue;
    if (histogramRows.from[i] === histogramRows.to[i]) continue;
    floatRows.from[i] = floatRows.to[i]!;
    histogramRows.from[i] = histogramRows.to[i]!;
    isMixed = true;
  }
  if (isMixed) noteMixed(call, input);
}
