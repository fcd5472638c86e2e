// stddev, stdvar, quantile and mad_over_time.

import { invalidQuantile } from '../annotation-texts.ts';
import { CompensatedSum } from './compensated-sum.ts';
import { floatsOnly } from './floats-only.ts';
import type { FunctionCall, RangeFunction } from './interface.ts';
import { type FloatPoints, rangePosition } from './points.ts';
import { quantileOf } from './quantile.ts';
import { ROWS_PER_CHECKPOINT } from './windows.ts';

export const stdvarOverTime: RangeFunction = floatsOnly(1, variance);
export const stddevOverTime: RangeFunction = floatsOnly(1, (points, from, to, i, call) =>
  Math.sqrt(variance(points, from, to, i, call)),
);

/** Welford's method, with compensation. */
function variance(
  { v }: FloatPoints,
  from: number,
  to: number,
  _i: number,
  { control }: FunctionCall,
): number {
  const mean = new CompensatedSum();
  const squares = new CompensatedSum();
  for (let j = from; j < to; j++) {
    if (j % ROWS_PER_CHECKPOINT === 0) control.checkpoint();
    const distance = v[j]! - mean.total;
    mean.add(distance / (j - from + 1));
    squares.add(distance * (v[j]! - mean.total));
  }
  return squares.total / (to - from);
}

/** Values of one window, to be sorted; reused from window to window. */
let scratch = new Float64Array(1024);

function copyWindow({ v }: FloatPoints, from: number, to: number): Float64Array {
  if (scratch.length < to - from) scratch = new Float64Array(2 * (to - from));
  const values = scratch.subarray(0, to - from);
  values.set(v.subarray(from, to));
  return values;
}

/** quantile_over_time(q, m) */
export const quantileOverTime: RangeFunction = floatsOnly(1, (points, from, to, i, call) => {
  const q = call.scalars[0]![i]!;
  noteQuantile(call, q);
  return quantileOf(q, copyWindow(points, from, to), call.control);
});

function noteQuantile(call: FunctionCall, q: number): void {
  if (q >= 0 && q <= 1) return;
  call.annotations.warn(invalidQuantile(q), rangePosition(call));
}

/** Median of the distances from the median; NaN if any value is. */
export const madOverTime: RangeFunction = floatsOnly(1, (points, from, to, _i, { control }) => {
  const values = copyWindow(points, from, to);
  const median = quantileOf(0.5, values, control);
  // Sorted now, NaN at the end.
  if (Number.isNaN(values[values.length - 1])) return NaN;
  for (let j = 0; j < values.length; j++) values[j] = Math.abs(values[j]! - median);
  return quantileOf(0.5, values, control);
});
