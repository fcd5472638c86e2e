// Growing columns that a reader fills anew for every series.

import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { SampleColumns } from '../../model/sample.ts';

const FIRST_ROWS = 256;

export class ColumnBuffer {
  length = 0;
  t: Float64Array = new Float64Array(FIRST_ROWS);
  v: Float64Array = new Float64Array(FIRST_ROWS);
  /** The bits of `v`: low and high halves in turn. */
  bits: Uint32Array = new Uint32Array(this.v.buffer);
  /** Meaningful only if `hasStartT`. */
  startT: Float64Array = new Float64Array(FIRST_ROWS);
  hasStartT = false;
  histograms: (NativeHistogram | undefined)[] | undefined = undefined;

  clear(): void {
    this.length = 0;
    this.hasStartT = false;
    this.histograms = undefined;
  }

  /** Makes room for so many rows more. */
  reserve(rows: number): void {
    const needed = this.length + rows;
    if (needed <= this.t.length) return;
    const capacity = Math.max(needed, this.t.length * 2);
    this.t = grown(this.t, this.length, capacity);
    this.v = grown(this.v, this.length, capacity);
    this.bits = new Uint32Array(this.v.buffer);
    this.startT = grown(this.startT, this.length, capacity);
  }

  /** From now on every row has a start timestamp; the rows so far have none. */
  wantStartT(): void {
    if (this.hasStartT) return;
    this.startT.fill(0, 0, this.length);
    this.hasStartT = true;
  }

  /** The rows as columns that share this buffer. */
  columns(): SampleColumns {
    return {
      length: this.length,
      t: this.t,
      v: this.v,
      startT: this.hasStartT ? this.startT : undefined,
      histograms: this.histograms,
    };
  }
}

function grown(from: Float64Array, rows: number, capacity: number): Float64Array {
  const to = new Float64Array(capacity);
  to.set(from.subarray(0, rows));
  return to;
}
