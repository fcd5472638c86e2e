import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  uvarintBytes,
  VarintReader,
  writeBigUvarint,
  writeBigVarint,
  writeUvarint,
  writeVarint,
} from './varint.ts';

const corrupt = expect.objectContaining({ code: 'CODEC_VARINT_CORRUPT' });
const range = expect.objectContaining({ code: 'CODEC_VARINT_RANGE' });
const anySize = (max: number) =>
  fc.tuple(fc.integer({ min: 0, max: 53 }), fc.nat()).map(([bits, x]) => {
    const value = (x / 0x7fffffff) * 2 ** bits;
    return Math.min(max, Math.floor(value));
  });

test('unsigned numbers come back and agree with the 64-bit form', () => {
  fc.assert(
    fc.property(anySize(Number.MAX_SAFE_INTEGER), (value) => {
      const bytes = new Uint8Array(12);
      const end = writeUvarint(bytes, 1, value);
      expect(end).toBe(1 + uvarintBytes(value));
      const reader = new VarintReader(bytes, 1, end);
      expect(reader.uvarint()).toBe(value);
      expect(reader.at).toBe(end);
      expect(new VarintReader(bytes, 1).bigUvarint()).toBe(BigInt(value));
    }),
  );
});

test('signed numbers come back and agree with the 64-bit form', () => {
  fc.assert(
    fc.property(anySize(Number.MAX_SAFE_INTEGER), fc.boolean(), (magnitude, isNegative) => {
      const value = isNegative ? 0 - magnitude : magnitude;
      const bytes = new Uint8Array(12);
      const end = writeVarint(bytes, 1, value);
      const reader = new VarintReader(bytes, 1, end);
      expect(reader.varint()).toBe(value);
      expect(reader.at).toBe(end);
      expect(new VarintReader(bytes, 1).bigVarint()).toBe(BigInt(value));
    }),
  );
});

test('64-bit numbers come back', () => {
  const bytes = new Uint8Array(10);
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      writeBigVarint(bytes, 0, value);
      expect(new VarintReader(bytes).bigVarint()).toBe(value);
      writeBigUvarint(bytes, 0, BigInt.asUintN(64, value));
      expect(new VarintReader(bytes).bigUvarint()).toBe(BigInt.asUintN(64, value));
    }),
  );
});

describe('edges', () => {
  const edges = [0, 1, 63, 64, 127, 128, 2 ** 31, 2 ** 32, 2 ** 49, 2 ** 52, 2 ** 53 - 1];
  test.each(edges)('%d', (value) => {
    const bytes = new Uint8Array(8);
    writeUvarint(bytes, 0, value);
    expect(new VarintReader(bytes).uvarint()).toBe(value);
    for (const signed of [value, 0 - value, -value - 1]) {
      if (!Number.isSafeInteger(signed)) continue;
      writeVarint(bytes, 0, signed);
      expect(new VarintReader(bytes).varint()).toBe(signed + 0);
    }
  });
});

describe('refusals', () => {
  const read = (...bytes: number[]) => new VarintReader(Uint8Array.from(bytes));
  const seven = new Array<number>(7).fill(255);
  test('cut off', () => {
    expect(() => read(128).uvarint()).toThrow(corrupt);
    expect(() => read(129).varint()).toThrow(corrupt);
    expect(() => read().bigUvarint()).toThrow(corrupt);
    expect(() => read(1, 2).take(3)).toThrow(corrupt);
    expect(() => new VarintReader(Uint8Array.of(1, 1), 0, 1).take(2)).toThrow(corrupt);
  });
  test('beyond the type', () => {
    expect(() => read(...seven, 0x10).uvarint()).toThrow(corrupt);
    expect(() => read(...seven, 0x20).varint()).toThrow(corrupt);
    expect(() => read(...seven, 255, 255, 2).bigUvarint()).toThrow(corrupt);
    expect(() => read(...seven, 255, 255, 255, 1).bigUvarint()).toThrow(corrupt);
  });
  test('no room, no such number', () => {
    expect(() => writeUvarint(new Uint8Array(1), 0, 128)).toThrow(range);
    expect(() => writeVarint(new Uint8Array(1), 0, 64)).toThrow(range);
    expect(() => writeBigUvarint(new Uint8Array(9), 0, 2n ** 63n)).toThrow(range);
    for (const value of [-1, 0.5, 2 ** 53, Number.NaN]) {
      expect(() => writeUvarint(new Uint8Array(20), 0, value)).toThrow(range);
    }
    for (const value of [0.5, 2 ** 53, -(2 ** 53), Number.NaN]) {
      expect(() => writeVarint(new Uint8Array(20), 0, value)).toThrow(range);
    }
  });
});
