import { describe, expect, test } from 'vitest';
import { labelsToObject } from '../../model/labels.ts';
import type { StepSeries } from '../eval/step-series.ts';
import { type Argument, callFunction, histogramOf, rowOf, type Value } from './function-testing.ts';

const h = histogramOf;

/** Rows of one classic histogram from its cumulative buckets, each with its values by step. */
function classic(
  labels: Record<string, string>,
  buckets: Record<string, Value | readonly Value[]>,
): StepSeries[] {
  return Object.entries(buckets).map(([le, values]) =>
    rowOf({ ...labels, le }, Array.isArray(values) ? values : [values as Value]),
  );
}

const UP = { __name__: 'x_bucket', job: 'a' };
const TWO_STEPS = { startT: 60_000, stepMs: 60_000, count: 2 };

function call(name: string, args: Argument[], count = 1, delayed = true) {
  const steps = count === 1 ? undefined : { ...TWO_STEPS, count };
  const result = callFunction(name, args, steps, { delayedNameRemoval: delayed });
  return {
    ...result,
    series: result.series.map(({ labels, values }) => [labelsToObject(labels), values]),
  };
}

describe('histogram_quantile', () => {
  test('classic histograms are grouped by all labels but le', () => {
    const rows = [
      ...classic(UP, { '1': 10, '+Inf': 20, '2': 20 }),
      ...classic({ ...UP, job: 'b' }, { '4': 8, '+Inf': 8 }),
    ];
    expect(call('histogram_quantile', [0.75, rows]).series).toEqual([
      [{ __name__: 'x_bucket', job: 'a' }, [1.5]],
      [{ __name__: 'x_bucket', job: 'b' }, [3]],
    ]);
  });

  test('each step has the buckets that are there, and its own q', () => {
    const rows = classic(UP, { '1': [10, undefined], '2': [20, 20], '+Inf': [20, 20] });
    const { series } = call('histogram_quantile', [[0.25, 0.5], rows], 2);
    expect(series).toEqual([[UP, [0.5, 1]]]);
  });

  test('equal bounds are added up', () => {
    const rows = classic(UP, { '1': 4, '1.0': 4, '+Inf': 16 });
    expect(call('histogram_quantile', [0.25, rows]).series).toEqual([[UP, [0.5]]]);
  });

  test('native histograms are by themselves', () => {
    const rows = [rowOf({ __name__: 'x', job: 'a' }, [h([4, 4])])];
    const { series, remarks } = call('histogram_quantile', [0.5, rows]);
    expect(series).toEqual([[{ __name__: 'x', job: 'a' }, [2]]]);
    expect(remarks).toEqual([]);
  });

  test('a quantile outside of 0 to 1 is remarked, also where there is no histogram', () => {
    const remark = 'warning at 10: quantile value should be between 0 and 1, got 1.5';
    expect(call('histogram_quantile', [1.5, []])).toMatchObject({ series: [], remarks: [remark] });
  });

  test('a bucket without a proper bound is left out', () => {
    const rows = [
      ...classic(UP, { '1': 10, '+Inf': 20, abc: 30 }),
      rowOf({ __name__: 'y', job: 'a' }, [1]),
    ];
    expect(call('histogram_quantile', [0.25, rows])).toMatchObject({
      series: [[UP, [0.5]]],
      remarks: [
        'warning at 20: bucket label "le" is missing or has a malformed value of "abc" for metric name "x_bucket"',
        'warning at 20: bucket label "le" is missing or has a malformed value of "" for metric name "y"',
      ],
    });
    const { remarks } = call('histogram_quantile', [0.25, rows.slice(3)], 1, false);
    expect(remarks).toEqual([
      'warning at 20: bucket label "le" is missing or has a malformed value of ""',
    ]);
  });

  test('classic and native under the same labels at the same step: neither', () => {
    const rows = [
      ...classic(UP, { '2': [10, 10, undefined], '+Inf': [10, 10, undefined] }),
      rowOf(UP, [undefined, h([1]), h([4, 4])]),
    ];
    expect(call('histogram_quantile', [0.5, rows], 3)).toMatchObject({
      series: [[UP, [1, undefined, 2]]],
      remarks: [
        'warning at 20: vector contains a mix of classic and native histograms for metric name "x_bucket"',
      ],
    });
  });

  test('counts that fall are raised and remarked, all steps and histograms together', () => {
    const rows = [
      ...classic(UP, { '1': [10, 10], '2': [5, 20], '4': [8, 20], '+Inf': [20, 20] }),
      ...classic({ ...UP, job: 'b' }, { '1': [10, 10], '8': [10, 9.87], '+Inf': [10, 10] }),
    ];
    const { remarks } = call('histogram_quantile', [0.5, rows], 2);
    expect(remarks).toEqual([
      'info at 20: input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile) for metric name "x_bucket", from buckets 2 to 8, with a max diff of 5, over 2 samples from 1970-01-01T00:01:00Z to 1970-01-01T00:02:00Z',
    ]);
  });

  test('NaN observations are remarked', () => {
    const nan = h([4], { sum: NaN, count: 8 });
    const quantile = (q: number): string[] =>
      call('histogram_quantile', [q, [rowOf({ __name__: 'x' }, [nan])]]).remarks;
    expect(quantile(0.2)).toEqual([
      'info at 20: input to histogram_quantile has NaN observations, result is skewed higher for metric name "x"',
    ]);
    expect(quantile(0.9)).toEqual([
      'info at 20: input to histogram_quantile has NaN observations, result is NaN for metric name "x"',
    ]);
  });
});

describe('histogram_quantiles', () => {
  test('a series per quantile', () => {
    const rows = classic(UP, { '10': 10, '+Inf': 10 });
    const { series } = call('histogram_quantiles', [rows, 'q', 0.25, 1, 0, -1e-7]);
    expect(series).toEqual([
      [{ ...UP, q: '0.25' }, [2.5]],
      [{ ...UP, q: '1.0' }, [10]],
      [{ ...UP, q: '0.0' }, [0]],
      [{ ...UP, q: '-1e-07' }, [-Infinity]],
    ]);
  });

  test('a quantile that changes from step to step makes a series each', () => {
    const rows = [rowOf({ a: 'b' }, [h([4, 4]), h([4, 4]), h([4, 4])])];
    const { series, remarks } = call('histogram_quantiles', [rows, 'q', [0.5, NaN, 0.5]], 3);
    expect(series).toEqual([
      [{ a: 'b', q: '0.5' }, [2, undefined, 2]],
      [{ a: 'b', q: 'NaN' }, [undefined, NaN, undefined]],
    ]);
    expect(remarks).toEqual(['warning at 30: quantile value should be between 0 and 1, got NaN']);
  });
});

describe('histogram_fraction', () => {
  test('classic and native', () => {
    const rows = [
      ...classic(UP, { '1': 10, '2': 20, '+Inf': 40 }),
      rowOf({ __name__: 'y' }, [h([4, 4])]),
    ];
    expect(call('histogram_fraction', [0, 1.5, rows])).toMatchObject({
      series: [
        [UP, [0.375]],
        [{ __name__: 'y' }, [expect.closeTo(0.2925, 4)]],
      ],
      remarks: [],
    });
  });

  test('NaN observations are in no fraction, and remarked', () => {
    const rows = [rowOf({ __name__: 'x' }, [h([4], { sum: NaN, count: 8 })])];
    expect(call('histogram_fraction', [-Infinity, Infinity, rows])).toMatchObject({
      series: [[{ __name__: 'x' }, [0.5]]],
      remarks: [
        'info at 30: input to histogram_fraction has NaN observations, which are excluded from all fractions for metric name "x"',
      ],
    });
  });
});

describe('figures of native histograms', () => {
  // Both buckets as one value each, the geometric mean of their bounds.
  const variance = ((Math.SQRT2 - 2.5) ** 2 + (Math.sqrt(8) - 2.5) ** 2) / 2;
  const cases: [name: string, expected: number][] = [
    ['histogram_count', 8],
    ['histogram_sum', 20],
    ['histogram_avg', 2.5],
    ['histogram_stdvar', variance],
    ['histogram_stddev', Math.sqrt(variance)],
  ];
  for (const [name, expected] of cases) {
    test(name, () => {
      const row = rowOf({ __name__: 'x' }, [7, h([4, 4], { sum: 20 }), undefined]);
      const [[, values]] = call(name, [[row]], 3).series as [[unknown, Value[]]];
      expect(values[0]).toBeUndefined();
      expect(values[1]).toBeCloseTo(expected, 12);
      expect(values[2]).toBeUndefined();
    });
  }
});
