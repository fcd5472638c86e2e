// The powers of ten that kernel/decimal.ts multiplies with, each as 128 bits.

const MIN_POWER = -292;
const MAX_POWER = 324;

/** Bytes of the table. */
export const DECIMAL_POWERS_BYTES: number = (MAX_POWER - MIN_POWER + 1) * 16;

/**
 * Fills the table at `address`, a multiple of 8: for each power from 10^-292 to 10^324 its first 128 bits, rounded
 * up, as two u64, the high one first.
 */
export function writeDecimalPowers(buffer: ArrayBufferLike, address: number): void {
  const table = new BigUint64Array(buffer, address, DECIMAL_POWERS_BYTES / 8);
  for (let power = MIN_POWER; power <= MAX_POWER; power++) {
    const bits = leadingBits(power);
    const at = 2 * (power - MIN_POWER);
    table[at] = bits >> 64n;
    table[at + 1] = bits & 0xffffffffffffffffn;
  }
}

/** The smallest integer of 128 bits whose product with a power of two is not below 10^power. */
function leadingBits(power: number): bigint {
  const ten = 10n ** BigInt(Math.abs(power));
  const length = BigInt(ten.toString(2).length);
  if (power >= 0) return shiftedUp(ten, 128n - length);
  // 1 / ten lies between 2^-length and 2^(1 - length).
  const scaled = 1n << (127n + length);
  const quotient = (scaled + ten - 1n) / ten;
  return quotient;
}

/** `x` · 2^shift, rounded up. */
function shiftedUp(x: bigint, shift: bigint): bigint {
  return shift >= 0n ? x << shift : -(-x >> -shift);
}
