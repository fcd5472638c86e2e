// The kernel's value codec against its plain twin: same bytes, every bit back.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlockCodec } from './block-codec.ts';
import { MAX_BLOCK_SAMPLES, maxBlockBytes } from './kernel-scratch.ts';
import { bitsOf, HARD_BITS, makeValues, VALUE_SHAPES } from './sample-shapes.ts';
import { decodeValues, encodeValues } from './values.ts';

const parameters = {
  numRuns: Number(process.env.PROP_RUNS ?? 200),
  seed: Number(process.env.PROP_SEED ?? 1),
};
const codec = new BlockCodec();

function checkRoundTrip(values: Float64Array): number {
  const n = values.length;
  const block = codec.encodeValues(values, 0, n).slice();
  expect(Buffer.from(block)).toEqual(Buffer.from(encodeValues(values)));
  expect(block.length).toBeLessThanOrEqual(maxBlockBytes(n) - 8);

  const decoded = new Float64Array(n + 2);
  expect(codec.decodeValues(block, n, decoded, 1)).toBe(block.length);
  expect(bitsOf(decoded.subarray(1, n + 1))).toEqual(bitsOf(values));
  const byTwin = new Float64Array(n);
  expect(decodeValues(block, n, byTwin)).toBe(block.length);
  expect(bitsOf(byTwin)).toEqual(bitsOf(values));
  return block.length;
}

function fromBits(bits: readonly bigint[]): Float64Array {
  return new Float64Array(BigUint64Array.from(bits).buffer);
}

const anyBits = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(...HARD_BITS),
  fc.double().map((value) => bitsOf(Float64Array.of(value))[0]!),
  fc.integer().map((value) => bitsOf(Float64Array.of(value))[0]!),
);

test('any bits come back', () => {
  fc.assert(
    fc.property(fc.array(anyBits, { minLength: 1, maxLength: 100 }), (bits) => {
      checkRoundTrip(fromBits(bits));
    }),
    parameters,
  );
});

test('mixtures of two patterns come back', () => {
  const choice = fc.array(fc.boolean(), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(anyBits, anyBits, choice, (a, b, choices) => {
      checkRoundTrip(fromBits(choices.map((isA) => (isA ? a : b))));
    }),
    parameters,
  );
});

test('any shape comes back, at any length', () => {
  const shape = fc.constantFrom(...Object.keys(VALUE_SHAPES));
  fc.assert(
    fc.property(shape, fc.integer({ min: 1, max: 600 }), fc.integer(), (name, n, seed) => {
      checkRoundTrip(makeValues(name, n, seed));
    }),
    parameters,
  );
});

test.each(Object.keys(VALUE_SHAPES))('a full block of %s comes back', (name) => {
  checkRoundTrip(makeValues(name, MAX_BLOCK_SAMPLES, 1));
});

describe('size in bytes', () => {
  // What the measurements of the design promise, with a little room.
  const limits: [shape: string, n: number, bytes: number][] = [
    ['constant', 8192, 3],
    ['constantFraction', 8192, 9],
    ['stale', 1, 9],
    ['steadyCounter', 512, 24],
    ['counter', 16, 26],
    ['counter', 512, 620],
    ['twoDecimals', 16, 26],
    ['twoDecimals', 512, 640],
    ['bytes', 512, 360],
    ['nineDecimals', 512, 2000],
    ['alternatingNan', 512, 1100],
    ['staleGaps', 512, 330],
    ['ratio', 512, 3700],
    ['randomBits', 512, 512 * 8 + 48],
  ];
  test.each(limits)('%s × %i takes at most %i', (shape, n, bytes) => {
    expect(checkRoundTrip(makeValues(shape, n, 7))).toBeLessThanOrEqual(bytes);
  });
});
