// Selection against sorting.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_CONTROL } from './function-testing.ts';
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
        expect(quantileOf(q, Float64Array.from(values), NO_CONTROL) + 0).toEqual(expected + 0);
      },
    ),
    parameters,
  );
});

test('of up to a dozen values, zeros of either sign stay in the order in which they came', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(0, -0, 1, -1, Number.NaN), { minLength: 1, maxLength: 12 }),
      fc.constantFrom(0, 0.3, 0.5, 1),
      (values, q) => {
        expect(quantileOf(q, Float64Array.from(values), NO_CONTROL)).toBe(bySorting(q, values));
      },
    ),
    parameters,
  );
});

test('many equal and many sorted values', () => {
  expect(quantileOf(0.3, new Float64Array(10_000).fill(5), NO_CONTROL)).toBe(5);
  const ascending = Float64Array.from({ length: 10_001 }, (_, i) => i);
  expect(quantileOf(0.5, ascending, NO_CONTROL)).toBe(5000);
  const descending = Float64Array.from({ length: 10_001 }, (_, i) => -i);
  expect(quantileOf(0.25, descending, NO_CONTROL)).toBe(-7500);
});

test('an order made to defeat the choice of pivots does not', () => {
  let rounds = 0;
  const control = { checkpoint: () => rounds++, reserve: () => {} };
  const values = orderThatDefeats(4000);
  expect(quantileOf(1, Float64Array.from(values), control)).toBe(3999);
  expect(rounds).toBeLessThan(60);
});

/**
 * The numbers below `length` in an order of which each round of selection takes away but two: those that it compares
 * are given their values as late and as low as they can be (McIlroy's adversary), going along the same way.
 */
function orderThatDefeats(length: number): number[] {
  const values = new Array<number>(length).fill(Number.POSITIVE_INFINITY);
  const places = values.map((_, i) => i);
  let lowest = 0;
  let candidate = -1;
  const isLess = (a: number, b: number): boolean => {
    if (values[a] === values[b] && a !== b) values[a === candidate ? a : b] = lowest++;
    if (values[a] === Number.POSITIVE_INFINITY) candidate = a;
    else if (values[b] === Number.POSITIVE_INFINITY) candidate = b;
    return values[a]! < values[b]!;
  };
  const smaller = (a: number, b: number): number => (isLess(a, b) ? a : b);
  const larger = (a: number, b: number): number => (isLess(a, b) ? b : a);
  const to = length - 1;
  for (let from = 0; from < to; ) {
    const [a, b, c] = [places[from]!, places[(from + to) >> 1]!, places[to]!];
    const pivot = larger(smaller(a, b), smaller(larger(a, b), c));
    let i = from;
    let j = to;
    while (i <= j) {
      while (places[i] !== pivot && isLess(places[i]!, pivot)) i++;
      while (places[j] !== pivot && isLess(pivot, places[j]!)) j--;
      if (i > j) break;
      [places[i], places[j]] = [places[j]!, places[i]!];
      i++;
      j--;
    }
    from = i;
  }
  return values.map((value) => (value === Number.POSITIVE_INFINITY ? lowest++ : value));
}
