// Range functions of the kernel against their TypeScript twins: the same steps, the same bits.

import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { threadKernel } from '../../codec/thread-kernel.ts';
import { Annotations } from '../annotations.ts';
import { newStepSeries, type StepSeries } from '../eval/step-series.ts';
import { makeCall, selectorExpr } from '../functions/function-testing.ts';
import { FUNCTIONS } from '../functions/index.ts';
import type { RangeSamples, WindowFrame } from '../functions/interface.ts';
import type { MatrixSelector } from '../language/ast.ts';
import {
  countFloatWindows,
  KERNEL_FUNCTION_NAMES,
  KernelRows,
  kernelRangeFunction,
} from './index.ts';

const parameters = {
  numRuns: Number(process.env.PROP_RUNS ?? 300),
  seed: Number(process.env.PROP_SEED ?? 1),
};

const START_T = 1_700_000_000_000;
const MAX_ROWS = 64;

/** A place for columns in kernel memory, as readers of samples have one. */
const address = threadKernel().take(MAX_ROWS * 16);
const { buffer } = threadKernel();
const kernelT = new Float64Array(buffer, address, MAX_ROWS);
const kernelV = new Float64Array(buffer, address + MAX_ROWS * 8, MAX_ROWS);
const rows = new KernelRows(MAX_ROWS);
afterAll(() => rows.close());

const HARD_VALUES = [0, -0, NaN, Infinity, -Infinity, 5e-324, 1e-310, 2 ** -1022, 1e308, -1e308];
const anyValue = fc.oneof(
  fc.constantFrom(...HARD_VALUES),
  fc.double(),
  fc.integer({ min: -5, max: 5 }),
  fc.double({ min: 0, max: 1, noNaN: true }),
);

/** Changes from row to row: counters with resets, gauges, and anything at all. */
const column = fc.oneof(
  fc.array(anyValue, { maxLength: MAX_ROWS }),
  fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { maxLength: MAX_ROWS }),
  // Extremes of which it is the order that tells which one is meant, or that there is none.
  fc.array(fc.constantFrom(0, -0, NaN, -Infinity, -1), { maxLength: MAX_ROWS }),
  fc.array(fc.constantFrom(0, -0, NaN, Infinity, 1), { maxLength: MAX_ROWS }),
  fc
    .tuple(
      fc.constantFrom(0, 1, 1000.5, 1e15),
      fc.array(
        fc.oneof(fc.integer({ min: 0, max: 90 }), fc.double({ min: 0, max: 9, noNaN: true })),
        {
          maxLength: MAX_ROWS,
        },
      ),
    )
    .map(([first, steps]) => counter(first, steps)),
);

/** A step of 77 stands for a reset. */
function counter(first: number, steps: readonly number[]): number[] {
  let value = first;
  return steps.map((step) => {
    value = step === 77 ? 3 : value + step;
    return value;
  });
}

const gap = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 14_990, max: 15_010 }) },
  { weight: 2, arbitrary: fc.constant(15_000) },
  fc.integer({ min: 1, max: 3 }),
  fc.integer({ min: 1, max: 200_000 }),
  fc.constant(2 ** 36 + 12_345),
);

const gaps = fc.oneof(
  fc.array(fc.constant(15_000), { minLength: MAX_ROWS, maxLength: MAX_ROWS }),
  fc.array(gap, { minLength: MAX_ROWS, maxLength: MAX_ROWS }),
);

const frames: fc.Arbitrary<WindowFrame> = fc.record({
  firstEndT: fc.integer({ min: START_T - 100_000, max: START_T + 1_000_000 }),
  stepMs: fc.oneof(
    fc.constantFrom(0, 15_000, 60_000),
    fc.integer({ min: 1, max: 30 }),
    fc.integer({ min: 1, max: 300_000 }),
  ),
  count: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: MAX_ROWS })),
  rangeMs: fc.oneof(
    fc.constantFrom(1, 15_000, 60_000, 300_000, 1_700, 1_100),
    fc.integer({ min: 1, max: 2_000_000 }),
    fc.constantFrom(2 ** 36 - 1, 2 ** 36, 2 ** 38 + 777),
  ),
});

const cases = fc.record({ values: column, gaps, frame: frames, inKernel: fc.boolean() });

type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

function samplesOf({ values, gaps, inKernel }: Case): RangeSamples {
  const length = values.length;
  const t = inKernel ? kernelT : new Float64Array(length + 2);
  const v = inKernel ? kernelV : new Float64Array(length + 2);
  let at = START_T;
  for (let i = 0; i < length; i++) {
    at += gaps[i]!;
    t[i] = at;
    v[i] = values[i]!;
  }
  return { length, t, v, startT: undefined, histograms: undefined };
}

function callOf(name: string, modifier: Partial<MatrixSelector['selector']> = {}) {
  const range: MatrixSelector = {
    kind: 'matrixSelector',
    span: { start: 2, end: 3 },
    selector: selectorExpr(modifier),
    rangeMs: 1,
    rangeExpr: undefined,
  };
  return makeCall(name, [range], { annotations: new Annotations() });
}

function twinOf(name: string) {
  const entry = FUNCTIONS.get(name);
  if (entry?.kind !== 'range') throw new Error(`${name} is no function of range vectors`);
  return entry.compute;
}

/** Steps without a result have no value. */
function shown({ present, values }: StepSeries): (number | undefined)[] {
  return Array.from(present, (kind, i) => (kind === 0 ? undefined : values[i]));
}

/** Rows of kernel memory, by length; they are filled anew each time. */
const kernelRow = rows.row([]);

function outFor(count: number, inKernel: boolean): StepSeries {
  if (!inKernel) return newStepSeries([], count);
  return {
    ...kernelRow,
    present: kernelRow.present.subarray(0, count).fill(0),
    values: kernelRow.values.subarray(0, count).fill(123),
  };
}

test.each(KERNEL_FUNCTION_NAMES)('%s', (name) => {
  const twin = twinOf(name);
  const inKernel = kernelRangeFunction(name, () => {
    throw new Error('the twin was asked');
  })!;
  fc.assert(
    fc.property(cases, fc.boolean(), (given, outInKernel) => {
      const input = { labels: [], dropName: false, samples: samplesOf(given) };
      const expected = newStepSeries([], given.frame.count);
      twin(callOf(name), given.frame, input, expected);
      const out = outFor(given.frame.count, outInKernel);
      inKernel(callOf(name), given.frame, input, out);
      expect(shown(out)).toEqual(shown(expected));
    }),
    parameters,
  );
});

test('what the kernel does not know is left to the twin', () => {
  const samples = samplesOf({ values: [1, 2], gaps: [1, 1], frame: FRAME, inKernel: false });
  const startT = new Float64Array(2);
  const options = { ...callOf('rate').options, useStartTimestamps: true };
  const asked: string[] = [];
  const check = (name: string, given: RangeSamples, call = callOf(name)): void => {
    asked.length = 0;
    const compute = kernelRangeFunction(name, () => asked.push(name))!;
    compute(call, FRAME, { labels: [], dropName: false, samples: given }, newStepSeries([], 2));
  };
  check('rate', samples);
  expect(asked).toEqual([]);
  check('rate', { ...samples, histograms: [undefined, undefined] });
  expect(asked).toEqual(['rate']);
  check('rate', { ...samples, startT });
  expect(asked).toEqual([]);
  check('rate', { ...samples, startT }, { ...callOf('rate'), options });
  expect(asked).toEqual(['rate']);
  check('delta', { ...samples, startT }, { ...callOf('delta'), options });
  expect(asked).toEqual([]);
  check('changes', samples, callOf('changes', { anchored: true }));
  expect(asked).toEqual(['changes']);
  check('delta', samples, callOf('delta', { smoothed: true }));
  expect(asked).toEqual(['delta']);
  const long = new Float64Array(2 ** 20 + 1);
  check('rate', { ...samples, length: long.length, t: long, v: long });
  expect(asked).toEqual(['rate']);
});

const FRAME: WindowFrame = { firstEndT: START_T, stepMs: 1000, count: 2, rangeMs: 5000 };

test('a function the kernel does not have', () => {
  expect(kernelRangeFunction('deriv', () => {})).toBeUndefined();
});

test('figures of windows', () => {
  fc.assert(
    fc.property(cases, (given) => {
      const samples = samplesOf(given);
      const figures = { total: 0, read: 0, max: 0, last: 0 };
      expect(countFloatWindows(samples, given.frame, figures)).toBe(true);
      const { firstEndT, stepMs, count, rangeMs } = given.frame;
      const sizes: number[] = [];
      const read = new Set<number>();
      for (let i = 0; i < count; i++) {
        const end = firstEndT + i * stepMs;
        const inside = samples.t
          .subarray(0, samples.length)
          .filter((t) => t <= end && t > end - rangeMs);
        for (const t of inside) read.add(t);
        sizes.push(inside.length);
      }
      expect(figures).toEqual({
        total: sizes.reduce((sum, size) => sum + size, 0),
        read: read.size,
        max: Math.max(...sizes),
        last: sizes.at(-1),
      });
    }),
    parameters,
  );
});
