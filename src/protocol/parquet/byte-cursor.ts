// A place in bytes of a Parquet file that moves forwards. Nothing is taken on trust: what passes the end
// of the bytes, or is longer than its type, is refused where it is read.

import { parquetInvalid } from '../errors.ts';

/** Of 64 bits in groups of 7. */
const MAX_VARINT_BYTES = 10;

/** All reads throw PARQUET_INVALID for bytes that are not there. */
export class ByteCursor {
  readonly bytes: Uint8Array;
  /** Offset of the next unread byte, at most the length of `bytes`. */
  position: number = 0;
  /** Lower half of the last number that `varint64` has read, unsigned. */
  low: number = 0;
  /** Its upper half, signed. */
  high: number = 0;
  readonly #where: string;

  /** `where` names the bytes in errors: `row group 1, column labels, page 2`. */
  constructor(bytes: Uint8Array, where: string) {
    this.bytes = bytes;
    this.#where = where;
  }

  /** Bytes that are still unread. */
  get left(): number {
    return this.bytes.length - this.position;
  }

  fail(problem: string, cause?: unknown): never {
    const at = `byte ${this.position} of ${this.bytes.length}`;
    throw parquetInvalid(`${this.#where} cannot be read: ${problem} (at ${at})`, cause);
  }

  byte(): number {
    if (this.position >= this.bytes.length) this.fail('a byte is missing');
    return this.bytes[this.position++]!;
  }

  /** A view of the next bytes. */
  take(length: number): Uint8Array {
    if (length > this.left) this.fail(`${length} bytes should follow`);
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  /** Four bytes, the lowest first. */
  uint32(): number {
    const at = this.position;
    this.take(4);
    const { bytes } = this;
    const low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    return (low | (bytes[at + 3]! << 24)) >>> 0;
  }

  /** ULEB128 of at most 32 bits. */
  uvarint32(): number {
    this.#uvarint();
    if (this.high !== 0) this.fail('a number has more than 32 bits');
    return this.low;
  }

  /** Zigzagged ULEB128 of at most 64 bits, into `low` and `high`. */
  varint64(): void {
    this.#uvarint();
    const { low, high } = this;
    const sign = -(low & 1);
    this.low = (((low >>> 1) | (high << 31)) ^ sign) >>> 0;
    this.high = (high >>> 1) ^ sign;
  }

  #uvarint(): void {
    let low = 0;
    let high = 0;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = this.byte();
      const group = byte & 127;
      if (i < 4) low |= group << (7 * i);
      else if (i === 4) {
        low |= group << 28;
        high = group >>> 4;
      } else if (i < 9) high |= group << (7 * i - 32);
      else if (group > 1) break;
      else high |= group << 31;
      if (byte < 128) {
        this.low = low >>> 0;
        this.high = high;
        return;
      }
    }
    this.fail('a number has more than 64 bits');
  }
}
