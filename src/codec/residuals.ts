// Plain twin of kernel/residuals.ts: the integer core of both block codecs, written for clarity with
// bigints. It packs all candidates and keeps the shortest, where the kernel only reckons.

import { unzigzag, type VarintReader, writeBigUvarint, zigzag } from './varint.ts';

/** Residuals in one mini-block. */
const MINI_BLOCK = 32;
const ZIGZAG_FLAG = 0x80;

/** A growing list of bytes. */
export class ByteList {
  readonly #bytes: number[] = [];

  get length(): number {
    return this.#bytes.length;
  }

  byte(value: number): void {
    this.#bytes.push(value);
  }

  append(other: ByteList): void {
    for (const byte of other.#bytes) this.#bytes.push(byte);
  }

  uvarint(value: bigint): void {
    const buffer = new Uint8Array(10);
    const length = writeBigUvarint(buffer, 0, value);
    for (let i = 0; i < length; i++) this.#bytes.push(buffer[i]!);
  }

  varint(value: bigint): void {
    this.uvarint(zigzag(value));
  }

  raw64(bits: bigint): void {
    this.bits(BigInt.asUintN(64, bits), 64);
  }

  /** The low `count` bits of `value`, low bytes first, the last byte filled up with zeros. */
  bits(value: bigint, count: number): void {
    for (let bit = 0; bit < count; bit += 8) {
      this.#bytes.push(Number((value >> BigInt(bit)) & 255n));
    }
  }

  toUint8Array(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

export type Order = 0 | 1 | 2;

/** Residuals 1…n-1 of n integers; `step` is the slope of order 0. */
export function residualsOf(ints: readonly bigint[], order: Order, step: bigint): bigint[] {
  const residuals: bigint[] = [];
  for (let i = 1; i < ints.length; i++) {
    const delta = ints[i]! - ints[i - 1]!;
    let residual = delta;
    if (order === 0) residual = ints[i]! - ints[0]! - BigInt(i) * step;
    if (order === 2) residual = i === 1 ? 0n : delta - (ints[i - 1]! - ints[i - 2]!);
    residuals.push(BigInt.asIntN(64, residual));
  }
  return residuals;
}

/** Bits of the differences x[i] - x[i-1] that are zero in all of them; undefined if all are zero. */
export function commonShift(ints: readonly bigint[]): bigint | undefined {
  let union = 0n;
  for (const delta of residualsOf(ints, 1, 0n)) union |= BigInt.asUintN(64, delta);
  if (union === 0n) return undefined;
  let shift = 0n;
  while (((union >> shift) & 1n) === 0n) shift++;
  return shift;
}

/** Frame and mini-blocks of the residuals, each shifted right. */
export function packResiduals(residuals: readonly bigint[], shift: bigint): ByteList {
  const shifted = residuals.map((residual) => residual >> shift);
  const frame = shifted.reduce((a, b) => (b < a ? b : a));
  const packed = new ByteList();
  packed.varint(frame);
  for (let i = 0; i < shifted.length; i += MINI_BLOCK) {
    const group = shifted.slice(i, i + MINI_BLOCK);
    const framed = group.map((residual) => BigInt.asUintN(64, residual - frame));
    const zigzagged = group.map(zigzag);
    const isZigzag = widthOf(zigzagged) <= widthOf(framed);
    const values = isZigzag ? zigzagged : framed;
    const width = widthOf(values);
    packed.byte(isZigzag ? width | ZIGZAG_FLAG : width);
    let bits = 0n;
    values.forEach((value, k) => {
      bits |= value << BigInt(k * width);
    });
    packed.bits(bits, values.length * width);
  }
  return packed;
}

function widthOf(values: readonly bigint[]): number {
  const largest = values.reduce((a, b) => (b > a ? b : a));
  return largest === 0n ? 0 : largest.toString(2).length;
}

/** Reads frame and mini-blocks of n-1 residuals and returns the n integers. Throws CODEC_VARINT_CORRUPT; undefined for a width above 64. */
export function unpackIntegers(
  reader: VarintReader,
  n: number,
  order: Order,
  shift: bigint,
  first: bigint,
  slope: bigint,
): bigint[] | undefined {
  const frame = reader.bigVarint();
  const ints = [first];
  let delta = slope;
  for (let i = 1; i < n; i += MINI_BLOCK) {
    const count = Math.min(MINI_BLOCK, n - i);
    const header = reader.byte();
    const width = header & 127;
    if (width > 64) return undefined;
    const bits = littleEndian(reader.take(Math.ceil((width * count) / 8)));
    for (let k = 0; k < count; k++) {
      const value = BigInt.asUintN(width, bits >> BigInt(k * width));
      const residual = (header & ZIGZAG_FLAG ? unzigzag(value) : value + frame) << shift;
      if (order === 2) delta += residual;
      let x = ints[i + k - 1]! + residual;
      if (order === 0) x = first + BigInt(i + k) * slope + residual;
      if (order === 2) x = ints[i + k - 1]! + delta;
      ints.push(BigInt.asIntN(64, x));
    }
  }
  return ints;
}

/** Unsigned number of any length. */
export function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return value;
}
