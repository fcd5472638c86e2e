import { describe, expect, test } from 'vitest';
import { type NativeHistogram, ResetHint, rawFloat64 } from '../../model/native-histogram.ts';
import { FloatHistogram } from './float-histogram.ts';
import { custom, exponential } from './histogram-shapes.ts';

const integer: NativeHistogram = {
  kind: 'integer',
  resetHint: ResetHint.no,
  schema: 1,
  zeroThreshold: 0.001,
  zeroCount: 2n,
  count: 9007199254740993n,
  sum: rawFloat64(-1.5),
  positiveSpans: [{ offset: 1, length: 2 }],
  negativeSpans: [{ offset: 0, length: 1 }],
  positiveCounts: [3n, 4n],
  negativeCounts: [5n],
  customValues: [],
};

describe('conversion', () => {
  test('from integer counts', () => {
    const h = FloatHistogram.fromNative(integer);
    expect(h).toMatchObject({
      schema: 1,
      zeroThreshold: 0.001,
      zeroCount: 2,
      count: 9007199254740992,
      sum: -1.5,
      positiveBuckets: [3, 4],
      negativeBuckets: [5],
      resetHint: ResetHint.no,
    });
    expect(h.usesCustomBuckets).toBe(false);
  });

  test('to the model and back', () => {
    const h = custom([1, 2.5], [1, 0.5, 2], Number.NaN).withResetHint(ResetHint.gauge);
    const native = h.toNative();
    expect(native.kind).toBe('float');
    const back = FloatHistogram.fromNative(native);
    expect(back).toEqual(h);
    expect(back.usesCustomBuckets).toBe(true);
  });

  test('nothing given is an empty histogram', () => {
    expect(new FloatHistogram({}).toString()).toBe('{count:0, sum:0}');
    expect(new FloatHistogram({}).buckets()).toEqual([]);
  });
});

describe('scale and divide', () => {
  const h = exponential({
    zeroThreshold: 0.001,
    zeroCount: 3,
    positive: { 0: 3, 2: 6 },
    negative: { 1: 9 },
    sum: 33,
    resetHint: ResetHint.no,
  });

  test('every number, not the layout', () => {
    expect(h.scale(2)).toEqual(
      exponential({
        zeroThreshold: 0.001,
        zeroCount: 6,
        positive: { 0: 6, 2: 12 },
        negative: { 1: 18 },
        sum: 66,
        resetHint: ResetHint.no,
      }),
    );
    expect(h.divide(3).positiveBuckets).toEqual([1, 2]);
    expect(h.divide(3).sum).toBe(11);
  });

  test('by something negative makes a gauge', () => {
    expect(h.scale(-1).resetHint).toBe(ResetHint.gauge);
    expect(h.scale(-1).negativeBuckets).toEqual([-9]);
    expect(h.divide(-3).resetHint).toBe(ResetHint.gauge);
  });

  test('by 0 leaves no buckets', () => {
    expect(h.scale(0).buckets()).toEqual([]);
    expect(h.scale(0).positiveSpans).toEqual([]);
    const divided = h.divide(0);
    expect(divided).toMatchObject({
      count: Number.POSITIVE_INFINITY,
      sum: Number.POSITIVE_INFINITY,
      zeroCount: Number.POSITIVE_INFINITY,
      zeroThreshold: 0.001,
      positiveSpans: [],
      negativeBuckets: [],
      resetHint: ResetHint.no,
    });
    expect(exponential({ positive: {} }).divide(0).count).toBeNaN();
  });

  test('does not touch the operand', () => {
    h.scale(7);
    expect(h.positiveBuckets).toEqual([3, 6]);
  });
});

describe('compact', () => {
  const sparse = new FloatHistogram({
    positiveSpans: [
      { offset: -2, length: 2 },
      { offset: 0, length: 1 },
      { offset: 3, length: 0 },
      { offset: 1, length: 3 },
    ],
    positiveBuckets: [0, 1, 2, 3, 0, 4],
    negativeSpans: [{ offset: 5, length: 2 }],
    negativeBuckets: [0, 0],
  });

  test('drops empty buckets and joins spans', () => {
    const compact = sparse.compact();
    expect(compact.positiveSpans).toEqual([
      { offset: -1, length: 2 },
      { offset: 4, length: 1 },
      { offset: 1, length: 1 },
    ]);
    expect(compact.positiveBuckets).toEqual([1, 2, 3, 4]);
    expect(compact.negativeSpans).toEqual([]);
    expect(compact.negativeBuckets).toEqual([]);
  });

  test('is itself once compact', () => {
    const compact = sparse.compact();
    expect(compact.compact()).toBe(compact);
  });
});

describe('equals', () => {
  const h = exponential({ zeroThreshold: 0.5, zeroCount: 1, positive: { 1: 2 }, sum: 3 });

  test('compares what is left when compacted, not hints', () => {
    const spread = new FloatHistogram({
      ...h,
      positiveSpans: [
        { offset: 0, length: 1 },
        { offset: 0, length: 2 },
      ],
      positiveBuckets: [0, 2, 0],
      resetHint: ResetHint.gauge,
    });
    expect(h.equals(spread)).toBe(true);
    expect(spread.equals(h)).toBe(true);
  });

  test('NaN equals NaN, 0 does not equal -0', () => {
    const nan = exponential({ positive: { 1: 2 }, sum: Number.NaN });
    expect(nan.equals(exponential({ positive: { 1: 2 }, sum: Number.NaN }))).toBe(true);
    expect(exponential({ sum: 0 }).equals(exponential({ sum: -0 }))).toBe(false);
  });

  const different: [string, FloatHistogram][] = [
    ['schema', new FloatHistogram({ ...h, schema: 1 })],
    ['zero threshold', new FloatHistogram({ ...h, zeroThreshold: 0.25 })],
    ['zero count', new FloatHistogram({ ...h, zeroCount: 2 })],
    ['count', new FloatHistogram({ ...h, count: 4 })],
    ['sum', new FloatHistogram({ ...h, sum: 4 })],
    ['bucket', new FloatHistogram({ ...h, positiveBuckets: [3] })],
    ['index', new FloatHistogram({ ...h, positiveSpans: [{ offset: 2, length: 1 }] })],
    ['side', exponential({ zeroThreshold: 0.5, zeroCount: 1, negative: { 1: 2 }, sum: 3 })],
  ];
  test.each(different)('differs by %s', (_, other) => {
    expect(h.equals(other)).toBe(false);
  });

  test('custom bounds matter', () => {
    expect(custom([1, 2], [1]).equals(custom([1, 2], [1, 0]))).toBe(true);
    expect(custom([1, 2], [1]).equals(custom([1, 3], [1]))).toBe(false);
  });
});

describe('shown', () => {
  const mixed = exponential({
    zeroThreshold: 0.25,
    zeroCount: 1,
    positive: { 0: 2, 2: 3.5 },
    negative: { 0: 4, 1: 1e6 },
    sum: 12.5,
  });

  test('as text', () => {
    expect(mixed.toString()).toBe(
      '{count:1.0000105e+06, sum:12.5, [-2,-1):1e+06, [-1,-0.5):4, [-0.25,0.25]:1, (0.5,1]:2, (2,4]:3.5}',
    );
    expect(custom([0, 5], [1, 0, 2]).toString()).toBe('{count:3, sum:0, [-Inf,0]:1, (5,+Inf]:2}');
  });

  test('a negative zero bucket is in the text, not among the buckets', () => {
    const h = mixed.scale(-1);
    expect(h.toString()).toContain('[-0.25,0.25]:-1,');
    expect(h.buckets().map(({ count }) => count)).toEqual([-1e6, -4, -2, -3.5]);
  });

  test('buckets ascend', () => {
    expect(mixed.buckets()).toEqual([
      { lower: -2, upper: -1, lowerInclusive: true, upperInclusive: false, count: 1e6 },
      { lower: -1, upper: -0.5, lowerInclusive: true, upperInclusive: false, count: 4 },
      { lower: -0.25, upper: 0.25, lowerInclusive: true, upperInclusive: true, count: 1 },
      { lower: 0.5, upper: 1, lowerInclusive: false, upperInclusive: true, count: 2 },
      { lower: 2, upper: 4, lowerInclusive: false, upperInclusive: true, count: 3.5 },
    ]);
  });

  test('only the first custom bucket is closed below', () => {
    expect(custom([0, 5], [1, 2]).buckets()).toEqual([
      {
        lower: Number.NEGATIVE_INFINITY,
        upper: 0,
        lowerInclusive: true,
        upperInclusive: true,
        count: 1,
      },
      { lower: 0, upper: 5, lowerInclusive: false, upperInclusive: true, count: 2 },
    ]);
  });

  test('the zero bucket cuts buckets it reaches into, whether it has observations or not', () => {
    for (const zeroCount of [0, 1]) {
      const h = exponential({
        zeroThreshold: 0.75,
        zeroCount,
        positive: { 0: 1 },
        negative: { 0: 1 },
      });
      const bounds = h.buckets().map(({ lower, upper }) => [lower, upper]);
      expect(bounds[0]).toEqual([-1, -0.75]);
      expect(bounds.at(-1)).toEqual([0.75, 1]);
    }
  });
});

test('sizeBytes counts as Prometheus does', () => {
  expect(new FloatHistogram({}).sizeBytes()).toBe(168);
  // One span and two buckets; one span, three buckets, two bounds.
  expect(exponential({ positive: { 0: 1, 1: 1 } }).sizeBytes()).toBe(168 + 3 * 8);
  expect(custom([1, 2], [1, 1, 1]).sizeBytes()).toBe(168 + 6 * 8);
});
