// deriv and predict_linear: the straight line nearest to the samples of a window.

import { stepT } from '../eval/steps.ts';
import { CompensatedSum } from './compensated-sum.ts';
import { floatsOnly } from './floats-only.ts';
import type { FunctionCall, RangeFunction } from './interface.ts';
import type { FloatPoints } from './points.ts';
import { ROWS_PER_CHECKPOINT } from './windows.ts';

interface Line {
  /** Per second. */
  readonly slope: number;
  /** Value at the time asked for. */
  readonly intercept: number;
}

/** Least squares over rows [from, to), at least two; `interceptT` in ms. */
function regression(
  { control }: FunctionCall,
  { t, v }: FloatPoints,
  from: number,
  to: number,
  interceptT: number,
): Line {
  if (isConstant(v, from, to)) {
    const value = v[from]!;
    return Number.isFinite(value) ? { slope: 0, intercept: value } : { slope: NaN, intercept: NaN };
  }
  const sumX = new CompensatedSum();
  const sumY = new CompensatedSum();
  const sumXY = new CompensatedSum();
  const sumX2 = new CompensatedSum();
  for (let j = from; j < to; j++) {
    if (j % ROWS_PER_CHECKPOINT === 0) control.checkpoint();
    const x = (t[j]! - interceptT) / 1000;
    const y = v[j]!;
    sumX.add(x);
    sumY.add(y);
    sumXY.add(x * y);
    sumX2.add(x * x);
  }
  const n = to - from;
  const x = sumX.total;
  const y = sumY.total;
  const covariance = sumXY.total - (x * y) / n;
  const variance = sumX2.total - (x * x) / n;
  const slope = covariance / variance;
  return { slope, intercept: y / n - (slope * x) / n };
}

/** NaN differs from itself, so that it never is. */
function isConstant(v: Float64Array, from: number, to: number): boolean {
  const first = v[from]!;
  for (let j = from + 1; j < to; j++) if (v[j] !== first) return false;
  return true;
}

/** Slope per second. Times count from the first sample, where numbers are small and exact. */
export const deriv: RangeFunction = floatsOnly(
  2,
  (points, from, to, _i, call) => regression(call, points, from, to, points.t[from]!).slope,
);

/** predict_linear(m, s): the line's value `s` seconds after the step. */
export const predictLinear: RangeFunction = floatsOnly(2, (points, from, to, i, call) => {
  const { slope, intercept } = regression(call, points, from, to, stepT(call.steps, i));
  return slope * call.scalars[1]![i]! + intercept;
});
