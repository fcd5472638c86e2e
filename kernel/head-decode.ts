// Decodes head blocks that a reader has gathered into its private memory, back to back in order of
// time. The TypeScript owner is src/tsdb/head/block-decoder.ts.

import { CORRUPT } from './bits';
import {
  B_FLAGS,
  B_MIN_T,
  B_ROWS,
  B_SPAN,
  B_TIMES_BYTES,
  B_VALUES_BYTES,
  BLOCK_EVEN,
  BLOCK_HAS_START,
  BLOCK_HEADER_BYTES,
  BLOCK_RAW,
  RAW_ROW_BYTES,
  RAW_ROWS,
} from './head-layout';
import { decodeTimes } from './times';
import { decodeValues } from './values';

/**
 * Decodes the blocks in [src, src + srcLength) to columns and keeps the rows with minT ≤ t ≤ maxT.
 * `startT` 0 = not wanted. The columns hold `capacity` rows; 8 bytes behind
 * `src` must be readable. Returns the number of rows or CORRUPT.
 */
export function headDecode(
  src: usize,
  srcLength: u32,
  minT: f64,
  maxT: f64,
  t: usize,
  v: usize,
  startT: usize,
  capacity: u32,
): i32 {
  const end = src + <usize>srcLength;
  let p = src;
  let rows: u32 = 0;
  while (p < end) {
    const size = blockSize(p, end);
    if (size == 0) return CORRUPT;
    const n = <u32>load<u16>(p, B_ROWS);
    if (n > capacity - rows) return CORRUPT;
    const at = (<usize>rows) << 3;
    if (!decodeBlock(p, n, t + at, v + at)) return CORRUPT;
    const kept = clip(t + at, v + at, n, minT, maxT);
    if (startT != 0) {
      const hasStart = (load<u8>(p, B_FLAGS) & BLOCK_HAS_START) != 0;
      const start: f64 = hasStart ? load<f64>(p + BLOCK_HEADER_BYTES) : 0;
      for (let i: u32 = 0; i < kept; i++) store<f64>(startT + at + ((<usize>i) << 3), start);
    }
    rows += kept;
    const padded = (size + 7) & ~7;
    if (padded >= <u32>(end - p)) break;
    p += <usize>padded;
  }
  return <i32>rows;
}

/** Bytes of the block at p without padding; 0 if it is not one that lies before `end`. */
function blockSize(p: usize, end: usize): u32 {
  const room = <u32>(end - p);
  if (BLOCK_HEADER_BYTES > room) return 0;
  const flags = load<u8>(p, B_FLAGS);
  const n = <u32>load<u16>(p, B_ROWS);
  if (n == 0 || n > RAW_ROWS) return 0;
  const timesBytes = <u32>load<u16>(p, B_TIMES_BYTES);
  const valuesBytes = <u32>load<u16>(p, B_VALUES_BYTES);
  if ((flags & BLOCK_RAW) != 0 && (timesBytes != 0 || valuesBytes != n * RAW_ROW_BYTES)) return 0;
  const start: u32 = (flags & BLOCK_HAS_START) != 0 ? 8 : 0;
  const size = BLOCK_HEADER_BYTES + start + timesBytes + valuesBytes;
  return size > room ? 0 : size;
}

function decodeBlock(block: usize, n: u32, t: usize, v: usize): bool {
  const flags = load<u8>(block, B_FLAGS);
  const minT = load<f64>(block, B_MIN_T);
  let body = block + BLOCK_HEADER_BYTES;
  if ((flags & BLOCK_HAS_START) != 0) body += 8;
  if ((flags & BLOCK_RAW) != 0) {
    for (let i: u32 = 0; i < n; i++) {
      store<f64>(t, minT + <f64>load<u32>(body));
      store<u64>(v, load<u64>(body, 4));
      body += RAW_ROW_BYTES;
      t += 8;
      v += 8;
    }
    return true;
  }
  const timesBytes = <i32>load<u16>(block, B_TIMES_BYTES);
  if ((flags & BLOCK_EVEN) != 0) {
    const span = <f64>load<u32>(block, B_SPAN);
    const step: f64 = n > 1 ? span / <f64>(n - 1) : 0;
    for (let i: u32 = 0; i < n; i++) store<f64>(t + ((<usize>i) << 3), minT + step * <f64>i);
  } else {
    if (decodeTimes(body, timesBytes, <i32>n, t) < 0) return false;
    for (let i: u32 = 0; i < n; i++) {
      const at = t + ((<usize>i) << 3);
      store<f64>(at, minT + load<f64>(at));
    }
  }
  const valuesBytes = <i32>load<u16>(block, B_VALUES_BYTES);
  return decodeValues(body + <usize>timesBytes, valuesBytes, <i32>n, v) >= 0;
}

/** Moves the rows within [minT, maxT] to the front of the columns (ascending t); returns how many. */
function clip(t: usize, v: usize, n: u32, minT: f64, maxT: f64): u32 {
  let to = n;
  while (to > 0 && load<f64>(t + ((<usize>(to - 1)) << 3)) > maxT) to--;
  let from: u32 = 0;
  while (from < to && load<f64>(t + ((<usize>from) << 3)) < minT) from++;
  if (from == 0) return to;
  const bytes = (<usize>(to - from)) << 3;
  memory.copy(t, t + ((<usize>from) << 3), bytes);
  memory.copy(v, v + ((<usize>from) << 3), bytes);
  return to - from;
}
