import { describe, expect, test } from 'vitest';
import type { FloatHistogram } from './float-histogram.ts';
import { custom, exponential } from './histogram-shapes.ts';
import { nativeFraction, nativeQuantile } from './quantile.ts';

const { NaN: nan, POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: minusInf } = Number;

const positive = exponential({
  zeroThreshold: 0.001,
  zeroCount: 2,
  positive: { 0: 2, 1: 3, 3: 1, 4: 4 },
  sum: 100,
});
const negative = exponential({
  zeroThreshold: 0.001,
  zeroCount: 2,
  negative: { 0: 2, 1: 3, 3: 1, 4: 4 },
  sum: -100,
});
const both = exponential({
  zeroThreshold: 0.001,
  zeroCount: 4,
  positive: { 0: 2, 1: 3, 3: 1, 4: 4 },
  negative: { 0: 2, 1: 3, 3: 1, 4: 4 },
});
const bounded = custom([5, 10], [1, 2, 1]);

describe('nativeQuantile', () => {
  const cases: [name: string, q: number, h: FloatHistogram, value: number][] = [
    ['q below 0', -0.1, positive, minusInf],
    ['q above 1', 1.1, positive, inf],
    ['q NaN', nan, positive, nan],
    ['empty', 0.5, exponential({}), nan],
    ['all', 1, positive, 16],
    ['none, of a zero bucket below positive ones', 0, positive, 0],
    // Rank 1.2 of the 2 in [0, 0.001].
    ['linear in the zero bucket', 0.1, positive, 0.0006],
    // Rank 9 from below, 1 of the 4 in (8, 16]; on the logarithm that is 2^3.25.
    ['exponential elsewhere', 0.75, positive, 2 ** 3.25],
    ['mirrored', 0.25, negative, -(2 ** 3.25)],
    ['all of negative ones', 1, negative, 0],
    ['in a zero bucket in the middle', 0.5, both, 0],
    ['a quarter into it', 11 / 24, both, -0.0005],
    ['custom, linear', 0.5, bounded, 7.5],
    ['custom, first starts at 0', 0.125, bounded, 2.5],
    ['custom, last has no end', 0.9, bounded, 10],
    ['custom, first without positive values', 0.1, custom([-3, 10], [1, 2]), -3],
    ['custom, around 0', 0.5, custom([-1, 1], [0, 2]), 0],
    ['custom, without bounds', 0.5, custom([], [2]), inf],
    ['only a zero bucket', 0.75, exponential({ zeroThreshold: 2, zeroCount: 4 }), 1],
  ];
  test.each(cases)('%s: %d', (_, q, h, value) => {
    const result = nativeQuantile(q, h);
    if (Number.isFinite(value)) expect(result.value).toBeCloseTo(value, 12);
    else expect(result.value).toBe(value);
    expect(result.nanObservations).toBe('none');
  });

  test('counts from the nearer end: the other is where rounding adds up', () => {
    // From below, 0.1 + 0.2 is more than 0.3, and (1, 2] would not be left.
    const h = exponential({ positive: { 0: 0.1, 1: 0.2, 2: 0.7 }, count: 1 });
    expect(nativeQuantile(1, h).value).toBe(4);
    expect(nativeQuantile(0.3, h).value).toBeCloseTo(2, 12);
  });

  describe('with NaN observations', () => {
    const h = exponential({ positive: { 0: 8, 1: 4 }, count: 15, sum: nan });
    test('among them there is no value', () => {
      expect(nativeQuantile(0.81, h)).toEqual({ value: nan, nanObservations: 'result' });
      const only = exponential({ count: 3, sum: nan });
      expect(nativeQuantile(0.4, only)).toEqual({ value: nan, nanObservations: 'result' });
    });
    test('below them it is higher than it was', () => {
      expect(nativeQuantile(0.8, h)).toEqual({ value: 2, nanObservations: 'skewed' });
      // Rank 4 of the 8 in (0.5, 1], whatever comes above.
      const { value, nanObservations } = nativeQuantile(4 / 15, h);
      expect(value).toBeCloseTo(Math.SQRT1_2, 12);
      expect(nanObservations).toBe('skewed');
    });
    test('a NaN sum alone, of infinities, is none', () => {
      const infinities = exponential({ positive: { 0: 8 }, sum: nan });
      expect(nativeQuantile(0.5, infinities).nanObservations).toBe('none');
    });
  });

  test('an empty bucket is never where it lies', () => {
    const h = exponential({ positive: { 0: 1, 3: 1 } });
    expect(nativeQuantile(0.5, h).value).toBe(4);
    expect(nativeQuantile(0.499999999, h).value).toBeCloseTo(1, 6);
  });

  test('a bucket that the zero bucket reaches into starts there', () => {
    const h = exponential({ zeroThreshold: 0.75, positive: { 0: 1 } });
    expect(nativeQuantile(0, h).value).toBe(0.75);
  });
});

describe('nativeFraction', () => {
  const cases: [name: string, lower: number, upper: number, h: FloatHistogram, value: number][] = [
    ['all', minusInf, inf, both, 1],
    ['empty histogram', 0, 1, exponential({}), nan],
    ['lower NaN', nan, 1, positive, nan],
    ['upper NaN', 1, nan, positive, nan],
    ['empty range', 2, 2, positive, 0],
    ['inverted range', 3, 2, positive, 0],
    ['whole buckets', 1, 2, positive, 3 / 12],
    ['part of a bucket', 2 ** 0.5, 2, positive, 1.5 / 12],
    ['part of a negative bucket', -2, -(2 ** 0.5), negative, 1.5 / 12],
    ['half of a zero bucket cut at 0', 0, 0.0005, positive, 1 / 12],
    ['nothing below 0', minusInf, 0, positive, 0],
    ['half of a zero bucket', minusInf, 0, both, 0.5],
    ['custom', 2.5, 7.5, bounded, 1.5 / 4],
    ['custom, no part of the last', 12, inf, bounded, 1 / 4],
    ['custom, all up to inside the last', minusInf, 12, bounded, 3 / 4],
    [
      'custom, first without lower end counts as a whole',
      minusInf,
      -4,
      custom([-3, 1], [2, 2]),
      0.5,
    ],
    ['beyond all buckets', 100, inf, positive, 0],
    ['below all buckets', minusInf, -100, negative, 0],
  ];
  test.each(cases)('%s: (%d, %d]', (_, lower, upper, h, value) => {
    const result = nativeFraction(lower, upper, h);
    if (Number.isNaN(value)) expect(result.value).toBeNaN();
    else expect(result.value).toBeCloseTo(value, 12);
    expect(result.hasNaNObservations).toBe(false);
  });

  test('NaN observations are in none', () => {
    const h = exponential({ positive: { 0: 12 }, count: 15, sum: nan });
    expect(nativeFraction(minusInf, inf, h)).toEqual({ value: 0.8, hasNaNObservations: true });
    const only = exponential({ count: 3, sum: nan });
    expect(nativeFraction(minusInf, inf, only)).toEqual({ value: 0, hasNaNObservations: true });
    const infinities = exponential({ positive: { 0: 8 }, sum: nan });
    expect(nativeFraction(minusInf, inf, infinities).hasNaNObservations).toBe(false);
  });

  test('is the inverse of a quantile', () => {
    for (const h of [positive, negative, both, custom([1, 4, 9], [1, 2, 3])]) {
      for (let q = 0.05; q < 1; q += 0.05) {
        const { value } = nativeQuantile(q, h);
        expect(nativeFraction(minusInf, value, h).value).toBeCloseTo(q, 9);
      }
    }
  });
});
