// Laws of histogram arithmetic, over random histograms. Counts are whole numbers, so that sums are exact.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ResetHint } from '../../model/native-histogram.ts';
import { addHistograms, subtractHistograms } from './arithmetic.ts';
import type { FloatHistogram } from './float-histogram.ts';
import { custom, exponential } from './histogram-shapes.ts';
import { HistogramSum } from './histogram-sum.ts';
import { nativeFraction, nativeQuantile } from './quantile.ts';
import { exponentialBound, reduceSchema } from './schema.ts';
import { compactBuckets, sparseBuckets } from './spans.ts';
import { trimLower, trimUpper } from './trim.ts';

const parameters = {
  numRuns: Number(process.env.PROP_RUNS ?? 300),
  seed: Number(process.env.PROP_SEED ?? 1),
};

const count = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 1000 }) },
);
const side = fc.dictionary(fc.integer({ min: -12, max: 20 }).map(String), count, { maxKeys: 12 });

/** Sound ones: no bucket with observations begins within the zero bucket. */
const exponentialHistogram = fc
  .record({
    schema: fc.integer({ min: -2, max: 3 }),
    zeroThreshold: fc.constantFrom(0, 0.001, 0.5, 0.8, 1, 1.5, 3),
    zeroCount: count,
    positive: side,
    negative: side,
    sum: fc.integer({ min: -1e6, max: 1e6 }),
  })
  .map(({ positive, negative, ...rest }) => {
    const isOutside = ([index]: [string, number]): boolean =>
      exponentialBound(Number(index) - 1, rest.schema) >= rest.zeroThreshold;
    const outside = (buckets: Record<string, number>): Record<string, number> =>
      Object.fromEntries(Object.entries(buckets).filter(isOutside));
    return exponential({ ...rest, positive: outside(positive), negative: outside(negative) });
  });

const customHistogram = fc
  .record({
    bounds: fc.subarray([-5, -1, 0, 0.5, 1, 2.5, 5, 10, 25]),
    counts: fc.array(count, { minLength: 10, maxLength: 10 }),
    sum: fc.integer({ min: -1e6, max: 1e6 }),
  })
  .map(({ bounds, counts, sum }) => custom(bounds, counts.slice(0, bounds.length + 1), sum));

const pairs = fc.oneof(
  fc.tuple(exponentialHistogram, exponentialHistogram),
  fc.tuple(customHistogram, customHistogram),
);
const lists = fc.oneof(
  fc.array(exponentialHistogram, { minLength: 1, maxLength: 6 }),
  fc.array(customHistogram, { minLength: 1, maxLength: 6 }),
);
const anyHistogram = fc.oneof(exponentialHistogram, customHistogram);

function inBuckets(h: FloatHistogram): number {
  return h.buckets().reduce((sum, bucket) => sum + bucket.count, 0);
}

function add(a: FloatHistogram, b: FloatHistogram): FloatHistogram {
  return addHistograms(a, b).histogram!;
}

describe('addition', () => {
  test('commutes', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        expect(add(a, b).equals(add(b, a))).toBe(true);
      }),
      parameters,
    );
  });

  test('is associative', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const c = a.scale(3);
        expect(add(add(a, b), c).equals(add(a, add(b, c)))).toBe(true);
      }),
      parameters,
    );
  });

  test('loses no observation', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const sum = add(a, b);
        expect(sum.count).toBe(a.count + b.count);
        expect(inBuckets(sum)).toBe(sum.count);
      }),
      parameters,
    );
  });

  test('is undone by subtraction, on the layout of the sum', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const difference = subtractHistograms(add(a, b), b).histogram!;
        // a as far as the common layout shows it.
        const onLayout = add(a, b.scale(0));
        if (onLayout.zeroThreshold === difference.zeroThreshold) {
          expect(difference.equals(onLayout)).toBe(true);
        }
        expect(difference.count).toBe(a.count);
        expect(inBuckets(difference)).toBe(a.count);
      }),
      parameters,
    );
  });

  test('leaves its operands alone', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const before = [JSON.stringify(a), JSON.stringify(b)];
        add(a, b);
        subtractHistograms(a, b);
        expect([JSON.stringify(a), JSON.stringify(b)]).toEqual(before);
      }),
      parameters,
    );
  });

  test('never looks like a reset', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        expect(add(a, b).withResetHint(ResetHint.unknown).detectReset(a)).toBe(false);
      }),
      parameters,
    );
  });
});

describe('HistogramSum', () => {
  test('is what adding in turn gives', () => {
    fc.assert(
      fc.property(lists, (list) => {
        const sum = new HistogramSum('sum');
        const mean = new HistogramSum('mean');
        for (const h of list) {
          sum.add(h);
          mean.add(h);
        }
        const expected = list.reduce(add).compact();
        expect(sum.result()!.equals(expected)).toBe(true);
        expect(mean.result()!.equals(expected.divide(list.length))).toBe(true);
      }),
      parameters,
    );
  });

  test('a running mean is near the mean', () => {
    fc.assert(
      fc.property(lists, (list) => {
        const mean = new HistogramSum('mean');
        const runningMean = new HistogramSum('mean');
        const huge = 2 ** 1000;
        for (const h of list) {
          mean.add(h);
          runningMean.add(h.scale(huge));
        }
        const expected = mean.result()!;
        const got = runningMean.result()!.divide(huge);
        expect(got.positiveSpans).toEqual(expected.positiveSpans);
        got.positiveBuckets.forEach((value, i) => {
          expect(value / expected.positiveBuckets[i]!).toBeCloseTo(1, 12);
        });
      }),
      parameters,
    );
  });
});

describe('buckets', () => {
  const sparse = fc
    .uniqueArray(fc.integer({ min: -40, max: 40 }), { maxLength: 20 })
    .chain((indexes) =>
      fc.tuple(
        fc.constant(indexes.sort((a, b) => a - b)),
        fc.array(count, { minLength: indexes.length, maxLength: indexes.length }),
      ),
    )
    .map(([indexes, counts]) => sparseBuckets(indexes, counts));

  test('compacting is idempotent and keeps every observation', () => {
    fc.assert(
      fc.property(sparse, (buckets) => {
        const compact = compactBuckets(buckets);
        expect(compactBuckets(compact)).toBe(compact);
        expect(compact.counts).toEqual(buckets.counts.filter((value) => value !== 0));
      }),
      parameters,
    );
  });

  test('a coarser schema keeps their sum, and steps do not matter', () => {
    fc.assert(
      fc.property(
        sparse,
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 0, max: 3 }),
        (buckets, a, b) => {
          const total = (counts: readonly number[]): number => counts.reduce((x, y) => x + y, 0);
          const reduced = reduceSchema(buckets, 4, 4 - a - b);
          expect(total(reduced.counts)).toBe(total(buckets.counts));
          expect(reduceSchema(reduceSchema(buckets, 4, 4 - a), 4 - a, 4 - a - b)).toEqual(reduced);
        },
      ),
      parameters,
    );
  });
});

describe('estimates', () => {
  test('quantiles ascend', () => {
    fc.assert(
      fc.property(anyHistogram, fc.double({ min: 0, max: 1, noNaN: true }), (h, q) => {
        fc.pre(h.count > 0);
        const lower = nativeQuantile(q / 2, h).value;
        const upper = nativeQuantile(q, h).value;
        expect(lower <= upper + Math.abs(upper) * 1e-9 || Number.isNaN(upper)).toBe(true);
      }),
      parameters,
    );
  });

  test('fractions of neighbouring ranges add up', () => {
    fc.assert(
      fc.property(anyHistogram, fc.double({ min: -30, max: 30, noNaN: true }), (h, at) => {
        fc.pre(h.count > 0);
        const below = nativeFraction(Number.NEGATIVE_INFINITY, at, h).value;
        const above = nativeFraction(at, Number.POSITIVE_INFINITY, h).value;
        expect(below + above).toBeCloseTo(1, 9);
      }),
      parameters,
    );
  });

  test('what trims keep on both sides of a value is all, but for open ends', () => {
    fc.assert(
      fc.property(exponentialHistogram, fc.double({ min: -30, max: 30, noNaN: true }), (h, at) => {
        const below = trimUpper(h, at);
        const above = trimLower(h, at);
        expect((below.count + above.count) / (h.count || 1)).toBeCloseTo(h.count === 0 ? 0 : 1, 9);
      }),
      parameters,
    );
  });
});
