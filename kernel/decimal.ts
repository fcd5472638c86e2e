// Shortest decimals: of all decimals that read back as a float64 those with the fewest digits, of these
// the nearest one. The method is Schubfach (Raffaello Giulietti, "The Schubfach way to render doubles"):
// one multiplication with a power of ten of 128 bits finds the only candidates.
//
// The text is what Prometheus writes: an exponent of at least two digits below 1e-6 and from 1e21 on,
// `+Inf`, `-Inf`, `NaN`, `-0`.

/** Powers of ten that the table has (src/codec/decimal-powers.ts): two u64 each, high one first. */
const MIN_POWER: i32 = -292;

const HIDDEN_BIT: u64 = 1 << 52;
const EXPONENT_BIAS: i32 = 1075;
const INFINITE_EXPONENT: i32 = 0x7ff;

/** Digits that are written in one go. */
const DIGITS: i32 = 17;
const TEN_TO_8: u64 = 100000000;
const TEN_TO_16: u64 = 10000000000000000;
const POWERS: usize = memory.data<u64>([
  1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000,
  100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000, 10000000000000000,
  100000000000000000,
]);

/** Numbers without an exponent have their point at most here: 1e-6 and 1e21. */
const MIN_POINT: i32 = -5;
const MAX_POINT: i32 = 21;

/** Numbers below the limit may have four decimals and are tried first; they have at most 15 digits. */
const FEW_DIGITS_LIMIT: f64 = 100000000000;
const FEW_DECIMALS: f64 = 10000;

const ASCII_ZEROS: u64 = 0x3030303030303030;
/** `0.000000` */
const ZERO_POINT_ZEROS: u64 = 0x3030303030302e30;

/** Bytes that `writeFloat` may touch. */
export const MAX_FLOAT_BYTES: usize = 40;

/** Writes the text of `x` at `p` and returns the address after it; MAX_FLOAT_BYTES must be there. */
export function writeFloat(p: usize, x: f64, tenPowers: usize): usize {
  const bits = reinterpret<u64>(x);
  const exponent = <i32>(bits >> 52) & INFINITE_EXPONENT;
  const fraction = bits & (HIDDEN_BIT - 1);
  if (exponent == INFINITE_EXPONENT) return writeSpecial(p, x);
  if (<i64>bits < 0) store<u8>(p++, 0x2d);
  if ((exponent | <i32>(fraction != 0)) == 0) {
    store<u8>(p, 0x30);
    return p + 1;
  }

  // x = c * 2^q
  const c = exponent != 0 ? fraction | HIDDEN_BIT : fraction;
  const q = (exponent != 0 ? exponent : 1) - EXPONENT_BIAS;
  if (q <= 0 && q > -53 && ctz(c) >= <u64>-q) {
    return writeInteger(p, c >> <u64>-q);
  }
  // Decimals of up to 15 digits read back as different numbers, so one that reads back as x is the shortest.
  const positive = abs(x);
  if (positive < FEW_DIGITS_LIMIT) {
    const scaled = nearest(positive * FEW_DECIMALS);
    if (scaled / FEW_DECIMALS == positive) return writeDecimal(p, <u64>scaled, -4);
  }
  return writeShortest(p, c, q, fraction == 0 && exponent > 1, tenPowers);
}

/** Writes 0 < x < 10^17 at `p` and returns the address after it. Room as for {@link writeFloat}. */
export function writeInteger(p: usize, x: u64): usize {
  if (x >= TEN_TO_8) return writeDecimal(p, x, 0);
  const digits = eightDigits(<u32>x);
  const leading = ctz(digits) & 0x38;
  store<u64>(p, (digits | ASCII_ZEROS) >> leading);
  return p + 8 - <usize>(leading >> 3);
}

/** Writes x < 1000 as three digits. May touch a fourth byte. */
export function writeThreeDigits(p: usize, x: u32): void {
  store<u32>(p, <u32>((eightDigits(x) | ASCII_ZEROS) >> 40));
}

function writeSpecial(p: usize, x: f64): usize {
  if (x != x) {
    store<u32>(p, 0x004e614e);
    return p + 3;
  }
  store<u32>(p, x > 0 ? 0x666e492b : 0x666e492d);
  return p + 4;
}

/**
 * Writes the shortest decimal that lies nearer to c * 2^q than to its neighbours. Those are one unit of c away,
 * but the lower one half a unit if `isPower`: c * 2^q is a power of two.
 */
function writeShortest(p: usize, c: u64, q: i32, isPower: bool, tenPowers: usize): usize {
  // 10^k is the largest power of ten below the distance of the neighbours.
  const k = (q * 1262611 - (isPower ? 524031 : 0)) >> 22;
  const h = <u64>(q + ((-k * 1741647) >> 19) + 1);
  const power = tenPowers + ((<usize>(-k - MIN_POWER)) << 4);
  const high = load<u64>(power);
  const low = load<u64>(power, 8);

  // Quarters of units of 10^k: of the number and of the middles between it and its neighbours, products of
  // 192 bits. Only their upper 64 matter, and whether anything is below: that sets the lowest bit.
  const x = (c << 2) << h;
  const p0 = low * x;
  const carried = upperProduct(low, x);
  const p1 = high * x + carried;
  const p2 = upperProduct(high, x) + <u64>(p1 < carried);
  const quarter = p2 | <u64>(p1 > 1);

  let shift = h + 1;
  const u0 = p0 + (low << shift);
  const above = (high << shift) | (low >> (64 - shift));
  const u1 = p1 + above;
  const u1WithCarry = u1 + <u64>(u0 < p0);
  const u2 = p2 + (high >> (64 - shift)) + <u64>(u1 < above) + <u64>(u1WithCarry < u1);
  const upperQuarter = u2 | <u64>(u1WithCarry > 1);

  if (isPower) shift = h;
  const d0 = low << shift;
  const below = (high << shift) | (low >> (64 - shift));
  const l1 = p1 - below;
  const borrow = <u64>(p0 < d0);
  const l2 = p2 - (high >> (64 - shift)) - <u64>(p1 < below) - <u64>(l1 < borrow);
  const lowerQuarter = l2 | <u64>(l1 - borrow > 1);

  // The middles themselves read back as the even neighbour.
  const isOdd = c & 1;
  const lower = lowerQuarter + isOdd;
  const upper = upperQuarter - isOdd;

  const s = quarter >> 2;
  // A multiple of ten units is shorter, if exactly one is between the middles.
  if (s >= 10) {
    const tens = s / 10;
    const isLowerIn = lower <= 40 * tens;
    const isUpperIn = 40 * tens + 40 <= upper;
    if (isLowerIn != isUpperIn) return writeDecimal(p, tens + <u64>isUpperIn, k + 1);
  }
  const isLowerIn = lower <= s << 2;
  const isUpperIn = (s << 2) + 4 <= upper;
  if (isLowerIn != isUpperIn) return writeDecimal(p, s + <u64>isUpperIn, k);
  const middle = (s << 2) + 2;
  const roundsUp = quarter > middle || (quarter == middle && (s & 1) != 0);
  return writeDecimal(p, s + <u64>roundsUp, k);
}

/** The upper 64 bits of a * b. */
function upperProduct(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff;
  const a1 = a >> 32;
  const b0 = b & 0xffffffff;
  const b1 = b >> 32;
  const mixed = a1 * b0 + ((a0 * b0) >> 32);
  return a1 * b1 + (mixed >> 32) + ((a0 * b1 + (mixed & 0xffffffff)) >> 32);
}

/** Writes s * 10^k; 0 < s < 10^17. */
function writeDecimal(p: usize, s: u64, k: i32): usize {
  const length = decimalLength(s);
  const point = length + k;
  // To 17 digits, the zeros at the end are dropped again.
  const digits = s * load<u64>(POWERS + ((<usize>(DIGITS - length)) << 3));
  const upper = <u32>(digits / TEN_TO_8);
  const first = upper / <u32>TEN_TO_8;
  const nine = eightDigits(upper - first * <u32>TEN_TO_8);
  const eight = eightDigits(<u32>(digits - <u64>upper * TEN_TO_8));
  let count = 1;
  if (eight != 0) count = DIGITS - <i32>(clz(eight) >> 3);
  else if (nine != 0) count = 9 - <i32>(clz(nine) >> 3);

  const ascii = v128.or(i64x2.replace_lane(i64x2.splat(nine), 1, eight), i64x2.splat(ASCII_ZEROS));
  const leading = i8x16.splat(<i8>(first + 0x30));
  const text = i8x16.shuffle(
    leading,
    ascii,
    0,
    16,
    17,
    18,
    19,
    20,
    21,
    22,
    23,
    24,
    25,
    26,
    27,
    28,
    29,
    30,
  );
  const last = <u8>(eight >> 56) + 0x30;
  if (point < MIN_POINT || point > MAX_POINT)
    return writeScientific(p, text, last, count, point - 1);
  if (point <= 0) {
    store<u64>(p, ZERO_POINT_ZEROS);
    p += <usize>(2 - point);
    v128.store(p, text);
    store<u8>(p, last, 16);
    return p + <usize>count;
  }
  if (point >= count) {
    v128.store(p, text);
    store<u8>(p, last, 16);
    store<u32>(p, <u32>ASCII_ZEROS, 17);
    return p + <usize>point;
  }
  return writePointed(p, text, last, count, point);
}

/** Writes digits with a point after the first `point`, 0 < point < count. */
function writePointed(p: usize, text: v128, last: u8, count: i32, point: i32): usize {
  // Digits after the point move on by one.
  const places = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const at = i8x16.splat(<i8>point);
  const moved = i8x16.swizzle(text, i8x16.add(places, i8x16.gt_s(places, at)));
  const pointed = v128.bitselect(i8x16.splat(0x2e), moved, i8x16.eq(places, at));
  v128.store(p, pointed);
  store<u8>(p, point == 16 ? 0x2e : i8x16.extract_lane_u(text, 15), 16);
  store<u8>(p, last, 17);
  return p + <usize>count + 1;
}

/** Writes d.ddde±dd. */
function writeScientific(p: usize, text: v128, last: u8, count: i32, exponent: i32): usize {
  if (count == 1) store<u8>(p++, i8x16.extract_lane_u(text, 0));
  else p = writePointed(p, text, last, count, 1);
  store<u16>(p, exponent < 0 ? 0x2d65 : 0x2b65);
  p += 2;
  let rest = exponent < 0 ? -exponent : exponent;
  if (rest >= 100) {
    store<u8>(p++, <u8>(rest / 100 + 0x30));
    rest %= 100;
  }
  store<u8>(p, <u8>(rest / 10 + 0x30));
  store<u8>(p, <u8>((rest % 10) + 0x30), 1);
  return p + 2;
}

/** Digits of 0 < s < 10^17. */
function decimalLength(s: u64): i32 {
  // 1233 / 4096 is a little above the logarithm of 2.
  const guess = ((64 - <i32>clz(s)) * 1233) >> 12;
  return guess + <i32>(s >= load<u64>(POWERS + ((<usize>guess) << 3)));
}

/** The eight digits of x < 10^8 as bytes, the first one lowest: all pairs, then all digits at once. */
function eightDigits(x: u32): u64 {
  const upper = (<u64>x * 3518437209) >> 45;
  const fours = upper | ((<u64>x - upper * 10000) << 32);
  const hundreds = ((fours * 10486) >> 20) & 0x0000007f0000007f;
  const twos = hundreds | ((fours - hundreds * 100) << 16);
  const tens = ((twos * 103) >> 10) & 0x000f000f000f000f;
  return tens | ((twos - tens * 10) << 8);
}
