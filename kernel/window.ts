// Windows over float columns: first they are found, then a `window…` kernel turns them into results.
//
// Columns are times `t` (integer ms, ascending) and values `v` of `n` rows without stale markers.
// Step i sees the rows with end - rangeMs < t ≤ end, end = firstEndT + i * stepMs. At `windows` is per step
// a u64: offset in bytes of its first row, and in the high half that of the row after its last. The kernels
// write per step whether there is a result (u8 at `present`, 0 or 1) and which (f64 at `values`; 0 where
// there is none).
//
// Arithmetic is Prometheus' operation by operation, so that results are bit for bit those of the
// TypeScript twins in src/promql/functions/.

/**
 * Finds the windows of `steps` steps in one walk, since they move forward only, and returns how many
 * rows they hold in all. `windows` has room for steps + 1 u64: the last becomes the most rows of one window, as f64.
 */
export function findWindows(
  t: usize,
  n: i32,
  firstEndT: f64,
  stepMs: f64,
  steps: i32,
  rangeMs: f64,
  windows: usize,
): f64 {
  const rows = (<usize>n) << 3;
  let from: usize = 0;
  let to: usize = 0;
  let fromStride: usize = 8;
  let toStride: usize = 8;
  let total: u64 = 0;
  let most: usize = 0;
  for (let i = 0; i < steps; i++) {
    const end = firstEndT + stepMs * <f64>i;
    const start = end - rangeMs;
    // They mostly move by as many rows as the last time.
    const nextTo = to + toStride;
    if (nextTo < rows && load<f64>(t + nextTo) > end && load<f64>(t + nextTo - 8) <= end) {
      to = nextTo;
    } else {
      const before = to;
      to = firstAfter(t, to, rows, end);
      toStride = max<usize>(to - before, 8);
    }
    const nextFrom = from + fromStride;
    if (nextFrom < to && load<f64>(t + nextFrom) > start && load<f64>(t + nextFrom - 8) <= start) {
      from = nextFrom;
    } else {
      const before = from;
      from = firstAfter(t, from, to, start);
      fromStride = max<usize>(from - before, 8);
    }
    store<u64>(windows + ((<usize>i) << 3), <u64>from | ((<u64>to) << 32));
    total += <u64>(to - from);
    most = max<usize>(most, to - from);
  }
  store<f64>(windows + ((<usize>steps) << 3), <f64>(most >> 3));
  return <f64>(total >> 3);
}

/** Offset of the first row after `time`, from offset `at` on. */
export function firstAfter(t: usize, at: usize, end: usize, time: f64): usize {
  while (at < end && load<f64>(t + at) <= time) at += 8;
  return at;
}

/** Offset of the first row of step `i`. */
export function windowFrom(windows: usize, i: i32): usize {
  return <usize>load<u32>(windows + ((<usize>i) << 3));
}

/** Offset of the row after the last of step `i`. */
export function windowTo(windows: usize, i: i32): usize {
  return <usize>load<u32>(windows + ((<usize>i) << 3), 4);
}

export function put(values: usize, present: usize, i: i32, value: f64): void {
  store<f64>(values + ((<usize>i) << 3), value);
  store<u8>(present + <usize>i, 1);
}

export function putNone(values: usize, present: usize, i: i32): void {
  store<f64>(values + ((<usize>i) << 3), 0);
  store<u8>(present + <usize>i, 0);
}

/** What Neumaier's summation adds to the compensation when `x` is added to `sum`, giving `total`. */
export function lostBits(sum: f64, x: f64, total: f64): f64 {
  return abs(sum) >= abs(x) ? sum - total + x : x - total + sum;
}

export function isInfinite(x: f64): bool {
  return abs(x) == Infinity;
}
