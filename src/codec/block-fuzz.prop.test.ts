// Damaged and lying blocks, decoded by the kernel in a memory that notices stray accesses: the
// verdict and, where it is good, all values equal the twin's.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlockCodec } from './block-codec.ts';
import { KernelCode } from './errors.ts';
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

const nines = (last: number) => [...new Array<number>(9).fill(255), last];

describe('malformed blocks of two samples', () => {
  const values: [name: string, block: number[]][] = [
    ['empty', []],
    ['no first value', [0x30]],
    ['first value cut off', [0x30, 0x80]],
    ['raw first value cut off', [0x3f, 0, 0, 0, 0, 0, 0, 0]],
    ['number beyond 64 bits', [0x30, ...nines(2)]],
    ['number of eleven bytes', [0x30, ...nines(255), 1]],
    ['no shift', [0x90]],
    ['shift of 64', [0x90, 64, 0, 0, 0]],
    ['no frame', [0x10, 0]],
    ['no difference', [0x20, 0]],
    ['no mini-block', [0x10, 0, 0]],
    ['mini-block cut off', [0x10, 0, 0, 16, 1]],
    ['width of 65', [0x10, 0, 0, 65, 1, 1, 1, 1, 1, 1, 1, 1, 1]],
    ['exceptions in raw bits', [0x7f, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['exceptions cut off', [0x70, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0]],
    ['exception past the end', [0x70, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]],
    ['exception far past the end', [0x70, 1, ...nines(1), 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]],
    ['run past the end', [0x70, 1, 1, 3, 1, 1, 1, 1, 1, 1, 1, 1, 0]],
    ['endless run', [0x70, 1, 0, ...nines(1), 1, 1, 1, 1, 1, 1, 1, 1, 0]],
    ['endless runs', [0x70, ...nines(1), 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['first run without bits', [0x70, 1, 0, 0, 0]],
  ];
  test.each(values)('values: %s', (_name, block) => {
    const verdict = checkVerdict(
      Uint8Array.from(block),
      2,
      guarded.kernel.decodeValues,
      decodeValues,
    );
    expect(verdict).toBe(KernelCode.corrupt);
  });

  const times: [name: string, block: number[]][] = [
    ['empty', []],
    ['unknown flag', [0x0b, 0, 0]],
    ['no first time', [0x03]],
    ['no interval', [0x03, 0]],
    ['interval beyond 64 bits', [0x03, 0, ...nines(2)]],
    ['no step', [0x00, 0]],
    ['no frame', [0x01, 0]],
    ['no mini-block', [0x01, 0, 0]],
    ['mini-block cut off', [0x01, 0, 0, 9, 1]],
  ];
  test.each(times)('times: %s', (_name, block) => {
    const verdict = checkVerdict(
      Uint8Array.from(block),
      2,
      guarded.kernel.decodeTimes,
      decodeTimes,
    );
    expect(verdict).toBe(KernelCode.corrupt);
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
