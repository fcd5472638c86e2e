// Builds batches for the conformance suite and turns what a store returns into plain text that can be
// compared bit for bit.

import type { Exemplar } from '../../model/exemplar.ts';
import { encodeHistogramPayload } from '../../model/histogram-payload.ts';
import type { Labels } from '../../model/labels.ts';
import { labelsFromObject, printLabels } from '../../model/labels.ts';
import type { Matcher, MatchType } from '../../model/matcher.ts';
import type {
  FloatHistogram,
  IntegerHistogram,
  NativeHistogram,
} from '../../model/native-histogram.ts';
import { CUSTOM_BUCKETS_SCHEMA, rawFloat64 } from '../../model/native-histogram.ts';
import { isStaleHistogram } from '../../model/native-histogram-stale.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { isStaleBits, STALE_NAN_HIGH, STALE_NAN_LOW } from '../../model/stale.ts';
import type { TimeRange } from '../../model/time-range.ts';
import { ALL_TIME, DAY_MS } from '../../model/time-range.ts';
import type { BatchSeries, Database, WriteBatch } from '../interface.ts';
import { type RowBatch, RowSeries } from '../rows.ts';

/** Midnight UTC some days ago: rows before and after it lie in different days, none in the future. */
export const BASE: number = Math.floor(Date.now() / DAY_MS) * DAY_MS - 2 * DAY_MS;

/** A value as its bits (high, low half), a number or a histogram. */
export type RowValue = number | readonly [high: number, low: number] | NativeHistogram;

/** One sample, `t` relative to {@link BASE}. */
export interface Row {
  readonly t: number;
  readonly value: RowValue;
  /** Absolute, 0 = unset. */
  readonly startT?: number;
}

export const STALE: RowValue = [STALE_NAN_HIGH, STALE_NAN_LOW];

export function row(t: number, value: RowValue, startT = 0): Row {
  return { t, value, startT };
}

export function columns(rows: readonly Row[]): SampleColumns {
  const v = new Float64Array(rows.length);
  const halves = new Uint32Array(v.buffer);
  rows.forEach(({ value }, i) => {
    if (typeof value === 'number') v[i] = value;
    else if (isBits(value)) {
      halves[2 * i] = value[1];
      halves[2 * i + 1] = value[0];
    }
  });
  const histograms = rows.map(({ value }) => (isHistogram(value) ? value : undefined));
  const startT = Float64Array.from(rows, (r) => r.startT ?? 0);
  return {
    length: rows.length,
    t: Float64Array.from(rows, (r) => BASE + r.t),
    v,
    startT: startT.some((t) => t !== 0) ? startT : undefined,
    histograms: histograms.some((h) => h !== undefined) ? histograms : undefined,
  };
}

function isBits(value: RowValue): value is readonly [number, number] {
  return Array.isArray(value);
}

function isHistogram(value: RowValue): value is NativeHistogram {
  return typeof value === 'object' && !isBits(value);
}

export function rowSeries(name: string): RowSeries {
  return new RowSeries([{ name: '__name__', value: name }]);
}

export function rowsOf(rows: readonly (readonly [RowSeries, Row])[]): RowBatch {
  const { length, t, v } = columns(rows.map(([, one]) => one));
  return { length, series: rows.map(([one]) => one), t, v };
}

/** A series called `name`, if the labels do not say otherwise. */
export function series(
  labels: string | Readonly<Record<string, string>>,
  rows: readonly Row[],
  exemplars: readonly Exemplar[] = [],
): BatchSeries {
  const object = typeof labels === 'string' ? { __name__: labels } : { __name__: 'm', ...labels };
  return { labels: labelsFromObject(object), samples: columns(rows), exemplars };
}

export function batch(...list: readonly BatchSeries[]): WriteBatch {
  return { series: list, metadata: [], rejections: [] };
}

/** Matchers as `['a', '=', 'b']`. */
export function matchers(...list: readonly (readonly [string, MatchType, string])[]): Matcher[] {
  return list.map(([name, type, value]) => ({ name, type, value }));
}

export const EVERYTHING: readonly Matcher[] = [];

/** Range relative to {@link BASE}. */
export function between(minT: number, maxT: number): TimeRange {
  return { minT: BASE + minT, maxT: BASE + maxT };
}

/** Series as text → rows as text, in the order in which the store gave them. */
export type Dump = [series: string, rows: string[]][];

/** All a selector finds, copied while each entry is valid. */
export async function dump(
  db: Database,
  selector: readonly Matcher[] = EVERYTHING,
  range: TimeRange = ALL_TIME,
): Promise<Dump> {
  const querier = db.querier(range);
  try {
    const found: Dump = [];
    for await (const { labels, samples } of querier.select(selector)) {
      found.push([printLabels(labels), printColumns(samples)]);
    }
    return found;
  } finally {
    querier.close();
  }
}

/** What {@link dump} gives for these rows. */
export function printRows(rows: readonly Row[]): string[] {
  return printColumns(columns(rows));
}

/** Expected dump of one series per entry. */
export function expected(
  ...list: readonly (readonly [string | Readonly<Record<string, string>>, readonly Row[]])[]
): Dump {
  return list.map(([labels, rows]) => [
    printLabels(series(labels, []).labels as Labels),
    printRows(rows),
  ]);
}

/** Any stale marker prints the same, because a float one may become a histogram's. */
export function printColumns({ length, t, v, startT, histograms }: SampleColumns): string[] {
  const halves = new Uint32Array(v.buffer, v.byteOffset, length * 2);
  return Array.from({ length }, (_, i) => {
    const histogram = histograms?.[i];
    const start = startT?.[i] ?? 0;
    const value =
      histogram === undefined
        ? printBits(halves[2 * i + 1]!, halves[2 * i]!)
        : printHistogram(histogram);
    return `${t[i]! - BASE}: ${value}${start === 0 ? '' : ` since ${start - BASE}`}`;
  });
}

function printBits(high: number, low: number): string {
  if (isStaleBits(high, low)) return 'stale';
  const hex = (half: number): string => half.toString(16).padStart(8, '0');
  return hex(high) + hex(low);
}

function printHistogram(histogram: NativeHistogram): string {
  if (isStaleHistogram(histogram)) return 'stale';
  return `histogram ${Buffer.from(encodeHistogramPayload(histogram)).toString('hex')}`;
}

/** A valid integer histogram whose counts depend on `n` ≥ 0. */
export function integerHistogram(
  n: number,
  changes: Partial<IntegerHistogram> = {},
): IntegerHistogram {
  const counts = [BigInt(n), BigInt(n) + 2n, 0n, 7n];
  const zeroCount = BigInt(n % 3);
  return {
    kind: 'integer',
    resetHint: 0,
    schema: 1,
    zeroThreshold: 0.001,
    zeroCount,
    count: counts.reduce((a, b) => a + b, zeroCount),
    sum: rawFloat64(n * 1.25),
    positiveSpans: [
      { offset: -3, length: 2 },
      { offset: 4, length: 1 },
    ],
    negativeSpans: [{ offset: 2, length: 1 }],
    positiveCounts: counts.slice(0, 3),
    negativeCounts: counts.slice(3),
    customValues: [],
    ...changes,
  };
}

/** A valid float histogram whose counts depend on `n` ≥ 0. */
export function floatHistogram(n: number, changes: Partial<FloatHistogram> = {}): FloatHistogram {
  return {
    kind: 'float',
    resetHint: 3,
    schema: -2,
    zeroThreshold: 1e-128,
    zeroCount: n / 7,
    count: n * 1.5 + 3,
    sum: rawFloat64(-n / 3),
    positiveSpans: [{ offset: 1, length: 2 }],
    negativeSpans: [],
    positiveCounts: [n / 3, 0.5],
    negativeCounts: [],
    customValues: [],
    ...changes,
  };
}

/** A valid integer histogram with custom buckets whose counts depend on `n` ≥ 0. */
export function customHistogram(n: number): IntegerHistogram {
  return integerHistogram(n, {
    schema: CUSTOM_BUCKETS_SCHEMA,
    zeroThreshold: 0,
    zeroCount: 0n,
    count: BigInt(n) + 1n,
    positiveSpans: [{ offset: 1, length: 2 }],
    positiveCounts: [BigInt(n), 1n],
    negativeSpans: [],
    negativeCounts: [],
    customValues: [0.5, 1, 2.5, 1e300],
  });
}

export const STALE_HISTOGRAM: NativeHistogram = integerHistogram(0, {
  count: 0n,
  zeroCount: 0n,
  sum: { low: STALE_NAN_LOW, high: STALE_NAN_HIGH },
  positiveSpans: [],
  positiveCounts: [],
  negativeSpans: [],
  negativeCounts: [],
});
