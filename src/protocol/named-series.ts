// Series of protocols that name them in parts, which stand nowhere as one run of bytes.

import type { Label } from '../model/labels.ts';
import type { RowSeries } from '../storage/rows.ts';
import type { RowCollector } from './row-collector.ts';
import { hashKey, type SeriesTable, viewOf } from './series-table.ts';

/** Longer names rarely repeat. */
const MAX_KEY_BYTES = 4096;

/** Finds series again by their parts, in the order in which they were sent. */
export class NamedSeries {
  readonly #table: SeriesTable;
  readonly #collector: RowCollector;
  readonly #key = Buffer.alloc(MAX_KEY_BYTES);
  readonly #keyView = viewOf(this.#key);

  /** `table` is for one way to make labels of parts, and one set of extra labels. */
  constructor(table: SeriesTable, collector: RowCollector) {
    this.#table = table;
    this.#collector = collector;
  }

  /**
   * The series of these parts. `labelsOf` makes its labels where it is new, or says what is wrong with them. Without
   * `remembers` it is made anew: for callers that find it again in a way of their own.
   */
  get(
    parts: readonly string[],
    labelsOf: (parts: readonly string[]) => Label[] | string,
    remembers = true,
  ): RowSeries | string {
    const length = remembers ? this.#write(parts) : 0;
    if (length === 0) return this.#make(parts, labelsOf);
    const hash = hashKey(this.#keyView, 0, length);
    const known = this.#table.find(this.#keyView, 0, length, hash);
    if (known !== undefined) return known;
    const series = this.#make(parts, labelsOf);
    if (typeof series !== 'string') this.#table.add(this.#keyView, 0, length, hash, series);
    return series;
  }

  #make(
    parts: readonly string[],
    labelsOf: (parts: readonly string[]) => Label[] | string,
  ): RowSeries | string {
    const labels = labelsOf(parts);
    return typeof labels === 'string' ? labels : this.#collector.seriesOf(labels);
  }

  /** Writes the parts, each with its length, so that no two lists are the same bytes; 0 if they are too long. */
  #write(parts: readonly string[]): number {
    const key = this.#key;
    let at = 0;
    for (const part of parts) {
      // What a text can take as UTF-8.
      if (at + 4 + part.length * 3 > MAX_KEY_BYTES) return 0;
      const length = key.write(part, at + 4, 'utf8');
      key.writeUInt32LE(length, at);
      at += 4 + length;
    }
    return at;
  }
}
