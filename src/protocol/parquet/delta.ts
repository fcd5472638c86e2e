// Delta encodings (apache/parquet-format, Encodings.md, "Delta Encoding", "Delta-length byte array",
// "Delta Strings"). 64-bit numbers are pairs of 32-bit halves, which wrap around as the format wants it.

import { decodeUtf8 } from '../string-cache.ts';
import type { ByteCursor } from './byte-cursor.ts';
import { bitsAt } from './hybrid.ts';

/** What the format demands of the sizes of blocks. */
const BLOCK_MULTIPLE = 128;
const MINIBLOCK_MULTIPLE = 32;
const MAX_WIDTH = 64;

/**
 * Reads `count` numbers of DELTA_BINARY_PACKED: of each the lower half, then the upper. Throws PARQUET_INVALID if there
 * are not exactly so many.
 */
export function readDeltas(cursor: ByteCursor, count: number): Uint32Array {
  const blockValues = cursor.uvarint32();
  const miniblocks = cursor.uvarint32();
  const size = blockValues / miniblocks;
  if (blockValues % BLOCK_MULTIPLE !== 0 || !(size > 0 && size % MINIBLOCK_MULTIPLE === 0)) {
    cursor.fail(`blocks of ${blockValues} values in ${miniblocks} parts`);
  }
  const claimed = cursor.uvarint32();
  if (claimed !== count) cursor.fail(`${claimed} values where there should be ${count}`);
  cursor.varint64();
  const { low, high } = cursor;

  // What is claimed costs nothing until it is there.
  const start = cursor.position;
  for (let at = 1; at < count; ) at = readBlock(cursor, miniblocks, size, at, count, undefined);
  cursor.position = start;
  const halves = new Uint32Array(2 * count);
  if (count === 0) return halves;
  halves[0] = low;
  halves[1] = high;
  for (let at = 1; at < count; ) at = readBlock(cursor, miniblocks, size, at, count, halves);
  return halves;
}

/** Reads a block of parts of `size` values into halves[at, count), or passes over it. Returns where the next one goes. */
function readBlock(
  cursor: ByteCursor,
  miniblocks: number,
  size: number,
  at: number,
  count: number,
  halves: Uint32Array | undefined,
): number {
  cursor.varint64();
  const { low, high } = cursor;
  const widths = cursor.take(miniblocks);
  let next = at;
  for (let m = 0; m < miniblocks && next < count; m++) {
    const width = widths[m]!;
    if (width > MAX_WIDTH) cursor.fail(`deltas of ${width} bits`);
    const packed = cursor.take((size / 8) * width);
    const end = Math.min(next + size, count);
    if (halves !== undefined) addDeltas(halves, next, end, packed, width, low, high);
    next = end;
  }
  return next;
}

/** Makes each of halves[start, end) the one before it plus a smallest delta (low, high) plus `width` bits of its own. */
function addDeltas(
  halves: Uint32Array,
  start: number,
  end: number,
  packed: Uint8Array,
  width: number,
  low: number,
  high: number,
): void {
  const lowWidth = Math.min(width, 32);
  const highWidth = width - lowWidth;
  let sumLow = halves[2 * start - 2]!;
  let sumHigh = halves[2 * start - 1]! | 0;
  let bit = 0;
  for (let i = start; i < end; i++) {
    const deltaLow = width === 0 ? 0 : bitsAt(packed, bit, lowWidth);
    const deltaHigh = highWidth === 0 ? 0 : bitsAt(packed, bit + 32, highWidth);
    bit += width;
    // Of three numbers below 2^32, so exact.
    const sum = sumLow + low + deltaLow;
    sumLow = sum >>> 0;
    sumHigh = (sumHigh + high + deltaHigh + (sum - sumLow) / 2 ** 32) | 0;
    halves[2 * i] = sumLow;
    halves[2 * i + 1] = sumHigh;
  }
}

/** Lengths are 32-bit numbers, whose deltas may wrap around at 32 bits: upper halves say nothing. */
function readLengths(cursor: ByteCursor, count: number): Int32Array {
  const halves = readDeltas(cursor, count);
  const lengths = new Int32Array(count);
  for (let i = 0; i < count; i++) lengths[i] = halves[2 * i]!;
  return lengths;
}

/** Reads `count` texts of DELTA_LENGTH_BYTE_ARRAY. Throws PARQUET_INVALID. */
export function readDeltaLengthTexts(cursor: ByteCursor, count: number): string[] {
  const lengths = readLengths(cursor, count);
  const texts: string[] = [];
  for (const length of lengths) texts.push(nextText(cursor, length));
  return texts;
}

/** Reads the text of the next `length` bytes. Throws PARQUET_INVALID. */
export function nextText(cursor: ByteCursor, length: number): string {
  if (!(length >= 0 && length <= cursor.left)) cursor.fail(`a text of ${length} bytes`);
  const start = cursor.position;
  cursor.position += length;
  return decodeUtf8(cursor.bytes, start, cursor.position) ?? cursor.fail('a text is not UTF-8');
}

/**
 * Reads `count` texts of DELTA_BYTE_ARRAY: each has the front of the one before it. They may be longer than what they
 * are made of by far, so that they are refused past `maxBytes`. Throws PARQUET_INVALID.
 */
export function readDeltaTexts(cursor: ByteCursor, count: number, maxBytes: number): string[] {
  const prefixes = readLengths(cursor, count);
  const suffixes = readLengths(cursor, count);
  const texts: string[] = [];
  // A text is as long as suffixes up to its own at most.
  const bytes = new Uint8Array(cursor.left);
  let length = 0;
  let total = 0;
  let text = '';
  for (let i = 0; i < count; i++) {
    const prefix = prefixes[i]!;
    const suffix = suffixes[i]!;
    if (!(prefix >= 0 && prefix <= length)) {
      cursor.fail(`a text has ${prefix} bytes of one of ${length}`);
    }
    if (!(suffix >= 0 && suffix <= cursor.left)) cursor.fail(`a text of ${suffix} bytes`);
    if (suffix > 0 || prefix < length || i === 0) {
      bytes.set(cursor.take(suffix), prefix);
      length = prefix + suffix;
      total += length;
      if (total > maxBytes) cursor.fail(`its texts come to more than ${maxBytes} bytes`);
      text = decodeUtf8(bytes, 0, length) ?? cursor.fail('a text is not UTF-8');
    }
    texts.push(text);
  }
  return texts;
}
