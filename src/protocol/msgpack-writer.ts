// Writes MessagePack into a buffer that grows, each value in the shortest form that there is for its type.

import { msgpackTooLarge } from './errors.ts';

const TWO_32 = 4_294_967_296;
/** Type of the extension that the Go library which InfluxDB uses has for times. */
const TIME_EXTENSION = 5;
const TIME_BYTES = 12;

export class MsgpackWriter {
  #bytes: Buffer;
  #length = 0;
  readonly #maxBytes: number;

  /** More than `maxBytes` are refused with MSGPACK_TOO_LARGE. */
  constructor(initialBytes: number, maxBytes: number) {
    this.#bytes = Buffer.allocUnsafe(initialBytes);
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
    return this.#bytes.subarray(0, this.#length);
  }

  /** What another writer has written. */
  raw(bytes: Uint8Array): void {
    // Taking may put another buffer in the place of this one.
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
  }

  nil(): void {
    this.#byte(0xc0);
  }

  boolean(value: boolean): void {
    this.#byte(value ? 0xc3 : 0xc2);
  }

  /** As 64 bits, whatever its value. */
  float(value: number): void {
    const at = this.#take(9);
    this.#bytes[at] = 0xcb;
    this.#bytes.writeDoubleBE(value, at + 1);
  }

  /** A whole number of at most 64 bits, signed if that is enough. */
  integer(value: number): void {
    if (value >= -0x20 && value <= 0x7f) this.#byte(value & 0xff);
    else if (value >= -0x80 && value < 0) this.#sized(0xd0, 1, value & 0xff);
    else if (value >= -0x8000 && value <= 0x7fff) this.#sized(0xd1, 2, value & 0xffff);
    else if (value >= -0x8000_0000 && value <= 0x7fff_ffff) this.#sized(0xd2, 4, value >>> 0);
    else this.#integer64(value);
  }

  /** The same for numbers that a double may not hold. */
  bigint(value: bigint): void {
    const rounded = Number(value);
    if (Number.isSafeInteger(rounded)) this.integer(rounded);
    else {
      const at = this.#take(9);
      const isUnsigned = value >= 2n ** 63n;
      this.#bytes[at] = isUnsigned ? 0xcf : 0xd3;
      this.#bytes.writeBigUInt64BE(BigInt.asUintN(64, value), at + 1);
    }
  }

  string(text: string): void {
    const size = Buffer.byteLength(text);
    this.#header(size, 0xa0, 32, [0xd9, 0xda, 0xdb]);
    const at = this.#take(size);
    this.#bytes.write(text, at);
  }

  /** `size` values follow. */
  array(size: number): void {
    this.#header(size, 0x90, 16, [undefined, 0xdc, 0xdd]);
  }

  /** `size` pairs follow, each a key and its value. */
  map(size: number): void {
    this.#header(size, 0x80, 16, [undefined, 0xde, 0xdf]);
  }

  /** Whole seconds since 1970, and nanoseconds from there. */
  time(seconds: number, nanoseconds: number): void {
    this.#sized(0xc7, 1, TIME_BYTES);
    this.#byte(TIME_EXTENSION);
    const at = this.#take(TIME_BYTES);
    this.#writeInt64(seconds, at);
    this.#bytes.writeUInt32BE(nanoseconds, at + 8);
  }

  #integer64(value: number): void {
    const at = this.#take(9);
    const isUnsigned = value >= 2 ** 63;
    this.#bytes[at] = isUnsigned ? 0xcf : 0xd3;
    this.#writeInt64(value, at + 1);
  }

  #writeInt64(value: number, at: number): void {
    // Rounded towards -∞, so that high·2^32 + low is the value in two's complement.
    const high = Math.floor(value / TWO_32);
    this.#bytes.writeUInt32BE(high >>> 0, at);
    this.#bytes.writeUInt32BE((value - high * TWO_32) >>> 0, at + 4);
  }

  /** The size within the first byte if it is below `short`, else behind the first of `codes` that has room. */
  #header(
    size: number,
    first: number,
    short: number,
    [byte, word, double]: readonly [number | undefined, number, number],
  ): void {
    if (size < short) this.#byte(first | size);
    else if (byte !== undefined && size < 0x100) this.#sized(byte, 1, size);
    else if (size < 0x1_0000) this.#sized(word, 2, size);
    else this.#sized(double, 4, size);
  }

  #sized(code: number, width: 1 | 2 | 4, value: number): void {
    const at = this.#take(1 + width);
    this.#bytes[at] = code;
    this.#bytes.writeUIntBE(value, at + 1, width);
  }

  #byte(value: number): void {
    const at = this.#take(1);
    this.#bytes[at] = value;
  }

  /** Makes room; answers where it begins. */
  #take(bytes: number): number {
    const at = this.#length;
    const end = at + bytes;
    if (end > this.#maxBytes) throw msgpackTooLarge(this.#maxBytes);
    if (end > this.#bytes.length) {
      const size = Math.min(Math.max(end, this.#bytes.length * 2), this.#maxBytes);
      const grown = Buffer.allocUnsafe(size);
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    this.#length = end;
    return at;
  }
}
