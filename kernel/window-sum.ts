// sum, avg, stddev and stdvar_over_time; see window.ts for the common parameters. Every window is summed
// afresh, as Prometheus does: a running sum over neighbouring windows would have other last bits.

import { isInfinite, lostBits, lostBitsOfPair, put, putNone, windowFrom, windowTo } from './window';

/** sum_over_time. */
export function windowSum(
  v: usize,
  windows: usize,
  steps: i32,
  values: usize,
  present: usize,
): void {
  sumWindows(v, false, windows, steps, values, present);
}

/** avg_over_time. */
export function windowAvg(
  v: usize,
  windows: usize,
  steps: i32,
  values: usize,
  present: usize,
): void {
  sumWindows(v, true, windows, steps, values, present);
}

/** Sums, or means if `mean`. Neighbouring windows nearly always have as many rows: four go side by side. */
function sumWindows(
  v: usize,
  mean: bool,
  windows: usize,
  steps: i32,
  values: usize,
  present: usize,
): void {
  for (let i = 0; i < steps; ) {
    const from = windowFrom(windows, i);
    const bytes = windowTo(windows, i) - from;
    if (bytes == 0) {
      putNone(values, present, i++);
    } else if (steps - i >= 4 && haveBytes(windows, i, bytes)) {
      sumFour(
        v + from,
        v + windowFrom(windows, i + 1),
        v + windowFrom(windows, i + 2),
        v + windowFrom(windows, i + 3),
        bytes,
        mean,
        values,
        present,
        i,
      );
      i += 4;
    } else {
      sumOne(v + from, bytes, mean, values, present, i++);
    }
  }
}

/** True if the three windows after the `i`-th are as long as it is. */
function haveBytes(windows: usize, i: i32, bytes: usize): bool {
  return (
    windowTo(windows, i + 1) - windowFrom(windows, i + 1) == bytes &&
    windowTo(windows, i + 2) - windowFrom(windows, i + 2) == bytes &&
    windowTo(windows, i + 3) - windowFrom(windows, i + 3) == bytes
  );
}

function sumOne(
  first: usize,
  bytes: usize,
  mean: bool,
  values: usize,
  present: usize,
  i: i32,
): void {
  let sum: f64 = mean ? load<f64>(first) : 0;
  let lost: f64 = 0;
  for (let p = first + (mean ? 8 : 0), end = first + bytes; p < end; p += 8) {
    const x = load<f64>(p);
    const total = sum + x;
    lost += lostBits(sum, x, total);
    sum = total;
  }
  putSum(sum, lost, first, bytes, mean, values, present, i);
}

/** The same for four windows: each chain of additions waits for itself only. */
function sumFour(
  p0: usize,
  p1: usize,
  p2: usize,
  p3: usize,
  bytes: usize,
  mean: bool,
  values: usize,
  present: usize,
  i: i32,
): void {
  let sumA = mean ? pairOf(p0, p1) : f64x2.splat(0);
  let sumB = mean ? pairOf(p2, p3) : f64x2.splat(0);
  let lostA = f64x2.splat(0);
  let lostB = f64x2.splat(0);
  for (let at: usize = mean ? 8 : 0; at < bytes; at += 8) {
    const a = pairOf(p0 + at, p1 + at);
    const b = pairOf(p2 + at, p3 + at);
    const totalA = f64x2.add(sumA, a);
    const totalB = f64x2.add(sumB, b);
    lostA = f64x2.add(lostA, lostBitsOfPair(sumA, a, totalA));
    lostB = f64x2.add(lostB, lostBitsOfPair(sumB, b, totalB));
    sumA = totalA;
    sumB = totalB;
  }
  const sum0 = f64x2.extract_lane(sumA, 0);
  const sum1 = f64x2.extract_lane(sumA, 1);
  const sum2 = f64x2.extract_lane(sumB, 0);
  const sum3 = f64x2.extract_lane(sumB, 1);
  putSum(sum0, f64x2.extract_lane(lostA, 0), p0, bytes, mean, values, present, i);
  putSum(sum1, f64x2.extract_lane(lostA, 1), p1, bytes, mean, values, present, i + 1);
  putSum(sum2, f64x2.extract_lane(lostB, 0), p2, bytes, mean, values, present, i + 2);
  putSum(sum3, f64x2.extract_lane(lostB, 1), p3, bytes, mean, values, present, i + 3);
}

function pairOf(a: usize, b: usize): v128 {
  return v128.load64_lane(b, v128.load64_zero(a), 1);
}

/** Writes the result of the window of `bytes` at `first`. */
function putSum(
  sum: f64,
  lost: f64,
  first: usize,
  bytes: usize,
  mean: bool,
  values: usize,
  present: usize,
  i: i32,
): void {
  if (mean) {
    const rowCount = <f64>(<i32>(bytes >> 3));
    const isFinite = sum - sum == 0;
    const whole = isFinite ? sum / rowCount + lost / rowCount : carefulMean(first, first + bytes);
    put(values, present, i, whole);
  } else {
    // A sum that was infinite once is infinite or NaN, so what was lost on the way does not matter.
    put(values, present, i, isInfinite(sum) ? sum : sum + lost);
  }
}

/** Mean of a window: from the sum until that would be infinite, from there on incrementally. */
function carefulMean(first: usize, end: usize): f64 {
  let sum = load<f64>(first);
  let lost: f64 = 0;
  let rowCount: f64 = 1;
  let p = first + 8;
  for (; p < end; p += 8) {
    const x = load<f64>(p);
    const total = sum + x;
    if (isInfinite(total)) break;
    lost += lostBits(sum, x, total);
    sum = total;
    rowCount += 1;
  }
  if (p >= end) return sum / rowCount + lost / rowCount;

  let mean = sum / rowCount;
  lost /= rowCount;
  for (; p < end; p += 8) {
    rowCount += 1;
    const q = (rowCount - 1) / rowCount;
    const x = load<f64>(p) / rowCount;
    const scaled = q * mean;
    mean = scaled + x;
    lost = isInfinite(mean) ? 0 : q * lost + lostBits(scaled, x, mean);
  }
  return mean + lost;
}

/** stdvar_over_time, or stddev_over_time if `root`. */
export function windowVariance(
  v: usize,
  root: bool,
  windows: usize,
  steps: i32,
  values: usize,
  present: usize,
): void {
  for (let i = 0; i < steps; i++) {
    const from = windowFrom(windows, i);
    const to = windowTo(windows, i);
    if (from == to) {
      putNone(values, present, i);
      continue;
    }
    const variance = varianceOf(v + from, v + to);
    put(values, present, i, root ? sqrt(variance) : variance);
  }
}

/** Welford's method with compensated sums. */
function varianceOf(first: usize, end: usize): f64 {
  let rowCount: f64 = 0;
  let mean: f64 = 0;
  let meanLost: f64 = 0;
  let squares: f64 = 0;
  let squaresLost: f64 = 0;
  for (let p = first; p < end; p += 8) {
    const x = load<f64>(p);
    rowCount += 1;
    const delta = x - (mean + meanLost);

    const share = delta / rowCount;
    const newMean = mean + share;
    meanLost = isInfinite(newMean) ? 0 : meanLost + lostBits(mean, share, newMean);
    mean = newMean;

    const square = delta * (x - (mean + meanLost));
    const newSquares = squares + square;
    squaresLost = isInfinite(newSquares) ? 0 : squaresLost + lostBits(squares, square, newSquares);
    squares = newSquares;
  }
  return (squares + squaresLost) / rowCount;
}
