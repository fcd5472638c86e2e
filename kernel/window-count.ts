// Window functions that count or pick rows; see window.ts for the common parameters.

import { put, putNone, windowFrom, windowTo } from './window';

/** resets: rows below their predecessor in the window. `perRow` has room for n u32. */
export function windowResets(
  v: usize,
  n: i32,
  windows: usize,
  steps: i32,
  values: usize,
  present: usize,
  perRow: usize,
): void {
  let total: u32 = 0;
  let previous: f64 = NaN;
  for (let i = 0; i < n; i++) {
    const value = load<f64>(v + ((<usize>i) << 3));
    total += <u32>(value < previous);
    previous = value;
    store<u32>(perRow + ((<usize>i) << 2), total);
  }
  gained(windows, steps, values, present, perRow);
}

/** changes: rows that differ from their predecessor in the window; NaN does not differ from NaN. */
export function windowChanges(
  v: usize,
  n: i32,
  windows: usize,
  steps: i32,
  values: usize,
  present: usize,
  perRow: usize,
): void {
  let total: u32 = 0;
  let previous: f64 = n > 0 ? load<f64>(v) : 0;
  for (let i = 0; i < n; i++) {
    const value = load<f64>(v + ((<usize>i) << 3));
    const areBothNaN = value != value && previous != previous;
    total += <u32>(value != previous && !areBothNaN);
    previous = value;
    store<u32>(perRow + ((<usize>i) << 2), total);
  }
  gained(windows, steps, values, present, perRow);
}

/** Per window what the running total at `totals` gained after its first row. */
function gained(windows: usize, steps: i32, values: usize, present: usize, totals: usize): void {
  for (let i = 0; i < steps; i++) {
    const from = windowFrom(windows, i);
    const to = windowTo(windows, i);
    if (from == to) {
      putNone(values, present, i);
      continue;
    }
    const difference = load<u32>(totals + (to >> 1) - 4) - load<u32>(totals + (from >> 1));
    put(values, present, i, <f64>difference);
  }
}

/** count_over_time. */
export function windowCount(windows: usize, steps: i32, values: usize, present: usize): void {
  for (let i = 0; i < steps; i++) {
    const bytes = windowTo(windows, i) - windowFrom(windows, i);
    store<f64>(values + ((<usize>i) << 3), <f64>(<i32>(bytes >> 3)));
    store<u8>(present + <usize>i, <u8>(bytes != 0));
  }
}

/** present_over_time. */
export function windowPresent(windows: usize, steps: i32, values: usize, present: usize): void {
  for (let i = 0; i < steps; i++) {
    const isThere = windowTo(windows, i) != windowFrom(windows, i);
    store<f64>(values + ((<usize>i) << 3), isThere ? 1 : 0);
    store<u8>(present + <usize>i, <u8>isThere);
  }
}

/** first_over_time. */
export function windowFirst(
  v: usize,
  windows: usize,
  steps: i32,
  values: usize,
  present: usize,
): void {
  for (let i = 0; i < steps; i++) {
    const from = windowFrom(windows, i);
    if (from == windowTo(windows, i)) putNone(values, present, i);
    else put(values, present, i, load<f64>(v + from));
  }
}

/** last_over_time. */
export function windowLast(
  v: usize,
  windows: usize,
  steps: i32,
  values: usize,
  present: usize,
): void {
  for (let i = 0; i < steps; i++) {
    const to = windowTo(windows, i);
    if (to == windowFrom(windows, i)) putNone(values, present, i);
    else put(values, present, i, load<f64>(v + to - 8));
  }
}
