// Prometheus' varbit numbers: a prefix of ones tells the width. A signed number of n bits lies in
// -(2^(n-1)-1) … 2^(n-1): the positive end is one larger than in two's complement.

import type { BitReader, BitWriter } from './bit-stream.ts';

/** Widths by number of leading ones. */
const WIDTHS: readonly number[] = [0, 3, 6, 9, 12, 18, 25, 56, 64];

const TWO_32 = 4_294_967_296;

/** True if a signed number fits `width` bits by the rule above. */
export function fitsSigned(value: number, width: number): boolean {
  const half = 2 ** (width - 1);
  return value > -half && value <= half;
}

/** Writes the lower `width` bits of a number of at most ±2^53. */
export function writeSigned(writer: BitWriter, value: number, width: number): void {
  const high = Math.floor(value / TWO_32);
  writer.write64((value - high * TWO_32) >>> 0, high, width);
}

/** Reads `width` bits as a signed number; fails past ±2^53. */
export function readSigned(reader: BitReader, width: number): number {
  reader.read64(width);
  const { low } = reader;
  let high = reader.high;
  if (width === 64) high |= 0;
  else if (width > 32) {
    const half = 2 ** (width - 33);
    // Signed in the upper half, where it is exact: 56 bits do not fit a double.
    if (high > half || (high === half && low > 0)) high -= 2 * half;
  } else if (low > 2 ** (width - 1)) return low - 2 ** width;
  const value = high * TWO_32 + low;
  if (!Number.isSafeInteger(value)) reader.fail('a number passes 2^53');
  return value;
}

/** Writes a whole number of at most ±2^53. */
export function writeVarbitInt(writer: BitWriter, value: number): void {
  let ones = 0;
  if (value !== 0) for (ones = 1; ones < 7 && !fitsSigned(value, WIDTHS[ones]!); ones++);
  writePrefix(writer, ones);
  if (ones > 0) writeSigned(writer, value, WIDTHS[ones]!);
}

/** Writes an int64. */
export function writeVarbitInt64(writer: BitWriter, value: bigint): void {
  if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) {
    writeVarbitInt(writer, Number(value));
    return;
  }
  const half = 1n << 55n;
  writeWide(writer, BigInt.asUintN(64, value), value > -half && value <= half);
}

/** Writes a uint64. */
export function writeVarbitUint64(writer: BitWriter, value: bigint): void {
  if (value < 2n ** 25n) {
    const number = Number(value);
    let ones = 0;
    while (number >= 2 ** WIDTHS[ones]!) ones++;
    writePrefix(writer, ones);
    writer.write(number, WIDTHS[ones]!);
    return;
  }
  writeWide(writer, value, value < 1n << 56n);
}

/** Writes a whole number of at most 2^53. */
export function writeVarbitUint(writer: BitWriter, value: number): void {
  writeVarbitUint64(writer, BigInt(value));
}

function writeWide(writer: BitWriter, bits: bigint, isShort: boolean): void {
  writePrefix(writer, isShort ? 7 : 8);
  writer.write64(Number(bits & 0xffff_ffffn), Number(bits >> 32n), isShort ? 56 : 64);
}

/** `ones` ones and a zero, which the longest prefix, of eight, does without. */
function writePrefix(writer: BitWriter, ones: number): void {
  writer.write((1 << ones) - 1, ones);
  if (ones < 8) writer.write(0, 1);
}

/** Reads a signed number; fails past ±2^53. */
export function readVarbitInt(reader: BitReader): number {
  const width = readWidth(reader);
  return width === 0 ? 0 : readSigned(reader, width);
}

/** Reads an int64. */
export function readVarbitInt64(reader: BitReader): bigint {
  const width = readWidth(reader);
  if (width === 0) return 0n;
  if (width <= 25) return BigInt(readSigned(reader, width));
  const bits = readWide(reader, width);
  if (width === 64) return BigInt.asIntN(64, bits);
  return bits > 1n << 55n ? bits - (1n << 56n) : bits;
}

/** Reads a uint64. */
export function readVarbitUint64(reader: BitReader): bigint {
  const width = readWidth(reader);
  return width <= 25 ? BigInt(reader.read(width)) : readWide(reader, width);
}

/** Reads an unsigned number that stands for a size; fails past 2^32 - 1. */
export function readVarbitUint32(reader: BitReader): number {
  const value = readVarbitUint64(reader);
  if (value > 0xffff_ffffn) reader.fail('a size passes 2^32 - 1');
  return Number(value);
}

function readWide(reader: BitReader, width: number): bigint {
  reader.read64(width);
  return (BigInt(reader.high) << 32n) | BigInt(reader.low);
}

function readWidth(reader: BitReader): number {
  let ones = 0;
  while (ones < 8 && reader.read(1) === 1) ones++;
  return WIDTHS[ones]!;
}
