// Functions of one number, applied to every float of an instant vector; histograms are left out.

import { Presence, type StepSeries } from '../eval/step-series.ts';
import type { FunctionCall, RowFunction } from './interface.ts';

/** Applies `f` to each float and takes histograms away. */
export function elementwise(f: (value: number) => number): RowFunction {
  return (_call, row) => mapFloats(row, f);
}

/** Takes histograms out of a row: what every function does that knows floats only. */
export function dropHistograms(row: StepSeries): void {
  if (row.histograms === undefined) return;
  const { present } = row;
  for (let i = 0; i < present.length; i++) {
    if (present[i] === Presence.histogram) present[i] = Presence.none;
  }
  row.histograms = undefined;
}

function mapFloats(row: StepSeries, f: (value: number) => number): void {
  dropHistograms(row);
  const { present, values } = row;
  for (let i = 0; i < present.length; i++) {
    if (present[i] === Presence.float) values[i] = f(values[i]!);
  }
}

/** -1, 0 or 1; zeros and NaN as they are. */
export function sign(value: number): number {
  if (value < 0) return -1;
  return value > 0 ? 1 : value;
}

export function toRadians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

export function toDegrees(radians: number): number {
  return (radians * 180) / Math.PI;
}

/** From here on the smaller exponential in it no longer counts. */
const HYPERBOLIC_LIMIT = 21;

/** As Go computes it: infinite from where `exp` is, which `Math.sinh` avoids for a little longer. */
export function sinh(value: number): number {
  if (value > HYPERBOLIC_LIMIT) return Math.exp(value) * 0.5;
  return value < -HYPERBOLIC_LIMIT ? Math.exp(-value) * -0.5 : Math.sinh(value);
}

/** Likewise. */
export function cosh(value: number): number {
  const size = Math.abs(value);
  return size > HYPERBOLIC_LIMIT ? Math.exp(size) * 0.5 : Math.cosh(value);
}

/** The larger; +Inf wins even over NaN, as IEEE 754's maximum in Go does. */
export function maxOf(a: number, b: number): number {
  return a === Infinity || b === Infinity ? Infinity : Math.max(a, b);
}

/** The smaller; -Inf wins even over NaN. */
export function minOf(a: number, b: number): number {
  return a === -Infinity || b === -Infinity ? -Infinity : Math.min(a, b);
}

/** round(v[, toNearest]): halves go up, also below zero. */
export function round(call: FunctionCall, row: StepSeries): void {
  dropHistograms(row);
  const { present, values } = row;
  const toNearest = call.scalars[1];
  for (let i = 0; i < present.length; i++) {
    if (present[i] !== Presence.float) continue;
    // Times the inverse and not divided: 0.1 and its like round to what people expect.
    const inverse = toNearest === undefined ? 1 : 1 / toNearest[i]!;
    values[i] = Math.floor(values[i]! * inverse + 0.5) / inverse;
  }
}

/** clamp(v, min, max): nothing where max < min. */
export function clamp(call: FunctionCall, row: StepSeries): void {
  clampTo(row, call.scalars[1], call.scalars[2]);
}

export function clampMin(call: FunctionCall, row: StepSeries): void {
  clampTo(row, call.scalars[1], undefined);
}

export function clampMax(call: FunctionCall, row: StepSeries): void {
  clampTo(row, undefined, call.scalars[1]);
}

/** Bounds by step; no bound where undefined. */
function clampTo(
  row: StepSeries,
  minima: Float64Array | undefined,
  maxima: Float64Array | undefined,
): void {
  dropHistograms(row);
  const { present, values } = row;
  for (let i = 0; i < present.length; i++) {
    if (present[i] !== Presence.float) continue;
    const min = minima === undefined ? -Infinity : minima[i]!;
    const max = maxima === undefined ? Infinity : maxima[i]!;
    if (max < min) present[i] = Presence.none;
    else values[i] = maxOf(min, minOf(max, values[i]!));
  }
}
