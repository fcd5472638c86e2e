// Adds one series at all steps to the columns of its group. A row is f64 `values` and u8 `present` (1: a
// float, 2: a histogram, 0: nothing), `steps` long, and so are the group's columns, which start as zero
// bytes. `seen` is 1 where there is a result. The sum kernels take rows and groups of floats only. Rows
// must come in the order of their labels: sums depend on it in the last bits.
// The twin is src/promql/eval/aggregate-columns.ts.
//
// Steps are taken eight at a time, because nearly always all eight are there and SIMD does the work.

import { isInfinite, lostBits, lostBitsOfPair } from './window';

/** Eight steps with a float each. */
const EIGHT_FLOATS: u64 = 0x0101010101010101;
const FLOAT: u8 = 1;
/** Bit of `seen` of a mean: the sum would be infinite, so `sums` holds the mean so far. */
const RUNNING_MEAN: u8 = 4;

/** sum: `sums` and what rounding lost of them. */
export function groupSum(
  values: usize,
  present: usize,
  steps: i32,
  sums: usize,
  losts: usize,
  seen: usize,
): void {
  let i: usize = 0;
  const end = <usize>steps;
  for (; end - i >= 8; i += 8) {
    const flags = load<u64>(present + i);
    if (flags == EIGHT_FLOATS) {
      store<u64>(seen + i, EIGHT_FLOATS);
      for (let at = i << 3, last = at + 64; at < last; at += 16) {
        sumPair(values + at, sums + at, losts + at);
      }
    } else if (flags != 0) {
      for (let k = i; k < i + 8; k++) sumOne(values, present, k, sums, losts, seen);
    }
  }
  for (; i < end; i++) sumOne(values, present, i, sums, losts, seen);
}

function sumOne(
  values: usize,
  present: usize,
  i: usize,
  sums: usize,
  losts: usize,
  seen: usize,
): void {
  if (load<u8>(present + i) == 0) return;
  store<u8>(seen + i, FLOAT);
  addTo(sums + (i << 3), losts + (i << 3), load<f64>(values + (i << 3)));
}

/** Adds `x` to the sum and the loss at two addresses. */
function addTo(sumAt: usize, lostAt: usize, x: f64): void {
  const sum = load<f64>(sumAt);
  const total = sum + x;
  store<f64>(sumAt, total);
  store<f64>(lostAt, isInfinite(total) ? 0 : load<f64>(lostAt) + lostBits(sum, x, total));
}

/** The same for two steps at once. */
function sumPair(values: usize, sums: usize, losts: usize): void {
  const x = v128.load(values);
  const sum = v128.load(sums);
  const total = f64x2.add(sum, x);
  const lost = f64x2.add(v128.load(losts), lostBitsOfPair(sum, x, total));
  const isOver = f64x2.eq(f64x2.abs(total), f64x2.splat(Infinity));
  v128.store(losts, v128.andnot(lost, isOver));
  v128.store(sums, total);
}

/** avg: sums and what they lost, `counts` (f64) of floats. See RUNNING_MEAN. */
export function groupAvg(
  values: usize,
  present: usize,
  steps: i32,
  sums: usize,
  losts: usize,
  counts: usize,
  seen: usize,
): void {
  let i: usize = 0;
  const end = <usize>steps;
  const one = f64x2.splat(1);
  for (; end - i >= 8; i += 8) {
    const flags = load<u64>(present + i);
    const known = load<u64>(seen + i);
    if (flags == EIGHT_FLOATS && (known == EIGHT_FLOATS || known == 0)) {
      for (let at = i << 3, last = at + 64; at < last; at += 16) {
        const total = f64x2.add(v128.load(sums + at), v128.load(values + at));
        const rest = f64x2.sub(total, total);
        if (v128.any_true(f64x2.ne(rest, rest))) {
          // Not finite: two steps with care.
          avgOne(values, present, at >> 3, sums, losts, counts, seen);
          avgOne(values, present, (at >> 3) + 1, sums, losts, counts, seen);
          continue;
        }
        store<u16>(seen + (at >> 3), <u16>EIGHT_FLOATS);
        sumPair(values + at, sums + at, losts + at);
        v128.store(counts + at, f64x2.add(v128.load(counts + at), one));
      }
    } else if (flags != 0) {
      for (let k = i; k < i + 8; k++) avgOne(values, present, k, sums, losts, counts, seen);
    }
  }
  for (; i < end; i++) avgOne(values, present, i, sums, losts, counts, seen);
}

function avgOne(
  values: usize,
  present: usize,
  i: usize,
  sums: usize,
  losts: usize,
  counts: usize,
  seen: usize,
): void {
  if (load<u8>(present + i) == 0) return;
  const at = i << 3;
  const x = load<f64>(values + at);
  const before = load<f64>(counts + at);
  const count = before + 1;
  store<f64>(counts + at, count);
  const known = load<u8>(seen + i);
  if (known == 0) {
    store<u8>(seen + i, FLOAT);
    store<f64>(sums + at, x);
    return;
  }
  if ((known & RUNNING_MEAN) == 0) {
    if (!isInfinite(load<f64>(sums + at) + x)) {
      addTo(sums + at, losts + at, x);
      return;
    }
    store<u8>(seen + i, FLOAT | RUNNING_MEAN);
    store<f64>(sums + at, load<f64>(sums + at) / before);
    store<f64>(losts + at, load<f64>(losts + at) / before);
  }
  const share = before / count;
  store<f64>(sums + at, load<f64>(sums + at) * share);
  store<f64>(losts + at, load<f64>(losts + at) * share);
  addTo(sums + at, losts + at, x / count);
}

/** max: `best` where `seen`. Any number replaces a NaN. */
export function groupMax(
  values: usize,
  present: usize,
  steps: i32,
  best: usize,
  seen: usize,
): void {
  extreme(values, present, steps, best, seen, false);
}

/** min, likewise. */
export function groupMin(
  values: usize,
  present: usize,
  steps: i32,
  best: usize,
  seen: usize,
): void {
  extreme(values, present, steps, best, seen, true);
}

function extreme(
  values: usize,
  present: usize,
  steps: i32,
  best: usize,
  seen: usize,
  smallest: bool,
): void {
  let i: usize = 0;
  const end = <usize>steps;
  for (; end - i >= 8; i += 8) {
    const flags = load<u64>(present + i);
    const known = load<u64>(seen + i);
    if (flags == EIGHT_FLOATS && known == EIGHT_FLOATS) {
      for (let at = i << 3, last = at + 64; at < last; at += 16) {
        const x = v128.load(values + at);
        const old = v128.load(best + at);
        const isBetter = smallest ? f64x2.gt(old, x) : f64x2.lt(old, x);
        const replaces = v128.or(isBetter, f64x2.ne(old, old));
        v128.store(best + at, v128.bitselect(x, old, replaces));
      }
    } else if (flags == EIGHT_FLOATS && known == 0) {
      store<u64>(seen + i, EIGHT_FLOATS);
      memory.copy(best + (i << 3), values + (i << 3), 64);
    } else if (flags != 0) {
      for (let k = i; k < i + 8; k++) extremeOne(values, present, k, best, seen, smallest);
    }
  }
  for (; i < end; i++) extremeOne(values, present, i, best, seen, smallest);
}

function extremeOne(
  values: usize,
  present: usize,
  i: usize,
  best: usize,
  seen: usize,
  smallest: bool,
): void {
  if (load<u8>(present + i) == 0) return;
  const at = i << 3;
  const x = load<f64>(values + at);
  const old = load<f64>(best + at);
  if (load<u8>(seen + i) != 0 && old == old && !(smallest ? old > x : old < x)) return;
  store<f64>(best + at, x);
  store<u8>(seen + i, FLOAT);
}

/** count: adds 1 to `counts` (f64) where there is anything. */
export function groupCount(present: usize, steps: i32, counts: usize, seen: usize): void {
  let i: usize = 0;
  const end = <usize>steps;
  const one = f64x2.splat(1);
  for (; end - i >= 8; i += 8) {
    const flags = load<u64>(present + i);
    const at = counts + (i << 3);
    if (flags == EIGHT_FLOATS) {
      store<u64>(seen + i, EIGHT_FLOATS);
      v128.store(at, f64x2.add(v128.load(at), one));
      v128.store(at, f64x2.add(v128.load(at, 16), one), 16);
      v128.store(at, f64x2.add(v128.load(at, 32), one), 32);
      v128.store(at, f64x2.add(v128.load(at, 48), one), 48);
    } else if (flags != 0) {
      for (let k = i; k < i + 8; k++) countOne(present, k, counts, seen);
    }
  }
  for (; i < end; i++) countOne(present, i, counts, seen);
}

function countOne(present: usize, i: usize, counts: usize, seen: usize): void {
  if (load<u8>(present + i) == 0) return;
  store<u8>(seen + i, FLOAT);
  const at = counts + (i << 3);
  store<f64>(at, load<f64>(at) + 1);
}

/** group: `ones` (f64) becomes 1 where there is anything. */
export function groupMark(present: usize, steps: i32, ones: usize, seen: usize): void {
  let i: usize = 0;
  const end = <usize>steps;
  for (; end - i >= 8; i += 8) {
    if (load<u64>(present + i) == 0) continue;
    for (let k = i; k < i + 8; k++) markOne(present, k, ones, seen);
  }
  for (; i < end; i++) markOne(present, i, ones, seen);
}

function markOne(present: usize, i: usize, ones: usize, seen: usize): void {
  if (load<u8>(present + i) == 0) return;
  store<f64>(ones + (i << 3), 1);
  store<u8>(seen + i, FLOAT);
}

/** The end of a sum: what was lost is added. */
export function groupFinishSum(steps: i32, sums: usize, losts: usize): void {
  let at: usize = 0;
  const end = (<usize>steps) << 3;
  for (; end - at >= 16; at += 16) {
    v128.store(sums + at, f64x2.add(v128.load(sums + at), v128.load(losts + at)));
  }
  if (at < end) store<f64>(sums + at, load<f64>(sums + at) + load<f64>(losts + at));
}

/** The end of a mean: sums become means, and `seen` 1 where there is one. */
export function groupFinishAvg(
  steps: i32,
  sums: usize,
  losts: usize,
  counts: usize,
  seen: usize,
): void {
  for (let i: usize = 0; i < <usize>steps; i++) {
    const known = load<u8>(seen + i);
    if (known == 0) continue;
    const at = i << 3;
    const sum = load<f64>(sums + at);
    const lost = load<f64>(losts + at);
    if ((known & RUNNING_MEAN) != 0) {
      store<f64>(sums + at, sum + lost);
      store<u8>(seen + i, FLOAT);
    } else {
      const count = load<f64>(counts + at);
      store<f64>(sums + at, sum / count + lost / count);
    }
  }
}
