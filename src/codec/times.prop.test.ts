// The kernel's time codec against its plain twin.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlockCodec } from './block-codec.ts';
import { MAX_BLOCK_SAMPLES, maxBlockBytes } from './kernel-scratch.ts';
import { makeTimes, TIME_SHAPES } from './sample-shapes.ts';
import { decodeTimes, encodeTimes } from './times.ts';

const parameters = {
  numRuns: Number(process.env.PROP_RUNS ?? 200),
  seed: Number(process.env.PROP_SEED ?? 1),
};
const codec = new BlockCodec();

function checkRoundTrip(times: Float64Array): number {
  const n = times.length;
  const block = codec.encodeTimes(times, 0, n).slice();
  expect(Buffer.from(block)).toEqual(Buffer.from(encodeTimes(times)!));
  expect(block.length).toBeLessThanOrEqual(maxBlockBytes(n) - 8);

  const decoded = new Float64Array(n + 2);
  expect(codec.decodeTimes(block, n, decoded, 1)).toBe(block.length);
  expect(decoded.subarray(1, n + 1)).toEqual(times);
  const byTwin = new Float64Array(n);
  expect(decodeTimes(block, n, byTwin)).toBe(block.length);
  expect(byTwin).toEqual(times);
  return block.length;
}

// `+ 0` turns -0 into 0, which is what the codec does.
const anyTime = fc.maxSafeInteger().map((t) => t + 0);

test('any integers come back', () => {
  fc.assert(
    fc.property(fc.array(anyTime, { minLength: 1, maxLength: 100 }), (times) => {
      checkRoundTrip(Float64Array.from(times));
    }),
    parameters,
  );
});

test('ascending times come back', () => {
  const gaps = fc.array(fc.integer({ min: 1, max: 400_000 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(gaps, fc.constantFrom(1, 1000), (gaps_, unit) => {
      let t = 1_700_000_000_000;
      checkRoundTrip(
        Float64Array.from(gaps_, (gap) => {
          t += gap * unit;
          return t;
        }),
      );
    }),
    parameters,
  );
});

test('any shape comes back, at any length', () => {
  const shape = fc.constantFrom(...Object.keys(TIME_SHAPES));
  fc.assert(
    fc.property(shape, fc.integer({ min: 1, max: 600 }), fc.integer(), (name, n, seed) => {
      checkRoundTrip(makeTimes(name, n, seed));
    }),
    parameters,
  );
});

test.each(Object.keys(TIME_SHAPES))('a full block of %s comes back', (name) => {
  checkRoundTrip(makeTimes(name, MAX_BLOCK_SAMPLES, 1));
});

test.each([0.5, Number.NaN, Infinity, -Infinity, 2 ** 53 + 2])('refuses %d', (t) => {
  const times = Float64Array.of(1, t, 3);
  expect(encodeTimes(times)).toBeUndefined();
  expect(() => codec.encodeTimes(times, 0, 3)).toThrow(
    expect.objectContaining({ code: 'CODEC_BLOCK_RANGE' }),
  );
});

test('-0 comes back as 0', () => {
  const block = codec.encodeTimes(Float64Array.of(-0, 1), 0, 2);
  const decoded = new Float64Array(2);
  codec.decodeTimes(block, 2, decoded, 0);
  expect(decoded).toEqual(Float64Array.of(0, 1));
});

describe('size in bytes', () => {
  const limits: [shape: string, n: number, bytes: number][] = [
    ['constant', 1, 8],
    ['constant', 16, 8],
    ['constant', 8192, 8],
    ['constantOdd', 8192, 9],
    ['jitter', 16, 20],
    ['jitter', 512, 230],
    ['gaps', 512, 500],
    ['wholeSeconds', 512, 500],
  ];
  test.each(limits)('%s × %i takes at most %i', (shape, n, bytes) => {
    expect(checkRoundTrip(makeTimes(shape, n, 7))).toBeLessThanOrEqual(bytes);
  });
});
