import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sparseCustom, sparseExponential } from './buckets.ts';

/** Counts by index, however they are laid out. */
function expand({ spans, counts }: ReturnType<typeof sparseCustom>): Map<number, bigint> {
  const found = new Map<number, bigint>();
  let index = 0;
  let next = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++) {
      const count = counts[next++]!;
      if (count !== 0n) found.set(index, count);
      index++;
    }
  }
  expect(next).toBe(counts.length);
  return found;
}

const count = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 9 }) },
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);

describe('sparse buckets', () => {
  test('are the dense ones, moved by one and added up', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -50, max: 50 }),
        fc.array(count, { maxLength: 40 }),
        fc.nat(6),
        (offset, counts, shift) => {
          const expected = new Map<number, bigint>();
          counts.forEach((one, i) => {
            const index = ((offset + i) >> shift) + 1;
            if (BigInt(one) > 0n) expected.set(index, (expected.get(index) ?? 0n) + BigInt(one));
          });
          const sparse = sparseExponential({ offset, counts }, shift)!;
          expect(expand(sparse)).toEqual(expected);
          // The layout that Prometheus chooses: gaps of more than two start a span, no empty ends.
          sparse.spans.forEach(({ offset: gap }, i) => {
            if (i > 0) expect(gap).toBeGreaterThan(2);
          });
          if (sparse.counts.length > 0) {
            expect(sparse.counts[0]).not.toBe(0n);
            expect(sparse.counts.at(-1)).not.toBe(0n);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('of bounds stay where they are', () => {
    expect(sparseCustom([0, 0, 5, 0, 2n])).toEqual({
      spans: [{ offset: 2, length: 3 }],
      counts: [5n, 0n, 2n],
    });
    expect(sparseCustom([])).toEqual({ spans: [], counts: [] });
  });

  test('do not pass 32 bits', () => {
    expect(sparseExponential({ offset: 2 ** 31 - 2, counts: [1] }, 0)?.spans).toEqual([
      { offset: 2 ** 31 - 1, length: 1 },
    ]);
    expect(sparseExponential({ offset: 2 ** 31 - 1, counts: [1] }, 0)).toBeUndefined();
    expect(sparseExponential({ offset: -(2 ** 31), counts: [1] }, 40)?.spans).toEqual([
      { offset: 0, length: 1 },
    ]);
  });
});
