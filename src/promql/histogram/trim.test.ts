import { describe, expect, test } from 'vitest';
import type { FloatHistogram } from './float-histogram.ts';
import { bucketRecord, custom, exponential } from './histogram-shapes.ts';
import { trimLower, trimUpper } from './trim.ts';

const { NaN: nan, POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: minusInf } = Number;
const ROOT = Math.SQRT2;

/** Middles of (0.5, 1] and (1, 2]. */
const positive = exponential({ positive: { 0: 2, 1: 4 }, sum: 7.25 });
const both = exponential({
  zeroThreshold: 0.25,
  zeroCount: 8,
  positive: { 1: 4 },
  negative: { 1: 2 },
  sum: 3,
});

describe('exponential buckets', () => {
  test('nothing cut leaves the histogram as it is, sum included', () => {
    expect(trimUpper(positive, 2)).toBe(positive);
    expect(trimUpper(positive, inf)).toBe(positive);
    expect(trimLower(positive, 0.5)).toBe(positive);
    expect(trimLower(positive, minusInf)).toBe(positive);
    expect(trimUpper(exponential({}), 1).equals(exponential({}))).toBe(true);
  });

  test('whole buckets', () => {
    const below = trimUpper(positive, 1);
    expect(bucketRecord(below, 'positive')).toEqual({ 0: 2 });
    expect(below.count).toBe(2);
    expect(below.sum).toBeCloseTo(2 * Math.SQRT1_2, 12);
    expect(below.positiveSpans).toEqual([{ offset: 0, length: 1 }]);
    const above = trimLower(positive, 1);
    expect(bucketRecord(above, 'positive')).toEqual({ 1: 4 });
    expect(above.sum).toBeCloseTo(4 * ROOT, 12);
  });

  test('a part of a bucket, on the logarithm', () => {
    const below = trimUpper(positive, ROOT);
    expect(below.positiveBuckets[1]).toBeCloseTo(2, 12);
    expect(below.count).toBeCloseTo(4, 12);
    expect(below.sum).toBeCloseTo(2 * Math.SQRT1_2 + 2 * 2 ** 0.25, 12);
    const above = trimLower(positive, ROOT);
    expect(above.count).toBeCloseTo(2, 12);
    expect(above.sum).toBeCloseTo(2 * 2 ** 0.75, 12);
  });

  test('a part of a negative bucket', () => {
    const below = trimUpper(both, -ROOT);
    expect(bucketRecord(below, 'positive')).toEqual({});
    expect(below).toMatchObject({ zeroCount: 0, zeroThreshold: 0.25 });
    expect(below.count).toBeCloseTo(1, 12);
    expect(below.sum).toBeCloseTo(-(2 ** 0.75), 12);
    const above = trimLower(both, -ROOT);
    expect(above.zeroCount).toBe(8);
    expect(above.count).toBeCloseTo(13, 12);
    expect(above.sum).toBeCloseTo(4 * ROOT - 2 ** 0.25, 12);
  });

  describe('the zero bucket', () => {
    const zeroOf = (h: FloatHistogram): number => h.zeroCount;
    test('between both sides is even', () => {
      expect(zeroOf(trimUpper(both, 0))).toBe(4);
      expect(trimUpper(both, 0).sum).toBeCloseTo(-2 * ROOT + 4 * -0.125, 12);
      expect(zeroOf(trimLower(both, 0.125))).toBe(2);
      expect(trimLower(both, 0.125).sum).toBeCloseTo(4 * ROOT + 2 * 0.1875, 12);
    });
    test('below positive buckets starts at 0', () => {
      const h = exponential({ zeroThreshold: 0.25, zeroCount: 8, positive: { 1: 1 } });
      expect(zeroOf(trimUpper(h, 0))).toBe(0);
      expect(zeroOf(trimUpper(h, 0.125))).toBe(4);
      expect(trimLower(h, 0)).toBe(h);
    });
    test('above negative buckets ends at 0', () => {
      const h = exponential({ zeroThreshold: 0.25, zeroCount: 8, negative: { 1: 1 } });
      expect(trimUpper(h, 0)).toBe(h);
      expect(zeroOf(trimLower(h, -0.125))).toBe(4);
    });
  });

  test('by NaN nothing of the buckets is left', () => {
    expect(trimUpper(positive, nan)).toMatchObject({ count: 0, sum: 0, positiveBuckets: [] });
    expect(trimLower(positive, nan)).toMatchObject({ count: 0, sum: 0, positiveBuckets: [] });
  });
});

describe('custom buckets', () => {
  const h = custom([5, 10], [4, 2, 8], 99);

  const cases: [name: string, result: FloatHistogram, counts: number[], sum: number][] = [
    ['below a bound', trimUpper(h, 5), [4], 4 * 2.5],
    ['below the middle, linear', trimUpper(h, 7.5), [4, 1], 4 * 2.5 + 6.25],
    ['below, in the first, which starts at 0', trimUpper(h, 2.5), [2], 2 * 1.25],
    ['below, in the last, of which nothing is known', trimUpper(h, 1000), [4, 2], 10 + 15],
    ['below the least', trimUpper(h, 0), [], 0],
    ['above a bound', trimLower(h, 5), [0, 2, 8], 2 * 7.5 + 8 * 10],
    ['above the middle', trimLower(h, 7.5), [0, 1, 8], 8.75 + 80],
    ['above, in the first', trimLower(h, 2.5), [2, 2, 8], 2 * 3.75 + 15 + 80],
    ['above, in the last, which stays', trimLower(h, 1000), [0, 0, 8], 8000],
  ];
  test.each(cases)('%s', (_, result, counts, sum) => {
    expect(result.sum).toBeCloseTo(sum, 12);
    expect(result.equals(custom([5, 10], counts, result.sum))).toBe(true);
  });

  test('a first bucket without positive values', () => {
    const negative = custom([-5, 10], [4, 2]);
    // Nobody knows where below −5: below −7 all stay, above −7 none do.
    expect(trimUpper(negative, -7)).toMatchObject({ count: 4, sum: -28 });
    expect(trimLower(negative, -7)).toMatchObject({ count: 2, sum: 5 });
  });

  test('keep their bounds', () => {
    expect(trimUpper(h, 5).customValues).toEqual([5, 10]);
  });
});
