import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  attributes,
  nanos,
  type OtlpObject,
  otlpProtobuf,
  otlpRequest,
} from '../../../test/support/otlp.ts';
import { printLabels } from '../../model/labels.ts';
import { DeltaStreams } from './delta.ts';
import { DEFAULT_OTLP_OPTIONS, OtlpNames, type Translation, translateMetrics } from './index.ts';

const T = 1_700_000_000_000;
const DELTA = 1;
const NAMES = new OtlpNames({ ...DEFAULT_OTLP_OPTIONS, deltas: 'accumulate' });
const NATIVE = new OtlpNames({ ...NAMES.options, convertHistogramsToNhcb: true });

function newStreams(maxSeries = 1000, maxIdle = 60_000): DeltaStreams {
  const streams = new DeltaStreams({ maxSeries, maxIdle });
  streams.begin(0);
  return streams;
}

function send(deltas: DeltaStreams, metric: OtlpObject, names: OtlpNames = NAMES): Translation {
  const body = otlpProtobuf(otlpRequest([metric]));
  return translateMetrics(body, 'protobuf', names, { extraLabels: [], deltas });
}

/** A counter's change until `t`. */
function counter(t: number, value: number, point: OtlpObject = {}): OtlpObject {
  const times = { startTimeUnixNano: nanos(t - 1000), timeUnixNano: nanos(t) };
  return {
    name: 'x',
    sum: {
      aggregationTemporality: DELTA,
      isMonotonic: true,
      dataPoints: [{ ...times, asDouble: value, ...point }],
    },
  };
}

function histogram(t: number, point: OtlpObject): OtlpObject {
  return {
    name: 'h',
    histogram: {
      aggregationTemporality: DELTA,
      dataPoints: [{ timeUnixNano: nanos(t), ...point }],
    },
  };
}

function exponential(t: number, point: OtlpObject): OtlpObject {
  return {
    name: 'e',
    exponentialHistogram: {
      aggregationTemporality: DELTA,
      dataPoints: [{ timeUnixNano: nanos(t), ...point }],
    },
  };
}

/** The only value, or why it was refused. */
function outcome({ series, rejections }: Translation): number | string {
  return series[0]?.samples.v[0] ?? `${rejections[0]!.reason}: ${rejections[0]!.message}`;
}

describe('counters', () => {
  test('are added up, and start where the first delta started', () => {
    const streams = newStreams();
    const first = send(streams, counter(T, 5));
    expect(outcome(first)).toBe(5);
    expect(first.metadata[0]).toMatchObject({ metric: 'x_total', type: 'counter' });
    const second = send(streams, counter(T + 1000, 2.5));
    expect(outcome(second)).toBe(7.5);
    expect(second.series[0]!.samples.t[0]).toBe(T + 1000);
    expect(second.series[0]!.samples.startT![0]).toBe(T - 1000);
  });

  test('series do not mix', () => {
    const streams = newStreams();
    send(streams, counter(T, 5, { attributes: attributes({ a: '1' }) }));
    expect(outcome(send(streams, counter(T, 3, { attributes: attributes({ a: '2' }) })))).toBe(3);
    expect(streams.size).toBe(2);
  });

  test('what is sent again has the same total', () => {
    const streams = newStreams();
    send(streams, counter(T, 5));
    send(streams, counter(T + 1000, 2));
    expect(outcome(send(streams, counter(T + 1000, 2)))).toBe(7);
    expect(outcome(send(streams, counter(T + 2000, 1)))).toBe(8);
  });

  test('another delta of the same time, and one of an earlier time, are refused', () => {
    const streams = newStreams();
    send(streams, counter(T, 5));
    expect(outcome(send(streams, counter(T, 6)))).toMatch(/^invalid_delta: two different deltas/);
    expect(outcome(send(streams, counter(T - 1, 5)))).toMatch(/^invalid_delta: .* came after/);
    expect(outcome(send(streams, counter(T + 1, 5)))).toBe(10);
  });

  test('what cannot be added up is refused', () => {
    const streams = newStreams();
    send(streams, counter(T, 5));
    expect(outcome(send(streams, counter(T + 1, Number.NaN)))).toMatch(
      /^invalid_delta: a delta of NaN/,
    );
    expect(outcome(send(streams, counter(T + 2, 1)))).toBe(6);
  });

  test('a stale marker passes and changes nothing', () => {
    const streams = newStreams();
    send(streams, counter(T, 5));
    expect(outcome(send(streams, counter(T + 1, 0, { flags: 1 })))).toBeNaN();
    expect(outcome(send(streams, counter(T + 2, 1)))).toBe(6);
  });

  test('cumulative points pass', () => {
    const streams = newStreams();
    const metric = counter(T, 5);
    const cumulative = {
      ...metric,
      sum: { ...(metric.sum as OtlpObject), aggregationTemporality: 2 },
    };
    expect(outcome(send(streams, cumulative))).toBe(5);
    expect(streams.size).toBe(0);
  });
});

describe('what is remembered', () => {
  test('has a bound, past which new series are refused', () => {
    const streams = newStreams(2);
    const one = (name: string, t: number): OtlpObject =>
      counter(t, 1, { attributes: attributes({ name }) });
    send(streams, one('a', T));
    send(streams, one('b', T));
    expect(outcome(send(streams, one('c', T)))).toMatch(/^too_many_delta_series: more than 2/);
    expect(outcome(send(streams, one('a', T + 1)))).toBe(2);
    expect(streams.size).toBe(2);
  });

  test('is forgotten when nothing comes for long, and makes room', () => {
    const streams = newStreams(2, 1000);
    const one = (name: string, t: number): OtlpObject =>
      counter(t, 1, { attributes: attributes({ name }) });
    send(streams, one('a', T));
    send(streams, one('b', T));
    streams.begin(900);
    send(streams, one('a', T + 1));
    streams.begin(1500);
    expect(streams.size).toBe(1);
    expect(outcome(send(streams, one('c', T)))).toBe(1);
    expect(outcome(send(streams, one('a', T + 2)))).toBe(3);
  });

  test('counts buckets and long labels for more', () => {
    const streams = newStreams(10);
    const bounds = Array.from({ length: 319 }, (_, i) => i);
    const large = { count: 1, bucketCounts: [1, ...bounds.map(() => 0)], explicitBounds: bounds };
    expect(send(streams, histogram(T, large)).refusedPoints).toBe(1);
    const long = counter(T, 1, { attributes: attributes({ a: 'x'.repeat(10_000) }) });
    expect(send(streams, long).refusedPoints).toBe(1);
    expect(streams.size).toBe(0);
  });
});

describe('histograms', () => {
  const shown = ({ series }: Translation): Record<string, number> =>
    Object.fromEntries(series.map(({ labels, samples }) => [printLabels(labels), samples.v[0]!]));

  test('buckets, counts and sums are added up', () => {
    const streams = newStreams();
    const point = { count: 3, sum: 1.5, bucketCounts: [1, 2], explicitBounds: [10] };
    send(streams, histogram(T, point));
    const { series } = send(streams, histogram(T + 1, { ...point, sum: 2 }));
    expect(shown({ series } as Translation)).toEqual({
      h_sum: 3.5,
      h_count: 6,
      'h_bucket{le="10"}': 2,
      'h_bucket{le="+Inf"}': 6,
    });
    expect(series[0]!.samples.startT![0]).toBe(T);
  });

  test('other bounds start anew', () => {
    const streams = newStreams();
    send(streams, histogram(T, { count: 3, sum: 1, bucketCounts: [1, 2], explicitBounds: [10] }));
    const other = { count: 1, sum: 1, bucketCounts: [0, 1], explicitBounds: [20] };
    expect(shown(send(streams, histogram(T + 1, other)))).toMatchObject({ h_count: 1 });
  });

  test('custom buckets likewise, with no hint', () => {
    const streams = newStreams();
    const point = { count: 3, bucketCounts: [1, 2], explicitBounds: [10] };
    send(streams, histogram(T, point), NATIVE);
    const { series } = send(streams, histogram(T + 1, point), NATIVE);
    expect(series[0]!.samples.histograms![0]).toMatchObject({
      resetHint: 0,
      count: 6n,
      positiveCounts: [2n, 4n],
    });
  });
});

describe('exponential histograms', () => {
  test('of two scales the coarser is kept', () => {
    const streams = newStreams();
    send(
      streams,
      exponential(T, {
        count: 3,
        sum: 5,
        scale: 1,
        positive: { offset: 0, bucketCounts: [1, 1, 1] },
      }),
    );
    const { series } = send(
      streams,
      exponential(T + 1, {
        count: 2,
        sum: 1,
        scale: 0,
        zeroCount: 1,
        positive: { offset: 1, bucketCounts: [1] },
      }),
    );
    expect(series[0]!.samples.histograms![0]).toMatchObject({
      schema: 0,
      count: 5n,
      zeroCount: 1n,
      positiveSpans: [{ offset: 1, length: 2 }],
      positiveCounts: [2n, 2n],
    });
  });

  test('whatever comes, counts are kept and buckets stay few', () => {
    const side = fc.record({
      offset: fc.integer({ min: -100_000, max: 100_000 }),
      bucketCounts: fc.array(fc.nat(3), { maxLength: 8 }),
    });
    const point = fc.record({
      scale: fc.integer({ min: 0, max: 20 }),
      positive: side,
      negative: side,
    });
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 6 }), (points) => {
        const streams = newStreams();
        let expected = 0;
        points.forEach((one, i) => {
          const counts = [...one.positive.bucketCounts, ...one.negative.bucketCounts];
          const count = counts.reduce((a, b) => a + b, 0);
          expected += count;
          const translation = send(streams, exponential(T + i, { ...one, count }));
          const histogram = translation.series[0]?.samples.histograms?.[0];
          // Numbers that are too far apart for the coarsest schema.
          if (histogram?.kind !== 'integer') return;
          expect(histogram.count).toBe(BigInt(expected));
          const all = [...histogram.positiveCounts, ...histogram.negativeCounts];
          expect(all.reduce((a, b) => a + b, 0n)).toBe(BigInt(expected));
          expect(histogram.positiveCounts.length).toBeLessThanOrEqual(160);
          expect(histogram.negativeCounts.length).toBeLessThanOrEqual(160);
        });
      }),
      { numRuns: 300 },
    );
  });
});
