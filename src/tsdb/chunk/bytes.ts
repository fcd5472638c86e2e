// Growing and reading of the byte strings that chunks and parts are made of: little-endian fixed
// fields, LEB128 varints up to 2^53, length-prefixed UTF-8. Reading checks every bound.

import { AppError } from '../../runtime/error.ts';

/** Bytes do not say what their format promises. Callers that know the file wrap it with the place. */
export function malformed(what: string): AppError {
  return new AppError('corrupt', 'TSDB_MALFORMED', what);
}

/** Appends fields to a buffer that doubles as needed and can be used again. */
export class ByteWriter {
  length = 0;
  #bytes: Buffer;

  constructor(initialBytes = 1024) {
    this.#bytes = Buffer.allocUnsafe(initialBytes);
  }

  reset(): void {
    this.length = 0;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.length++] = value;
  }

  u16(value: number): void {
    this.#reserve(2);
    this.length = this.#bytes.writeUInt16LE(value, this.length);
  }

  u32(value: number): void {
    this.#reserve(4);
    this.length = this.#bytes.writeUInt32LE(value, this.length);
  }

  /** An unsigned integer below 2^53. */
  varint(value: number): void {
    this.#reserve(8);
    const bytes = this.#bytes;
    let at = this.length;
    let rest = value;
    while (rest >= 0x8000_0000) {
      bytes[at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest >= 0x80) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.length = at;
  }

  /** A signed integer within ±2^31. */
  zigzag(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** Only for numbers whose NaN payload does not matter; raw columns go through `raw`. */
  float64(value: number): void {
    this.#reserve(8);
    this.length = this.#bytes.writeDoubleLE(value, this.length);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Length as a varint, then the bytes. */
  block(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.raw(bytes);
  }

  string(text: string): void {
    const size = Buffer.byteLength(text);
    this.varint(size);
    this.#reserve(size);
    this.length += this.#bytes.write(text, this.length);
  }

  /** What was written, valid until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  /** A copy that the caller owns. */
  copy(): Uint8Array {
    return Uint8Array.from(this.view());
  }

  #reserve(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.length);
    this.#bytes = grown;
  }
}

/** Reads fields one after another; every method throws TSDB_MALFORMED past the end. */
export class ByteReader {
  at: number;
  readonly end: number;
  readonly #bytes: Buffer;

  /** Reads `bytes` from offset `at` up to `end`; nothing is copied. */
  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    if (end > bytes.length || at > end) throw malformed('field outside of its page');
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = at;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.at;
  }

  u8(): number {
    return this.#bytes[this.#take(1)]!;
  }

  u16(): number {
    return this.#bytes.readUInt16LE(this.#take(2));
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.#take(4));
  }

  varint(): number {
    const bytes = this.#bytes;
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 8; i++) {
      if (this.at >= this.end) throw malformed('varint past the end');
      const byte = bytes[this.at++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
      factor *= 128;
    }
    throw malformed('varint above 2^53');
  }

  /** A varint that counts things of at least `bytesEach` bytes, so it cannot pass what is left. */
  count(bytesEach = 1): number {
    const count = this.varint();
    if (count * bytesEach > this.remaining) throw malformed(`count ${count} past the end`);
    return count;
  }

  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  float64(): number {
    return this.#bytes.readDoubleLE(this.#take(8));
  }

  /** A view, not a copy. */
  raw(length: number): Uint8Array {
    const from = this.#take(length);
    return this.#bytes.subarray(from, from + length);
  }

  /** Everything not yet read, as a view. Whoever reads of it moves `at` on. */
  rest(): Uint8Array {
    return this.#bytes.subarray(this.at, this.end);
  }

  /** Length as a varint, then that many bytes; a view. */
  block(): Uint8Array {
    return this.raw(this.varint());
  }

  string(): string {
    const length = this.varint();
    const from = this.#take(length);
    return this.#bytes.toString('utf8', from, from + length);
  }

  /** Throws unless everything was read. */
  expectEnd(): void {
    if (this.at !== this.end) throw malformed(`${this.remaining} bytes too many`);
  }

  #take(length: number): number {
    if (length > this.end - this.at) throw malformed('field past the end');
    const from = this.at;
    this.at += length;
    return from;
  }
}
