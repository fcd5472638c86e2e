// Variable-length integers as protobuf and our formats write them: groups of 7 bits, low ones first,
// the high bit says that more follow. Signed ones are zigzagged first (0, -1, 1, -2 → 0, 1, 2, 3).
// Numbers are safe integers; bigints have 64 bits.

import { varintCorrupt, varintRange } from './errors.ts';

/** Bytes of the longest safe integer, signed or not. */
export const MAX_VARINT_BYTES = 8;
/** Bytes of the longest 64-bit integer. */
export const MAX_BIG_VARINT_BYTES = 10;

/** Bytes that `writeUvarint` takes for a safe integer ≥ 0. */
export function uvarintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

/** Writes a safe integer ≥ 0 at `at` and returns the offset after it. Throws CODEC_VARINT_RANGE. */
export function writeUvarint(target: Uint8Array, at: number, value: number): number {
  if (!(Number.isSafeInteger(value) && value >= 0)) {
    throw varintRange(`${value} is not an unsigned integer below 2^53`);
  }
  return writeGroups(target, at, value);
}

/** Writes a safe integer, zigzagged, at `at` and returns the offset after it. Throws CODEC_VARINT_RANGE. */
export function writeVarint(target: Uint8Array, at: number, value: number): number {
  if (!Number.isSafeInteger(value)) throw varintRange(`${value} is not an integer within ±2^53`);
  // The zigzagged value may need 54 bits, so its lowest bit, the sign, is kept apart.
  const sign = value < 0 ? 1 : 0;
  const magnitude = value < 0 ? -value - 1 : value;
  const low = (magnitude % 64) * 2 + sign;
  const high = Math.floor(magnitude / 64);
  if (high === 0) return writeGroups(target, at, low);
  const next = writeGroups(target, at + 1, high);
  target[at] = low | 128;
  return next;
}

function writeGroups(target: Uint8Array, at: number, value: number): number {
  let rest = value;
  let next = at;
  while (rest >= 128) {
    if (next < target.length) target[next] = (rest % 128) | 128;
    next++;
    rest = Math.floor(rest / 128);
  }
  if (next >= target.length) throw varintRange(`no room for a number at byte ${at}`);
  target[next] = rest;
  return next + 1;
}

/** Writes the low 64 bits of `value` and returns the offset after them. Throws CODEC_VARINT_RANGE. */
export function writeBigUvarint(target: Uint8Array, at: number, value: bigint): number {
  let rest = BigInt.asUintN(64, value);
  let next = at;
  while (rest > 127n) {
    if (next < target.length) target[next] = Number(rest & 127n) | 128;
    next++;
    rest >>= 7n;
  }
  if (next >= target.length) throw varintRange(`no room for a number at byte ${at}`);
  target[next] = Number(rest);
  return next + 1;
}

/** Writes a signed 64-bit integer, zigzagged, and returns the offset after it. Throws CODEC_VARINT_RANGE. */
export function writeBigVarint(target: Uint8Array, at: number, value: bigint): number {
  return writeBigUvarint(target, at, zigzag(value));
}

export function zigzag(value: bigint): bigint {
  return BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
}

export function unzigzag(value: bigint): bigint {
  return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
}

/** Reads numbers off a range of bytes. Everything throws CODEC_VARINT_CORRUPT at the end of the range or for a number beyond its type. */
export class VarintReader {
  readonly bytes: Uint8Array;
  /** Offset of the next byte to read. */
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, from = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.at = from;
    this.end = Math.min(end, bytes.length);
  }

  get remaining(): number {
    return this.end - this.at;
  }

  byte(): number {
    if (this.at >= this.end) throw varintCorrupt(this.at, 'the bytes end here');
    return this.bytes[this.at++]!;
  }

  /** The next `length` bytes, as a view. */
  take(length: number): Uint8Array {
    if (!(length >= 0 && length <= this.remaining)) {
      throw varintCorrupt(this.at, `${length} bytes wanted, ${this.remaining} left`);
    }
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** A safe integer ≥ 0. */
  uvarint(): number {
    const from = this.at;
    let value = 0;
    let scale = 1;
    for (let k = 0; k < MAX_VARINT_BYTES; k++) {
      const byte = this.byte();
      // May round, but only above 2^53, where it is refused.
      value += (byte & 127) * scale;
      if (byte < 128) {
        if (value <= Number.MAX_SAFE_INTEGER) return value;
        break;
      }
      scale *= 128;
    }
    throw varintCorrupt(from, 'not below 2^53');
  }

  /** A safe integer, zigzagged. */
  varint(): number {
    const from = this.at;
    const first = this.byte();
    let magnitude = (first & 127) >> 1;
    let scale = 64;
    for (let byte = first, k = 1; byte >= 128; k++) {
      if (k === MAX_VARINT_BYTES) throw varintCorrupt(from, 'not within ±2^53');
      byte = this.byte();
      magnitude += (byte & 127) * scale;
      scale *= 128;
    }
    const value = first & 1 ? -magnitude - 1 : magnitude;
    if (!Number.isSafeInteger(value)) throw varintCorrupt(from, 'not within ±2^53');
    return value;
  }

  /** An integer of 64 bits, unsigned. */
  bigUvarint(): bigint {
    const from = this.at;
    let value = 0n;
    for (let k = 0; k < MAX_BIG_VARINT_BYTES; k++) {
      const byte = this.byte();
      value |= BigInt(byte & 127) << BigInt(7 * k);
      if (byte < 128) {
        if (value >> 64n === 0n) return value;
        break;
      }
    }
    throw varintCorrupt(from, 'more than 64 bits');
  }

  /** A signed integer of 64 bits, zigzagged. */
  bigVarint(): bigint {
    return unzigzag(this.bigUvarint());
  }
}
