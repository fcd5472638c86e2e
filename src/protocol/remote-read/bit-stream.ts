// Bits in the order of Prometheus' chunks: most significant first. 64-bit values travel as two
// unsigned halves.

import { chunkMalformed } from '../errors.ts';

export class BitWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #bits = 0;

  constructor(initialBytes: number = 256) {
    this.#bytes = new Uint8Array(initialBytes);
  }

  /** Bytes begun so far. */
  get sizeBytes(): number {
    return (this.#bits + 7) >>> 3;
  }

  /** The lower `count` (0…32) bits of `value`. */
  write(value: number, count: number): void {
    // Bytes past the end are zero, so a partly filled one is completed by OR.
    if ((this.#bits + count + 7) >>> 3 > this.#bytes.length) this.#grow();
    let left = count;
    while (left > 0) {
      const free = 8 - (this.#bits & 7);
      const take = Math.min(free, left);
      const part = (value >>> (left - take)) & ((1 << take) - 1);
      this.#bytes[this.#bits >>> 3]! |= part << (free - take);
      this.#bits += take;
      left -= take;
    }
  }

  /** The lower `count` (0…64) bits of a 64-bit value. */
  write64(low: number, high: number, count: number): void {
    if (count <= 32) {
      this.write(low, count);
      return;
    }
    this.write(high, count - 32);
    this.write(low, 32);
  }

  /** The bytes, padded with zero bits; `header` bytes can be patched in it. A fresh array. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.sizeBytes);
  }

  #grow(): void {
    const grown = new Uint8Array(this.#bytes.length * 2);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** Reads bits; throws CHUNK_MALFORMED past the end. */
export class BitReader {
  /** Lower half of the last 64-bit value. */
  low: number = 0;
  /** Upper half of the last 64-bit value. */
  high: number = 0;

  readonly #bytes: Uint8Array;
  readonly #kind: string;
  #at = 0;

  /** `kind` is the chunk's name in errors. */
  constructor(bytes: Uint8Array, kind: string) {
    this.#bytes = bytes;
    this.#kind = kind;
  }

  fail(what: string): never {
    throw chunkMalformed(this.#kind, what);
  }

  get bitsLeft(): number {
    return this.#bytes.length * 8 - this.#at;
  }

  /** The next `count` (0…32) bits as an unsigned number. */
  read(count: number): number {
    if (count > this.bitsLeft) this.fail('it ends early');
    let value = 0;
    let left = count;
    while (left > 0) {
      const free = 8 - (this.#at & 7);
      const take = Math.min(free, left);
      const part = (this.#bytes[this.#at >>> 3]! >>> (free - take)) & ((1 << take) - 1);
      value = (value << take) | part;
      this.#at += take;
      left -= take;
    }
    return value >>> 0;
  }

  /** The next `count` (0…64) bits into low and high. */
  read64(count: number): void {
    this.high = count > 32 ? this.read(count - 32) : 0;
    this.low = this.read(Math.min(count, 32));
  }
}
