// min and max_over_time and the times of minimum and maximum. Rows that can still become the extreme are
// kept in a queue, so that a series costs one pass however long its windows are.

import { setFloat } from '../eval/step-series.ts';
import { floatPoints } from './floats-only.ts';
import type { RangeFunction } from './interface.ts';
import { WindowRows } from './windows.ts';

const rows = new WindowRows();

/** Rows of the queue, of values that get worse; reused from call to call. */
let queue = new Int32Array(1024);

/** NaN only if all are NaN. Of equal values (0 and −0) the first. */
export const maxOverTime: RangeFunction = extreme(1, false);
export const minOverTime: RangeFunction = extreme(-1, false);

/** In seconds; of equal values the last one's. If all are NaN, of the last. */
export const tsOfMaxOverTime: RangeFunction = extreme(1, true);
export const tsOfMinOverTime: RangeFunction = extreme(-1, true);

function extreme(sign: 1 | -1, wantsTime: boolean): RangeFunction {
  return (call, frame, input, out) => {
    const points = floatPoints(call, frame, input);
    const { t, v, length } = points;
    const { from, to } = rows.find(points, frame);
    if (queue.length < length) queue = new Int32Array(length);
    let head = 0;
    let tail = 0;
    let next = 0;
    for (let i = 0; i < frame.count; i++) {
      const first = from[i]!;
      const end = to[i]!;
      if (next < first) next = first;
      for (; next < end; next++) {
        const value = sign * v[next]!;
        if (Number.isNaN(value)) continue;
        while (tail > head && isBeaten(sign * v[queue[tail - 1]!]!, value, wantsTime)) tail--;
        queue[tail++] = next;
      }
      while (head < tail && queue[head]! < first) head++;
      if (first === end) continue;
      // An empty queue means that all are NaN.
      const row = head < tail ? queue[head]! : end - 1;
      setFloat(out, i, wantsTime ? t[row]! / 1000 : v[row]!);
    }
  };
}

/** Whether a row that stands before another can never be the extreme again. */
function isBeaten(value: number, later: number, lastOfEqual: boolean): boolean {
  return lastOfEqual ? value <= later : value < later;
}
