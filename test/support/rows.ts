// Samples as plain text, so that what was written and what is read back can be compared bit by bit.

import type { SampleColumns } from '../../src/model/sample.ts';
import { printHistogram } from '../../src/protocol/json-lines/histogram.ts';

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
 * Row `i` as text: 16 hex digits of a float, or a histogram's parts. Reset hints are left out: chunks
 * carry them for their first histogram only.
 */
export function rowText({ v, histograms }: SampleColumns, i: number): string {
  const histogram = histograms?.[i];
  if (histogram !== undefined) return printHistogram({ ...histogram, resetHint: 0 });
  const halves = new Uint32Array(v.buffer, v.byteOffset + i * 8, 2);
  return hex(halves[1]!) + hex(halves[0]!);
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}
