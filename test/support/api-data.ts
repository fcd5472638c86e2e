// A little of everything that the API can show: counters, odd floats, UTF-8 names, histograms of both
// kinds, exemplars, series that have ended.

import { labelsFromObject } from '../../src/model/labels.ts';
import {
  CUSTOM_BUCKETS_SCHEMA,
  type IntegerHistogram,
  ResetHint,
  rawFloat64,
} from '../../src/model/native-histogram.ts';
import { setStaleAt } from '../../src/model/stale.ts';
import type { BatchSeries } from '../../src/storage/interface.ts';
import { series } from './api.ts';

const INTERVAL_MS = 15_000;
const COUNT = 121;

/** Half an hour of samples up to `endT` (ms), four a minute. */
export function makeApiData(endT: number): BatchSeries[] {
  const times = Array.from({ length: COUNT }, (_, i) => endT - (COUNT - 1 - i) * INTERVAL_MS);
  const points = (value: (i: number) => number): [number, number][] =>
    times.map((t, i) => [t, value(i)]);
  return [
    ...['a', 'b', 'c'].map((job, n) => ({
      ...series(
        { __name__: 'requests_total', job, instance: `${job}:80` },
        ...points((i) => (i % 50) * (n + 1)),
      ),
      exemplars: [1, 5]
        .map((ago) => ({
          labels: labelsFromObject({ trace_id: `${job}-${ago}` }),
          value: ago / 8,
          t: endT - ago * 60_000,
        }))
        .reverse(),
    })),
    series({ __name__: 'up', job: 'a', instance: 'a:80' }, ...points(() => 1)),
    series({ __name__: 'temperature', room: 'kitchen' }, ...points((i) => 20 + Math.sin(i))),
    series({ __name__: 'temperature', room: 'über "all"' }, ...points((i) => i / 7)),
    series({ __name__: 'my.metric', 'my.label': 'ü' }, ...points((i) => i)),
    ...[-0, 1e-7, 1e-6, 1e21, 1e20, Number.NaN, Infinity, -Infinity, 0.1, 123456.789].map(
      (value, n) => series({ __name__: 'odd_values', n: String(n) }, ...points(() => value)),
    ),
    series({ __name__: 'gone' }, ...points((i) => i).slice(0, 20)),
    ended(times),
    histograms({ __name__: 'native', job: 'a' }, times, 1),
    histograms({ __name__: 'custom', job: 'a' }, times, CUSTOM_BUCKETS_SCHEMA),
  ];
}

function ended(times: readonly number[]): BatchSeries {
  const marked = series({ __name__: 'stale' }, ...times.map((t): [number, number] => [t, 1]));
  setStaleAt(marked.samples.v, times.length - 1);
  return marked;
}

function histograms(
  labels: Readonly<Record<string, string>>,
  times: readonly number[],
  schema: number,
): BatchSeries {
  const values = times.map((_, i) => histogram(BigInt(i), schema));
  return {
    labels: labelsFromObject(labels),
    samples: {
      length: times.length,
      t: Float64Array.from(times),
      v: new Float64Array(times.length),
      startT: undefined,
      histograms: values,
    },
    exemplars: [],
  };
}

function histogram(n: bigint, schema: number): IntegerHistogram {
  const isCustom = schema === CUSTOM_BUCKETS_SCHEMA;
  return {
    kind: 'integer',
    resetHint: ResetHint.unknown,
    schema,
    zeroThreshold: isCustom ? 0 : 0.001,
    zeroCount: isCustom ? 0n : n,
    count: isCustom ? 6n * n : 10n * n,
    sum: rawFloat64(Number(n) * 2.5),
    positiveSpans: [
      { offset: 0, length: 2 },
      { offset: 1, length: 1 },
    ],
    negativeSpans: isCustom ? [] : [{ offset: -1, length: 1 }],
    positiveCounts: [n, 2n * n, 3n * n],
    negativeCounts: isCustom ? [] : [3n * n],
    customValues: isCustom ? [0.5, 1, 5] : [],
  };
}
