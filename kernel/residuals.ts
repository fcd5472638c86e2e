// The integer core of both block codecs: n int64 become a prediction plus small residuals, which are
// bit-packed in mini-blocks of 32, each with its own width.
//
// Residual r[i], i = 1 … n-1 (all arithmetic modulo 2^64):
//   order 0   x[i] - (x[0] + i * step)
//   order 1   x[i] - x[i-1]
//   order 2   (x[i] - x[i-1]) - (x[i-1] - x[i-2]), and r[1] = 0 because x[1] - x[0] is stored apart
// A mini-block is one byte (bits 0-6 width 0…64, bit 7 zigzag) and its residuals, low bits first,
// either as zigzag(r) or as r - frame with the block's smallest residual as frame.
// docs/formats/value-block.md has the bytes.
import { bitWidth, unzigzag, uvarintBytes, zigzag } from './bits';

/** Samples a block may hold. */
export const MAX_BLOCK_SAMPLES: i32 = 8192;

/** Residuals in one mini-block. */
const MINI_BLOCK: i32 = 32;
/** Extremes kept per mini-block: smallest and largest residual of each order, int64. */
const EXTREMES_BYTES: usize = 48;
const ZIGZAG_FLAG: u32 = 0x80;

/** Room that an encoder must be given for `n` samples; includes the 8 bytes that packing may touch past the block. */
export function maxBlockBytes(n: i32): i32 {
  return 8 * n + (n >> 5) + 48;
}

/** Scratch that an encoder needs for `n` samples: integers, extremes, runs of exceptions. */
export function encodeScratchBytes(n: i32): i32 {
  return 18 * n + 64;
}

/** Number of mini-blocks of a block of `n` samples. */
export function miniBlocks(n: i32): i32 {
  return (n + MINI_BLOCK - 2) / MINI_BLOCK;
}

/** Bytes of the table that `measure` fills. */
export function extremesBytes(n: i32): usize {
  return <usize>miniBlocks(n) * EXTREMES_BYTES;
}

function at(base: usize, i: i32): usize {
  return base + ((<usize>i) << 3);
}

/**
 * One pass over `n` ≥ 2 integers: writes the extremes of every mini-block for all three orders and
 * returns all differences x[i] - x[i-1] or-ed together (their common trailing zeros are the shift).
 */
export function measure(ints: usize, n: i32, step: i64, extremes: usize): u64 {
  let previous = load<i64>(ints);
  let previousDelta = load<i64>(ints, 8) - previous;
  let line = previous;
  let union: u64 = 0;
  for (let i = 1; i < n; ) {
    const until = min(i + MINI_BLOCK, n);
    let min0 = i64.MAX_VALUE;
    let max0 = i64.MIN_VALUE;
    let min1 = i64.MAX_VALUE;
    let max1 = i64.MIN_VALUE;
    let min2 = i64.MAX_VALUE;
    let max2 = i64.MIN_VALUE;
    for (; i < until; i++) {
      const x = load<i64>(at(ints, i));
      line += step;
      const offset = x - line;
      const delta = x - previous;
      const change = delta - previousDelta;
      previous = x;
      previousDelta = delta;
      union |= <u64>delta;
      min0 = min(min0, offset);
      max0 = max(max0, offset);
      min1 = min(min1, delta);
      max1 = max(max1, delta);
      min2 = min(min2, change);
      max2 = max(max2, change);
    }
    store<i64>(extremes, min0, 0);
    store<i64>(extremes, max0, 8);
    store<i64>(extremes, min1, 16);
    store<i64>(extremes, max1, 24);
    store<i64>(extremes, min2, 32);
    store<i64>(extremes, max2, 40);
    extremes += EXTREMES_BYTES;
  }
  return union;
}

/** The smallest residual of one order, shifted: the block's frame of reference. */
export function frameOf(extremes: usize, n: i32, order: i32, shift: i64): i64 {
  let smallest = i64.MAX_VALUE;
  let p = extremes + ((<usize>order) << 4);
  for (let k = miniBlocks(n); k > 0; k--) {
    smallest = min(smallest, load<i64>(p));
    p += EXTREMES_BYTES;
  }
  return smallest >> shift;
}

/** The header byte of one mini-block; zigzag unless the frame makes it narrower. */
function miniBlockHeader(lowest: i64, highest: i64, frame: i64): u32 {
  const framed = bitWidth(<u64>(highest - frame));
  const zigzagged = bitWidth(max(zigzag(lowest), zigzag(highest)));
  return framed < zigzagged ? framed : <u32>zigzagged | ZIGZAG_FLAG;
}

/** Bytes of the frame and all mini-blocks in one order. */
export function packedBytes(extremes: usize, n: i32, order: i32, shift: i64): i32 {
  const frame = frameOf(extremes, n, order, shift);
  let bytes = uvarintBytes(zigzag(frame));
  let p = extremes + ((<usize>order) << 4);
  for (let left = n - 1; left > 0; left -= MINI_BLOCK) {
    const header = miniBlockHeader(load<i64>(p) >> shift, load<i64>(p, 8) >> shift, frame);
    bytes += 1 + ((<i32>(header & 127) * min(left, MINI_BLOCK) + 7) >> 3);
    p += EXTREMES_BYTES;
  }
  return bytes;
}

/** Replaces x[1…] by the residuals of one order. */
export function toResiduals(ints: usize, n: i32, order: i32, step: i64): void {
  let previous = load<i64>(ints);
  if (order == 0) {
    for (let i = 1; i < n; i++) {
      previous += step;
      store<i64>(at(ints, i), load<i64>(at(ints, i)) - previous);
    }
    return;
  }
  let previousDelta: i64 = order == 1 ? 0 : load<i64>(ints, 8) - previous;
  for (let i = 1; i < n; i++) {
    const x = load<i64>(at(ints, i));
    const delta = x - previous;
    previous = x;
    store<i64>(at(ints, i), delta - previousDelta);
    if (order == 2) previousDelta = delta;
  }
}

/**
 * Writes the mini-blocks of residuals 1…n-1 and returns the address after them. The last store may
 * touch up to 7 bytes past that.
 */
export function pack(
  residuals: usize,
  n: i32,
  extremes: usize,
  order: i32,
  shift: i64,
  frame: i64,
  dst: usize,
): usize {
  let p = extremes + ((<usize>order) << 4);
  for (let i = 1; i < n; ) {
    const until = min(i + MINI_BLOCK, n);
    const header = miniBlockHeader(load<i64>(p) >> shift, load<i64>(p, 8) >> shift, frame);
    p += EXTREMES_BYTES;
    store<u8>(dst++, <u8>header);
    const width = <u64>(header & 127);
    if (width == 0) {
      i = until;
      continue;
    }
    const isZigzag = (header & ZIGZAG_FLAG) != 0;
    let pending: u64 = 0;
    let bits: u64 = 0;
    for (; i < until; i++) {
      const r = load<i64>(at(residuals, i)) >> shift;
      const v = isZigzag ? zigzag(r) : <u64>(r - frame);
      pending |= v << bits;
      bits += width;
      if (bits >= 64) {
        store<u64>(dst, pending);
        dst += 8;
        bits -= 64;
        // What of v did not fit; the shift by 64 is a shift by 0 in WASM, hence the test.
        pending = bits == 0 ? 0 : v >> (width - bits);
      }
    }
    if (bits > 0) {
      store<u64>(dst, pending);
      dst += <usize>((bits + 7) >> 3);
    }
  }
  return dst;
}

/**
 * Reads the mini-blocks of residuals 1…n-1 into `dst` and returns the address after them, or 0 if
 * they are malformed. Loads may touch up to 7 bytes past `end`; nothing but dst[1…n-1] is written.
 */
export function unpack(p: usize, end: usize, n: i32, shift: i64, frame: i64, dst: usize): usize {
  for (let i = 1; i < n; ) {
    const until = min(i + MINI_BLOCK, n);
    if (p >= end) return 0;
    const header = <u32>load<u8>(p++);
    const width = <u64>(header & 127);
    const isZigzag = (header & ZIGZAG_FLAG) != 0;
    const bytes = <usize>((width * <u64>(until - i) + 7) >> 3);
    if (width > 64 || bytes > end - p) return 0;
    const from = at(dst, i);
    const to = at(dst, until);
    if (width == 0) {
      const same = isZigzag ? 0 : frame << shift;
      for (let q = from; q < to; q += 8) store<i64>(q, same);
    } else if (width > 56) unpackWide(p, width, isZigzag, shift, frame, from, to);
    else if (isZigzag) unpackZigzag(p, width, shift, from, to);
    else unpackFramed(p, width, shift, frame, from, to);
    i = until;
    p += bytes;
  }
  return p;
}

/** Residuals that fit one load in fours, whichever bit of a byte the first begins at. */
const MAX_WIDTH_OF_FOURS: u64 = (64 - 7) / 4;

function maskOf(width: u64): u64 {
  return <u64>-1 >> (64 - width);
}

function unpackZigzag(p: usize, width: u64, shift: i64, from: usize, to: usize): void {
  const mask = maskOf(width);
  let bit: u64 = 0;
  let q = from;
  if (width <= MAX_WIDTH_OF_FOURS) {
    for (; q + 32 <= to; q += 32) {
      const a = load<u64>(p + <usize>(bit >> 3)) >> (bit & 7);
      const b = a >> width;
      const c = b >> width;
      store<i64>(q, unzigzag(a & mask) << shift);
      store<i64>(q, unzigzag(b & mask) << shift, 8);
      store<i64>(q, unzigzag(c & mask) << shift, 16);
      store<i64>(q, unzigzag((c >> width) & mask) << shift, 24);
      bit += width << 2;
    }
  }
  for (; q < to; q += 8) {
    const v = (load<u64>(p + <usize>(bit >> 3)) >> (bit & 7)) & mask;
    store<i64>(q, unzigzag(v) << shift);
    bit += width;
  }
}

function unpackFramed(p: usize, width: u64, shift: i64, frame: i64, from: usize, to: usize): void {
  const mask = maskOf(width);
  let bit: u64 = 0;
  let q = from;
  if (width <= MAX_WIDTH_OF_FOURS) {
    for (; q + 32 <= to; q += 32) {
      const a = load<u64>(p + <usize>(bit >> 3)) >> (bit & 7);
      const b = a >> width;
      const c = b >> width;
      store<i64>(q, (<i64>(a & mask) + frame) << shift);
      store<i64>(q, (<i64>(b & mask) + frame) << shift, 8);
      store<i64>(q, (<i64>(c & mask) + frame) << shift, 16);
      store<i64>(q, (<i64>((c >> width) & mask) + frame) << shift, 24);
      bit += width << 2;
    }
  }
  for (; q < to; q += 8) {
    const v = (load<u64>(p + <usize>(bit >> 3)) >> (bit & 7)) & mask;
    store<i64>(q, (<i64>v + frame) << shift);
    bit += width;
  }
}

/** Widths above 56 may lie across nine bytes. */
function unpackWide(
  p: usize,
  width: u64,
  isZigzag: bool,
  shift: i64,
  frame: i64,
  from: usize,
  to: usize,
): void {
  const mask = maskOf(width);
  let bit: u64 = 0;
  for (let q = from; q < to; q += 8) {
    const address = p + <usize>(bit >> 3);
    const skip = bit & 7;
    let v = load<u64>(address) >> skip;
    if (skip + width > 64) v |= (<u64>load<u8>(address, 8)) << (64 - skip);
    v &= mask;
    store<i64>(q, (isZigzag ? unzigzag(v) : <i64>v + frame) << shift);
    bit += width;
  }
}

/** The inverse of `toResiduals`: x[0] is given, x[1…] replace the residuals; `slope` is the step of order 0 or the first difference of order 2. */
export function fromResiduals(ints: usize, n: i32, order: i32, first: i64, slope: i64): void {
  store<i64>(ints, first);
  let x = first;
  if (order == 0) {
    for (let i = 1; i < n; i++) {
      x += slope;
      store<i64>(at(ints, i), load<i64>(at(ints, i)) + x);
    }
  } else if (order == 1) {
    for (let i = 1; i < n; i++) {
      x += load<i64>(at(ints, i));
      store<i64>(at(ints, i), x);
    }
  } else {
    let delta = slope;
    for (let i = 1; i < n; i++) {
      delta += load<i64>(at(ints, i));
      x += delta;
      store<i64>(at(ints, i), x);
    }
  }
}
