// Time blocks: 1…8192 timestamps, integers in float64 within ±2^53, usually ascending (nothing
// here depends on it). A constant interval needs no more than its first time and the interval.
//
//   byte 0          bits 0-1 order (3: constant interval), bit 2 unit (0: 1 ms, 1: 1000 ms), else 0
//   first           zigzag varint, ms
//   order 0, 2, 3   zigzag varint: the step of the line, the first difference, the interval; in units
//   order 3         nothing more
//   frame           zigzag varint: smallest residual, in units
//   mini-blocks     of x[i] = (t[i] - t[0]) / unit; see residuals.ts
//
// Order 0 is for scrapes that jitter about a fixed grid, order 1 and 2 for everything else.
// docs/formats/time-block.md; twin: src/codec/times.ts.
import {
  BAD_ARGUMENT,
  CORRUPT,
  NO_ROOM,
  unzigzag,
  uvarintAt,
  uvarintBytes,
  uvarintEnd,
  writeUvarint,
  zigzag,
} from './bits';
import {
  frameOf,
  fromResiduals,
  MAX_BLOCK_SAMPLES,
  maxBlockBytes,
  measure,
  pack,
  packedBytes,
  toResiduals,
  unpack,
} from './residuals';

const CONSTANT_INTERVAL: i32 = 3;
const IN_SECONDS: i32 = 4;
const SECOND_MS: i64 = 1000;

/** Times lie within ± this, where every integer is exact in a float64. */
const EXACT_LIMIT: f64 = 9007199254740992;

/**
 * Encodes `n` (1…8192) times at `src` and returns the bytes written to `dst`. BAD_ARGUMENT if one is
 * not an integer within ±2^53; -0 comes back as 0. `dstCapacity` must be at least maxBlockBytes(n)
 * (NO_ROOM otherwise), `scratch` has encodeScratchBytes(n) bytes.
 */
export function encodeTimes(src: usize, n: i32, dst: usize, dstCapacity: i32, scratch: usize): i32 {
  if (n < 1 || n > MAX_BLOCK_SAMPLES) return BAD_ARGUMENT;
  if (dstCapacity < maxBlockBytes(n)) return NO_ROOM;
  const ints = scratch;
  const extremes = ints + ((<usize>n) << 3);
  if (!toIntegers(src, n, ints)) return BAD_ARGUMENT;
  const first = load<i64>(ints);
  const unit = toUnits(ints, n);

  let header = unit == SECOND_MS ? IN_SECONDS : 0;
  let p = writeUvarint(dst + 1, zigzag(first));
  const interval = n == 1 ? 0 : load<i64>(ints, 8);
  if (isLine(ints, n, interval)) {
    store<u8>(dst, <u8>(header | CONSTANT_INTERVAL));
    return <i32>(writeUvarint(p, zigzag(interval)) - dst);
  }

  // The mean interval; exact for a grid as long as the jitter is small against n.
  const gaps = <i64>n - 1;
  const step = (load<i64>(ints + ((<usize>gaps) << 3)) + (gaps >> 1)) / gaps;
  measure(ints, n, step, extremes);
  let order = 0;
  let best = uvarintBytes(zigzag(step)) + packedBytes(extremes, n, 0, 0);
  const bytes1 = packedBytes(extremes, n, 1, 0);
  if (bytes1 < best) {
    order = 1;
    best = bytes1;
  }
  const bytes2 = uvarintBytes(zigzag(interval)) + packedBytes(extremes, n, 2, 0);
  if (bytes2 < best) order = 2;

  store<u8>(dst, <u8>(header | order));
  if (order == 0) p = writeUvarint(p, zigzag(step));
  if (order == 2) p = writeUvarint(p, zigzag(interval));
  const frame = frameOf(extremes, n, order, 0);
  p = writeUvarint(p, zigzag(frame));
  toResiduals(ints, n, order, step);
  p = pack(ints, n, extremes, order, 0, frame, p);
  return <i32>(p - dst);
}

/** False if a time is not an integer within ±2^53. */
function toIntegers(src: usize, n: i32, ints: usize): bool {
  for (let i: usize = 0, bytes = (<usize>n) << 3; i < bytes; i += 8) {
    const t = load<f64>(src + i);
    // Saturates, so it cannot trap; NaN becomes 0.
    const x = <i64>t;
    if (<f64>x != t || abs(t) > EXACT_LIMIT) return false;
    store<i64>(ints + i, x);
  }
  return true;
}

/** Replaces the times by their distance from the first one, in seconds where all are whole. Returns the unit in ms. */
function toUnits(ints: usize, n: i32): i64 {
  const end = ints + ((<usize>n) << 3);
  const first = load<i64>(ints);
  let isWhole = true;
  for (let p = ints; p < end; p += 8) {
    const x = load<i64>(p) - first;
    store<i64>(p, x);
    isWhole = isWhole && seconds(x) * SECOND_MS == x;
  }
  if (!isWhole) return 1;
  for (let p = ints; p < end; p += 8) store<i64>(p, seconds(load<i64>(p)));
  return SECOND_MS;
}

// Exact for multiples of 1000 up to ±2^54, which is all that the caller relies on: a float64
// division is several times cheaper than an int64 one.
function seconds(x: i64): i64 {
  return <i64>nearest(<f64>x / 1000);
}

/** True if x[i] = i * interval throughout. */
function isLine(ints: usize, n: i32, interval: i64): bool {
  let expected: i64 = 0;
  for (let p = ints, end = ints + ((<usize>n) << 3); p < end; p += 8) {
    if (load<i64>(p) != expected) return false;
    expected += interval;
  }
  return true;
}

/**
 * Decodes a block of `n` (1…8192) times at `src` into `dst` as float64 and returns the bytes it took, or
 * CORRUPT. Same rules as `decodeValues`. Times of a damaged block may be any number, in any order.
 */
export function decodeTimes(src: usize, srcLength: i32, n: i32, dst: usize): i32 {
  if (n < 1 || n > MAX_BLOCK_SAMPLES) return BAD_ARGUMENT;
  if (srcLength < 1) return CORRUPT;
  const end = src + srcLength;
  let p = src;
  const header = <i32>load<u8>(p++);
  if (header > 7) return CORRUPT;
  const order = header & 3;
  const unit = header & IN_SECONDS ? SECOND_MS : 1;

  let next = uvarintEnd(p, end);
  if (next == 0) return CORRUPT;
  const first = unzigzag(uvarintAt(p, next));
  p = next;
  let slope: i64 = 0;
  if (order != 1) {
    next = uvarintEnd(p, end);
    if (next == 0) return CORRUPT;
    slope = unzigzag(uvarintAt(p, next));
    p = next;
  }
  if (order == CONSTANT_INTERVAL) {
    fillLine(dst, n, first, slope * unit);
    return <i32>(p - src);
  }

  next = uvarintEnd(p, end);
  if (next == 0) return CORRUPT;
  const frame = unzigzag(uvarintAt(p, next));
  p = unpack(next, end, n, 0, frame, dst);
  if (p == 0) return CORRUPT;
  fromResiduals(dst, n, order, 0, slope);
  for (let q = dst, dstEnd = dst + ((<usize>n) << 3); q < dstEnd; q += 8) {
    store<f64>(q, <f64>(first + load<i64>(q) * unit));
  }
  return <i32>(p - src);
}

function fillLine(dst: usize, n: i32, first: i64, interval: i64): void {
  let t = first;
  for (let p = dst, end = dst + ((<usize>n) << 3); p < end; p += 8) {
    store<f64>(p, <f64>t);
    t += interval;
  }
}
