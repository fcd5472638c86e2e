// Samples as plain text, so that what was written and what is read back can be compared bit by bit.

import type { BucketSpan, NativeHistogram } from '../../src/model/native-histogram.ts';
import type { SampleColumns } from '../../src/model/sample.ts';

/** Rows of one series by time in ms. */
export type Rows = Map<number, string>;

/** What came back from a read. */
export interface ReadBack {
  /** Printed labels → rows. */
  readonly series: Map<string, Rows>;
  /** Each row that came more than once. */
  readonly duplicates: string[];
}

export function emptyReadBack(): ReadBack {
  return { series: new Map(), duplicates: [] };
}

/** Adds the rows of one series, which may come in several runs. */
export function addRows(to: ReadBack, series: string, samples: SampleColumns): void {
  let rows = to.series.get(series);
  if (rows === undefined) {
    rows = new Map();
    to.series.set(series, rows);
  }
  for (let i = 0; i < samples.length; i++) {
    const t = samples.t[i]!;
    if (rows.has(t)) to.duplicates.push(`${series} at ${t}`);
    rows.set(t, rowText(samples, i));
  }
}

/**
 * Row `i` as text: 16 hex digits of a float, or a histogram's parts. Of a histogram it says what was
 * observed and not how: buckets by index without the empty ones, since chunks share one layout; and no
 * reset hint, which chunks have for their first histogram only.
 */
export function rowText({ v, histograms }: SampleColumns, i: number): string {
  const histogram = histograms?.[i];
  if (histogram !== undefined) return histogramText(histogram);
  const halves = new Uint32Array(v.buffer, v.byteOffset + i * 8, 2);
  return hex(halves[1]!) + hex(halves[0]!);
}

function histogramText(histogram: NativeHistogram): string {
  const { kind, schema, zeroThreshold, sum, customValues, count, zeroCount } = histogram;
  const positive = buckets(histogram.positiveSpans, histogram.positiveCounts);
  const negative = buckets(histogram.negativeSpans, histogram.negativeCounts);
  const sumBits = hex(sum.high) + hex(sum.low);
  return `${kind} schema ${schema} bounds ${customValues} count ${count} sum ${sumBits} zero ${zeroCount}/${zeroThreshold} positive ${positive} negative ${negative}`;
}

/** `index:count` of all buckets that are not empty. */
function buckets(spans: readonly BucketSpan[], counts: readonly (number | bigint)[]): string {
  const parts: string[] = [];
  let index = 0;
  let row = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++, index++, row++) {
      const count = counts[row] ?? 0;
      if (Number(count) !== 0) parts.push(`${index}:${count}`);
    }
  }
  return parts.join(' ');
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}
