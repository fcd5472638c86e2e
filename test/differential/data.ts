// The data that Prometheus and Tidemark both hold: every kind of series that a query can treat in a way
// of its own. The same seed and base time give the same samples.

import { compareLabels, labelsFromObject } from '../../src/model/labels.ts';
import {
  type BucketSpan,
  CUSTOM_BUCKETS_SCHEMA,
  type NativeHistogram,
  ResetHint,
  rawFloat64,
} from '../../src/model/native-histogram.ts';
import { setStaleAt } from '../../src/model/stale.ts';
import type { BatchSeries } from '../../src/storage/interface.ts';
import { Random } from '../support/random.ts';

/**
 * Time of the first samples in ms. Always the same, so that a seed gives the same answers every time; midnight
 * and the end of a February of 29 days lie inside the data.
 */
export const BASE_T: number = Date.UTC(2024, 1, 29, 23, 10);
/** Times between two samples of a regular series. */
export const INTERVAL_MS = 15_000;
/** All data lies in [BASE_T, BASE_T + this]. */
export const SPAN_MS: number = 90 * 60_000;

/** One row: undefined is the stale marker. */
type Row = readonly [t: number, value: number | NativeHistogram | undefined];

/** Makes everything, as whole series in the order of their labels. */
export function makeData(seed: number): BatchSeries[] {
  const maker = new DataMaker(new Random(seed));
  const series = [
    ...maker.counters(),
    ...maker.gauges(),
    ...maker.oddValues(),
    ...maker.sparse(),
    ...maker.classicHistograms(),
    ...maker.nativeHistograms(),
    ...maker.info(),
  ];
  return series.sort((a, b) => compareLabels(a.labels, b.labels));
}

/**
 * Cuts series into requests by time, since Prometheus refuses what comes late. The first request has a
 * sample of every series: Prometheus reads series in the order in which it met them.
 */
export function* requestsOf(
  series: readonly BatchSeries[],
  sliceMs: number,
): Generator<BatchSeries[]> {
  yield series.map((one) => cutSeries(one, 0, 1));
  for (let from = BASE_T; from <= BASE_T + SPAN_MS; from += sliceMs) {
    const cut = series.map((one) => {
      const { t, length } = one.samples;
      let start = 1;
      while (start < length && t[start]! < from) start++;
      let end = start;
      while (end < length && t[end]! < from + sliceMs) end++;
      return cutSeries(one, start, end);
    });
    yield cut.filter(({ samples }) => samples.length > 0);
  }
}

function cutSeries(series: BatchSeries, start: number, end: number): BatchSeries {
  const { t, v, histograms } = series.samples;
  return {
    ...series,
    samples: {
      length: end - start,
      t: t.slice(start, end),
      v: v.slice(start, end),
      startT: undefined,
      histograms: histograms?.slice(start, end),
    },
  };
}

class DataMaker {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** With resets, restarts (stale, then from 0) and gaps; one with jitter. */
  *counters(): Generator<BatchSeries> {
    for (const job of ['api', 'web']) {
      for (const instance of ['a:1', 'b:1', 'c:1']) {
        for (const code of ['200', '404', '500']) {
          // Not every series is everywhere.
          if (job === 'web' && code === '404' && instance !== 'a:1') continue;
          const labels = { __name__: 'requests_total', job, instance, code };
          yield seriesOf(labels, this.#counter(code === '200' ? 40 : 3, instance === 'c:1'));
        }
        yield seriesOf(
          { __name__: 'cpu_seconds_total', job, instance },
          this.#counter(0.73, false),
        );
      }
    }
  }

  *gauges(): Generator<BatchSeries> {
    for (const job of ['api', 'web', 'db']) {
      for (const instance of ['a:1', 'b:1']) {
        yield seriesOf({ __name__: 'temperature', job, instance }, this.#gauge(20, 5));
        yield seriesOf(
          { __name__: 'memory_bytes', job, instance, zone: `z${job.length % 2}` },
          this.#gauge(4e9, 1e8, 4096),
        );
      }
      yield seriesOf({ __name__: 'limit', job }, this.#steady(job.length * 10));
      yield seriesOf({ __name__: 'up', job, instance: 'a:1' }, this.#steady(job === 'db' ? 0 : 1));
    }
    yield seriesOf({ __name__: 'my.dotted gauge', 'label.with dots': 'x"\\\n' }, this.#gauge(0, 1));
    yield seriesOf({ __name__: 'lonely' }, this.#gauge(0, 3));
  }

  /** Zeroes of both signs, NaN, infinities, huge and tiny numbers. */
  *oddValues(): Generator<BatchSeries> {
    const odd = [
      0,
      -0,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      1e300,
      -1e300,
      // Nearly the smallest normal one: of smaller ones Go's logarithms for amd64 are wrong.
      2.3e-308,
      1,
      2,
      3.5,
    ];
    for (const kind of ['x', 'y', 'z']) {
      yield seriesOf(
        { __name__: 'odd', kind },
        this.#regular(() => this.#random.pick(odd)),
      );
    }
    yield seriesOf(
      { __name__: 'large', kind: 'x' },
      this.#regular((i) => 1e16 + i * 3),
    );
    yield seriesOf(
      { __name__: 'mixed_sign', kind: 'x' },
      this.#regular(() => this.#random.between(-3, 3)),
    );
  }

  *sparse(): Generator<BatchSeries> {
    for (const kind of ['x', 'y', 'z']) {
      const rows: Row[] = [];
      let t = BASE_T + this.#random.below(60_000);
      while (t < BASE_T + SPAN_MS) {
        rows.push([t, this.#random.oneIn(9) ? undefined : this.#random.between(0, 100) / 4]);
        t += this.#random.between(20_000, 7 * 60_000);
      }
      yield seriesOf({ __name__: 'sparse', kind }, rows);
    }
  }

  *classicHistograms(): Generator<BatchSeries> {
    const bounds = ['0.1', '0.5', '1', '5', '+Inf'];
    for (const job of ['api', 'web']) {
      const counts = bounds.map(() => 0);
      const sums: Row[] = [];
      const rows = bounds.map((): Row[] => []);
      let sum = 0;
      for (const t of this.#times(false)) {
        if (this.#random.oneIn(120)) counts.fill(0);
        for (const [i] of bounds.entries()) {
          const more = this.#random.below(4);
          for (let above = i; above < bounds.length; above++) counts[above]! += more;
          sum += more * i;
        }
        for (const [i] of bounds.entries()) rows[i]!.push([t, counts[i]!]);
        sums.push([t, sum]);
      }
      for (const [i, le] of bounds.entries()) {
        yield seriesOf({ __name__: 'latency_seconds_bucket', job, le }, rows[i]!);
      }
      yield seriesOf({ __name__: 'latency_seconds_sum', job }, sums);
      yield seriesOf({ __name__: 'latency_seconds_count', job }, rows.at(-1)!);
    }
  }

  *nativeHistograms(): Generator<BatchSeries> {
    for (const job of ['api', 'web']) {
      const schema = job === 'api' ? 1 : 2;
      yield seriesOf({ __name__: 'sizes', job }, this.#histograms(schema, ResetHint.unknown));
      yield seriesOf({ __name__: 'sizes_gauge', job }, this.#histograms(schema, ResetHint.gauge));
      yield seriesOf(
        { __name__: 'custom', job },
        this.#histograms(CUSTOM_BUCKETS_SCHEMA, ResetHint.unknown),
      );
    }
    // Turns from floats into histograms half-way.
    const floats = this.#regular((i) => i).slice(0, 150);
    const histograms = this.#histograms(0, ResetHint.unknown).slice(150);
    yield seriesOf({ __name__: 'turncoat', job: 'api' }, [...floats, ...histograms]);
    // From exponential to custom buckets.
    const exponential = this.#histograms(0, ResetHint.unknown).slice(0, 170);
    const custom = this.#histograms(CUSTOM_BUCKETS_SCHEMA, ResetHint.unknown).slice(170);
    yield seriesOf({ __name__: 'shifting', job: 'api' }, [...exponential, ...custom]);
    for (const [job, bounds] of [
      ['api', [0.1, 0.5, 1, 5]],
      ['web', [0.5, 1, 2, 5]],
    ] as const) {
      const rows = this.#histograms(CUSTOM_BUCKETS_SCHEMA, ResetHint.unknown, bounds);
      yield seriesOf({ __name__: 'bounds', job }, rows);
      // Comes and goes.
      const flaky = this.#histograms(1, ResetHint.unknown);
      yield seriesOf({ __name__: 'flaky', job }, this.#withGaps(flaky));
      yield seriesOf({ __name__: 'two_sided', job }, this.#twoSided(job === 'api' ? 0.001 : 0.3));
    }
    yield seriesOf({ __name__: 'both', job: 'api' }, this.#histograms(2, ResetHint.unknown));
    for (const le of ['1', '+Inf']) {
      yield seriesOf({ __name__: 'both_bucket', job: 'api', le }, this.#counter(5, false));
    }
  }

  *info(): Generator<BatchSeries> {
    for (const job of ['api', 'web']) {
      for (const instance of ['a:1', 'b:1']) {
        const version = `${job.length}.${instance.length}`;
        yield seriesOf(
          { __name__: 'target_info', job, instance, version, region: job === 'api' ? 'eu' : 'us' },
          this.#steady(1),
        );
      }
    }
  }

  #counter(rate: number, jitters: boolean): Row[] {
    let value = 0;
    const rows: Row[] = [];
    let downUntil = 0;
    for (const t of this.#times(jitters)) {
      value += Math.round(rate * this.#random.fraction() * 1000) / 100;
      if (this.#random.oneIn(90)) value = 0;
      if (t < downUntil) continue;
      if (this.#random.oneIn(130)) {
        downUntil = t + this.#random.between(1, 30) * INTERVAL_MS;
        rows.push([t, undefined]);
        value = 0;
        continue;
      }
      rows.push([t, value]);
    }
    return rows;
  }

  #gauge(around: number, spread: number, multiple?: number): Row[] {
    return this.#regular(() => {
      const value = around + (this.#random.fraction() * 2 - 1) * spread;
      return multiple === undefined
        ? Math.round(value * 1000) / 1000
        : Math.round(value / multiple) * multiple;
    });
  }

  #steady(value: number): Row[] {
    return this.#regular(() => value);
  }

  #regular(valueAt: (i: number) => number): Row[] {
    return this.#times(false).map((t, i): Row => [t, valueAt(i)]);
  }

  #times(jitters: boolean): number[] {
    const offset = jitters ? 3000 : 0;
    const times: number[] = [];
    for (let t = 0; t < SPAN_MS; t += INTERVAL_MS) {
      times.push(BASE_T + t + offset + (jitters ? this.#random.below(4000) : 0));
    }
    return times;
  }

  #withGaps(rows: readonly Row[]): Row[] {
    const result: Row[] = [];
    for (let i = 0; i < rows.length; i++) {
      if (this.#random.oneIn(12)) {
        result.push([rows[i]![0], undefined]);
        i += this.#random.below(10);
      } else if (!this.#random.oneIn(8)) result.push(rows[i]!);
    }
    return result;
  }

  /** Float counts, also of negative buckets; not always growing. */
  #twoSided(zeroThreshold: number): Row[] {
    const spans: BucketSpan[] = [{ offset: 0, length: 3 }];
    const some = (): number[] => [0, 1, 2].map(() => this.#random.below(9) / 2);
    return this.#times(false).map((t): Row => {
      const [positiveCounts, negativeCounts] = [some(), some()];
      const zeroCount = this.#random.below(4);
      const all = [...positiveCounts, ...negativeCounts, zeroCount];
      return [
        t,
        {
          kind: 'float',
          resetHint: ResetHint.gauge,
          schema: 0,
          zeroThreshold,
          sum: rawFloat64(this.#random.between(-100, 100) / 4),
          positiveSpans: spans,
          negativeSpans: spans,
          customValues: [],
          count: all.reduce((total, count) => total + count, 0),
          zeroCount,
          positiveCounts,
          negativeCounts,
        },
      ];
    });
  }

  #histograms(
    schema: number,
    resetHint: ResetHint,
    bounds: readonly number[] = [0.1, 0.5, 1, 5],
  ): Row[] {
    const isCustom = schema === CUSTOM_BUCKETS_SCHEMA;
    const buckets = 5;
    const counts = new Array<bigint>(buckets).fill(0n);
    let zeroCount = 0n;
    let sum = 0;
    const spans: BucketSpan[] = isCustom
      ? [{ offset: 0, length: buckets }]
      : [
          { offset: -1, length: 2 },
          { offset: 2, length: 3 },
        ];
    return this.#times(false).map((t): Row => {
      if (resetHint !== ResetHint.gauge && this.#random.oneIn(100)) {
        counts.fill(0n);
        zeroCount = 0n;
        sum = 0;
      }
      for (let i = 0; i < buckets; i++) {
        const more = this.#random.below(3);
        counts[i] = resetHint === ResetHint.gauge ? BigInt(more) : counts[i]! + BigInt(more);
        sum += more * (i + 1);
      }
      if (!isCustom) zeroCount += BigInt(this.#random.below(2));
      return [
        t,
        {
          kind: 'integer',
          resetHint,
          schema,
          zeroThreshold: isCustom ? 0 : 0.001,
          sum: rawFloat64(sum),
          positiveSpans: spans,
          negativeSpans: [],
          customValues: isCustom ? bounds : [],
          count: counts.reduce((total, count) => total + count, zeroCount),
          zeroCount,
          positiveCounts: [...counts],
          negativeCounts: [],
        },
      ];
    });
  }
}

function seriesOf(labels: Readonly<Record<string, string>>, rows: readonly Row[]): BatchSeries {
  const length = rows.length;
  const t = new Float64Array(length);
  const v = new Float64Array(length);
  const histograms: (NativeHistogram | undefined)[] = new Array(length).fill(undefined);
  for (const [i, [time, value]] of rows.entries()) {
    t[i] = time;
    if (value === undefined) setStaleAt(v, i);
    else if (typeof value === 'number') v[i] = value;
    else histograms[i] = value;
  }
  const hasHistograms = histograms.some((histogram) => histogram !== undefined);
  return {
    labels: labelsFromObject(labels),
    samples: {
      length,
      t,
      v,
      startT: undefined,
      histograms: hasHistograms ? histograms : undefined,
    },
    exemplars: [],
  };
}
