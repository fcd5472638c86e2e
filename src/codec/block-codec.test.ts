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
  ];
  test.each(values)('%s', (_name, column, block) => {
    expect(hex(codec.encodeValues(Float64Array.from(column), 0, column.length))).toBe(block);
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
