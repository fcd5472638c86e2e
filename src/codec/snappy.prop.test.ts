// Snappy round trips, and damaged blocks: the kernel and the plain decoder must agree.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../runtime/error.ts';
import { GuardedKernel } from './guarded-kernel.ts';
import { SNAPPY_SLACK_BYTES } from './kernel-scratch.ts';
import { seededRandom } from './sample-shapes.ts';
import { snappyDecode, snappyEncode } from './snappy.ts';

const fuzzParameters = {
  numRuns: Number(process.env.FUZZ_RUNS ?? 10_000),
  seed: Number(process.env.FUZZ_SEED ?? 1),
};
const parameters = {
  numRuns: Number(process.env.PROP_RUNS ?? 200),
  seed: Number(process.env.PROP_SEED ?? 1),
};
const MAX_DECODED_BYTES = 8000;
const guarded = new GuardedKernel(3 * 65_536);

/** Text with repeats near and far, as much alike as `alphabet` is small. */
function makeText(length: number, alphabet: number, seed: number): Uint8Array {
  const random = seededRandom(seed);
  const text = new Uint8Array(length);
  for (let i = 0; i < length; ) {
    const size = Math.min(length - i, 1 + Math.floor(random() * 90));
    if (i > 0 && random() < 0.6) {
      const from = Math.floor(random() * i);
      for (let k = 0; k < size; k++) text[i + k] = text[from + k]!;
    } else {
      for (let k = 0; k < size; k++) text[i + k] = Math.floor(random() * alphabet);
    }
    i += size;
  }
  return text;
}

const text = fc
  .tuple(fc.nat(6000), fc.constantFrom(1, 2, 10, 256), fc.nat())
  .map(([length, alphabet, seed]) => makeText(length, alphabet, seed));

/** What the plain decoder says: the bytes, or that they are bad. */
function verdictOfTwin(block: Uint8Array): Uint8Array | undefined {
  try {
    return snappyDecode(block, MAX_DECODED_BYTES);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

function checkAgreement(block: Uint8Array): boolean {
  const expected = verdictOfTwin(block);
  const src = guarded.place(block, SNAPPY_SLACK_BYTES);
  const { kernel, output } = guarded;
  const length = kernel.snappyDecode(src, block.length, output, MAX_DECODED_BYTES);
  const declared = kernel.snappyDeclaredLength(src, block.length);
  const room = Math.max(0, Math.min(declared, MAX_DECODED_BYTES)) + SNAPPY_SLACK_BYTES;
  if (guarded.hasStrayWrites(room)) throw new Error('wrote outside the output');
  if (expected === undefined) {
    expect(length).toBeLessThan(0);
    return false;
  }
  expect(length).toBe(expected.length);
  const decoded = Buffer.from(guarded.memory.slice(output, output + length));
  if (!decoded.equals(expected)) throw new Error('bytes differ');
  return true;
}

test('what is compressed comes back', () => {
  fc.assert(
    fc.property(text, (plain) => {
      const block = snappyEncode(plain);
      expect(Buffer.from(verdictOfTwin(block)!).equals(plain)).toBe(true);
      expect(checkAgreement(block)).toBe(true);
    }),
    parameters,
  );
});

test('pieces of 64 KiB join', () => {
  for (const length of [65_535, 65_536, 65_537, 200_000]) {
    const plain = makeText(length, 3, length);
    expect(Buffer.from(snappyDecode(snappyEncode(plain), length)).equals(plain)).toBe(true);
  }
});

test('damaged blocks', () => {
  let good = 0;
  let bad = 0;
  const patches = fc.array(fc.tuple(fc.oneof(fc.nat(8), fc.nat(4000)), fc.nat(255)), {
    maxLength: 3,
  });
  const blocks = Array.from({ length: 50 }, (_, seed) =>
    snappyEncode(makeText(seed * seed, [2, 10, 256][seed % 3]!, seed)),
  );
  fc.assert(
    fc.property(fc.nat(49), patches, fc.nat(20), (which, changes, cut) => {
      const block = blocks[which]!;
      const damaged = block.slice(0, cut > 10 ? block.length : block.length - cut);
      for (const [at, byte] of changes) {
        if (damaged.length > 0) damaged[at % damaged.length] = byte;
      }
      if (checkAgreement(damaged)) good++;
      else bad++;
    }),
    fuzzParameters,
  );
  expect(good).toBeGreaterThan(fuzzParameters.numRuns / 100);
  expect(bad).toBeGreaterThan(fuzzParameters.numRuns / 100);
});

test('arbitrary elements', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(127), (elements, length) => {
      checkAgreement(Uint8Array.of(length, ...elements));
    }),
    fuzzParameters,
  );
});
