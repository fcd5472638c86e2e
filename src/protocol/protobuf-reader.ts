// Reads the protobuf wire format, as much of it as the protocols need. Nothing is taken on trust: every
// length is checked against the message it lies in. The depth is that of the decoder functions that
// call beginMessage; unknown fields are skipped without looking inside, groups are refused.

import { protobufMalformed } from './errors.ts';
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
    return this.signed();
  }

  uint64(): bigint {
    this.varint();
    return this.#unsigned();
  }

  /** The last 64-bit value read, unsigned and exact: a bigint only beyond 2^53. */
  unsigned(): number | bigint {
    return this.high < 0x20_0000 ? this.high * TWO_32 + this.low : this.#unsigned();
  }

  /** The last 64-bit value read, signed and rounded where it passes ±2^53. */
  signed(): number {
    return (this.high | 0) * TWO_32 + this.low;
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

  /** Appends a repeated uint64, packed or not; see {@link unsigned}. Stops adding at `max` values. */
  uint64List(into: (number | bigint)[], max: number): void {
    if (this.wireType === WIRE_VARINT) {
      this.readVarint();
      if (into.length < max) into.push(this.unsigned());
      return;
    }
    const outer = this.#beginPacked();
    while (this.position < this.end) {
      this.readVarint();
      if (into.length < max) into.push(this.unsigned());
    }
    this.end = outer;
  }

  /** The same of a repeated fixed64. */
  fixed64List(into: (number | bigint)[], max: number): void {
    if (this.wireType === WIRE_FIXED64) {
      this.#readFixed64();
      if (into.length < max) into.push(this.unsigned());
      return;
    }
    const outer = this.#beginPacked();
    while (this.position < this.end) {
      this.#readFixed64();
      if (into.length < max) into.push(this.unsigned());
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
