// Histograms of both kinds, and summaries.

import { describe, expect, test } from 'vitest';
import { attributes, nanos, type OtlpObject, otlpRequest } from '../../../test/support/otlp.ts';
import {
  exponential,
  histogram,
  T,
  type TranslateOptions,
  translate,
  values,
} from '../../../test/support/otlp-translation.ts';
import { printLabels } from '../../model/labels.ts';
import { isStaleHistogram } from '../../model/native-histogram-stale.ts';
import { isStaleAt } from '../../model/stale.ts';

describe('histograms with explicit bounds', () => {
  const point = {
    count: '6',
    sum: 12.5,
    bucketCounts: ['1', '0', '3', '2'],
    explicitBounds: [0.005, 1, 1e21],
    min: 0,
    max: 5,
    attributes: attributes({ a: 'b' }),
  };

  test('classic: a series for each bucket', () => {
    const translation = translate(otlpRequest([histogram('h', point)]));
    expect(values(translation)).toEqual({
      'h_sum{a="b"}': 12.5,
      'h_count{a="b"}': 6,
      'h_bucket{a="b", le="0.005"}': 1,
      'h_bucket{a="b", le="1"}': 1,
      'h_bucket{a="b", le="1000000000000000000000"}': 4,
      'h_bucket{a="b", le="+Inf"}': 6,
    });
    expect(translation.points).toEqual([0, 0, 0, 0, 0, 0]);
    expect(translation.metadata).toEqual([{ metric: 'h', type: 'histogram', help: '', unit: '' }]);
  });

  test('classic: no sum where there is none', () => {
    const translation = translate(otlpRequest([histogram('h', { count: 2 })]));
    expect(values(translation)).toEqual({ h_count: 2, 'h_bucket{le="+Inf"}': 2 });
  });

  test('classic: counts beyond 2^53 are rounded, and counted', () => {
    const large = {
      count: '18446744073709551615',
      bucketCounts: ['9007199254740993', '1'],
      explicitBounds: [1],
    };
    const translation = translate(otlpRequest([histogram('h', large)]));
    expect(values(translation)).toEqual({
      h_count: 2 ** 64,
      'h_bucket{le="1"}': 9_007_199_254_740_992,
      'h_bucket{le="+Inf"}': 2 ** 64,
    });
    expect(translation.roundedIntegers).toBe(3);
  });

  test('classic: every series of a point without a value is stale', () => {
    const { series } = translate(otlpRequest([histogram('h', { ...point, flags: 1 })]));
    expect(series.length).toBe(6);
    expect(series.every(({ samples }) => isStaleAt(samples.v, 0))).toBe(true);
  });

  test('classic: exemplars go to the bucket they are in', () => {
    const exemplar = (value: number): OtlpObject => ({ asDouble: value, timeUnixNano: nanos(T) });
    const exemplars = [7, 0.005, 0.5, 1e22, 1].map(exemplar);
    const { series } = translate(otlpRequest([histogram('h', { ...point, exemplars })]));
    expect(series.map((one) => one.exemplars.map(({ value }) => value))).toEqual([
      [],
      [],
      [0.005],
      [0.5, 1],
      [7],
      [1e22],
    ]);
  });

  test('as native histograms with custom buckets', () => {
    const { series, points } = translate(otlpRequest([histogram('h', point)]), {
      convertHistogramsToNhcb: true,
    });
    expect(series.map(({ labels }) => printLabels(labels))).toEqual(['h{a="b"}']);
    expect(points).toEqual([0]);
    expect(series[0]!.samples.histograms![0]).toMatchObject({
      kind: 'integer',
      schema: -53,
      resetHint: 0,
      count: 6n,
      zeroCount: 0n,
      zeroThreshold: 0,
      customValues: [0.005, 1, 1e21],
      positiveSpans: [{ offset: 0, length: 4 }],
      positiveCounts: [1n, 0n, 3n, 2n],
    });
  });

  test('custom buckets: empty ones before the first are left out', () => {
    const late = { count: 3, bucketCounts: [0, 0, 0, 0, 3], explicitBounds: [1, 2, 3, 4] };
    const { series } = translate(otlpRequest([histogram('h', late)]), {
      convertHistogramsToNhcb: true,
    });
    expect(series[0]!.samples.histograms![0]).toMatchObject({
      positiveSpans: [{ offset: 4, length: 1 }],
      positiveCounts: [3n],
    });
  });

  test('custom buckets: a count and a sum alone are one bucket', () => {
    const { series } = translate(otlpRequest([histogram('h', { count: 3, sum: 1 })]), {
      convertHistogramsToNhcb: true,
    });
    expect(series[0]!.samples.histograms![0]).toMatchObject({
      customValues: [],
      positiveSpans: [{ offset: 0, length: 1 }],
      positiveCounts: [3n],
    });
  });
});

describe('exponential histograms', () => {
  const nativeOf = (point: OtlpObject, options: TranslateOptions = {}): unknown => {
    const { series } = translate(otlpRequest([exponential('h', point)]), options);
    return series[0]!.samples.histograms![0];
  };

  test('buckets move by one, gaps of more than two start a span', () => {
    const point = {
      count: '10',
      sum: 1.5,
      scale: 1,
      zeroCount: '1',
      positive: { offset: -2, bucketCounts: [1, 0, 0, 2, 0, 0, 0, 3] },
      negative: { offset: 0, bucketCounts: [3] },
    };
    expect(nativeOf(point)).toEqual({
      kind: 'integer',
      resetHint: 0,
      schema: 1,
      zeroThreshold: 1e-128,
      zeroCount: 1n,
      count: 10n,
      sum: { low: 0, high: 0x3ff80000 },
      positiveSpans: [
        { offset: -1, length: 4 },
        { offset: 3, length: 1 },
      ],
      positiveCounts: [1n, 0n, 0n, 2n, 3n],
      negativeSpans: [{ offset: 1, length: 1 }],
      negativeCounts: [3n],
      customValues: [],
    });
  });

  test('scales finer than 8 are brought to it', () => {
    const point = {
      count: '15',
      scale: 10,
      positive: { offset: -5, bucketCounts: [1, 2, 0, 0, 4, 8] },
    };
    // Indices -5…0 divided by 4, rounded down, plus 1: -1 0 0 0 0 1.
    expect(nativeOf(point)).toMatchObject({
      schema: 8,
      positiveSpans: [{ offset: -1, length: 3 }],
      positiveCounts: [1n, 6n, 8n],
    });
  });

  test('a scale of any fineness is understood', () => {
    const point = {
      count: '3',
      scale: 2147483647,
      positive: { offset: -1, bucketCounts: [1, 2] },
    };
    expect(nativeOf(point)).toMatchObject({
      schema: 8,
      positiveSpans: [{ offset: 0, length: 2 }],
      positiveCounts: [1n, 2n],
    });
  });

  test('counts beyond 2^53 stay exact', () => {
    const point = {
      count: '18446744073709551615',
      scale: 9,
      positive: { offset: 0, bucketCounts: ['18446744073709551613', '2'] },
    };
    expect(nativeOf(point)).toMatchObject({
      count: 18_446_744_073_709_551_615n,
      positiveCounts: [18_446_744_073_709_551_615n],
    });
  });

  test('a zero threshold that the sender names is kept', () => {
    const point = { count: '1', zeroCount: '1', zeroThreshold: 0.001 };
    expect(nativeOf(point)).toMatchObject({ zeroThreshold: 0.001, positiveSpans: [] });
    expect(nativeOf({ ...point, zeroThreshold: -1 })).toMatchObject({ zeroThreshold: 1e-128 });
  });

  test('no recorded value is a stale marker', () => {
    const { series } = translate(otlpRequest([exponential('h', { count: '3', flags: 1 })]));
    expect(isStaleHistogram(series[0]!.samples.histograms![0]!)).toBe(true);
  });
});

describe('summaries', () => {
  test('a series for each quantile', () => {
    const metric = {
      name: 's',
      unit: 'ms',
      summary: {
        dataPoints: [
          {
            timeUnixNano: nanos(T),
            count: '4',
            sum: 10,
            quantileValues: [
              { quantile: 0.5, value: 2 },
              { quantile: 0.999, value: 4 },
              { quantile: 1 },
            ],
          },
        ],
      },
    };
    const translation = translate(otlpRequest([metric]));
    expect(values(translation)).toEqual({
      s_milliseconds_sum: 10,
      s_milliseconds_count: 4,
      's_milliseconds{quantile="0.5"}': 2,
      's_milliseconds{quantile="0.999"}': 4,
      's_milliseconds{quantile="1"}': 0,
    });
    expect(translation.metadata[0]).toMatchObject({ type: 'summary', unit: 'milliseconds' });
  });
});
