// The rows that become one row group of a Parquet file.

import type { ColumnSource } from 'hyparquet-writer';
import type { Exemplar } from '../../model/exemplar.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import { isStaleBits, NORMAL_NAN_HIGH, NORMAL_NAN_LOW } from '../../model/stale.ts';
import { printHistogram } from '../json-lines/histogram.ts';
import { printLabelsObject } from '../json-lines/line-builder.ts';
import { type ColumnName, RowKind } from './schema.ts';

/** Columns of so many rows take some tens of megabytes while they are encoded. */
const MAX_ROWS = 2 ** 17;
/** Of texts that every row has for itself. */
const MAX_TEXT_CHARACTERS = 2 ** 24;

/** Labels as texts that all rows of a series share. */
export interface SeriesTexts {
  readonly name: string;
  readonly labels: string;
}

export class RowGroup {
  #rows = 0;
  #textCharacters = 0;
  readonly #kind: string[] = [];
  readonly #name: string[] = [];
  readonly #labels: string[] = [];
  readonly #t = new Float64Array(MAX_ROWS);
  readonly #v = new Float64Array(MAX_ROWS);
  /** The values as 32-bit halves. */
  readonly #halves = new Uint32Array(this.#v.buffer);
  readonly #stale: boolean[] = [];
  readonly #startT: (number | undefined)[] = [];
  readonly #histogram: (string | undefined)[] = [];
  readonly #exemplarLabels: (string | undefined)[] = [];

  get isEmpty(): boolean {
    return this.#rows === 0;
  }

  /** No more rows fit. */
  get isFull(): boolean {
    return this.#rows === MAX_ROWS || this.#textCharacters >= MAX_TEXT_CHARACTERS;
  }

  /** A sample with the bits of its value. */
  addFloat(series: SeriesTexts, t: number, high: number, low: number, startT: number): void {
    this.#kind.push(RowKind.float);
    this.#histogram.push(undefined);
    this.#exemplarLabels.push(undefined);
    this.#startT.push(startT === 0 ? undefined : startT);
    this.#addRow(series, t, high, low);
  }

  addHistogram(series: SeriesTexts, t: number, histogram: NativeHistogram, startT: number): void {
    const text = printHistogram(histogram);
    this.#textCharacters += text.length;
    this.#kind.push(RowKind.histogram);
    this.#histogram.push(text);
    this.#exemplarLabels.push(undefined);
    this.#startT.push(startT === 0 ? undefined : startT);
    this.#addRow(series, t, histogram.sum.high, histogram.sum.low);
  }

  addExemplar(series: SeriesTexts, { labels, value, t }: Exemplar): void {
    const text = printLabelsObject(labels);
    this.#textCharacters += text.length;
    this.#kind.push(RowKind.exemplar);
    this.#histogram.push(undefined);
    this.#exemplarLabels.push(text);
    this.#startT.push(undefined);
    const row = this.#rows;
    this.#addRow(series, t, NORMAL_NAN_HIGH, NORMAL_NAN_LOW);
    if (!Number.isNaN(value)) this.#v[row] = value;
  }

  /** Columns to be written, valid until {@link clear}. */
  columns(): ColumnSource[] {
    const rows = this.#rows;
    return [
      column('kind', this.#kind, 'RLE_DICTIONARY'),
      // Readers leave out row groups by these two.
      { ...column('name', this.#name, 'RLE_DICTIONARY'), statistics: true },
      column('labels', this.#labels, undefined),
      {
        ...column('timestamp', this.#t.subarray(0, rows), 'DELTA_BINARY_PACKED'),
        statistics: true,
      },
      // The one encoding by which the bits of a NaN are copied as bytes.
      column('value', this.#v.subarray(0, rows), 'BYTE_STREAM_SPLIT'),
      column('stale', this.#stale, undefined),
      column('start_timestamp', this.#startT, undefined),
      column('histogram', this.#histogram, 'PLAIN'),
      column('exemplar_labels', this.#exemplarLabels, 'PLAIN'),
    ];
  }

  clear(): void {
    this.#rows = 0;
    this.#textCharacters = 0;
    this.#kind.length = 0;
    this.#name.length = 0;
    this.#labels.length = 0;
    this.#stale.length = 0;
    this.#startT.length = 0;
    this.#histogram.length = 0;
    this.#exemplarLabels.length = 0;
  }

  #addRow({ name, labels }: SeriesTexts, t: number, high: number, low: number): void {
    const row = this.#rows++;
    this.#name.push(name);
    this.#labels.push(labels);
    this.#t[row] = t;
    this.#halves[2 * row] = low;
    this.#halves[2 * row + 1] = high;
    this.#stale.push(isStaleBits(high, low));
  }
}

function column(
  name: ColumnName,
  data: ColumnSource['data'],
  encoding: ColumnSource['encoding'],
): ColumnSource {
  return {
    name,
    data,
    statistics: false,
    offsetIndex: false,
    ...(encoding !== undefined && { encoding }),
  };
}
