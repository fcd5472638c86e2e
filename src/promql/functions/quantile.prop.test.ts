// Selection against sorting.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quantileOf } from './quantile.ts';

const parameters = {
  numRuns: Number(process.env.PROP_RUNS ?? 500),
  seed: Number(process.env.PROP_SEED ?? 1),
};

function bySorting(q: number, values: readonly number[]): number {
  const nan = (value: number) => Number(Number.isNaN(value));
  const sorted = values.toSorted((a, b) => nan(b) - nan(a) || (nan(a) ? 0 : a - b));
  const rank = q * (sorted.length - 1);
  const lower = Math.floor(rank);
  const upper = Math.min(sorted.length - 1, lower + 1);
  const weight = rank - lower;
  return sorted[lower]! * (1 - weight) + sorted[upper]! * weight;
}

const value = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double({ min: -1e6, max: 1e6 }),
  fc.constant(Number.NaN),
);

test('the quantile is that of the sorted values', () => {
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 80 }),
      fc.oneof(fc.constantFrom(0, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true })),
      (values, q) => {
        const expected = bySorting(q, values);
        // Zeros of either sign are the same here.
        expect(quantileOf(q, Float64Array.from(values)) + 0).toEqual(expected + 0);
      },
    ),
    parameters,
  );
});

test('many equal and many sorted values', () => {
  expect(quantileOf(0.3, new Float64Array(10_000).fill(5))).toBe(5);
  const ascending = Float64Array.from({ length: 10_001 }, (_, i) => i);
  expect(quantileOf(0.5, ascending)).toBe(5000);
  expect(
    quantileOf(
      0.25,
      Float64Array.from({ length: 10_001 }, (_, i) => -i),
    ),
  ).toBe(-7500);
});
