// Float samples of many series in the order they came: one row each. What line-by-line protocols produce,
// where most series of a write have one sample and a BatchSeries for each would cost more than the sample.

import type { Label } from '../model/labels.ts';
import { floatColumns } from '../model/sample.ts';
import type { BatchSeries } from './interface.ts';

/** Makes labels when they are asked for: what is short need not be kept as labels, nor what many series have in common. */
export interface LabelSource<Key> {
  /** The same labels always for the same key. */
  labelsOf(key: Key): readonly Label[];
}

/**
 * A series that rows belong to. The same object always means the same labels; a decoder keeps it and gives
 * it again with every row, so that labels are made and looked up once. There can be millions: it keeps its labels as
 * one text, or not at all.
 */
export class RowSeries {
  readonly #source: LabelSource<unknown>;
  readonly #key: unknown;
  #fresh: readonly Label[] | undefined;
  // The store's own note of where it has the series, to find it again without looking at labels.
  /** Number of the index that gave `ref`; 0 before any did. */
  index = 0;
  database = 0;
  ref = 0;

  /**
   * A series of these labels, which nobody may change any more, or of those of a source's key. `fresh` is what the source
   * would answer: who has just made them saves the first who asks from making them again.
   */
  constructor(labels: readonly Label[]);
  constructor(source: LabelSource<number>, key: number);
  constructor(source: LabelSource<string>, key: string, fresh: readonly Label[]);
  constructor(
    from: readonly Label[] | LabelSource<number> | LabelSource<string>,
    key: number | string = '',
    fresh?: readonly Label[],
  ) {
    const hasLabels = isLabels(from);
    this.#source = hasLabels ? PACKED : from;
    this.#key = hasLabels ? pack(from) : key;
    this.#fresh = hasLabels ? from : fresh;
  }

  /** Unchecked: any order, possibly with duplicates or empty values. Made anew each time but the first. */
  get labels(): readonly Label[] {
    const fresh = this.#fresh;
    this.#fresh = undefined;
    return fresh ?? this.#source.labelsOf(this.#key);
  }
}

function isLabels(
  from: readonly Label[] | LabelSource<number> | LabelSource<string>,
): from is readonly Label[] {
  return Array.isArray(from);
}

/** Labels kept as one text. */
const PACKED: LabelSource<string> = { labelsOf: unpack };

function pack(labels: readonly Label[]): string {
  const texts: string[] = [];
  for (const { name, value } of labels) texts.push(name, value);
  return JSON.stringify(texts);
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
