// Functions between scalars and vectors, and those of the evaluation time.

import { newStepSeries, Presence, type StepSeries } from '../eval/step-series.ts';
import { stepT } from '../eval/steps.ts';
import type { FunctionCall } from './interface.ts';
import { maxOf, minOf } from './math.ts';

type Vectors = readonly (readonly StepSeries[] | undefined)[];

/** time(): seconds since 1970 of each step. */
export function time(call: FunctionCall): Float64Array {
  const { steps } = call;
  const result = new Float64Array(steps.count);
  for (let i = 0; i < steps.count; i++) result[i] = stepT(steps, i) / 1000;
  return result;
}

export function pi(call: FunctionCall): Float64Array {
  return new Float64Array(call.steps.count).fill(Math.PI);
}

/** scalar(v): the only float of the vector, NaN if there is none or more than one. */
export function scalar(call: FunctionCall, vectors: Vectors): Float64Array {
  const { count } = call.steps;
  const result = new Float64Array(count).fill(NaN);
  const seen = new Uint8Array(count);
  for (const { present, values } of vectors[0]!) {
    for (let i = 0; i < count; i++) {
      if (present[i] !== Presence.float) continue;
      result[i] = seen[i] === 0 ? values[i]! : NaN;
      seen[i] = 1;
    }
  }
  return result;
}

/** vector(s): one element without labels. */
export function vector(call: FunctionCall): StepSeries[] {
  const { count } = call.steps;
  const out = newStepSeries([], count);
  out.present.fill(Presence.float);
  out.values.set(call.scalars[0]!.subarray(0, count));
  return [out];
}

export function minOfScalars(call: FunctionCall): Float64Array {
  return combine(call, minOf);
}

export function maxOfScalars(call: FunctionCall): Float64Array {
  return combine(call, maxOf);
}

function combine(call: FunctionCall, f: (a: number, b: number) => number): Float64Array {
  const [a, b] = [call.scalars[0]!, call.scalars[1]!];
  const result = new Float64Array(call.steps.count);
  for (let i = 0; i < result.length; i++) result[i] = f(a[i]!, b[i]!);
  return result;
}

/** timestamp(v) of anything but a selector: the time of the step in seconds. */
export function timestampOfStep(call: FunctionCall, row: StepSeries): void {
  const { present, values } = row;
  for (let i = 0; i < present.length; i++) {
    if (present[i] === Presence.none) continue;
    present[i] = Presence.float;
    values[i] = stepT(call.steps, i) / 1000;
  }
  row.histograms = undefined;
}

/** start_timestamp(v) of anything but a selector: results of expressions have none. */
export function startTimestampOfStep(_call: FunctionCall, row: StepSeries): void {
  row.present.fill(Presence.none);
  row.histograms = undefined;
}
