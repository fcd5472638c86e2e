// rate, increase, delta, irate, idelta; see window.ts for the common parameters.

import { put, putNone, windowFrom, windowTo } from './window';

/** A gap longer than this many average gaps is not extrapolated across. */
const EXTRAPOLATION_LIMIT: f64 = 1.1;

/** Where a step without a result looks for rows: at one that is there. */
const ONE_ROW: u64 = 8 << 32;
const TWO_ROWS: i32 = 16;

/**
 * 1/1000 in two parts. The first has 17 bits, so its product with an integer below 2^36 is exact, and
 * the sum of both products is that integer divided by 1000, correctly rounded: no quotient comes as near
 * to the middle between two float64 (2^-63) as the second product is wrong (2^-69).
 */
const THOUSANDTH_HIGH: usize = memory.data<f64>([67109 / 67108864]);
const THOUSANDTH_LOW: usize = memory.data<f64>([-17 / 8388608000]);
const MAX_EXACT_MS: f64 = 68719476736;

/** Gaps below this many average gaps are below the limit whatever rounding does. */
const SURELY_BELOW_LIMIT: usize = memory.data<f64>([1.09]);
/** What makes a comparison of products certain, relative and absolute. */
const MARGIN: usize = memory.data<f64>([1.01]);
const MARGIN_NEAR_ZERO: usize = memory.data<f64>([1e-280]);

/**
 * `isCounter`: drops are resets, and the series is taken to start at zero. `perSeconds`: length of the
 * range in seconds for a rate, 0 for an increase or a delta. `perRow` has room for n u32.
 */
export function windowRate(
  t: usize,
  v: usize,
  n: i32,
  firstEndT: f64,
  stepMs: f64,
  steps: i32,
  rangeMs: f64,
  isCounter: bool,
  perSeconds: f64,
  windows: usize,
  values: usize,
  present: usize,
  perRow: usize,
): void {
  if (n < 2) {
    memory.fill(values, 0, (<usize>steps) << 3);
    memory.fill(present, 0, <usize>steps);
    return;
  }
  const dropsEnd = isCounter ? listDrops(v, n, perRow) : perRow;
  let firstDrop = perRow;
  // Divisions take most of the time, and two cost no more than one. An odd last step is taken twice.
  for (let i = 0; i < steps; i += 2) {
    const isLast = i + 1 == steps;
    const rows0 = rowsAt(windows, i);
    const rows1 = isLast ? rows0 : rowsAt(windows, i + 1);
    const from0 = <usize>(<u32>rows0);
    const from1 = <usize>(<u32>rows1);
    const to0 = <usize>(rows0 >> 32);
    const to1 = <usize>(rows1 >> 32);

    let gain = f64x2.sub(pair(v + to0 - 8, v + to1 - 8), pair(v + from0, v + from1));
    if (firstDrop < dropsEnd) {
      firstDrop = dropAfter(firstDrop, dropsEnd, from0);
      const gain0 = addDropped(v, firstDrop, dropsEnd, to0, f64x2.extract_lane(gain, 0));
      firstDrop = dropAfter(firstDrop, dropsEnd, from1);
      const gain1 = addDropped(v, firstDrop, dropsEnd, to1, f64x2.extract_lane(gain, 1));
      gain = f64x2.replace_lane(f64x2.splat(gain0), 1, gain1);
    }

    const end0 = firstEndT + stepMs * <f64>i;
    const end1 = isLast ? end0 : firstEndT + stepMs * <f64>(i + 1);
    const results = extrapolate(
      pair(t + from0, t + from1),
      pair(t + to0 - 8, t + to1 - 8),
      pair(v + from0, v + from1),
      gain,
      gapsOf(to0 - from0, to1 - from1),
      f64x2.replace_lane(f64x2.splat(end0), 1, end1),
      rangeMs,
      isCounter,
      perSeconds,
    );
    const at = values + ((<usize>i) << 3);
    if (isLast) {
      store<f64>(at, f64x2.extract_lane(results, 0));
      store<u8>(present + <usize>i, <u8>(rows0 != ONE_ROW));
    } else {
      v128.store(at, results);
      store<u16>(present + <usize>i, <u16>(rows0 != ONE_ROW) | ((<u16>(rows1 != ONE_ROW)) << 8));
    }
  }
}

/** Offsets of the rows of step `i`, of ONE_ROW if there are fewer than two. */
function rowsAt(windows: usize, i: i32): u64 {
  const rows = load<u64>(windows + ((<usize>i) << 3));
  return <i32>(<u32>(rows >> 32) - <u32>rows) >= TWO_ROWS ? rows : ONE_ROW;
}

/** Lists the offsets of rows below their predecessor at `list` and returns the end of the list. */
function listDrops(v: usize, n: i32, list: usize): usize {
  const rows = (<usize>n) << 3;
  let next = list;
  let at: usize = 8;
  for (; at + 32 <= rows; at += 32) {
    const low = f64x2.lt(v128.load(v + at), v128.load(v + at - 8));
    const high = f64x2.lt(v128.load(v + at, 16), v128.load(v + at, 8));
    if (!v128.any_true(v128.or(low, high))) continue;
    for (let k = at; k < at + 32; k += 8) next = listDrop(v, k, next);
  }
  for (; at < rows; at += 8) next = listDrop(v, at, next);
  return next;
}

function listDrop(v: usize, at: usize, next: usize): usize {
  if (!(load<f64>(v + at) < load<f64>(v + at - 8))) return next;
  store<u32>(next, <u32>at);
  return next + 4;
}

/** The first drop in the list after row `from`. A step without rows has `from` 0 and moves nothing. */
function dropAfter(drop: usize, dropsEnd: usize, from: usize): usize {
  while (drop < dropsEnd && <usize>load<u32>(drop) <= from) drop += 4;
  return drop;
}

/** The gain of a window and what its drops before row `to` took away. */
function addDropped(v: usize, drop: usize, dropsEnd: usize, to: usize, gain: f64): f64 {
  for (; drop < dropsEnd; drop += 4) {
    const at = <usize>load<u32>(drop);
    if (at >= to) break;
    gain += load<f64>(v + at - 8);
  }
  return gain;
}

/** How many gaps lie between rows that take so many bytes. */
function gapsOf(bytes0: usize, bytes1: usize): v128 {
  const gaps0 = <f64>(<i32>(bytes0 >> 3) - 1);
  const gaps1 = <f64>(<i32>(bytes1 >> 3) - 1);
  return f64x2.replace_lane(f64x2.splat(gaps0), 1, gaps1);
}

/** Results of two windows from their gains; 0 where a window has no gap. */
function extrapolate(
  firstT: v128,
  lastT: v128,
  first: v128,
  gain: v128,
  gaps: v128,
  ends: v128,
  rangeMs: f64,
  isCounter: bool,
  perSeconds: f64,
): v128 {
  const isShort = rangeMs < MAX_EXACT_MS;
  const starts = f64x2.sub(ends, f64x2.splat(rangeMs));
  const sampled = seconds(f64x2.sub(lastT, firstT), isShort);
  const toStart = seconds(f64x2.sub(firstT, starts), isShort);
  const toEnd = seconds(f64x2.sub(ends, lastT), isShort);

  // Mostly neither a limit nor the zero point matters, and a division each is saved by seeing that.
  const zero = f64x2.splat(0);
  let isPlain = f64x2.lt(
    f64x2.mul(f64x2.pmax(toStart, toEnd), gaps),
    f64x2.mul(sampled, v128.load64_splat(SURELY_BELOW_LIMIT)),
  );
  if (isCounter) {
    const product = f64x2.mul(f64x2.mul(toStart, gain), v128.load64_splat(MARGIN));
    const bound = f64x2.add(product, v128.load64_splat(MARGIN_NEAR_ZERO));
    const zeroIsFar = f64x2.gt(f64x2.mul(sampled, first), bound);
    const hasNoZero = v128.or(f64x2.le(gain, zero), f64x2.lt(first, zero));
    isPlain = v128.and(isPlain, v128.or(zeroIsFar, hasNoZero));
  }
  let factor: v128;
  if (i64x2.all_true(isPlain)) {
    factor = f64x2.div(f64x2.add(f64x2.add(sampled, toStart), toEnd), sampled);
    if (perSeconds != 0) factor = f64x2.div(factor, f64x2.splat(perSeconds));
    return f64x2.mul(gain, factor);
  }

  const average = f64x2.div(sampled, gaps);
  const limit = f64x2.mul(average, f64x2.splat(EXTRAPOLATION_LIMIT));
  const half = f64x2.mul(average, f64x2.splat(0.5));
  let beforeFirst = v128.bitselect(half, toStart, f64x2.ge(toStart, limit));
  if (isCounter) {
    const toZero = f64x2.mul(sampled, f64x2.div(first, gain));
    const hasZero = v128.and(f64x2.gt(gain, zero), f64x2.ge(first, zero));
    const isNearer = v128.and(hasZero, f64x2.lt(toZero, beforeFirst));
    beforeFirst = v128.bitselect(toZero, beforeFirst, isNearer);
  }
  const afterLast = v128.bitselect(half, toEnd, f64x2.ge(toEnd, limit));
  const one = f64x2.splat(1);
  factor = f64x2.div(f64x2.add(f64x2.add(sampled, beforeFirst), afterLast), sampled);
  factor = v128.bitselect(factor, one, f64x2.ne(sampled, zero));
  if (perSeconds != 0) factor = f64x2.div(factor, f64x2.splat(perSeconds));
  return v128.and(f64x2.mul(gain, factor), f64x2.ge(gaps, one));
}

/** Integer ms / 1000; `isShort`: below MAX_EXACT_MS. */
function seconds(ms: v128, isShort: bool): v128 {
  return isShort
    ? f64x2.add(
        f64x2.mul(ms, v128.load64_splat(THOUSANDTH_HIGH)),
        f64x2.mul(ms, v128.load64_splat(THOUSANDTH_LOW)),
      )
    : f64x2.div(ms, f64x2.splat(1000));
}

/** Two float64 that lie apart. */
function pair(at0: usize, at1: usize): v128 {
  return v128.load64_lane(at1, v128.load64_zero(at0), 1);
}

/** irate (`isCounter`) or idelta. */
export function windowInstantRate(
  t: usize,
  v: usize,
  isCounter: bool,
  windows: usize,
  steps: i32,
  values: usize,
  present: usize,
): void {
  for (let i = 0; i < steps; i++) {
    const to = windowTo(windows, i);
    if (<i32>(to - windowFrom(windows, i)) < TWO_ROWS) {
      putNone(values, present, i);
      continue;
    }
    const interval = load<f64>(t + to - 8) - load<f64>(t + to - 16);
    if (interval == 0) {
      putNone(values, present, i);
      continue;
    }
    const previous = load<f64>(v + to - 16);
    let result = load<f64>(v + to - 8);
    if (!isCounter || !(result < previous)) result -= previous;
    if (isCounter) result /= interval / 1000;
    put(values, present, i, result);
  }
}
