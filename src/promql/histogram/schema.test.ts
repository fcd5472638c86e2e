import { describe, expect, test } from 'vitest';
import { BOUNDS_OF_SCHEMA_8 } from './exponential-bounds.ts';
import { coarserIndex, exponentialBound, reduceSchema } from './schema.ts';

describe('exponentialBound', () => {
  const cases: [index: number, schema: number, bound: number][] = [
    [0, 0, 1],
    [1, 0, 2],
    [-1, 0, 0.5],
    [10, 0, 1024],
    // Not the root of 2 to the last digit.
    [1, 1, 2 * 0.7071067811865475],
    [-1, 1, 0.7071067811865475],
    [2, 2, 2 * 0.7071067811865475],
    [256, 8, 2],
    [255, 8, 2 * 0.9972960560854698],
    [1, -1, 4],
    [0, -4, 1],
    [1, -4, 65536],
    [-1, -4, 1 / 65536],
    // The last bucket of finite values, and the one of infinities.
    [1024, 0, Number.MAX_VALUE],
    [1025, 0, Number.POSITIVE_INFINITY],
    [64, -4, Number.MAX_VALUE],
    [65, -4, Number.POSITIVE_INFINITY],
    [1024 * 256, 8, Number.MAX_VALUE],
    [1024 * 256 + 1, 8, Number.POSITIVE_INFINITY],
    // Down where numbers end.
    [-1074, 0, Number.MIN_VALUE],
    [-1075, 0, 0],
    [-2 * 1075, 1, 0],
    [-2 * 1075 + 1, 1, Number.MIN_VALUE],
    [-2147483648, 8, 0],
    [2147483647, 8, Number.POSITIVE_INFINITY],
  ];
  test.each(cases)('of bucket %d of schema %d is %d', (index, schema, bound) => {
    expect(exponentialBound(index, schema)).toBe(bound);
  });

  test('halving and doubling is exact over the whole range', () => {
    for (let index = -1074, power = Number.MIN_VALUE; index < 1024; index++, power *= 2) {
      expect(exponentialBound(index, 0)).toBe(power);
    }
  });

  test('is strictly ascending and near 2^(i/256)', () => {
    for (let i = 0; i < 256; i++) {
      const bound = exponentialBound(i, 8);
      expect(bound).toBe(BOUNDS_OF_SCHEMA_8[i]! * 2);
      expect(exponentialBound(i + 1, 8)).toBeGreaterThan(bound);
      expect(Math.abs(bound / 2 ** (i / 256) - 1)).toBeLessThan(1e-15);
    }
  });
});

test('coarserIndex keeps the upper bounds', () => {
  for (let index = -20; index <= 20; index++) {
    const coarser = coarserIndex(index, 2);
    expect(exponentialBound(coarser, 1)).toBeGreaterThanOrEqual(exponentialBound(index, 3));
    expect(exponentialBound(coarser - 1, 1)).toBeLessThan(exponentialBound(index, 3));
  }
});

describe('reduceSchema', () => {
  test('adds up buckets that become one', () => {
    const buckets = {
      spans: [
        { offset: -3, length: 4 },
        { offset: 6, length: 2 },
      ],
      counts: [1, 2, 3, 4, 5, 6],
    };
    // Indexes −3, −2, −1, 0, 7, 8 become −1, −1, 0, 0, 4, 4.
    expect(reduceSchema(buckets, 1, 0)).toEqual({
      spans: [
        { offset: -1, length: 2 },
        { offset: 3, length: 1 },
      ],
      counts: [3, 7, 11],
    });
  });

  test('changes nothing at the same schema', () => {
    const buckets = { spans: [{ offset: 0, length: 1 }], counts: [1] };
    expect(reduceSchema(buckets, 3, 3)).toBe(buckets);
  });
});
