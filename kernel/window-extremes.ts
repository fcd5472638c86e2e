// min_over_time and max_over_time; see window.ts for the common parameters. `perRow` has room for n u32.
//
// The extreme is the oldest of equal values (0 and -0 are equal); NaN is the result where nothing else is.

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

/**
 * Windows that hold each row so many times or less are looked through one by one. That is where both ways cost the same
 * if every step moves by one row; if by four, it is at 20, and at 8 this one takes half of the other's time.
 */
const MAX_OVERLAP: usize = 8;

function extremes(
  v: usize,
  windows: usize,
  steps: i32,
  values: usize,
  present: usize,
  perRow: usize,
  smallest: bool,
): void {
  if (overlapLittle(windows, steps)) scan(v, windows, steps, values, present, smallest);
  else slide(v, windows, steps, values, present, perRow, smallest);
}

/** Have the windows at most {@link MAX_OVERLAP} times as many rows as lie between the first and the last? */
function overlapLittle(windows: usize, steps: i32): bool {
  let rows: usize = 0;
  for (let i = 0; i < steps; i++) rows += (windowTo(windows, i) - windowFrom(windows, i)) >> 3;
  const span = (windowTo(windows, steps - 1) - windowFrom(windows, 0)) >> 3;
  return rows <= span * MAX_OVERLAP;
}

/** Looks through every window by itself, without a branch that depends on values. */
function scan(
  v: usize,
  windows: usize,
  steps: i32,
  values: usize,
  present: usize,
  smallest: bool,
): void {
  for (let i = 0; i < steps; i++) {
    const from = windowFrom(windows, i);
    const to = windowTo(windows, i);
    if (from == to) putNone(values, present, i);
    else put(values, present, i, extremeOf(v + from, v + to, smallest));
  }
}

function extremeOf(first: usize, end: usize, smallest: bool): f64 {
  const nothing = f64x2.splat(smallest ? Infinity : -Infinity);
  let a = nothing;
  let b = nothing;
  let p = first;
  // pmax(a, x) is x where a < x, else a: it passes over NaN. pmin likewise.
  if (smallest) {
    for (; p + 32 <= end; p += 32) {
      a = f64x2.pmin(a, v128.load(p));
      b = f64x2.pmin(b, v128.load(p, 16));
    }
    a = f64x2.pmin(a, b);
    for (; p < end; p += 8) a = f64x2.pmin(a, v128.load64_splat(p));
  } else {
    for (; p + 32 <= end; p += 32) {
      a = f64x2.pmax(a, v128.load(p));
      b = f64x2.pmax(b, v128.load(p, 16));
    }
    a = f64x2.pmax(a, b);
    for (; p < end; p += 8) a = f64x2.pmax(a, v128.load64_splat(p));
  }
  const x = f64x2.extract_lane(a, 0);
  const y = f64x2.extract_lane(a, 1);
  const extreme = smallest ? (y < x ? y : x) : y > x ? y : x;
  // Zeros have a sign, and nothing may have been found at all: only then the order of the rows matters.
  if (extreme != 0 && extreme != f64x2.extract_lane(nothing, 0)) return extreme;
  return oldestExtreme(first, end, smallest);
}

/** Row by row, as Prometheus does. */
function oldestExtreme(first: usize, end: usize, smallest: bool): f64 {
  let extreme = load<f64>(first);
  for (let p = first + 8; p < end; p += 8) {
    const x = load<f64>(p);
    if (extreme != extreme || (smallest ? x < extreme : x > extreme)) extreme = x;
  }
  return extreme == extreme ? extreme : NaN;
}

/**
 * Holds a queue of row offsets: a row waits there while it may still be the extreme of a later window, so values in
 * it go from the extreme towards the newest. Equal values both wait; NaN never does.
 */
function slide(
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
