// What tests of functions are written with: calls by name on small series, times in seconds.

import { type Labels, labelsFromObject } from '../../model/labels.ts';
import { Annotations } from '../annotations.ts';
import type { EvalControl } from '../eval/interface.ts';
import {
  newStepSeries,
  Presence,
  type StepSeries,
  setFloat,
  setHistogram,
} from '../eval/step-series.ts';
import type { Steps } from '../eval/steps.ts';
import { FloatHistogram } from '../histogram/float-histogram.ts';
import type { Expr, VectorSelector } from '../language/ast.ts';
import { FUNCTIONS } from './index.ts';
import type { FunctionCall, FunctionOptions, RangeSamples, WindowFrame } from './interface.ts';

/** A float, a histogram, or nothing. */
export type Value = number | FloatHistogram | undefined;

/** Time in seconds, value, and the start time in seconds if there is one. */
export type Point = readonly [t: number, value: number | FloatHistogram, startT?: number];

/** Samples of one series. */
export function samplesOf(points: readonly Point[]): RangeSamples {
  const startT = Float64Array.from(points, (point) => (point[2] ?? 0) * 1000);
  const histograms = points.map(([, value]) => (typeof value === 'number' ? undefined : value));
  return {
    length: points.length,
    t: Float64Array.from(points, ([t]) => t * 1000),
    v: Float64Array.from(points, ([, value]) => (typeof value === 'number' ? value : 0)),
    startT: startT.some((t) => t !== 0) ? startT : undefined,
    histograms: histograms.some((h) => h !== undefined) ? histograms : undefined,
  };
}

const OPTIONS: FunctionOptions = {
  delayedNameRemoval: false,
  useStartTimestamps: false,
  typeAndUnitLabels: false,
  lookbackMs: 300_000,
};

export const NO_CONTROL: EvalControl = { checkpoint() {}, reserve() {} };

/** Where calls in tests stand: `f(x)`, the argument at 2. */
const SPAN = { start: 2, end: 3 };

export function selectorExpr(fields: Partial<VectorSelector> = {}): VectorSelector {
  return {
    kind: 'vectorSelector',
    span: SPAN,
    name: '',
    matchers: [],
    anchored: false,
    smoothed: false,
    offsetMs: 0,
    offsetExpr: undefined,
    atT: undefined,
    atBound: undefined,
    ...fields,
  };
}

export interface Result {
  readonly values: Value[];
  /** `warning at 2: …` */
  readonly remarks: string[];
}

export interface RangeCall {
  /** Length of the windows, end of the first, distance and number; seconds. */
  readonly range: number;
  readonly end: number;
  readonly step?: number;
  readonly count?: number;
  readonly labels?: Record<string, string>;
  readonly modifier?: 'anchored' | 'smoothed';
  /** Scalar arguments by index, the same at all steps. */
  readonly scalars?: readonly (number | undefined)[];
  readonly options?: Partial<FunctionOptions>;
}

/** Calls a function of range vectors on one series. */
export function callRange(name: string, points: readonly Point[], call: RangeCall): Result {
  const entry = FUNCTIONS.get(name);
  if (entry?.kind !== 'range') throw new Error(`${name} is no function of range vectors`);
  const { range, end, step = 0, count = 1, labels = { __name__: 'x' } } = call;
  const frame: WindowFrame = {
    firstEndT: end * 1000,
    stepMs: step * 1000,
    count,
    rangeMs: range * 1000,
  };
  const matrix: Expr = {
    kind: 'matrixSelector',
    span: SPAN,
    selector: selectorExpr({
      anchored: call.modifier === 'anchored',
      smoothed: call.modifier === 'smoothed',
    }),
    rangeMs: range * 1000,
    rangeExpr: undefined,
  };
  const annotations = new Annotations();
  const out = newStepSeries([], count);
  const functionCall = makeCall(name, [matrix], {
    steps: { startT: end * 1000, stepMs: step * 1000, count },
    annotations,
    scalars: (call.scalars ?? []).map((s) => columnOf(s, count)),
    options: { ...OPTIONS, ...call.options },
  });
  const input = { labels: labelsFromObject(labels), dropName: false, samples: samplesOf(points) };
  entry.compute(functionCall, frame, input, out);
  return { values: valuesOf(out), remarks: remarksOf(annotations) };
}

function columnOf(value: number | undefined, count: number): Float64Array | undefined {
  return value === undefined ? undefined : new Float64Array(count).fill(value);
}

/** A call of anything. */
export function makeCall(
  name: string,
  args: readonly Expr[],
  fields: Partial<FunctionCall> = {},
): FunctionCall {
  return {
    name,
    args,
    position: 0,
    steps: { startT: 0, stepMs: 1000, count: 1 },
    annotations: new Annotations(),
    control: NO_CONTROL,
    scalars: [],
    strings: [],
    options: OPTIONS,
    ...fields,
  };
}

/** One series of an instant vector. */
export function rowOf(labels: Record<string, string>, values: readonly Value[]): StepSeries {
  const row = newStepSeries(labelsFromObject(labels), values.length);
  values.forEach((value, i) => {
    if (typeof value === 'number') setFloat(row, i, value);
    else if (value !== undefined) setHistogram(row, i, value);
  });
  return row;
}

export function valuesOf({ present, values, histograms }: StepSeries): Value[] {
  return Array.from(present, (kind, i) => {
    if (kind === Presence.float) return values[i];
    return kind === Presence.histogram ? histograms![i] : undefined;
  });
}

export function remarksOf(annotations: Annotations): string[] {
  return annotations.list().map(({ kind, text, position }) => `${kind} at ${position}: ${text}`);
}

/** An argument of a call: a scalar, a string, or an instant vector. */
export type Argument = number | readonly number[] | string | readonly StepSeries[];

export interface VectorResult {
  readonly series: { readonly labels: Labels; readonly values: Value[] }[];
  readonly scalar: number[] | undefined;
  readonly remarks: string[];
  readonly rows: StepSeries[];
}

/** Calls a function that is not one of range vectors. Numbers are scalars, one or one per step. */
export function callFunction(
  name: string,
  args: readonly Argument[],
  steps: Steps = { startT: 0, stepMs: 1000, count: 1 },
  options: Partial<FunctionOptions> = {},
  control: EvalControl = NO_CONTROL,
): VectorResult {
  const entry = FUNCTIONS.get(name);
  if (entry === undefined) throw new Error(`no function ${name}`);
  const annotations = new Annotations();
  const vectors = args.map((arg) => (isVector(arg) ? arg : undefined));
  const call = makeCall(
    name,
    args.map((_arg, i) => selectorExpr({ span: { start: 10 * (i + 1), end: 10 * (i + 1) + 1 } })),
    {
      steps,
      annotations,
      control,
      scalars: args.map((arg) => scalarOf(arg, steps.count)),
      strings: args.map((arg) => (typeof arg === 'string' ? arg : undefined)),
      options: { ...OPTIONS, ...options },
    },
  );
  let rows: StepSeries[] = [];
  let scalar: number[] | undefined;
  if (entry.kind === 'vector') rows = entry.compute(call, vectors);
  else if (entry.kind === 'scalar') scalar = [...entry.compute(call, vectors)];
  else if (entry.kind === 'row') {
    rows = [...vectors.find((vector) => vector !== undefined)!];
    for (const row of rows) entry.compute(call, row);
  } else throw new Error(`${name} is of kind ${entry.kind}`);
  const series = rows.map((row) => ({ labels: row.labels, values: valuesOf(row) }));
  return { series, scalar, remarks: remarksOf(annotations), rows };
}

function isVector(arg: Argument): arg is readonly StepSeries[] {
  return Array.isArray(arg) && (arg.length === 0 || typeof arg[0] !== 'number');
}

function scalarOf(arg: Argument, count: number): Float64Array | undefined {
  if (typeof arg === 'number') return new Float64Array(count).fill(arg);
  return typeof arg === 'string' || isVector(arg) ? undefined : Float64Array.from(arg as number[]);
}

/** Values of a call that makes one series. */
export function valuesOfCall(name: string, args: readonly Argument[], steps?: Steps): Value[] {
  return callFunction(name, args, steps).series[0]?.values ?? [];
}

/** An exponential histogram of schema 0 with buckets (1,2], (2,4], … and count and sum to match. */
export function histogramOf(
  counts: readonly number[],
  fields: Partial<FloatHistogram> = {},
): FloatHistogram {
  const count = counts.reduce((sum, value) => sum + value, 0);
  return new FloatHistogram({
    schema: 0,
    count,
    sum: count,
    positiveSpans: [{ offset: 1, length: counts.length }],
    positiveBuckets: counts,
    ...fields,
  });
}
