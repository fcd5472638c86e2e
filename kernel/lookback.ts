// Instant selectors over columns that still have their stale markers, and taking the markers out.

import { firstAfter, putNone } from './window';

/** Bits of the NaN that says: the series ends here. */
const STALE_MARKER: u64 = 0x7ff0000000000002;

/**
 * Per step i of `steps`, at time T = firstT + i * stepMs: the newest row with T - lookbackMs < t ≤ T.
 * Its bits in column `from` (the values, or the times for timestamp()) go to `values`; a stale marker
 * there in column `v` means none, as does no row. Output as in window.ts. Returns how many steps have one.
 */
export function lookbackLast(
  t: usize,
  v: usize,
  from: usize,
  n: i32,
  firstT: f64,
  stepMs: f64,
  steps: i32,
  lookbackMs: f64,
  values: usize,
  present: usize,
): i32 {
  const rows = (<usize>n) << 3;
  let to: usize = 0;
  let stride: usize = 8;
  let time = firstT;
  let found = 0;
  for (let i = 0; i < steps; i++) {
    // Mostly as many rows further as the last time.
    const next = to + stride;
    if (next < rows && load<f64>(t + next) > time && load<f64>(t + next - 8) <= time) {
      to = next;
    } else {
      const before = to;
      to = firstAfter(t, to, rows, time);
      stride = max<usize>(to - before, 8);
    }
    if (
      to > 0 &&
      load<f64>(t + to - 8) > time - lookbackMs &&
      load<u64>(v + to - 8) != STALE_MARKER
    ) {
      store<u64>(values + ((<usize>i) << 3), load<u64>(from + to - 8));
      store<u8>(present + <usize>i, 1);
      found++;
    } else putNone(values, present, i);
    time += stepMs;
  }
  return found;
}

/** Removes rows with stale markers in place and returns how many stay. */
export function dropStale(t: usize, v: usize, n: i32): i32 {
  const end = (<usize>n) << 3;
  let from = (<usize>firstStale(v, n)) << 3;
  let to = from;
  for (; from < end; from += 8) {
    const bits = load<u64>(v + from);
    if (bits == STALE_MARKER) continue;
    store<u64>(v + to, bits);
    store<u64>(t + to, load<u64>(t + from));
    to += 8;
  }
  return <i32>(to >> 3);
}

/** The first row with a stale marker, or n. Most columns have none. */
export function firstStale(v: usize, n: i32): i32 {
  const end = (<usize>n) << 3;
  const markers = i64x2.splat(STALE_MARKER);
  let at: usize = 0;
  for (; end - at >= 16; at += 16) {
    if (v128.any_true(i64x2.eq(v128.load(v + at), markers))) break;
  }
  while (at < end && load<u64>(v + at) != STALE_MARKER) at += 8;
  return <i32>(at >> 3);
}

/** How many of `steps` bytes are not zero. */
export function countPresent(present: usize, steps: i32): i32 {
  const end = present + <usize>steps;
  const zero = i8x16.splat(0);
  let count = 0;
  let p = present;
  for (; end - p >= 16; p += 16) {
    count += 16 - popcnt<i32>(i8x16.bitmask(i8x16.eq(v128.load(p), zero)));
  }
  for (; p < end; p++) count += <i32>(load<u8>(p) != 0);
  return count;
}
