// The kernel's decoder of head blocks against input that lies.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instantiateKernel, KERNEL_RESERVED_BYTES, reserveMemory } from '../../codec/kernel.ts';
import { BLOCK_HAS_START, BLOCK_RAW } from './layout.ts';

const runs = Number(process.env.FUZZ_RUNS ?? 10_000);
const seed = Number(process.env.FUZZ_SEED ?? 1);

const CORRUPT = -1;
const CAPACITY = 40;
const CANARY = 0x5a;
const SRC = KERNEL_RESERVED_BYTES;
const T = SRC + 8192;
const V = T + CAPACITY * 8 + 64;
const START_T = V + CAPACITY * 8 + 64;
const END = START_T + CAPACITY * 8 + 64;

const memory = reserveMemory(END);
const kernel = instantiateKernel(memory);
const bytes = new Uint8Array(memory.buffer);

/** Decodes and checks that nothing but the columns was written. */
function decode(input: Uint8Array): number {
  bytes.fill(0, SRC, T);
  bytes.fill(CANARY, T, END);
  bytes.set(input, SRC);
  const rows = kernel.headDecode(SRC, input.length, -1e300, 1e300, T, V, START_T, CAPACITY);
  for (const column of [T, V, START_T]) {
    const behind = bytes.subarray(column + CAPACITY * 8, column + CAPACITY * 8 + 64);
    expect(behind.every((b) => b === CANARY)).toBe(true);
  }
  expect(rows).toBeLessThanOrEqual(CAPACITY);
  return rows;
}

/** A header and zeros behind it, padded to 8 bytes. */
function block(rows: number, flags: number, timesBytes: number, valuesBytes: number): number[] {
  const body = (flags & BLOCK_HAS_START ? 8 : 0) + timesBytes + valuesBytes;
  const block = new Uint8Array(24 + ((body + 7) & ~7));
  const view = new DataView(block.buffer);
  view.setUint16(4, rows, true);
  block[6] = flags;
  view.setUint16(20, timesBytes, true);
  view.setUint16(22, valuesBytes, true);
  return [...block];
}

const rawBlock = (rows: number): number[] => block(rows, BLOCK_RAW, 0, rows * 12);

describe('headDecode', () => {
  test('takes blocks up to the capacity', () => {
    const blocks = [...rawBlock(16), ...rawBlock(8), ...rawBlock(16)];
    expect(decode(Uint8Array.from(blocks))).toBe(40);
    expect(decode(Uint8Array.from(rawBlock(16).concat(blocks)))).toBe(CORRUPT);
    expect(decode(Uint8Array.from(blocks.concat(rawBlock(1))))).toBe(CORRUPT);
    expect(decode(new Uint8Array(0))).toBe(0);
  });

  test('a block that is cut off anywhere is corrupt', () => {
    for (const whole of [rawBlock(2), block(2, BLOCK_RAW | BLOCK_HAS_START, 0, 24)]) {
      expect(decode(Uint8Array.from(whole))).toBe(2);
      for (let length = 1; length < whole.length; length++) {
        expect(decode(Uint8Array.from(whole.slice(0, length)))).toBe(CORRUPT);
      }
    }
  });

  test.each([
    ['no rows', rawBlock(0)],
    ['more rows than a block has', rawBlock(17)],
    ['raw rows of another size', block(2, BLOCK_RAW, 0, 25)],
    ['raw rows with coded times', block(2, BLOCK_RAW, 4, 24)],
    ['no bytes of values', block(2, 1, 0, 0)],
    ['no bytes of times', block(2, 0, 0, 9)],
  ])('corrupt: %s', (_name, input) => {
    expect(decode(Uint8Array.from(input))).toBe(CORRUPT);
  });

  test('survives any bytes', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const framed = fc
      .record({
        rows: fc.integer({ min: 0, max: 17 }),
        flags: fc.integer({ min: 0, max: 7 }),
        times: fc.array(byte, { maxLength: 90 }),
        values: fc.array(byte, { minLength: 1, maxLength: 150 }),
      })
      .map(({ rows, flags, times, values }) => {
        const framedBlock = block(rows, flags, times.length, values.length);
        const body = [...times, ...values];
        framedBlock.splice(flags & BLOCK_HAS_START ? 32 : 24, body.length, ...body);
        return framedBlock;
      });
    const raw = fc.integer({ min: 1, max: 16 }).map(rawBlock);
    const piece = fc.oneof(framed, raw, fc.array(byte, { maxLength: 64 }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
        decode(Uint8Array.from(pieces.flat()));
      }),
      { seed, numRuns: runs },
    );
  });
});
