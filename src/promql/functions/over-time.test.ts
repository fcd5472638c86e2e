import { describe, expect, test } from 'vitest';
import { ResetHint } from '../../model/native-histogram.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { callRange, histogramOf, type Point } from './function-testing.ts';

const CALL = { range: 100, end: 100 };
const MIXED = 'warning at 2: encountered a mix of histograms and floats for metric name "x"';
const IGNORED =
  'info at 2: ignored histograms in a range containing both floats and histograms for metric name "x"';

function pointsOf(...values: Point[1][]): Point[] {
  return values.map((value, i) => [10 * (i + 1), value]);
}

const h = histogramOf;

describe('of floats', () => {
  const cases: [name: string, points: Point[], expected: number][] = [
    // The small one is not lost, nor are the large ones where they cancel.
    ['sum_over_time', pointsOf(1, 1e100, 1, -1e100), 2],
    ['avg_over_time', pointsOf(1, 1e100, 1, -1e100), 0.5],
    ['sum_over_time', pointsOf(1, Infinity, 1), Infinity],
    ['sum_over_time', pointsOf(Infinity, -Infinity), NaN],
    ['avg_over_time', pointsOf(Infinity, 1), Infinity],
    // The sum would be infinite, the mean is not.
    ['avg_over_time', pointsOf(1.7e308, 1.7e308, 1.7e308), 1.7e308],
    ['count_over_time', pointsOf(1, NaN, h([1])), 3],
    ['present_over_time', pointsOf(NaN), 1],
    ['ts_of_first_over_time', pointsOf(h([1]), 5), 10],
    ['ts_of_last_over_time', pointsOf(5, h([1])), 20],
    ['first_over_time', pointsOf(4, h([1])), 4],
    ['last_over_time', pointsOf(h([1]), 4), 4],
    ['max_over_time', pointsOf(NaN, -1, NaN, -3), -1],
    ['min_over_time', pointsOf(NaN, -1, NaN, -3), -3],
    ['max_over_time', pointsOf(NaN, NaN), NaN],
    ['ts_of_max_over_time', pointsOf(3, 7, 7, NaN, 1), 30],
    ['ts_of_min_over_time', pointsOf(3, 1, 7, NaN, 1, 2), 50],
    ['ts_of_max_over_time', pointsOf(NaN, NaN), 20],
    ['stdvar_over_time', pointsOf(1, 2, 3, 4), 1.25],
    ['stddev_over_time', pointsOf(5, 5, 5), 0],
    ['stddev_over_time', pointsOf(1, NaN), NaN],
    ['mad_over_time', pointsOf(4, 6, 2, 1, 999, 1, 2), 1],
    ['mad_over_time', pointsOf(4, NaN), NaN],
  ];
  for (const [name, points, expected] of cases) {
    test(`${name}(${points.map(([, value]) => value).join(' ')})`, () => {
      expect(callRange(name, points, CALL)).toEqual({ values: [expected], remarks: [] });
    });
  }

  test('an empty window gives nothing', () => {
    for (const name of ['sum', 'avg', 'min', 'count', 'first', 'last', 'present', 'stddev']) {
      const { values } = callRange(`${name}_over_time`, pointsOf(1, 2), { range: 5, end: 100 });
      expect(values).toEqual([undefined]);
    }
  });

  test('quantile_over_time, with q by step and outside of 0 to 1', () => {
    const points = pointsOf(1, 2, 3, NaN);
    const quantile = (q: number): unknown =>
      callRange('quantile_over_time', points, { ...CALL, scalars: [q] });
    const warned = (q: string): string[] => [
      `warning at 2: quantile value should be between 0 and 1, got ${q}`,
    ];
    // NaN is the lowest.
    expect(quantile(0)).toEqual({ values: [NaN], remarks: [] });
    expect(quantile(0.5)).toEqual({ values: [1.5], remarks: [] });
    expect(quantile(1)).toEqual({ values: [3], remarks: [] });
    expect(quantile(-0.1)).toEqual({ values: [-Infinity], remarks: warned('-0.1') });
    expect(quantile(2)).toEqual({ values: [Infinity], remarks: warned('2') });
    expect(quantile(NaN)).toEqual({ values: [NaN], remarks: warned('NaN') });
  });
});

describe('of histograms', () => {
  test('sum and avg', () => {
    const points = pointsOf(h([1, 2]), h([3]), h([5, 1]));
    const [sum] = callRange('sum_over_time', points, CALL).values as FloatHistogram[];
    const [avg] = callRange('avg_over_time', points, CALL).values as FloatHistogram[];
    expect(sum!.toString()).toBe('{count:12, sum:12, (1,2]:9, (2,4]:3}');
    expect(avg!.toString()).toBe('{count:4, sum:4, (1,2]:3, (2,4]:1}');
  });

  test('first and last', () => {
    const points = pointsOf(h([1]), 3, h([5]));
    const [first] = callRange('first_over_time', points, CALL).values as FloatHistogram[];
    const [last] = callRange('last_over_time', points, CALL).values as FloatHistogram[];
    expect([first!.count, last!.count]).toEqual([1, 5]);
  });

  test('with floats there is no sum and no mean', () => {
    for (const name of ['sum_over_time', 'avg_over_time']) {
      expect(callRange(name, pointsOf(1, h([1])), CALL)).toEqual({
        values: [undefined],
        remarks: [MIXED],
      });
    }
  });

  test('exponential with custom buckets have none either', () => {
    const points = pointsOf(h([1]), h([1], { schema: -53, customValues: [1] }));
    expect(callRange('sum_over_time', points, CALL)).toEqual({
      values: [undefined],
      remarks: [
        'warning at 2: vector contains a mix of histograms with exponential and custom buckets schemas for metric name "x"',
      ],
    });
  });

  test('contradictory hints and other bounds are remarked', () => {
    const hints = pointsOf(
      h([1], { resetHint: ResetHint.yes }),
      h([1], { resetHint: ResetHint.no }),
    );
    expect(callRange('sum_over_time', hints, CALL).remarks).toEqual([
      'warning at 2: conflicting counter resets during histogram aggregation',
    ]);
    const customs = [
      [1, 2],
      [1, 3],
    ].map((customValues) =>
      h([1], { schema: -53, customValues, positiveSpans: [{ offset: 0, length: 1 }] }),
    );
    expect(callRange('avg_over_time', pointsOf(...customs), CALL).remarks).toEqual([
      'info at 2: mismatched custom buckets were reconciled during aggregation',
    ]);
  });

  test('the other functions leave them aside', () => {
    const names = 'min max stddev stdvar quantile mad ts_of_min ts_of_max'.split(' ');
    for (const name of names.map((word) => `${word}_over_time`)) {
      const call = { ...CALL, scalars: [0.5] };
      expect(callRange(name, pointsOf(h([1])), call)).toEqual({ values: [undefined], remarks: [] });
      const mixed = callRange(name, pointsOf(h([1]), 5, h([1])), call);
      expect(mixed.values).not.toContain(undefined);
      expect(mixed.remarks).toEqual([IGNORED]);
    }
  });

  test('so do those that need two floats', () => {
    for (const name of ['deriv', 'predict_linear', 'double_exponential_smoothing']) {
      const call = { ...CALL, scalars: [undefined, 0.5, 0.5] };
      expect(callRange(name, pointsOf(h([1]), h([2])), call)).toEqual({
        values: [undefined],
        remarks: [],
      });
      expect(callRange(name, pointsOf(h([1]), 5), call)).toEqual({
        values: [undefined],
        remarks: [IGNORED],
      });
      expect(callRange(name, pointsOf(h([1]), 5, 6), call).remarks).toEqual([IGNORED]);
    }
  });
});
