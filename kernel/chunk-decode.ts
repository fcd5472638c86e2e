// Decodes a whole chunk of floats (docs/formats/chunk.md) to columns, as queries read them. Chunks of
// histograms or with start timestamps are left to the twin, src/tsdb/chunk/chunk.ts.

import { BAD_ARGUMENT, CORRUPT, uvarintAt, uvarintEnd } from './bits';
import { decodeTimes } from './times';
import { decodeValues } from './values';

/** Also in src/tsdb/chunk/chunk.ts. */
const KIND_FLOAT: u8 = 1;

/**
 * Decodes the chunk at `src`, which the index says holds `n` samples from `firstT` to `lastT`, and leaves
 * those with minT ≤ t ≤ maxT at the front of the columns `t` and `v`, which have room for `n`. Returns how
 * many; CORRUPT if the chunk is not what the index says; BAD_ARGUMENT if it is of another kind or n is out
 * of range. 8 bytes behind `src` must be readable.
 */
export function chunkDecode(
  src: usize,
  srcLength: u32,
  n: i32,
  firstT: f64,
  lastT: f64,
  minT: f64,
  maxT: f64,
  t: usize,
  v: usize,
): i32 {
  const end = src + <usize>srcLength;
  if (srcLength < 2) return CORRUPT;
  if (load<u8>(src) != KIND_FLOAT) return BAD_ARGUMENT;
  let p = src + 1;
  const next = uvarintEnd(p, end);
  if (next == 0 || uvarintAt(p, next) != <u64>n) return CORRUPT;
  p = next;
  const timeBytes = decodeTimes(p, <i32>(end - p), n, t);
  if (timeBytes < 0) return timeBytes;
  p += <usize>timeBytes;
  const last = (<usize>(n - 1)) << 3;
  if (load<f64>(t) != firstT || load<f64>(t + last) != lastT) return CORRUPT;
  const valueBytes = decodeValues(p, <i32>(end - p), n, v);
  if (valueBytes < 0) return valueBytes;
  if (p + <usize>valueBytes != end) return CORRUPT;
  if (firstT >= minT && lastT <= maxT) return n;

  const from = lowerBound(t, n, minT);
  const to = upperBound(t, n, maxT);
  if (to <= from) return 0;
  if (from > 0) {
    const skip = (<usize>from) << 3;
    const bytes = (<usize>(to - from)) << 3;
    memory.copy(t, t + skip, bytes);
    memory.copy(v, v + skip, bytes);
  }
  return to - from;
}

/** First row with a time of at least `x`. */
function lowerBound(t: usize, n: i32, x: f64): i32 {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (load<f64>(t + ((<usize>middle) << 3)) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** First row with a time past `x`. */
function upperBound(t: usize, n: i32, x: f64): i32 {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (load<f64>(t + ((<usize>middle) << 3)) <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}
