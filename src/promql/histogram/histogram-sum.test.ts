import { describe, expect, test } from 'vitest';
import { ResetHint } from '../../model/native-histogram.ts';
import { FloatHistogram } from './float-histogram.ts';
import { bucketRecord, custom, exponential } from './histogram-shapes.ts';
import { HistogramSum } from './histogram-sum.ts';

function sumOf(kind: 'sum' | 'mean', ...histograms: FloatHistogram[]): HistogramSum {
  const sum = new HistogramSum(kind);
  for (const h of histograms) sum.add(h);
  return sum;
}

describe('HistogramSum', () => {
  test('of nothing and of one', () => {
    expect(new HistogramSum('sum').result()).toBeUndefined();
    const h = exponential({ positive: { 1: 2 }, sum: 3, resetHint: ResetHint.no });
    expect(sumOf('sum', h).result()).toEqual(h);
    expect(sumOf('mean', h).result()).toEqual(h);
    const sparse = new FloatHistogram({
      positiveSpans: [{ offset: 0, length: 2 }],
      positiveBuckets: [0, 1],
    });
    expect(sumOf('sum', sparse).result()!.positiveBuckets).toEqual([1]);
  });

  test('of different layouts', () => {
    const a = exponential({ schema: 1, zeroCount: 1, positive: { 1: 1, 2: 2 }, sum: 1 });
    const b = exponential({ zeroThreshold: 0.5, zeroCount: 2, negative: { 2: 4 }, sum: 2 });
    const c = exponential({ schema: 2, positive: { '-8': 3, 8: 9 }, sum: 3 });
    const sum = sumOf('sum', a, b, c).result()!;
    expect(sum).toMatchObject({ schema: 0, zeroThreshold: 0.5, zeroCount: 6, count: 22, sum: 6 });
    expect(bucketRecord(sum, 'positive')).toEqual({ 1: 3, 2: 9 });
    expect(bucketRecord(sum, 'negative')).toEqual({ 2: 4 });
    const mean = sumOf('mean', a, b, c).result()!;
    expect(mean).toMatchObject({ zeroCount: 2, count: 22 / 3, sum: 2 });
    expect(bucketRecord(mean, 'positive')).toEqual({ 1: 1, 2: 3 });
  });

  test('goes on after a result was asked for, and leaves its inputs alone', () => {
    const h = exponential({ positive: { 1: 1 }, sum: 1 });
    const sum = sumOf('sum', h, h);
    expect(sum.result()!.positiveBuckets).toEqual([2]);
    sum.add(h);
    expect(sum.result()!.positiveBuckets).toEqual([3]);
    expect(h.positiveBuckets).toEqual([1]);
  });

  test('keeps what rounding would lose, in every number', () => {
    const terms = [1, 1e100, 1, -1e100].map((x) =>
      exponential({
        zeroThreshold: 0.001,
        zeroCount: x,
        count: x,
        sum: x,
        positive: { 1: x },
        negative: { 1: x },
      }),
    );
    const sum = sumOf('sum', ...terms).result()!;
    expect(sum).toMatchObject({
      zeroCount: 2,
      count: 2,
      sum: 2,
      positiveBuckets: [2],
      negativeBuckets: [2],
    });
    expect(sumOf('mean', ...terms).result()!.positiveBuckets).toEqual([0.5]);
  });

  test('also while buckets are joined', () => {
    const coarse = exponential({ positive: { 1: 1e100 } });
    const fine = exponential({ schema: 1, positive: { 1: 1, 2: 1 } });
    const minus = exponential({ positive: { 1: -1e100 } });
    expect(sumOf('sum', fine, coarse, minus).result()!.positiveBuckets).toEqual([2]);
    expect(sumOf('sum', coarse, fine, minus).result()!.positiveBuckets).toEqual([2]);
    // Into the zero bucket.
    const wide = exponential({ zeroThreshold: 2 });
    const large = sumOf('sum', coarse, exponential({ positive: { 1: 1 } }), wide, minus);
    expect(large.result()!.zeroCount).toBe(1);
    // On custom bounds in common.
    const bounds = sumOf(
      'sum',
      custom([1, 2], [1, 1e100]),
      custom([2], [1]),
      custom([2], [-1e100]),
    );
    expect(bounds.result()!.positiveBuckets).toEqual([2]);
  });

  test('is infinite, not NaN, once a sum is', () => {
    const infinite = exponential({ sum: Number.POSITIVE_INFINITY, positive: { 1: 1 } });
    const finite = exponential({ sum: 1, positive: { 1: 1 } });
    for (const kind of ['sum', 'mean'] as const) {
      expect(sumOf(kind, finite, infinite, finite).result()!.sum).toBe(Number.POSITIVE_INFINITY);
    }
    const opposite = exponential({ sum: Number.NEGATIVE_INFINITY });
    expect(sumOf('sum', infinite, opposite).result()!.sum).toBeNaN();
  });

  test('a sum may overflow, a mean does not', () => {
    const large = exponential({ sum: 1.5e308, count: 1, positive: { 1: 1 } });
    const larger = exponential({ sum: 1.2e308, count: 4, positive: { 1: 4 } });
    expect(sumOf('sum', large, larger).result()!.sum).toBe(Number.POSITIVE_INFINITY);
    const mean = sumOf('mean', large, larger, large, larger).result()!;
    expect(mean.sum / 1.35e308).toBeCloseTo(1, 12);
    expect(mean.count).toBeCloseTo(2.5, 12);
    expect(mean.positiveBuckets[0]).toBeCloseTo(2.5, 12);
    // In a bucket only.
    const bucket = exponential({ count: 0, positive: { 1: 1e308 } });
    expect(sumOf('mean', bucket, bucket, bucket).result()!.positiveBuckets[0]! / 1e308).toBeCloseTo(
      1,
      12,
    );
  });

  test('says what was reconciled', () => {
    const same = sumOf('sum', custom([1, 2], [1]), custom([1, 2], [1]));
    expect(same.boundsReconciled).toBe(false);
    for (const kind of ['sum', 'mean'] as const) {
      const sum = sumOf(kind, custom([1, 2], [1, 1]), custom([2, 3], [2, 2]), custom([2], [4]));
      expect(sum.boundsReconciled).toBe(true);
      const factor = kind === 'sum' ? 1 : 3;
      expect(
        sum
          .result()!
          .scale(factor)
          .equals(custom([2], [8, 2])),
      ).toBe(true);
    }
  });

  test('there is none of exponential and custom buckets', () => {
    const sum = sumOf('sum', exponential({}));
    expect(sum.add(custom([1], [1]))).toBe(false);
    expect(sum.add(exponential({}))).toBe(true);
    expect(sum.isIncompatible).toBe(true);
    expect(sum.result()).toBeUndefined();
  });

  test('reset hints collide over all that was added, and combine in turn', () => {
    const { yes, no, gauge, unknown } = ResetHint;
    const of = (...hints: ResetHint[]): HistogramSum =>
      sumOf('sum', ...hints.map((resetHint) => exponential({ resetHint })));
    expect(of(yes, yes).counterResetCollision).toBe(false);
    expect(of(yes, yes).result()!.resetHint).toBe(yes);
    expect(of(yes, gauge, no).counterResetCollision).toBe(true);
    expect(of(yes, gauge, no).result()!.resetHint).toBe(gauge);
    expect(of(yes, no).result()!.resetHint).toBe(unknown);
    expect(of(unknown, no).result()!.resetHint).toBe(unknown);
  });
});
