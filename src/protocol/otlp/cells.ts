// Columns of one row, for series that have one sample. Many share a piece of memory: an array of its own for each
// would cost more than the sample.

import type { RawFloat64 } from '../../model/native-histogram.ts';
import { STALE_NAN_HIGH, STALE_NAN_LOW } from '../../model/stale.ts';

const SLAB_CELLS = 1024;

/** Looked through for each point; an export has one or two. */
const MAX_SHARED_TIMES = 3;

/** The stale marker's bits. */
export const STALE_BITS: RawFloat64 = { low: STALE_NAN_LOW, high: STALE_NAN_HIGH };

export class Cells {
  #slab = new Float64Array(SLAB_CELLS);
  #halves = new Uint32Array(this.#slab.buffer);
  #used = 0;
  readonly #times: Float64Array[] = [];

  /** A time in ms. Points of one export mostly have the same, and can share it. */
  ofTime(t: number): Float64Array {
    if (this.#times.length > MAX_SHARED_TIMES) this.#times.length = 0;
    for (const cell of this.#times) if (cell[0] === t) return cell;
    const cell = this.ofNumber(t);
    this.#times.push(cell);
    return cell;
  }

  ofNumber(value: number): Float64Array {
    const at = this.#next();
    this.#slab[at] = value;
    return this.#slab.subarray(at, at + 1);
  }

  /** Moves bits, so that a NaN keeps its payload. */
  ofBits({ low, high }: RawFloat64): Float64Array {
    const at = this.#next();
    this.#halves[2 * at] = low;
    this.#halves[2 * at + 1] = high;
    return this.#slab.subarray(at, at + 1);
  }

  #next(): number {
    if (this.#used === SLAB_CELLS) {
      this.#slab = new Float64Array(SLAB_CELLS);
      this.#halves = new Uint32Array(this.#slab.buffer);
      this.#used = 0;
    }
    return this.#used++;
  }
}
