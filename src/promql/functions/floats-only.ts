// Functions of the floats in a window that leave histograms aside.

import { labelValue, METRIC_NAME } from '../../model/labels.ts';
import { histogramIgnoredInMixedRange } from '../annotation-texts.ts';
import { setFloat } from '../eval/step-series.ts';
import type { FunctionCall, RangeFunction, RangeSeries, WindowFrame } from './interface.ts';
import { type FloatPoints, rangePosition, splitPoints } from './points.ts';
import { WindowRows } from './windows.ts';

/** Value of rows [from, to) of one series at step `i`. */
export type WindowValue = (
  points: FloatPoints,
  from: number,
  to: number,
  i: number,
  call: FunctionCall,
) => number;

const floatRows = new WindowRows();
const histogramRows = new WindowRows();

/** Sets a float for each window with at least `minimum` floats, which is 1 or more. */
export function floatsOnly(minimum: number, value: WindowValue): RangeFunction {
  return (call, frame, input, out) => {
    const points = floatPoints(call, frame, input);
    const { from, to } = floatRows.find(points, frame);
    for (let i = 0; i < frame.count; i++) {
      if (to[i]! - from[i]! < minimum) continue;
      setFloat(out, i, value(points, from[i]!, to[i]!, i, call));
    }
  };
}

/** The floats of a series; notes if a window has histograms beside them. */
export function floatPoints(
  call: FunctionCall,
  frame: WindowFrame,
  input: RangeSeries,
): FloatPoints {
  const { floats, histograms } = splitPoints(input.samples);
  if (histograms === undefined) return floats;
  floatRows.find(floats, frame);
  histogramRows.find(histograms, frame);
  for (let i = 0; i < frame.count; i++) {
    if (floatRows.from[i] === floatRows.to[i]) continue;
    if (histogramRows.from[i] === histogramRows.to[i]) continue;
    const name = labelValue(input.labels, METRIC_NAME);
    call.annotations.info(histogramIgnoredInMixedRange(name), rangePosition(call));
    break;
  }
  return floats;
}
