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

/** Finds the windows of `steps` steps; `windows` has room for as many u64. */
export function findWindows(
  t: usize,
  n: i32,
  firstEndT: f64,
  stepMs: f64,
  steps: i32,
  rangeMs: f64,
  windows: usize,
): void {
  const rows = (<usize>n) << 3;
  // Ends first, then beginnings: two walks with one offset each are faster than one with two.
  findEdges(t, rows, firstEndT, stepMs, steps, windows + 4);
  findEdges(t, rows, firstEndT - rangeMs, stepMs, steps, windows);
}

/** Stores the offset of the first row after each of `steps` times, as u32 with a gap of as much. */
function findEdges(
  t: usize,
  rows: usize,
  firstT: f64,
  stepMs: f64,
  steps: i32,
  edges: usize,
): void {
  const end = edges + ((<usize>steps) << 3);
  let at: usize = 0;
  let stride: usize = 8;
  let time = firstT;
  for (; edges < end; edges += 8) {
    // They mostly move by as many rows as the last time.
    const next = at + stride;
    if (next < rows && load<f64>(t + next) > time && load<f64>(t + next - 8) <= time) {
      at = next;
    } else {
      const before = at;
      at = firstAfter(t, at, rows, time);
      stride = max<usize>(at - before, 8);
    }
    store<u32>(edges, <u32>at);
    time += stepMs;
  }
}

/** How many rows the windows hold in all; the largest number in one is stored as u32 at `most`. */
export function countWindowRows(windows: usize, steps: i32, most: usize): f64 {
  let total: u64 = 0;
  let largest: u32 = 0;
  for (let i = 0; i < steps; i++) {
    const bytes = <u32>(windowTo(windows, i) - windowFrom(windows, i));
    total += bytes;
    largest = max<u32>(largest, bytes);
  }
  store<u32>(most, largest >> 3);
  return <f64>(total >> 3);
}

/** Offset of the first row after `time`, from offset `at` on. */
export function firstAfter(t: usize, at: usize, end: usize, time: f64): usize {
  // An instant query mostly asks for the newest there is.
  if (at < end && load<f64>(t + end - 8) <= time) return end;
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

/**
 * What Neumaier's summation adds to the compensation when `x` is added to `sum`, giving `total`: the rounding
 * error. By Knuth's TwoSum, which gets the same error without asking which of the two is larger. Where `total` is
 * finite it can only overflow next to the largest float itself (Boldo, Graillat, Muller: On the robustness of the
 * 2Sum and Fast2Sum algorithms, 2017).
 */
export function lostBits(sum: f64, x: f64, total: f64): f64 {
  const added = total - sum;
  return sum - (total - added) + (x - added);
}

/** The same for two sums at once. */
export function lostBitsOfPair(sum: v128, x: v128, total: v128): v128 {
  const added = f64x2.sub(total, sum);
  return f64x2.add(f64x2.sub(sum, f64x2.sub(total, added)), f64x2.sub(x, added));
}

export function isInfinite(x: f64): bool {
  return abs(x) == Infinity;
}
