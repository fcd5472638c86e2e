// Copies of rows, many at a time: columns of a few steps share buffers, since a buffer of its own would
// cost each more than its values.

import type { StepSeries } from './step-series.ts';

/** Values of the first shared buffer; later ones are larger, so that few rows do not take much. */
const FIRST_VALUES = 64;
const MOST_VALUES = 2 ** 14;

export class RowKeeper {
  readonly #steps: number;
  #size = FIRST_VALUES;
  #values = new Float64Array(0);
  #present = new Uint8Array(0);
  #next = 0;

  constructor(steps: number) {
    this.#steps = steps;
  }

  /** A copy that shares nothing but labels and histograms with the row. */
  keep(row: StepSeries): StepSeries {
    const from = this.#place();
    const to = from + this.#steps;
    this.#values.set(row.values, from);
    this.#present.set(row.present, from);
    return {
      labels: row.labels,
      dropName: row.dropName,
      present: this.#present.subarray(from, to),
      values: this.#values.subarray(from, to),
      histograms: row.histograms?.slice(),
    };
  }

  /** Where the next row goes. */
  #place(): number {
    if (this.#next + this.#steps > this.#values.length) {
      const size = Math.max(this.#size, this.#steps);
      this.#values = new Float64Array(size);
      this.#present = new Uint8Array(size);
      this.#next = 0;
      this.#size = Math.min(2 * this.#size, MOST_VALUES);
    }
    const place = this.#next;
    this.#next += this.#steps;
    return place;
  }
}
