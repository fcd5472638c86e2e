// A query can be stopped while a function is at work on one window of very many rows.

import { expect, test } from 'vitest';
import type { EvalControl } from '../eval/interface.ts';
import { newStepSeries } from '../eval/step-series.ts';
import type { Expr } from '../language/ast.ts';
import { makeCall, selectorExpr } from './function-testing.ts';
import { FUNCTIONS } from './index.ts';
import { ROWS_PER_CHECKPOINT } from './windows.ts';

const ROWS = 3 * ROWS_PER_CHECKPOINT;
const T = Float64Array.from({ length: ROWS }, (_, i) => i);
const MATRIX: Expr = {
  kind: 'matrixSelector',
  span: { start: 0, end: 1 },
  selector: selectorExpr(),
  rangeMs: ROWS,
  rangeExpr: undefined,
};

function run(name: string, value: (i: number) => number, control: EvalControl): void {
  const entry = FUNCTIONS.get(name);
  if (entry?.kind !== 'range') throw new Error(`${name} is no function of range vectors`);
  const scalars = [0.5, 0.5, 0.5].map((number) => Float64Array.of(number));
  const call = makeCall(name, [MATRIX], { scalars, control });
  const frame = { firstEndT: ROWS, stepMs: 0, count: 1, rangeMs: ROWS + 1 };
  const samples = {
    length: ROWS,
    t: T,
    v: T.map((_, i) => value(i)),
    startT: undefined,
    histograms: undefined,
  };
  entry.compute(call, frame, { labels: [], dropName: false, samples }, newStepSeries([], 1));
}

const wave = (i: number): number => Math.sin(i);

test.each<[name: string, value: (i: number) => number]>([
  ['sum_over_time', wave],
  ['avg_over_time', wave],
  ['avg_over_time', () => 1e308],
  ['stddev_over_time', wave],
  ['stdvar_over_time', wave],
  ['quantile_over_time', wave],
  ['mad_over_time', wave],
  ['deriv', wave],
  ['predict_linear', wave],
  ['double_exponential_smoothing', wave],
])('%s of a long window', (name, value) => {
  let asked = 0;
  run(name, value, { checkpoint: () => asked++, reserve: () => {} });
  expect(asked).toBeGreaterThanOrEqual(2);
  const stop = new Error('stopped');
  const stopping = (): void => {
    asked--;
    if (asked === 0) throw stop;
  };
  expect(() => run(name, value, { checkpoint: stopping, reserve: () => {} })).toThrow(stop);
});
