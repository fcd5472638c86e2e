// Reads Thrift's compact protocol, in which Parquet has its footer and the headers of pages
// (apache/thrift, doc/specs/thrift-compact-protocol.md). Every value takes a byte or more of the input, so that
// work is linear in its length whatever it says; what nests too deep is refused.

import type { ByteCursor } from './byte-cursor.ts';

const WireType = {
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  map: 11,
  struct: 12,
  uuid: 13,
} as const;

/** Parquet's own structs nest to 7. */
const MAX_DEPTH = 16;
const TWO_32 = 4_294_967_296;

/**
 * Reads one struct, for which the cursor stands at its first field. All reads throw PARQUET_INVALID for bytes that
 * are none, and for a value that is of another type than the one asked for.
 */
export class ThriftReader {
  readonly #cursor: ByteCursor;
  /** Type of the value to be read next. */
  #type: number = WireType.struct;
  #depth = 0;

  constructor(cursor: ByteCursor) {
    this.#cursor = cursor;
  }

  /** Calls `read` with the number of every field of a struct; it must read the value, or skip it. */
  struct(read: (field: number) => void): void {
    this.#expect(WireType.struct);
    this.#enter();
    let field = 0;
    for (;;) {
      const header = this.#cursor.byte();
      if (header === 0) break;
      const step = header >>> 4;
      if (step === 0) {
        this.#cursor.varint64();
        field = this.#cursor.low;
      } else field += step;
      this.#type = header & 15;
      read(field);
    }
    this.#depth--;
  }

  /** Calls `read` for every element of a list; it must read the element. */
  list(read: () => void): void {
    this.#expect(WireType.list);
    this.#enter();
    const { size, type } = this.#listHeader();
    for (let i = 0; i < size; i++) {
      this.#type = type;
      read();
    }
    this.#depth--;
  }

  /** A whole number of any width; beyond ±2^53 it is rounded. */
  int(): number {
    const cursor = this.#cursor;
    if (this.#type === WireType.byte) return (cursor.byte() << 24) >> 24;
    if (this.#type !== WireType.i16 && this.#type !== WireType.i64) this.#expect(WireType.i32);
    cursor.varint64();
    return cursor.high * TWO_32 + cursor.low;
  }

  /** A whole number from 0 to 2^53 - 1, named `what` in errors. */
  size(what: string): number {
    const value = this.int();
    if (!(value >= 0 && Number.isSafeInteger(value))) this.#cursor.fail(`${what} is ${value}`);
    return value;
  }

  /** A field that is true or false. */
  bool(): boolean {
    if (this.#type !== WireType.false) this.#expect(WireType.true);
    return this.#type === WireType.true;
  }

  /** Bytes that are no UTF-8 become U+FFFD. */
  text(): string {
    this.#expect(WireType.binary);
    const { buffer, byteOffset, length } = this.#cursor.take(this.#cursor.uvarint32());
    return Buffer.from(buffer, byteOffset, length).toString('utf8');
  }

  /** Passes over the value of a field. */
  skip(): void {
    const cursor = this.#cursor;
    switch (this.#type) {
      case WireType.true:
      case WireType.false:
        return;
      case WireType.byte:
        cursor.take(1);
        return;
      case WireType.i16:
      case WireType.i32:
      case WireType.i64:
        cursor.varint64();
        return;
      case WireType.double:
        cursor.take(8);
        return;
      case WireType.binary:
        cursor.take(cursor.uvarint32());
        return;
      case WireType.uuid:
        cursor.take(16);
        return;
      case WireType.struct:
        this.struct(() => this.skip());
        return;
      case WireType.list:
      case WireType.set:
        this.#skipList();
        return;
      case WireType.map:
        this.#skipMap();
        return;
      default:
        cursor.fail(`there is no Thrift type ${this.#type}`);
    }
  }

  #skipList(): void {
    this.#enter();
    const { size, type } = this.#listHeader();
    for (let i = 0; i < size; i++) this.#skipElement(type);
    this.#depth--;
  }

  #skipMap(): void {
    this.#enter();
    const size = this.#checkedSize(this.#cursor.uvarint32());
    const types = size === 0 ? 0 : this.#cursor.byte();
    for (let i = 0; i < size; i++) {
      this.#skipElement(types >>> 4);
      this.#skipElement(types & 15);
    }
    this.#depth--;
  }

  /** In a list and a map, true and false are a byte. */
  #skipElement(type: number): void {
    this.#type = type === WireType.true || type === WireType.false ? WireType.byte : type;
    this.skip();
  }

  #listHeader(): { readonly size: number; readonly type: number } {
    const header = this.#cursor.byte();
    const size = header >>> 4 === 15 ? this.#cursor.uvarint32() : header >>> 4;
    return { size: this.#checkedSize(size), type: header & 15 };
  }

  #checkedSize(size: number): number {
    if (size > this.#cursor.left) this.#cursor.fail(`a list of ${size} elements should follow`);
    return size;
  }

  #enter(): void {
    if (++this.#depth > MAX_DEPTH) this.#cursor.fail(`it nests deeper than ${MAX_DEPTH}`);
  }

  #expect(type: number): void {
    if (this.#type === type) return;
    this.#cursor.fail(`a value of Thrift's type ${this.#type} is where ${type} belongs`);
  }
}
