// Damaged and lying blocks, decoded by the kernel in a memory that notices stray accesses: the
// verdict and, where it is good, all values equal the twin's.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BlockCodec } from './block-codec.ts';
import { GuardedKernel } from './guarded-kernel.ts';
import { BLOCK_SLACK_BYTES } from './kernel-scratch.ts';
import { makeTimes, makeValues, TIME_SHAPES, VALUE_SHAPES } from './sample-shapes.ts';
import { decodeTimes } from './times.ts';
import { decodeValues } from './values.ts';

const parameters = {
  numRuns: Number(process.env.FUZZ_RUNS ?? 10_000),
  seed: Number(process.env.FUZZ_SEED ?? 1),
};
const codec = new BlockCodec();
const guarded = new GuardedKernel(3 * 65_536);

interface Damage {
  readonly n: number;
  readonly seed: number;
  /** Samples the reader is told, as a difference. */
  readonly lie: number;
  /** Bytes left, counted from the end where negative. */
  readonly cut: number;
  readonly patches: readonly (readonly [at: number, byte: number])[];
}

const damage = fc.record<Damage>({
  n: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 70 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 600 }) },
  ),
  seed: fc.nat(),
  lie: fc.oneof(fc.constant(0), fc.integer({ min: -40, max: 40 })),
  cut: fc.oneof(fc.constant(-0), fc.integer({ min: -20, max: 40 })),
  patches: fc.array(
    // Heads decide most, so half of the patches hit the first bytes.
    fc.tuple(fc.oneof(fc.nat(15), fc.nat(1000)), fc.nat(255)),
    { maxLength: 4 },
  ),
});

function applyDamage(block: Uint8Array, { cut, patches }: Damage): Uint8Array {
  const damaged = cut > 0 ? block.slice(0, cut) : block.slice(0, block.length + cut);
  for (const [at, byte] of patches) {
    if (damaged.length > 0) damaged[at % damaged.length] = byte;
  }
  return damaged;
}

type Decode = (src: number, srcLength: number, n: number, dst: number) => number;
type Twin = (bytes: Uint8Array, n: number, out: Float64Array) => number;

function checkVerdict(bytes: Uint8Array, n: number, decode: Decode, twin: Twin): number {
  const src = guarded.place(bytes, BLOCK_SLACK_BYTES);
  const verdict = decode(src, bytes.length, n, guarded.output);
  if (guarded.hasStrayWrites(8 * n)) throw new Error('wrote outside the output');
  const expected = new Float64Array(n);
  expect(verdict).toBe(twin(bytes, n, expected));
  if (verdict >= 0) {
    const decoded = Buffer.from(guarded.memory.slice(guarded.output, guarded.output + 8 * n));
    if (!decoded.equals(new Uint8Array(expected.buffer))) throw new Error('values differ');
  }
  return verdict;
}

/** Runs one kind of damage and makes sure that it was neither always fatal nor always harmless. */
function fuzz(property: (damage: Damage) => number): void {
  let good = 0;
  let bad = 0;
  fc.assert(
    fc.property(damage, (d) => {
      if (property(d) >= 0) good++;
      else bad++;
    }),
    parameters,
  );
  expect(good).toBeGreaterThan(parameters.numRuns / 100);
  expect(bad).toBeGreaterThan(parameters.numRuns / 100);
}

test('damaged value blocks', () => {
  const names = Object.keys(VALUE_SHAPES);
  fuzz((d) => {
    const values = makeValues(names[d.seed % names.length]!, d.n, d.seed);
    const bytes = applyDamage(codec.encodeValues(values, 0, d.n), d);
    return checkVerdict(bytes, Math.max(1, d.n + d.lie), guarded.kernel.decodeValues, decodeValues);
  });
});

test('damaged time blocks', () => {
  const names = Object.keys(TIME_SHAPES);
  fuzz((d) => {
    const times = makeTimes(names[d.seed % names.length]!, d.n, d.seed);
    const bytes = applyDamage(codec.encodeTimes(times, 0, d.n), d);
    return checkVerdict(bytes, Math.max(1, d.n + d.lie), guarded.kernel.decodeTimes, decodeTimes);
  });
});

test('arbitrary bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.integer({ min: 1, max: 40 }), (bytes, n) => {
      checkVerdict(bytes, n, guarded.kernel.decodeValues, decodeValues);
      checkVerdict(bytes, n, guarded.kernel.decodeTimes, decodeTimes);
    }),
    parameters,
  );
});
