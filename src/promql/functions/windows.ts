// From times to rows: which rows of a series each step's window holds. One walk with two pointers serves
// all steps, since windows move forward only.

import type { WindowFrame } from './interface.ts';

/** A window may have millions of rows: in loops over them a query is asked so often whether it is to stop. */
export const ROWS_PER_CHECKPOINT: number = 2 ** 18;

/** A column of times to look into. */
export interface TimeColumn {
  readonly length: number;
  /** ms, ascending */
  readonly t: Float64Array;
}

/** Rows [from, to) of every window; reused from call to call, so that no series costs an allocation. */
export class WindowRows {
  /** By step: first row of the window. */
  from: Int32Array = new Int32Array(0);
  /** By step: the row after the last; equal to `from` if the window is empty. */
  to: Int32Array = new Int32Array(0);

  /**
   * Finds the rows of (end − rangeMs − beforeMs, end + afterMs] for every step of the frame. Valid until
   * the next call on this object.
   */
  find(column: TimeColumn, frame: WindowFrame, beforeMs = 0, afterMs = 0): this {
    const { firstEndT, stepMs, count, rangeMs } = frame;
    if (this.from.length < count) {
      this.from = new Int32Array(count);
      this.to = new Int32Array(count);
    }
    const { from, to } = this;
    const { t, length } = column;
    const widthMs = rangeMs + beforeMs + afterMs;
    let first = 0;
    let after = 0;
    for (let i = 0; i < count; i++) {
      const endT = firstEndT + afterMs + i * stepMs;
      const startT = endT - widthMs;
      while (after < length && t[after]! <= endT) after++;
      while (first < after && t[first]! <= startT) first++;
      from[i] = first;
      to[i] = after;
    }
    return this;
  }
}

/** End of the window of step `i` in ms. */
export function windowEndT(frame: WindowFrame, i: number): number {
  return frame.firstEndT + i * frame.stepMs;
}

/** First row of [from, to) later than `time`; `to` if there is none. */
export function firstAfter(t: Float64Array, from: number, to: number, time: number): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (t[middle]! > time) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** First row of [from, to) at `time` or later; `to` if there is none. Times are whole milliseconds. */
export function firstNotBefore(t: Float64Array, from: number, to: number, time: number): number {
  return firstAfter(t, from, to, time - 1);
}
