// Float samples of many series in the order they came: one row each. What line-by-line protocols produce,
// where most series of a write have one sample and a BatchSeries for each would cost more than the sample.

import type { Label } from '../model/labels.ts';
import { floatColumns } from '../model/sample.ts';
import type { BatchSeries } from './interface.ts';

/** Makes labels when they are asked for: what many series have in common need not be kept for each of them. */
export interface LabelSource {
  /** The same labels always for the same number. */
  labelsOf(number: number): readonly Label[];
}

/**
 * A series that rows belong to. The same object always means the same labels; a decoder keeps it and gives
 * it again with every row, so that labels are made and looked up once. There can be millions: it keeps its labels as
 * one text, or not at all.
 */
export class RowSeries {
  readonly #source: LabelSource | string;
  readonly #number: number;
  // The store's own note of where it has the series, to find it again without looking at labels.
  /** Number of the index that gave `ref`; 0 before any did. */
  index = 0;
  database = 0;
  ref = 0;

  /** Series of these labels, or of those of a source's number. */
  constructor(labels: readonly Label[]);
  constructor(source: LabelSource, number: number);
  constructor(from: readonly Label[] | LabelSource, number: number = 0) {
    this.#source = isLabels(from) ? pack(from) : from;
    this.#number = number;
  }

  /** Unchecked: any order, possibly with duplicates or empty values. Made anew each time. */
  get labels(): readonly Label[] {
    const source = this.#source;
    return typeof source === 'string' ? unpack(source) : source.labelsOf(this.#number);
  }
}

function isLabels(from: readonly Label[] | LabelSource): from is readonly Label[] {
  return Array.isArray(from);
}

function pack(labels: readonly Label[]): string {
  return JSON.stringify(labels.flatMap(({ name, value }) => [name, value]));
}

function unpack(packed: string): Label[] {
  const texts = JSON.parse(packed) as string[];
  const labels: Label[] = [];
  for (let i = 0; i < texts.length; i += 2) labels.push({ name: texts[i]!, value: texts[i + 1]! });
  return labels;
}

/** Row i of each column belongs together. Columns may be longer than `length`; rows past it mean nothing. */
export interface RowBatch {
  readonly length: number;
  readonly series: readonly (RowSeries | undefined)[];
  /** ms */
  readonly t: Float64Array;
  /** Copy as bits: a NaN's payload must survive. */
  readonly v: Float64Array;
}

/** All rows of one series. */
export interface RowGroup extends BatchSeries {
  readonly rowSeries: RowSeries;
}

/** The same samples by series, in the order of their first rows. */
export function groupRows({ length, series, t, v }: RowBatch): RowGroup[] {
  const numbers = new Map<RowSeries, number>();
  const numberOf = new Uint32Array(length);
  const counts: number[] = [];
  for (let i = 0; i < length; i++) {
    let number = numbers.get(series[i]!);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(series[i]!, number);
      counts.push(0);
    }
    numberOf[i] = number;
    counts[number]!++;
  }
  const grouped = [...numbers.keys()].map((rowSeries, number): RowGroup => {
    const count = counts[number]!;
    const samples = floatColumns(new Float64Array(count), new Float64Array(count));
    return { labels: rowSeries.labels, samples, exemplars: [], rowSeries };
  });
  const filled = new Uint32Array(grouped.length);
  for (let i = 0; i < length; i++) {
    const number = numberOf[i]!;
    const { samples } = grouped[number]!;
    const row = filled[number]!++;
    samples.t[row] = t[i]!;
    samples.v.set(v.subarray(i, i + 1), row);
  }
  return grouped;
}
