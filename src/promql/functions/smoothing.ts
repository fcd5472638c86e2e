// double_exponential_smoothing: the last value of a series with noise and trend smoothed.

import { formatSixDecimals } from '../../model/go-text.ts';
import { executionFailed } from '../errors.ts';
import type { StepSeries } from '../eval/step-series.ts';
import { floatsOnly } from './floats-only.ts';
import type { FunctionCall, RangeFunction, RangeSeries, WindowFrame } from './interface.ts';
import { ROWS_PER_CHECKPOINT, WindowRows } from './windows.ts';

const rows = new WindowRows();

/** double_exponential_smoothing(m, smoothing factor, trend factor), both between 0 and 1, exclusive. */
export function doubleExponentialSmoothing(
  call: FunctionCall,
  frame: WindowFrame,
  input: RangeSeries,
  out: StepSeries,
): void {
  const { from, to } = rows.find(input.samples, frame);
  for (let i = 0; i < frame.count; i++) {
    if (from[i] === to[i]) continue;
    checkFactor('smoothing', 'sf', call.scalars[1]![i]!);
    checkFactor('trend', 'tf', call.scalars[2]![i]!);
  }
  smoothed(call, frame, input, out);
}

/** NaN passes, as it does in Prometheus, and makes NaN of everything. */
function checkFactor(name: string, abbreviation: string, value: number): void {
  if (value <= 0 || value >= 1) {
    throw executionFailed(
      `invalid ${name} factor. Expected: 0 < ${abbreviation} < 1, got: ${formatSixDecimals(value)}`,
    );
  }
}

const smoothed: RangeFunction = floatsOnly(2, ({ v }, from, to, i, call) => {
  const smoothingFactor = call.scalars[1]![i]!;
  const trendFactor = call.scalars[2]![i]!;
  let before = 0;
  let level = v[from]!;
  let trend = v[from + 1]! - v[from]!;
  for (let j = from + 1; j < to; j++) {
    if (j % ROWS_PER_CHECKPOINT === 0) call.control.checkpoint();
    if (j > from + 1) trend = trendFactor * (level - before) + (1 - trendFactor) * trend;
    before = level;
    level = smoothingFactor * v[j]! + (1 - smoothingFactor) * (level + trend);
  }
  return level;
});
