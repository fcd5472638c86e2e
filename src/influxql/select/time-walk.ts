// A time range in pieces that hold about as many samples as fit a budget, found by trying: spans grow while
// pieces are nearly empty and shrink when one overflows.

import type { TimeRange } from '../../model/time-range.ts';

const GROWTH = 4;

export class TimeWalk {
  readonly #range: TimeRange;
  readonly #isAscending: boolean;
  readonly #capacity: number;
  /** The edge of what is done. */
  #at: number;
  #span: number;

  /** `firstSpan` in ms is the length of the first piece, `capacity` what {@link accept} expects at most. */
  constructor(range: TimeRange, isAscending: boolean, firstSpan: number, capacity: number) {
    this.#range = range;
    this.#isAscending = isAscending;
    this.#capacity = capacity;
    this.#at = isAscending ? range.minT : range.maxT;
    this.#span = firstSpan;
  }

  /** The piece to be read; the same again until it is accepted. Undefined at the end. */
  piece(): TimeRange | undefined {
    const { minT, maxT } = this.#range;
    if (this.#at < minT || this.#at > maxT) return undefined;
    return this.#isAscending
      ? { minT: this.#at, maxT: Math.min(maxT, this.#at + this.#span - 1) }
      : { minT: Math.max(minT, this.#at - this.#span + 1), maxT: this.#at };
  }

  /** It had `count` samples. */
  accept(count: number): void {
    this.#at += this.#isAscending ? this.#span : -this.#span;
    if (count < this.#capacity / (2 * GROWTH)) this.#span *= GROWTH;
  }

  /** It had too many: the next is shorter. False if it cannot be. */
  shrink(): boolean {
    if (this.#span <= 1) return false;
    this.#span = Math.max(1, Math.floor(this.#span / GROWTH));
    return true;
  }
}
