import { describe, expect, test } from 'vitest';
import { ResetHint } from '../../model/native-histogram.ts';
import { addHistograms, subtractHistograms } from './arithmetic.ts';
import type { FloatHistogram } from './float-histogram.ts';
import { bucketRecord, custom, exponential } from './histogram-shapes.ts';

/** What an addition gives, as far as exponential buckets go. */
function added(a: FloatHistogram, b: FloatHistogram): object {
  const h = addHistograms(a, b).histogram!;
  return {
    schema: h.schema,
    zeroThreshold: h.zeroThreshold,
    zeroCount: h.zeroCount,
    count: h.count,
    positive: bucketRecord(h, 'positive'),
    negative: bucketRecord(h, 'negative'),
  };
}

describe('exponential buckets', () => {
  test('with the same layout', () => {
    const a = exponential({ zeroCount: 1, positive: { 0: 1, 1: 2 }, negative: { 3: 4 }, sum: 1.5 });
    const sum = addHistograms(a, a).histogram!;
    expect(sum.equals(a.scale(2))).toBe(true);
    expect(a.positiveBuckets).toEqual([1, 2]);
  });

  test('with different spans', () => {
    const a = exponential({ positive: { '-2': 1, 1: 2, 5: 3 }, negative: { 0: 1 } });
    const b = exponential({ positive: { '-3': 10, 0: 20, 1: 30, 9: 40 } });
    expect(added(a, b)).toMatchObject({
      count: 107,
      positive: { '-3': 10, '-2': 1, 0: 20, 1: 32, 5: 3, 9: 40 },
      negative: { 0: 1 },
    });
    expect(addHistograms(a, b).histogram!.positiveSpans).toEqual([
      { offset: -3, length: 2 },
      { offset: 1, length: 2 },
      { offset: 3, length: 1 },
      { offset: 3, length: 1 },
    ]);
  });

  test('the coarser schema, on either side', () => {
    const fine = exponential({ schema: 1, positive: { 1: 1, 2: 2, 3: 4 }, negative: { 0: 8 } });
    const coarse = exponential({ positive: { 1: 16 }, negative: { 4: 32 } });
    const expected = { schema: 0, positive: { 1: 19, 2: 4 }, negative: { 0: 8, 4: 32 }, count: 63 };
    expect(added(fine, coarse)).toMatchObject(expected);
    expect(added(coarse, fine)).toMatchObject(expected);
  });

  describe('zero buckets', () => {
    const narrow = exponential({
      zeroThreshold: 0.001,
      zeroCount: 1,
      positive: { '-1': 2, 0: 4, 1: 8 },
      negative: { '-1': 16, 1: 32 },
    });

    test('the wider one takes in buckets', () => {
      const wide = exponential({ zeroThreshold: 1, zeroCount: 100, positive: { 2: 1 } });
      const expected = {
        zeroThreshold: 1,
        zeroCount: 100 + 1 + 2 + 4 + 16,
        positive: { 1: 8, 2: 1 },
        negative: { 1: 32 },
      };
      expect(added(narrow, wide)).toMatchObject(expected);
      expect(added(wide, narrow)).toMatchObject(expected);
    });

    test('it grows to the end of a populated bucket it would cut', () => {
      // Bucket −1 ends at 0.5, bucket 0 at 1.
      const wide = exponential({ zeroThreshold: 0.75, zeroCount: 100 });
      const expected = {
        zeroThreshold: 1,
        zeroCount: 123,
        positive: { 1: 8 },
        negative: { 1: 32 },
      };
      expect(added(narrow, wide)).toMatchObject(expected);
      expect(added(wide, narrow)).toMatchObject(expected);
    });

    test('it does not grow for an empty bucket', () => {
      const wide = exponential({ zeroThreshold: 3, zeroCount: 1 });
      expect(added(narrow, wide)).toMatchObject({ zeroThreshold: 3, zeroCount: 64, positive: {} });
    });

    test('growing for one histogram may cut a bucket of the other', () => {
      const wide = exponential({
        schema: 1,
        zeroThreshold: 0.6,
        zeroCount: 100,
        // From 0.707 to 1, and from 1 to 1.41.
        positive: { 0: 5, 1: 7 },
      });
      const coarse = exponential({ schema: -1, positive: { 0: 1 }, zeroCount: 2 });
      // Bucket 0 of the coarse one reaches from 0.25 to 1.
      expect(added(wide, coarse)).toMatchObject({
        schema: -1,
        zeroThreshold: 1,
        zeroCount: 108,
        positive: { 1: 7 },
      });
    });

    test('what moved into it is not left in a coarser bucket as well', () => {
      // 1.41 is a bound of schema 1, inside of a bucket of schema 0.
      const fine = exponential({ schema: 1, positive: { 1: 5, 2: 7 } });
      const wide = exponential({ zeroThreshold: 1.25, zeroCount: 1 });
      expect(added(wide, fine)).toMatchObject({
        zeroThreshold: 2 * 0.7071067811865475,
        zeroCount: 6,
        positive: { 1: 7 },
        count: 13,
      });
    });

    test('a threshold that is no number ends nothing', () => {
      const odd = exponential({ zeroThreshold: Number.NaN, positive: { 1: 1 } });
      expect(added(odd, exponential({ positive: { 1: 1 } }))).toMatchObject({ positive: { 1: 2 } });
    });

    test('observations of the second in buckets inside of it are left out', () => {
      const unsound = exponential({ zeroThreshold: 1, positive: { 0: 5, 1: 1 } });
      const sound = exponential({ zeroThreshold: 1, positive: { 1: 1 } });
      expect(added(sound, unsound)).toMatchObject({ positive: { 1: 2 } });
    });
  });

  test('subtraction', () => {
    const a = exponential({ zeroCount: 5, positive: { 1: 5, 2: 3 }, sum: 10 });
    const b = exponential({ zeroCount: 2, positive: { 1: 1, 2: 3, 3: 4 }, sum: 3 });
    const { histogram } = subtractHistograms(a, b);
    expect(histogram).toMatchObject({ zeroCount: 3, count: 3, sum: 7 });
    expect(bucketRecord(histogram!, 'positive')).toEqual({ 1: 4, 3: -4 });
    expect(histogram!.positiveSpans).toEqual([
      { offset: 1, length: 1 },
      { offset: 1, length: 1 },
    ]);
  });
});

describe('custom buckets', () => {
  test('with the same bounds', () => {
    const { histogram, boundsReconciled } = addHistograms(
      custom([1, 2], [1, 2, 3], 4),
      custom([1, 2], [10, 20], 40),
    );
    expect(histogram!.equals(custom([1, 2], [11, 22, 3], 44))).toBe(true);
    expect(boundsReconciled).toBe(false);
  });

  test('keep the bounds in common', () => {
    const a = custom([1, 2, 3, 4], [1, 2, 4, 8, 16]);
    const b = custom([2, 2.5, 4, 5], [100, 200, 400, 800, 1600]);
    const { histogram, boundsReconciled } = addHistograms(a, b);
    // Up to 2, 4 and +Inf.
    expect(histogram!.equals(custom([2, 4], [103, 612, 2416]))).toBe(true);
    expect(boundsReconciled).toBe(true);
    expect(subtractHistograms(a, b).histogram!.equals(custom([2, 4], [-97, -588, -2384]))).toBe(
      true,
    );
  });

  test('without any bound in common are one', () => {
    const { histogram } = addHistograms(custom([1], [1, 2]), custom([2], [4, 8]));
    expect(histogram!.equals(custom([], [15]))).toBe(true);
  });

  test('do not add to exponential ones', () => {
    for (const combine of [addHistograms, subtractHistograms]) {
      const { histogram, boundsReconciled } = combine(custom([1], [1]), exponential({}));
      expect(histogram).toBeUndefined();
      expect(boundsReconciled).toBe(false);
    }
  });
});

describe('reset hints', () => {
  const { unknown, yes, no, gauge } = ResetHint;
  const cases: [a: ResetHint, b: ResetHint, result: ResetHint, collide: boolean][] = [
    [unknown, unknown, unknown, false],
    [yes, yes, yes, false],
    [no, no, no, false],
    [gauge, gauge, gauge, false],
    [unknown, yes, unknown, false],
    [unknown, no, unknown, false],
    [unknown, gauge, gauge, false],
    [yes, gauge, gauge, false],
    [no, gauge, gauge, false],
    [yes, no, unknown, true],
  ];
  test.each(cases)('%d with %d is %d, collision: %s', (a, b, result, collide) => {
    const left = exponential({ resetHint: a });
    const right = exponential({ resetHint: b });
    for (const combined of [
      addHistograms(left, right),
      addHistograms(right, left),
      subtractHistograms(left, right),
    ]) {
      expect(combined.histogram!.resetHint).toBe(result);
      expect(combined.counterResetCollision).toBe(collide);
    }
  });
});
