// The XOR code of values in Prometheus' chunks (after Facebook's Gorilla): each value against the one
// before, in a window of significant bits that is reused while it fits. Works on the bits of a double
// as two halves, so that a NaN keeps its payload.

import type { BitReader, BitWriter } from './bit-stream.ts';

/** Most leading zeros that the 5-bit field can tell. */
const MAX_LEADING = 31;

export class XorEncoder {
  #low = 0;
  #high = 0;
  /** -1 until there is a window. */
  #leading = -1;
  #trailing = 0;

  /** Writes the first value in full. */
  first(writer: BitWriter, low: number, high: number): void {
    writer.write64(low, high, 64);
    this.#low = low;
    this.#high = high;
  }

  next(writer: BitWriter, low: number, high: number): void {
    const xorLow = low ^ this.#low;
    const xorHigh = high ^ this.#high;
    this.#low = low;
    this.#high = high;
    if ((xorLow | xorHigh) === 0) {
      writer.write(0, 1);
      return;
    }
    const leading = Math.min(MAX_LEADING, xorHigh === 0 ? 32 : Math.clz32(xorHigh));
    const trailing = xorLow === 0 ? 32 + trailingZeros(xorHigh) : trailingZeros(xorLow);
    if (this.#leading >= 0 && leading >= this.#leading && trailing >= this.#trailing) {
      writer.write(0b10, 2);
    } else {
      this.#leading = leading;
      this.#trailing = trailing;
      writer.write(0b11, 2);
      writer.write(leading, 5);
      // 64 bits are written as 0, since no significant bits at all never occur.
      writer.write(64 - leading - trailing, 6);
    }
    const shift = this.#trailing;
    writer.write64(
      shiftedLow(xorLow, xorHigh, shift),
      shift >= 32 ? 0 : xorHigh >>> shift,
      64 - this.#leading - shift,
    );
  }
}

export class XorDecoder {
  /** Lower half of the last value read. */
  low: number = 0;
  /** Upper half of the last value read. */
  high: number = 0;
  #leading = 0;
  #trailing = 0;

  first(reader: BitReader): void {
    reader.read64(64);
    this.low = reader.low;
    this.high = reader.high;
  }

  next(reader: BitReader): void {
    if (reader.read(1) === 0) return;
    if (reader.read(1) === 1) {
      this.#leading = reader.read(5);
      const significant = reader.read(6) || 64;
      this.#trailing = 64 - this.#leading - significant;
      if (this.#trailing < 0) reader.fail('a value has more than 64 bits');
    }
    reader.read64(64 - this.#leading - this.#trailing);
    const shift = this.#trailing;
    const { low, high } = reader;
    if (shift >= 32) this.high = (this.high ^ (low << (shift - 32))) >>> 0;
    else {
      const carried = shift === 0 ? high : (high << shift) | (low >>> (32 - shift));
      this.high = (this.high ^ carried) >>> 0;
      this.low = (this.low ^ (low << shift)) >>> 0;
    }
  }
}

function trailingZeros(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

/** Lower half of a 64-bit value moved right by `shift`. */
function shiftedLow(low: number, high: number, shift: number): number {
  if (shift === 0) return low >>> 0;
  if (shift >= 32) return high >>> (shift - 32);
  return ((low >>> shift) | (high << (32 - shift))) >>> 0;
}
