// Plain twin of kernel/values.ts, which explains the layout: same bytes, same verdicts, no hurry.
// It is the oracle of differential tests; the engine uses BlockCodec or the kernel itself.

import { AppError } from '../runtime/error.ts';
import { KernelCode } from './errors.ts';
import { maxBlockBytes } from './kernel-scratch.ts';
import {
  ByteList,
  commonShift,
  littleEndian,
  type Order,
  packResiduals,
  residualsOf,
  unpackIntegers,
} from './residuals.ts';
import { VarintReader } from './varint.ts';

const MAX_EXPONENT = 14;
const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14];
/** Stands for the exponent of blocks whose integers are the raw bits. */
const RAW = 15;
const ALL_EQUAL = 3;
const HAS_EXCEPTIONS = 0x40;
const HAS_SHIFT = 0x80;

/** Neighbouring rows of equal bits that do not scale. */
interface ExceptionRun {
  readonly start: number;
  readonly bits: bigint;
  length: number;
}

interface Scaled {
  readonly exponent: number;
  readonly ints: bigint[];
  readonly runs: ExceptionRun[];
}

/** Encodes 1…8192 values. */
export function encodeValues(values: Float64Array): Uint8Array {
  const bits = bitsOf(values);
  if (bits.every((b) => b === bits[0])) return encodeConstant(values[0]!, bits[0]!);
  const scaled = scaleAll(values, bits);
  if (scaled !== undefined) {
    const encoded = encodeIntegers(scaled);
    if (encoded.length <= maxBlockBytes(values.length) - 8) return encoded;
  }
  const raw = [...bits].map((b) => BigInt.asIntN(64, b));
  return encodeIntegers({ exponent: RAW, ints: raw, runs: [] });
}

function bitsOf(values: Float64Array): BigUint64Array {
  return new BigUint64Array(values.slice().buffer);
}

function encodeConstant(value: number, bits: bigint): Uint8Array {
  const out = new ByteList();
  const scaled = bits === 0n ? { exponent: 0, int: 0n } : scaleOne(value, 0);
  out.byte((scaled?.exponent ?? RAW) | (ALL_EQUAL << 4));
  if (scaled === undefined) out.raw64(bits);
  else out.varint(scaled.int);
  return out.toUint8Array();
}

/** The smallest exponent from `least` up that gives a value, not zero, back exactly. */
function scaleOne(value: number, least: number): { exponent: number; int: bigint } | undefined {
  for (let exponent = least; exponent <= MAX_EXPONENT; exponent++) {
    const rounded = roundHalfEven(value * POWERS[exponent]!);
    if (!(Math.abs(rounded) < 2 ** 53)) return undefined;
    if (rounded !== 0 && rounded / POWERS[exponent]! === value) {
      return { exponent, int: BigInt(rounded) };
    }
  }
  return undefined;
}

/** As WASM's `nearest`: Math.round differs at half-way points. */
function roundHalfEven(x: number): number {
  const rounded = Math.round(x);
  return rounded - x === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** Scales all values by the least exponent that serves them, or undefined if too many do not scale. */
function scaleAll(values: Float64Array, bits: BigUint64Array): Scaled | undefined {
  let exponent = 0;
  for (;;) {
    const scaled = scaleBy(exponent, values, bits);
    if (typeof scaled !== 'number') return scaled;
    exponent = scaled;
  }
}

/** One attempt; answers a larger exponent if a value needs one. */
function scaleBy(
  exponent: number,
  values: Float64Array,
  bits: BigUint64Array,
): Scaled | number | undefined {
  const ints: (bigint | undefined)[] = [];
  const runs: ExceptionRun[] = [];
  let freshLeft = (values.length >> 3) + 1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const rounded = roundHalfEven(value * POWERS[exponent]!);
    const isExact =
      rounded / POWERS[exponent]! === value && Math.abs(rounded) < 2 ** 53 && !Object.is(value, -0);
    if (isExact) {
      ints.push(BigInt(rounded));
      continue;
    }
    const run = runs.at(-1);
    if (run === undefined || run.bits !== bits[i]) {
      const larger = scaleOne(value, exponent + 1);
      if (larger !== undefined) return larger.exponent;
      if (freshLeft-- === 0) return undefined;
    }
    if (run !== undefined && run.bits === bits[i] && run.start + run.length === i) run.length++;
    else runs.push({ start: i, bits: bits[i]!, length: 1 });
    ints.push(i === 0 ? undefined : ints[i - 1]);
  }
  // Exceptions repeat the integer before them; those in front the first that is one.
  const front = ints.find((x) => x !== undefined) ?? 0n;
  return { exponent, ints: ints.map((x) => x ?? front), runs };
}

function encodeIntegers({ exponent, ints, runs }: Scaled): Uint8Array {
  let shift = commonShift(ints);
  const isConstant = shift === undefined;
  if (shift === undefined || Number(shift) * (ints.length - 1) <= 8) shift = 0n;
  let order: Order = 0;
  let body = new ByteList();
  if (!isConstant) {
    body = encodeBody(ints, 0, shift);
    for (const other of [1, 2] as const) {
      const candidate = encodeBody(ints, other, shift);
      if (candidate.length >= body.length) continue;
      order = other;
      body = candidate;
    }
  }
  const out = new ByteList();
  let header = exponent | ((isConstant ? ALL_EQUAL : order) << 4);
  if (runs.length > 0) header |= HAS_EXCEPTIONS;
  if (shift > 0n) header |= HAS_SHIFT;
  out.byte(header);
  if (shift > 0n) out.byte(Number(shift));
  if (runs.length > 0) writeExceptions(out, runs);
  if (exponent === RAW) out.raw64(ints[0]!);
  else out.varint(ints[0]!);
  out.append(body);
  return out.toUint8Array();
}

function encodeBody(ints: readonly bigint[], order: Order, shift: bigint): ByteList {
  const body = new ByteList();
  if (order === 2) body.varint(BigInt.asIntN(64, ints[1]! - ints[0]!) >> shift);
  body.append(packResiduals(residualsOf(ints, order, 0n), shift));
  return body;
}

function writeExceptions(out: ByteList, runs: readonly ExceptionRun[]): void {
  out.uvarint(BigInt(runs.length));
  let end = 0;
  let previousBits: bigint | undefined;
  for (const run of runs) {
    const isFresh = run.bits !== previousBits;
    out.uvarint(BigInt(run.start - end));
    out.uvarint(BigInt((run.length - 1) * 2 + (isFresh ? 1 : 0)));
    if (isFresh) out.raw64(run.bits);
    previousBits = run.bits;
    end = run.start + run.length;
  }
}

/** Decodes a block of `n` values into `out` and returns the bytes it took, or KernelCode.corrupt. */
export function decodeValues(bytes: Uint8Array, n: number, out: Float64Array): number {
  try {
    return decode(new VarintReader(bytes), n, out);
  } catch (error) {
    if (error instanceof AppError) return KernelCode.corrupt;
    throw error;
  }
}

function decode(reader: VarintReader, n: number, out: Float64Array): number {
  const header = reader.byte();
  const exponent = header & 15;
  const order = (header >> 4) & 3;
  const shift = header & HAS_SHIFT ? reader.byte() : 0;
  if (shift > 63) return KernelCode.corrupt;
  let runs: ExceptionRun[] | undefined = [];
  if (header & HAS_EXCEPTIONS) {
    if (exponent === RAW) return KernelCode.corrupt;
    runs = readExceptions(reader, n);
    if (runs === undefined) return KernelCode.corrupt;
  }
  const first =
    exponent === RAW ? BigInt.asIntN(64, littleEndian(reader.take(8))) : reader.bigVarint();

  let ints: bigint[] | undefined;
  if (order === ALL_EQUAL) {
    ints = new Array<bigint>(n).fill(first);
  } else {
    const slope = order === 2 ? reader.bigVarint() << BigInt(shift) : 0n;
    ints = unpackIntegers(reader, n, order as Order, BigInt(shift), first, slope);
  }
  if (ints === undefined) return KernelCode.corrupt;

  const outBits = new BigUint64Array(out.buffer, out.byteOffset, n);
  for (let i = 0; i < n; i++) {
    if (exponent === RAW) outBits[i] = BigInt.asUintN(64, ints[i]!);
    else out[i] = Number(ints[i]!) / POWERS[exponent]!;
  }
  for (const run of runs) outBits.fill(run.bits, run.start, run.start + run.length);
  return reader.at;
}

/** Undefined if a run passes row n or the first one has no bits. */
function readExceptions(reader: VarintReader, n: number): ExceptionRun[] | undefined {
  const runs: ExceptionRun[] = [];
  const count = reader.bigUvarint();
  let end = 0n;
  for (let k = 0n; k < count; k++) {
    const start = end + reader.bigUvarint();
    if (start >= BigInt(n)) return undefined;
    const lengthAndFresh = reader.bigUvarint();
    end = start + (lengthAndFresh >> 1n) + 1n;
    if (end > BigInt(n)) return undefined;
    const bits = lengthAndFresh & 1n ? littleEndian(reader.take(8)) : runs.at(-1)?.bits;
    if (bits === undefined) return undefined;
    runs.push({ start: Number(start), bits, length: Number(end - start) });
  }
  return runs;
}
