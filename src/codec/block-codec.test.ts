import { describe, expect, test } from 'vitest';
import { BlockCodec } from './block-codec.ts';
import { bitsOf } from './sample-shapes.ts';

const codec = new BlockCodec();
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

// Written to disk, so these bytes may never change. docs/formats explains some of them.
describe('golden blocks', () => {
  const values: [name: string, values: number[], block: string][] = [
    ['one integer', [42], '3054'],
    ['one fraction', [0.25], '3232'],
    ['one full mantissa', [1 / 3], '3f555555555555d53f'],
    ['zero', [0, 0, 0], '3000'],
    ['minus zero', [-0], '3f0000000000000080'],
    ['infinity', [Infinity], '3f000000000000f07f'],
    ['counter', [100, 103, 109, 110], '00c8010603f001'],
    ['fractions', [20.5, 20.25, 20.5, 20.75], '0284203186312003'],
    ['multiples of 4096', [0, 4096, 12288, 8192], '800c00020218'],
    ['exceptions', [1, NaN, NaN, 2], '40010103000000000000f87f02000104'],
    ['steady', [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110], '9001140a00'],
    [
      'raw bits',
      [1 / 3, 0.1 + 0.2, 1 / 7, 2 / 3],
      '0f555555555555d53f85c3e1b0988c8613b6414444444444446118866118860900000000000002',
    ],
  ];
  test.each(values)('%s', (_name, column, block) => {
    expect(hex(codec.encodeValues(Float64Array.from(column), 0, column.length))).toBe(block);
  });

  const start = 1_700_000_000_000;
  const times: [name: string, offsets: number[], block: string][] = [
    ['one time', [0], '0780a0abfef96200'],
    ['every 15 s', [0, 15_000, 30_000], '0780a0abfef9621e'],
    ['about every 15 s', [0, 15_000, 30_001, 44_999], '0180a0abfef962acea01020e'],
    ['a gap', [0, 15_000, 45_000], '0580a0abfef9621e04f0'],
    ['whole seconds', [0, 5000, 7000, 100_000], '0580a0abfef962040703c016'],
  ];
  test.each(times)('%s', (_name, offsets, block) => {
    const column = Float64Array.from(offsets, (offset) => start + offset);
    expect(hex(codec.encodeTimes(column, 0, column.length))).toBe(block);
  });
});

test('encodes a piece of a column and decodes into a piece of another', () => {
  const column = Float64Array.of(9, 9, 1.5, -0, 2.5, 9);
  const block = codec.encodeValues(column, 2, 3).slice();
  const out = new Float64Array(6);
  const followed = Buffer.concat([block, Buffer.from('more')]);
  expect(codec.decodeValues(followed, 3, out, 1)).toBe(block.length);
  expect(bitsOf(out)).toEqual(bitsOf(Float64Array.of(0, 1.5, -0, 2.5, 0, 0)));
});

test('the stale marker keeps its bits', () => {
  const column = new Float64Array(20).fill(7);
  const bits = new BigUint64Array(column.buffer);
  bits[11] = 0x7ff0000000000002n;
  const out = new Float64Array(20);
  codec.decodeValues(codec.encodeValues(column, 0, 20).slice(), 20, out, 0);
  expect(bitsOf(out)).toEqual(bits);
});

test('a malformed block is an error and leaves the output alone', () => {
  const out = Float64Array.of(1, 2, 3);
  const corrupt = expect.objectContaining({ code: 'CODEC_BLOCK_CORRUPT', kind: 'corrupt' });
  expect(() => codec.decodeValues(Uint8Array.of(0, 2), 3, out, 0)).toThrow(corrupt);
  expect(() => codec.decodeTimes(new Uint8Array(0), 3, out, 0)).toThrow(corrupt);
  expect(out).toEqual(Float64Array.of(1, 2, 3));
});

test.each([
  [0, 0],
  [0, 5],
  [2, 3],
  [-1, 2],
  [0.5, 2],
  [0, Number.NaN],
])('refuses rows from %d, %d of them, of four', (from, n) => {
  const column = new Float64Array(4);
  const range = expect.objectContaining({ code: 'CODEC_BLOCK_RANGE' });
  expect(() => codec.encodeTimes(column, from, n)).toThrow(range);
  expect(() => codec.encodeValues(column, from, n)).toThrow(range);
  expect(() => codec.decodeTimes(new Uint8Array(9), n, column, from)).toThrow(range);
  expect(() => codec.decodeValues(new Uint8Array(9), n, column, from)).toThrow(range);
});

test('refuses more than 8192 samples', () => {
  const range = expect.objectContaining({ code: 'CODEC_BLOCK_RANGE' });
  expect(() => codec.encodeValues(new Float64Array(8193), 0, 8193)).toThrow(range);
});
