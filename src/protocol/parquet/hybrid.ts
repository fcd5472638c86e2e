// The hybrid of run lengths and packed bits, in which Parquet has definition levels, booleans and
// places in a dictionary (apache/parquet-format, Encodings.md, "Run Length Encoding / Bit-Packing Hybrid").
// Runs are counted before anything is allocated for them: what a page claims costs nothing until it is there.

import type { ByteCursor } from './byte-cursor.ts';

const MAX_WIDTH = 32;

/** Reads `count` values of one bit, as 0 and 1. Throws PARQUET_INVALID if the runs do not come to so many. */
export function readBits(cursor: ByteCursor, count: number): Uint8Array {
  checkRuns(cursor, 1, count);
  return fill(cursor, 1, new Uint8Array(count));
}

/** Reads `count` values of `width` bits. Throws PARQUET_INVALID if the runs do not come to so many, or width is above 32. */
export function readHybrid(cursor: ByteCursor, width: number, count: number): Uint32Array {
  if (width > MAX_WIDTH) cursor.fail(`values of ${width} bits (limit ${MAX_WIDTH})`);
  checkRuns(cursor, width, count);
  return fill(cursor, width, new Uint32Array(count));
}

/** Leaves the cursor where it was. */
function checkRuns(cursor: ByteCursor, width: number, count: number): void {
  const start = cursor.position;
  const run = new Run(cursor, width);
  for (let left = count; left > 0; left -= run.count) run.next(left);
  cursor.position = start;
}

function fill<Values extends Uint8Array | Uint32Array>(
  cursor: ByteCursor,
  width: number,
  values: Values,
): Values {
  const run = new Run(cursor, width);
  for (let at = 0; at < values.length; at += run.count) {
    run.next(values.length - at);
    if (run.packed === undefined) values.fill(run.value, at, at + run.count);
    else unpack(run.packed, width, values, at, run.count);
  }
  return values;
}

class Run {
  /** Values of it that are wanted. */
  count = 0;
  /** What all of them are, */
  value = 0;
  /** or their bits. */
  packed: Uint8Array | undefined;
  readonly #cursor: ByteCursor;
  readonly #width: number;

  constructor(cursor: ByteCursor, width: number) {
    this.#cursor = cursor;
    this.#width = width;
  }

  /** Reads the next run, of which no more than `left` values are wanted. */
  next(left: number): void {
    const cursor = this.#cursor;
    const width = this.#width;
    const header = cursor.uvarint32();
    const length = header >>> 1;
    if ((header & 1) === 1) {
      // Packed in eights, of which the last may have values too many. Not all writers end it with all of its bytes.
      this.count = Math.min(length * 8, left);
      const wanted = Math.ceil((this.count * width) / 8);
      this.packed = cursor.take(Math.max(wanted, Math.min(length * width, cursor.left)));
      return;
    }
    if (length > left) cursor.fail(`a run of ${length} values where ${left} are left`);
    this.count = length;
    this.packed = undefined;
    this.value = this.#repeated();
  }

  #repeated(): number {
    const cursor = this.#cursor;
    const width = this.#width;
    let value = 0;
    for (let bits = 0; bits < width; bits += 8) value += cursor.byte() * 2 ** bits;
    if (value >= 2 ** width) cursor.fail(`the value ${value} has more than ${width} bits`);
    return value;
  }
}

/** Values of `width` bits one after another, lowest bits first, to values[at, at + count). */
function unpack(
  bytes: Uint8Array,
  width: number,
  values: Uint8Array | Uint32Array,
  at: number,
  count: number,
): void {
  if (width === 1) {
    for (let i = 0; i < count; i++) values[at + i] = (bytes[i >>> 3]! >>> (i & 7)) & 1;
    return;
  }
  for (let i = 0; i < count; i++) values[at + i] = bitsAt(bytes, i * width, width);
}

/** The unsigned number of 0 to 32 bits that begins at bit `bit`. Past the end of `bytes` bits are 0. */
export function bitsAt(bytes: Uint8Array, bit: number, width: number): number {
  const at = bit >>> 3;
  const shift = bit & 7;
  // What is undefined past the end becomes 0 here.
  const four = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  let value = four >>> shift;
  if (shift + width > 32) value |= bytes[at + 4]! << (32 - shift);
  return width === 32 ? value >>> 0 : value & ((1 << width) - 1);
}
