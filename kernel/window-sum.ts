// sum, avg, stddev and stdvar_over_time; see window.ts for the common parameters. Every window is summed
// afresh, as Prometheus does: a running sum over neighbouring windows would have other last bits.

import { isInfinite, lostBits, put, putNone, windowFrom, windowTo } from './window';

/** sum_over_time. */
export function windowSum(
  v: usize,
  windows: usize,
  steps: i32,
  values: usize,
  present: usize,
): void {
  for (let i = 0; i < steps; i++) {
    const end = v + windowTo(windows, i);
    let p = v + windowFrom(windows, i);
    if (p == end) {
      putNone(values, present, i);
      continue;
    }
    let sum: f64 = 0;
    let lost: f64 = 0;
    for (; p < end; p += 8) {
      const x = load<f64>(p);
      const total = sum + x;
      lost += lostBits(sum, x, total);
      sum = total;
    }
    // A sum that was infinite once is infinite or NaN, so what was lost on the way does not matter.
    put(values, present, i, isInfinite(sum) ? sum : sum + lost);
  }
}

/** avg_over_time. */
export function windowAvg(
  v: usize,
  windows: usize,
  steps: i32,
  values: usize,
  present: usize,
): void {
  for (let i = 0; i < steps; i++) {
    const end = v + windowTo(windows, i);
    const first = v + windowFrom(windows, i);
    if (first == end) {
      putNone(values, present, i);
      continue;
    }
    let sum = load<f64>(first);
    let lost: f64 = 0;
    for (let p = first + 8; p < end; p += 8) {
      const x = load<f64>(p);
      const total = sum + x;
      lost += lostBits(sum, x, total);
      sum = total;
    }
    const rowCount = <f64>(<i32>((end - first) >> 3));
    const isFinite = sum - sum == 0;
    put(values, present, i, isFinite ? sum / rowCount + lost / rowCount : carefulMean(first, end));
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
