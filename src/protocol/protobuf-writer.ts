// Writes the protobuf wire format into a buffer that grows.

import { messageTooLarge } from './errors.ts';
import { WIRE_BYTES, WIRE_FIXED64, WIRE_VARINT } from './protobuf-reader.ts';

const TWO_32 = 4_294_967_296;

/** The longest message that is written; a JavaScript array buffer can hold little more. */
const MAX_MESSAGE_BYTES = 1 << 30;

/** Writes messages into a buffer that grows. Fields with their default value are left to the caller. */
export class ProtobufWriter {
  #bytes: Buffer;
  #view: DataView;
  #length = 0;
  readonly #maxBytes: number;

  constructor(initialBytes: number = 1024, maxBytes: number = MAX_MESSAGE_BYTES) {
    this.#bytes = Buffer.allocUnsafeSlow(initialBytes);
    this.#view = new DataView(this.#bytes.buffer);
    this.#maxBytes = maxBytes;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** Starts over with the same buffer; results of {@link view} become invalid. */
  reset(): void {
    this.#length = 0;
  }

  /** What has been written, valid until the next call that writes. */
  view(): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, 0, this.#length);
  }

  /** A copy of what has been written. */
  finish(): Uint8Array {
    return this.view().slice();
  }

  /** Opens an embedded message; give the result to {@link endMessage} once its fields are written. */
  beginMessage(field: number): number {
    this.#tag(field, WIRE_BYTES);
    // One byte is kept for the length; most messages here are shorter than 128 bytes.
    this.#reserve(1);
    return ++this.#length;
  }

  endMessage(start: number): void {
    const size = this.#length - start;
    const extra = varintSize(size) - 1;
    if (extra > 0) {
      this.#reserve(extra);
      this.#bytes.copyWithin(start + extra, start, this.#length);
      this.#length += extra;
    }
    let rest = size;
    let at = start - 1;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#bytes[at++] = (rest & 0x7f) | 0x80;
    this.#bytes[at] = rest;
  }

  /** An unsigned number up to 2^53. */
  uint(field: number, value: number): void {
    this.#tag(field, WIRE_VARINT);
    this.#varint((value % TWO_32) >>> 0, Math.floor(value / TWO_32));
  }

  /** A signed number up to ±2^53 as int64. */
  int64(field: number, value: number): void {
    this.#tag(field, WIRE_VARINT);
    // Math.floor rounds towards -∞, so that high·2^32 + low is the value in two's complement.
    const high = Math.floor(value / TWO_32);
    this.#varint((value - high * TWO_32) >>> 0, high >>> 0);
  }

  uint64(field: number, value: bigint): void {
    this.#tag(field, WIRE_VARINT);
    this.#bigVarint(BigInt.asUintN(64, value));
  }

  sint32(field: number, value: number): void {
    this.#tag(field, WIRE_VARINT);
    this.#varint(zigzag32(value), 0);
  }

  /** A double given by its halves. */
  fixed64(field: number, low: number, high: number): void {
    this.#tag(field, WIRE_FIXED64);
    this.#reserve(8);
    this.#view.setUint32(this.#length, low, true);
    this.#view.setUint32(this.#length + 4, high, true);
    this.#length += 8;
  }

  double(field: number, value: number): void {
    this.#tag(field, WIRE_FIXED64);
    this.#rawDouble(value);
  }

  string(field: number, value: string): void {
    const start = this.beginMessage(field);
    // UTF-8 needs at most 3 bytes for one UTF-16 unit.
    this.#reserve(value.length * 3);
    this.#length += this.#bytes.write(value, start);
    this.endMessage(start);
  }

  bytes(field: number, value: Uint8Array): void {
    const start = this.beginMessage(field);
    this.#reserve(value.length);
    this.#bytes.set(value, start);
    this.#length += value.length;
    this.endMessage(start);
  }

  /** A packed repeated uint32. */
  uint32List(field: number, values: readonly number[]): void {
    const start = this.beginMessage(field);
    for (const value of values) this.#varint(value, 0);
    this.endMessage(start);
  }

  /** A packed repeated sint64. */
  sint64List(field: number, values: readonly bigint[]): void {
    const start = this.beginMessage(field);
    for (const value of values) {
      const wrapped = BigInt.asIntN(64, value);
      this.#bigVarint(wrapped < 0n ? -wrapped * 2n - 1n : wrapped * 2n);
    }
    this.endMessage(start);
  }

  /** A packed repeated double. */
  doubleList(field: number, values: readonly number[]): void {
    const start = this.beginMessage(field);
    for (const value of values) this.#rawDouble(value);
    this.endMessage(start);
  }

  #rawDouble(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  #tag(field: number, wireType: number): void {
    this.#varint(((field << 3) | wireType) >>> 0, 0);
  }

  #bigVarint(value: bigint): void {
    this.#varint(Number(value & 0xffff_ffffn), Number(value >> 32n));
  }

  /** A varint of two unsigned halves. */
  #varint(low: number, high: number): void {
    this.#reserve(10);
    const bytes = this.#bytes;
    let at = this.#length;
    let a = low;
    let b = high;
    while (b !== 0 || a > 0x7f) {
      bytes[at++] = (a & 0x7f) | 0x80;
      a = ((a >>> 7) | (b << 25)) >>> 0;
      b >>>= 7;
    }
    bytes[at++] = a;
    this.#length = at;
  }

  #reserve(count: number): void {
    const need = this.#length + count;
    if (need <= this.#bytes.length) return;
    if (need > this.#maxBytes) throw messageTooLarge(this.#maxBytes);
    const size = Math.min(Math.max(need, this.#bytes.length * 2), this.#maxBytes);
    const grown = Buffer.allocUnsafeSlow(size);
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

function zigzag32(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
  return size;
}
