// Value blocks: 1…8192 float64, lossless to the last bit of every NaN. Values are scaled by a power
// of ten to int64 where dividing gives back the very same bits; the few that are not are kept raw
// as exceptions; where they are not few, the raw bits are the integers. Then see residuals.ts.
//
//   byte 0          bits 0-3 decimal exponent d (15: raw bits), bits 4-5 order (3: all equal),
//                   bit 6 exceptions follow, bit 7 shift byte follows
//   [shift]         1 byte, 0…63
//   [exceptions]    uvarint runs, then per run: uvarint gap since the previous run's end,
//                   uvarint (length - 1) * 2 + fresh, and 8 raw bytes if fresh, else as the run before
//   first           zigzag varint; 8 raw bytes if d = 15
//   order 3         nothing more
//   order 2         zigzag varint: first difference >> shift
//   frame           zigzag varint: smallest residual >> shift
//   mini-blocks
//
// docs/formats/value-block.md; twin: src/codec/values.ts.
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
  applyExceptions,
  checkExceptions,
  exceptionsBytes,
  fill,
  writeExceptions,
} from './exceptions';
import {
  extremesBytes,
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

/** Largest decimal exponent: 10^14 still leaves integers below 2^53 for values up to 90. */
const MAX_EXPONENT: i32 = 14;
/** Stands for the exponent of blocks whose integers are the raw bits. */
const RAW: i32 = 15;
const ALL_EQUAL: i32 = 3;
const HAS_EXCEPTIONS: i32 = 0x40;
const HAS_SHIFT: i32 = 0x80;

/** Integers beyond this are not all exact in a float64. */
const EXACT_LIMIT: f64 = 9007199254740992;
const NEGATIVE_ZERO: u64 = 0x8000000000000000;

// Powers up to 10^14 are exact, so scaling rounds once and dividing rounds once.
const POWERS: usize = memory.data<f64>([
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14,
]);

function power(d: i32): f64 {
  return load<f64>(POWERS + ((<usize>d) << 3));
}

/**
 * Encodes `n` (1…8192) float64 at `src` and returns the bytes written to `dst`. `dstCapacity` must be
 * at least maxBlockBytes(n) (NO_ROOM otherwise), `scratch` has encodeScratchBytes(n) bytes.
 */
export function encodeValues(
  src: usize,
  n: i32,
  dst: usize,
  dstCapacity: i32,
  scratch: usize,
): i32 {
  if (n < 1 || n > MAX_BLOCK_SAMPLES) return BAD_ARGUMENT;
  if (dstCapacity < maxBlockBytes(n)) return NO_ROOM;
  if (isConstant(src, n)) return encodeConstant(load<f64>(src), dst);

  const ints = scratch;
  const runs = ints + ((<usize>n) << 3);
  const extremes = runs + ((<usize>n) << 3);
  let d = 0;
  let runCount = 0;
  for (;;) {
    runCount = scale(src, n, d, ints, runs);
    if (runCount >= 0) break;
    d = -runCount;
    if (d == RAW) {
      memory.copy(ints, src, (<usize>n) << 3);
      runCount = 0;
      break;
    }
  }
  const bytes = encodeIntegers(src, n, d, runCount, ints, runs, extremes, dst);
  if (bytes != NO_ROOM) return bytes;
  memory.copy(ints, src, (<usize>n) << 3);
  return encodeIntegers(src, n, RAW, 0, ints, runs, extremes, dst);
}

/** True if all values have the same bits. */
function isConstant(src: usize, n: i32): bool {
  const first = load<u64>(src);
  for (let p = src + 8, end = src + ((<usize>n) << 3); p < end; p += 8) {
    if (load<u64>(p) != first) return false;
  }
  return true;
}

function encodeConstant(value: f64, dst: usize): i32 {
  let d = RAW;
  if (reinterpret<u64>(value) == 0) d = 0;
  else if (value != 0) d = exponentFrom(value, 0);
  store<u8>(dst, <u8>(d | (ALL_EQUAL << 4)));
  if (d == RAW) {
    store<f64>(dst, value, 1);
    return 9;
  }
  return <i32>(writeUvarint(dst + 1, zigzag(<i64>nearest(value * power(d)))) - dst);
}

/** The smallest exponent ≥ `d` that gives `value`, neither zero, back exactly, or RAW. */
function exponentFrom(value: f64, d: i32): i32 {
  for (; d <= MAX_EXPONENT; d++) {
    const rounded = nearest(value * power(d));
    // Also false for NaN and the infinities.
    if (!(abs(rounded) < EXACT_LIMIT)) return RAW;
    if (rounded / power(d) == value && rounded != 0) return d;
  }
  return RAW;
}

/**
 * Scales all values by 10^d into `ints`. Exceptions are collected as runs of equal bits (u32 start,
 * u32 length) and repeat the integer before them. Returns the number of runs, or -d' if a value needs
 * the larger exponent d' (start again), or -RAW if exceptions with bits of their own pass n / 8 + 1.
 */
function scale(src: usize, n: i32, d: i32, ints: usize, runs: usize): i32 {
  const factor = power(d);
  let runCount = 0;
  let freshLeft = (n >> 3) + 1;
  let exceptionBits: u64 = 0;
  let last: i64 = 0;
  let firstScaled = n;
  for (let i = 0; i < n; i++) {
    const p = src + ((<usize>i) << 3);
    const value = load<f64>(p);
    const bits = load<u64>(p);
    const rounded = nearest(value * factor);
    if (rounded / factor == value && abs(rounded) < EXACT_LIMIT && bits != NEGATIVE_ZERO) {
      last = <i64>rounded;
      if (firstScaled == n) firstScaled = i;
    } else {
      const run = runs + ((<usize>runCount) << 3);
      if (runCount == 0 || bits != exceptionBits) {
        const larger = value == 0 ? RAW : exponentFrom(value, d + 1);
        if (larger != RAW) return -larger;
        if (freshLeft-- == 0) return -RAW;
        exceptionBits = bits;
      }
      const isNext =
        runCount > 0 &&
        load<u32>(run - 8) + load<u32>(run - 4) == <u32>i &&
        load<u64>(p - 8) == bits;
      if (isNext) {
        store<u32>(run - 4, load<u32>(run - 4) + 1);
      } else {
        store<u32>(run, i);
        store<u32>(run, 1, 4);
        runCount++;
      }
    }
    store<i64>(ints + ((<usize>i) << 3), last);
  }
  if (firstScaled < n) {
    const fill = load<i64>(ints + ((<usize>firstScaled) << 3));
    for (let i = 0; i < firstScaled; i++) store<i64>(ints + ((<usize>i) << 3), fill);
  }
  return runCount;
}

/** Writes a block of integers in its best order; NO_ROOM if it is decimal and no smaller than raw bits can get. */
function encodeIntegers(
  src: usize,
  n: i32,
  d: i32,
  runCount: i32,
  ints: usize,
  runs: usize,
  extremes: usize,
  dst: usize,
): i32 {
  const first = load<i64>(ints);
  const union = n == 1 ? 0 : measure(ints, n, 0, extremes);
  let shift: i64 = 0;
  let order = ALL_EQUAL;
  let body = 0;
  let slope: i64 = 0;
  if (union != 0) {
    shift = <i64>ctz(union);
    // The byte that names the shift must pay for itself.
    if (shift * (n - 1) <= 8) shift = 0;
    slope = (load<i64>(ints, 8) - first) >> shift;
    order = 0;
    body = packedBytes(extremes, n, 0, shift);
    const bytes1 = packedBytes(extremes, n, 1, shift);
    if (bytes1 < body) {
      order = 1;
      body = bytes1;
    }
    const bytes2 = uvarintBytes(zigzag(slope)) + packedBytes(extremes, n, 2, shift);
    if (bytes2 < body) {
      order = 2;
      body = bytes2;
    }
  }

  if (d != RAW) {
    const head = 2 + uvarintBytes(zigzag(first)) + exceptionsBytes(src, runCount, runs);
    // Leaves the 8 bytes that packing may touch.
    if (head + body > maxBlockBytes(n) - 8) return NO_ROOM;
  }

  let p = dst;
  let header = d | (order << 4);
  if (runCount > 0) header |= HAS_EXCEPTIONS;
  if (shift > 0) header |= HAS_SHIFT;
  store<u8>(p++, <u8>header);
  if (shift > 0) store<u8>(p++, <u8>shift);
  if (runCount > 0) p = writeExceptions(src, runCount, runs, p);
  if (d == RAW) {
    store<i64>(p, first);
    p += 8;
  } else p = writeUvarint(p, zigzag(first));
  if (order == ALL_EQUAL) return <i32>(p - dst);
  if (order == 2) p = writeUvarint(p, zigzag(slope));
  const frame = frameOf(extremes, n, order, shift);
  p = writeUvarint(p, zigzag(frame));
  toResiduals(ints, n, order, 0);
  p = pack(ints, n, extremes, order, shift, frame, p);
  return <i32>(p - dst);
}

/**
 * Decodes a block of `n` (1…8192) values at `src` into `dst` and returns the bytes it took, or CORRUPT.
 * The block may be followed by anything. Loads may touch up to 8 bytes past src + srcLength, which
 * must be inside the memory; exactly dst[0…n-1] is written, garbage where the answer is CORRUPT.
 */
export function decodeValues(src: usize, srcLength: i32, n: i32, dst: usize): i32 {
  if (n < 1 || n > MAX_BLOCK_SAMPLES) return BAD_ARGUMENT;
  if (srcLength < 1) return CORRUPT;
  const end = src + srcLength;
  let p = src;
  const header = <i32>load<u8>(p++);
  const d = header & 15;
  const order = (header >> 4) & 3;

  let shift: i64 = 0;
  if (header & HAS_SHIFT) {
    if (p >= end) return CORRUPT;
    shift = <i64>load<u8>(p++);
    if (shift > 63) return CORRUPT;
  }
  const exceptions = p;
  if (header & HAS_EXCEPTIONS) {
    if (d == RAW) return CORRUPT;
    p = checkExceptions(p, end, n);
    if (p == 0) return CORRUPT;
  }

  let first: i64 = 0;
  let next: usize = 0;
  if (d == RAW) {
    if (end - p < 8) return CORRUPT;
    first = load<i64>(p);
    p += 8;
  } else {
    next = uvarintEnd(p, end);
    if (next == 0) return CORRUPT;
    first = unzigzag(uvarintAt(p, next));
    p = next;
  }

  if (order == ALL_EQUAL) {
    fill(dst, n, d == RAW ? first : reinterpret<i64>(<f64>first / power(d)));
  } else {
    let slope: i64 = 0;
    if (order == 2) {
      next = uvarintEnd(p, end);
      if (next == 0) return CORRUPT;
      slope = unzigzag(uvarintAt(p, next)) << shift;
      p = next;
    }
    next = uvarintEnd(p, end);
    if (next == 0) return CORRUPT;
    const frame = unzigzag(uvarintAt(p, next));
    p = unpack(next, end, n, shift, frame, dst);
    if (p == 0) return CORRUPT;
    fromResiduals(dst, n, order, first, slope);
    if (d != RAW) unscale(dst, n, d);
  }
  if (header & HAS_EXCEPTIONS) applyExceptions(exceptions, dst);
  return <i32>(p - src);
}

/** Turns integers into values, in place, as the encoder checked it: one division by 10^d. */
function unscale(dst: usize, n: i32, d: i32): void {
  const end = dst + ((<usize>n) << 3);
  if (d == 0) {
    for (let p = dst; p < end; p += 8) store<f64>(p, <f64>load<i64>(p));
    return;
  }
  const divisor = power(d);
  let p = dst;
  // Division is the bottleneck, and two cost no more than one.
  const divisors = f64x2.splat(divisor);
  for (; end - p >= 16; p += 16) {
    const pair = f64x2.splat(<f64>load<i64>(p));
    v128.store(p, f64x2.div(f64x2.replace_lane(pair, 1, <f64>load<i64>(p, 8)), divisors));
  }
  if (p < end) store<f64>(p, <f64>load<i64>(p) / divisor);
}
