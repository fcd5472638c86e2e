// Pieces against the whole: the same steps, the same bits, the same remarks.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Annotations } from '../annotations.ts';
import {
  histogramOf,
  makeCall,
  type Point,
  remarksOf,
  samplesOf,
  selectorExpr,
} from '../functions/function-testing.ts';
import { FUNCTIONS } from '../functions/index.ts';
import type { MatrixSelector } from '../language/ast.ts';
import { Engine } from './engine.ts';
import { requestOf, seriesOf } from './engine-testing.ts';
import { computeInPieces } from './range-pieces.ts';
import { newStepSeries, type StepSeries } from './step-series.ts';

const parameters = {
  numRuns: Number(process.env.PROP_RUNS ?? 60),
  seed: Number(process.env.PROP_SEED ?? 1),
};

const LOOKBACK_MS = 30_000;
const values = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -5, max: 50 }) },
  fc.constantFrom(NaN, Infinity, -0),
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 2 })
    .map((counts) => histogramOf(counts)),
);

const cases = fc.record({
  samples: fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), values), { maxLength: 60 }),
  areFloats: fc.boolean(),
  hasStartT: fc.boolean(),
  rangeMs: fc.integer({ min: 1000, max: 200_000 }),
  stepMs: fc.constantFrom(0, 1000, 15_000, 77_000),
  count: fc.integer({ min: 1, max: 30 }),
  firstEndT: fc.integer({ min: -50_000, max: 500_000 }),
  rowsPerPiece: fc.integer({ min: 1, max: 60 }),
  modifier: fc.constantFrom(undefined, 'anchored' as const, 'smoothed' as const),
});

const names = [...FUNCTIONS.keys()].filter((name) => FUNCTIONS.get(name)!.kind === 'range');

/** Functions that know `anchored`; the first three know `smoothed` too. */
const EXTENDED = ['delta', 'increase', 'rate', 'changes', 'resets'];

test.each(names)('%s', (name) => {
  const entry = FUNCTIONS.get(name)!;
  if (entry.kind !== 'range') throw new Error(name);
  fc.assert(
    fc.property(cases, (given) => {
      const { rangeMs, stepMs, count, firstEndT, rowsPerPiece } = given;
      const known = EXTENDED.indexOf(name);
      const modifier =
        known === -1 || (known > 2 && given.modifier === 'smoothed') ? undefined : given.modifier;
      const range: MatrixSelector = {
        kind: 'matrixSelector',
        span: { start: 2, end: 3 },
        selector: selectorExpr({
          anchored: modifier === 'anchored',
          smoothed: modifier === 'smoothed',
        }),
        rangeMs,
        rangeExpr: undefined,
      };
      const areFloats = given.areFloats || modifier !== undefined;
      let t = 0;
      const points: Point[] = [];
      for (const [gap, value] of given.samples) {
        t += gap;
        if (areFloats && typeof value !== 'number') continue;
        points.push(given.hasStartT ? [t, value, t - (t % 50) + 1] : [t, value]);
      }
      const series = { labels: [], dropName: false, samples: samplesOf(points) };
      const frame = { firstEndT, stepMs, count, rangeMs };
      const run = (compute: (call: ReturnType<typeof makeCall>, out: StepSeries) => void) => {
        const annotations = new Annotations();
        const scalar = Float64Array.from({ length: count }, (_, i) => 0.1 + i / 100);
        const call = makeCall(name, [range, range, range], {
          steps: { startT: firstEndT, stepMs, count },
          annotations,
          scalars: [scalar, scalar, scalar],
          options: {
            delayedNameRemoval: false,
            useStartTimestamps: true,
            typeAndUnitLabels: false,
            lookbackMs: LOOKBACK_MS,
          },
        });
        const out = newStepSeries([], count);
        compute(call, out);
        return { shown: shown(out), remarks: remarksOf(annotations) };
      };
      const whole = run((call, out) => entry.compute(call, frame, series, out));
      let checkpoints = 0;
      const control = { checkpoint: () => void checkpoints++, reserve() {} };
      const input = {
        frame,
        beforeMs: modifier === undefined ? 0 : LOOKBACK_MS,
        afterMs: modifier === 'smoothed' ? LOOKBACK_MS : 0,
      };
      const inPieces = run((call, out) => {
        const work = { compute: entry.compute, call, input, series, largestWindow: 10 };
        computeInPieces(work, out, control, rowsPerPiece);
      });
      expect(inPieces).toEqual(whole);
      if (checkpoints === 0) expect(count).toBeLessThanOrEqual(rowsPerPiece);
    }),
    parameters,
  );
});

function shown({ present, values, histograms }: StepSeries): unknown[] {
  return Array.from(present, (kind, i) => {
    if (kind === 1) return values[i];
    return kind === 2 ? String(histograms![i]) : undefined;
  });
}

/** Checkpoints of a query over one series of a sample a second, for 3000 seconds. */
async function checkpointsOf(query: string): Promise<number> {
  let checkpoints = 0;
  const control = { checkpoint: () => void checkpoints++, reserve() {} };
  const engine = new Engine({ maxSamples: 1e9 });
  await engine.evaluate(requestOf(query, { startS: 3000 }), seriesOf(1, 'm 0+1x3000'), control);
  return checkpoints;
}

test.each([
  // Windows of 1500 rows at 2500 steps: 3.7 million rows.
  ['max_over_time(avg_over_time(m[25m])[2500s:1s])', 3],
  ['max_over_time(quantile_over_time(0.5, m[10m:1s])[2000s:1s])', 1],
  // 600,000 steps: looked up, and turned into samples.
  ['count_over_time(m[3000s:5ms])', (2 * 600_000) / 20_000],
  ['absent_over_time(m[3000s:5ms])', (2 * 600_000) / 20_000],
  ['count_over_time(timestamp(m)[3000s:5ms])', (2 * 600_000) / 20_000],
])('%s comes to a checkpoint often enough', async (query, least) => {
  expect(await checkpointsOf(query)).toBeGreaterThanOrEqual(least);
});
