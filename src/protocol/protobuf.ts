// Protobuf wire format, as much of it as the protocols need. Nothing is taken on trust: every length
// is checked against the message it lies in. The depth is that of the decoder functions that call
// beginMessage; unknown fields are skipped without looking inside, groups are refused.

import { messageTooLarge, protobufMalformed } from './errors.ts';
import { decodeUtf8 } from './string-cache.ts';

export const WIRE_VARINT = 0;
export const WIRE_FIXED64 = 1;
export const WIRE_BYTES = 2;
export const WIRE_FIXED32 = 5;

const TWO_32 = 4_294_967_296;

/**
 * A cursor over one message. 64-bit values are left in `low` and `high` (unsigned halves), from where
 * the caller takes them in the shape it needs; doubles can so be copied without becoming numbers.
 * All reads throw PROTOBUF_MALFORMED on bytes that lie.
 */
export class ProtobufReader {
  readonly bytes: Uint8Array;
  /** Offset of the next unread byte. */
  position: number;
  /** Offset of the end of the message being read. */
  end: number;
  /** Lower half of the last 64-bit value read. */
  low: number = 0;
  /** Upper half of the last 64-bit value read. */
  high: number = 0;
  /** Wire type of the field that nextField found. */
  wireType: number = 0;

  readonly #view: DataView;
  #message: string;

  /** Reads `bytes`, which may lie in shared memory; `message` is the name used in errors. */
  constructor(bytes: Uint8Array, message: string) {
    this.bytes = bytes;
    this.position = 0;
    this.end = bytes.length;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#message = message;
  }

  fail(what: string): never {
    throw protobufMalformed(this.#message, this.position, what);
  }

  /** Number of the next field of this message, 0 at its end. */
  nextField(): number {
    if (this.position >= this.end) return 0;
    let tag = this.bytes[this.position]!;
    if (tag < 0x80) {
      this.position++;
    } else {
      this.readVarint();
      if (this.high !== 0) this.fail('field number out of range');
      tag = this.low;
    }
    this.wireType = tag & 7;
    const field = tag >>> 3;
    if (field === 0) this.fail('field number 0');
    return field;
  }

  /** Passes over the value of a field nobody knows. */
  skip(): void {
    switch (this.wireType) {
      case WIRE_VARINT:
        this.readVarint();
        return;
      case WIRE_FIXED64:
        this.#advance(8);
        return;
      case WIRE_BYTES:
        this.#advance(this.#length());
        return;
      case WIRE_FIXED32:
        this.#advance(4);
        return;
      default:
        this.fail(`wire type ${this.wireType} is not supported`);
    }
  }

  /** Enters an embedded message; give the result to {@link endMessage} once it is read. */
  beginMessage(message: string): number {
    this.#expect(WIRE_BYTES);
    const outer = this.end;
    const length = this.#length();
    this.end = this.position + length;
    this.#message = message;
    return outer;
  }

  /** Leaves an embedded message for the one around it. */
  endMessage(outer: number, message: string): void {
    this.position = this.end;
    this.end = outer;
    this.#message = message;
  }

  /** Moves to bytes [start, end), which an earlier call has found to be a whole message. */
  seek(start: number, end: number, message: string): void {
    this.position = start;
    this.end = end;
    this.#message = message;
  }

  /** Reads a length and passes over as many bytes; returns where they start (they end at `position`). */
  bytesField(): number {
    this.#expect(WIRE_BYTES);
    const length = this.#length();
    const start = this.position;
    this.position = start + length;
    return start;
  }

  /** A string, or undefined if it is not valid UTF-8. */
  string(): string | undefined {
    const start = this.bytesField();
    return decodeUtf8(this.bytes, start, this.position);
  }

  /** A varint field into low and high. */
  varint(): void {
    this.#expect(WIRE_VARINT);
    this.readVarint();
  }

  /** A 64-bit fixed field into low and high. */
  fixed64(): void {
    this.#expect(WIRE_FIXED64);
    this.#readFixed64();
  }

  double(): number {
    this.#expect(WIRE_FIXED64);
    const at = this.position;
    this.#advance(8);
    return this.#view.getFloat64(at, true);
  }

  /** An unsigned 32-bit number; higher bits are cut off, as protobuf asks for. */
  uint32(): number {
    this.varint();
    return this.low;
  }

  sint32(): number {
    this.varint();
    return (this.low >>> 1) ^ -(this.low & 1);
  }

  bool(): boolean {
    this.varint();
    return (this.low | this.high) !== 0;
  }

  /** A signed 64-bit number, rounded where it passes ±2^53. */
  int64(): number {
    this.varint();
    return (this.high | 0) * TWO_32 + this.low;
  }

  uint64(): bigint {
    this.varint();
    return this.#unsigned();
  }

  /** Appends a repeated uint32, packed or not. */
  uint32List(into: number[]): void {
    if (this.wireType === WIRE_VARINT) {
      into.push(this.uint32());
      return;
    }
    const outer = this.#beginPacked();
    while (this.position < this.end) {
      this.readVarint();
      into.push(this.low);
    }
    this.end = outer;
  }

  /** Appends a repeated sint64, packed or not. */
  sint64List(into: bigint[]): void {
    if (this.wireType === WIRE_VARINT) {
      this.readVarint();
      into.push(this.#zigzag());
      return;
    }
    const outer = this.#beginPacked();
    while (this.position < this.end) {
      this.readVarint();
      into.push(this.#zigzag());
    }
    this.end = outer;
  }

  /** Appends a repeated double, packed or not. */
  doubleList(into: number[]): void {
    if (this.wireType === WIRE_FIXED64) {
      into.push(this.double());
      return;
    }
    const outer = this.#beginPacked();
    while (this.position < this.end) {
      const at = this.position;
      this.#advance(8);
      into.push(this.#view.getFloat64(at, true));
    }
    this.end = outer;
  }

  /** Reads a bare varint of up to 64 bits into low and high. */
  readVarint(): void {
    const { bytes, end } = this;
    let at = this.position;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end) this.fail('the message ends inside a varint');
      const byte = bytes[at++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else if (bits > 1) this.fail('a varint has more than 64 bits');
      else high |= bits << 31;
      if (byte < 0x80) {
        this.low = low >>> 0;
        this.high = high >>> 0;
        this.position = at;
        return;
      }
    }
    this.fail('a varint is longer than 10 bytes');
  }

  #readFixed64(): void {
    const at = this.position;
    this.#advance(8);
    this.low = this.#view.getUint32(at, true);
    this.high = this.#view.getUint32(at + 4, true);
  }

  #beginPacked(): number {
    this.#expect(WIRE_BYTES);
    const outer = this.end;
    const length = this.#length();
    this.end = this.position + length;
    return outer;
  }

  #expect(wireType: number): void {
    if (this.wireType !== wireType) {
      this.fail(`wire type ${this.wireType} where ${wireType} is expected`);
    }
  }

  #length(): number {
    this.readVarint();
    if (this.high !== 0 || this.low > this.end - this.position) {
      this.fail('a length passes the end of the message');
    }
    return this.low;
  }

  #advance(count: number): void {
    if (count > this.end - this.position) this.fail('the message ends inside a value');
    this.position += count;
  }

  #unsigned(): bigint {
    if (this.high < 0x20_0000) return BigInt(this.high * TWO_32 + this.low);
    return (BigInt(this.high) << 32n) | BigInt(this.low);
  }

  #zigzag(): bigint {
    const magnitude = this.#unsigned();
    const half = magnitude >> 1n;
    return (this.low & 1) === 0 ? half : -half - 1n;
  }
}

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
