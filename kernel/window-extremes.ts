// min_over_time and max_over_time; see window.ts for the common parameters. `perRow` has room for n u32.
//
// It holds a queue of row offsets: a row waits there while it may still be the extreme of a later
// window, so values in it go from the extreme towards the newest. Equal values both wait and the older
// one wins (0 and -0 are equal); NaN never waits and is the result where nothing else is.

import { put, putNone, windowFrom, windowTo } from './window';

export function windowMax(
  v: usize,
  windows: usize,
  steps: i32,
  values: usize,
  present: usize,
  perRow: usize,
): void {
  extremes(v, windows, steps, values, present, perRow, false);
}

export function windowMin(
  v: usize,
  windows: usize,
  steps: i32,
  values: usize,
  present: usize,
  perRow: usize,
): void {
  extremes(v, windows, steps, values, present, perRow, true);
}

function extremes(
  v: usize,
  windows: usize,
  steps: i32,
  values: usize,
  present: usize,
  perRow: usize,
  smallest: bool,
): void {
  let seen: usize = 0;
  let head = perRow;
  let tail = perRow;
  for (let i = 0; i < steps; i++) {
    const from = windowFrom(windows, i);
    const to = windowTo(windows, i);
    if (from == to) {
      putNone(values, present, i);
      continue;
    }
    for (seen = max<usize>(seen, from); seen < to; seen += 8) {
      const x = load<f64>(v + seen);
      if (x != x) continue;
      while (tail > head) {
        const waiting = load<f64>(v + <usize>load<u32>(tail - 4));
        if (smallest ? waiting <= x : waiting >= x) break;
        tail -= 4;
      }
      store<u32>(tail, <u32>seen);
      tail += 4;
    }
    while (head < tail && <usize>load<u32>(head) < from) head += 4;
    put(values, present, i, head < tail ? load<f64>(v + <usize>load<u32>(head)) : NaN);
  }
}
