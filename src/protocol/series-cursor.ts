// Where in a sender's order of series a decoder is. Most series come after the same one as last time: then their key
// is compared, in words, and neither looked for nor hashed, nor is its end.

import type { RowSeries } from '../storage/rows.ts';
import { hashKey, type SeriesTable } from './series-table.ts';

/** One decoder's place in a table that it may share with others. */
export class SeriesCursor<T = RowSeries> {
  readonly #table: SeriesTable<T>;
  /** Number of the series at hand, -1 before the first. */
  #number = -1;

  constructor(table: SeriesTable<T>) {
    this.#table = table;
  }

  /** The series at hand. Ask only where there is one. */
  get current(): T {
    return this.#table.at(this.#number);
  }

  /** The number of the series that should come next, -1 if nobody knows. */
  get expected(): number {
    return this.#number < 0 ? -1 : this.#table.successorOf(this.#number);
  }

  /**
   * Where the key ends that begins at `start`, if it is the expected series' one: {@link takeExpected}. Otherwise -1. That
   * a key ends there is for the caller to make sure.
   */
  endOfExpected(bytes: DataView, start: number): number {
    const { expected } = this;
    if (expected < 0) return -1;
    const length = this.#table.keyLength(expected);
    return this.#table.isAt(expected, 0, length, bytes, start) ? start + length : -1;
  }

  /** The expected series, which is at hand now. Ask only where there is one. */
  takeExpected(): T {
    return this.#take(this.expected);
  }

  /** The series whose key is bytes [start, end), which is at hand now; undefined if it is not known. */
  find(bytes: DataView, start: number, end: number): T | undefined {
    const number = this.#table.numberOf(bytes, start, end, hashKey(bytes, start, end));
    if (number < 0) return undefined;
    if (this.#number >= 0) this.#table.noteSuccessor(this.#number, number);
    return this.#take(number);
  }

  #take(number: number): T {
    this.#number = number;
    return this.#table.at(number);
  }
}
