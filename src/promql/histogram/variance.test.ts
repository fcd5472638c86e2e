import { expect, test } from 'vitest';
import { custom, exponential } from './histogram-shapes.ts';
import { nativeStddev, nativeStdvar } from './variance.ts';

test('geometric middles, 0 around zero', () => {
  // At −√2 twice, 0 once, √8 once; the mean is 0.5.
  const h = exponential({
    zeroThreshold: 0.1,
    zeroCount: 1,
    positive: { 2: 1 },
    negative: { 1: 2 },
    sum: 2,
  });
  const variance = (2 * (Math.SQRT2 + 0.5) ** 2 + 0.5 ** 2 + (Math.sqrt(8) - 0.5) ** 2) / 4;
  expect(nativeStdvar(h)).toBeCloseTo(variance, 12);
  expect(nativeStddev(h)).toBeCloseTo(Math.sqrt(variance), 12);
});

test('arithmetic middles of custom buckets', () => {
  // At 2 three times and at 4 once; the mean is 2.5.
  expect(nativeStdvar(custom([1, 3, 5], [0, 3, 1], 10))).toBeCloseTo((3 * 0.25 + 2.25) / 4, 12);
});

test('without observations there is none', () => {
  expect(nativeStdvar(exponential({}))).toBeNaN();
  expect(nativeStddev(exponential({ positive: { 1: 1 }, sum: Number.NaN }))).toBeNaN();
});

test('of an infinite sum is infinite', () => {
  const h = exponential({ positive: { 1: 1 }, sum: Number.POSITIVE_INFINITY });
  expect(nativeStddev(h)).toBe(Number.POSITIVE_INFINITY);
});
