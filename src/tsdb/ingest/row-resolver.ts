// The short way of rows: a series that has been stored before is found by the note that was left on it.

import { MAX_TIME, MIN_TIME } from '../../model/time-range.ts';
import type { RowBatch, RowSeries } from '../../storage/rows.ts';
import type { WriteColumns } from './write-columns.ts';

export class RowResolver {
  /** Refs of the rows at hand. */
  #refs = new Uint32Array(1024);

  /**
   * Adds rows whose series `index` knows and whose times are within the bounds. A series that it does not know yet
   * `register` makes known and answers its ref, or -1 if it may be refused. Answers the other rows, in their order; undefined
   * if there are none.
   */
  addKnown(
    database: number,
    index: number,
    rows: RowBatch,
    bounds: { readonly minT: number; readonly maxT: number },
    columns: WriteColumns,
    register: (series: RowSeries) => number,
  ): RowBatch | undefined {
    const { length, series, t, v } = rows;
    const minT = Math.max(bounds.minT, MIN_TIME);
    const maxT = Math.min(bounds.maxT, MAX_TIME);
    if (this.#refs.length < length) this.#refs = new Uint32Array(series.length);
    const refs = this.#refs;
    const rest: number[] = [];
    // The last of those: a single line can have thousands of values, and asking for each would cost far more than they do.
    let refused: RowSeries | undefined;
    let from = 0;
    for (let i = 0; i < length; i++) {
      const one = series[i]!;
      const time = t[i]!;
      if (one !== refused && time >= minT && time <= maxT && Number.isInteger(time)) {
        if (one.index !== index || one.database !== database) {
          const ref = register(one);
          if (ref < 0) refused = one;
          else this.learn(one, database, index, ref);
        }
        if (one !== refused) {
          refs[i] = one.ref;
          continue;
        }
      }
      columns.addRows(refs, t, v, from, i);
      rest.push(i);
      from = i + 1;
    }
    columns.addRows(refs, t, v, from, length);
    return rest.length === 0 ? undefined : pickRows(rows, rest);
  }

  /** Notes that a series is `ref` in this index. */
  learn(series: RowSeries, database: number, index: number, ref: number): void {
    series.index = index;
    series.database = database;
    series.ref = ref;
  }
}

function pickRows({ series, t, v }: RowBatch, at: readonly number[]): RowBatch {
  const picked = { t: new Float64Array(at.length), v: new Float64Array(at.length) };
  at.forEach((row, i) => {
    picked.t[i] = t[row]!;
    // As bits.
    picked.v.set(v.subarray(row, row + 1), i);
  });
  return { length: at.length, series: at.map((row) => series[row]), ...picked };
}
