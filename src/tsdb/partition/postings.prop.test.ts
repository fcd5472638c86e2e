import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteWriter } from '../chunk/bytes.ts';
import { decodePostings, encodePostings, PostingsForm } from './postings.ts';

const seed = Number(process.env.FUZZ_SEED ?? 1);

function encode(ids: readonly number[]): { form: PostingsForm; bytes: Uint8Array } {
  const out = new ByteWriter();
  const form = encodePostings(Uint32Array.from(ids), out);
  return { form, bytes: out.copy() };
}

const arbitraryIds = fc
  .array(fc.tuple(fc.nat(300), fc.integer({ min: 1, max: 20 })), { maxLength: 50 })
  .map((runs) => {
    const ids: number[] = [];
    let next = 0;
    for (const [gap, length] of runs) {
      next += gap;
      for (let i = 0; i < length; i++) ids.push(next++);
    }
    return ids;
  });

describe('postings', () => {
  test('come back', () => {
    fc.assert(
      fc.property(arbitraryIds, (ids) => {
        const { form, bytes } = encode(ids);
        expect([...decodePostings(bytes, form, ids.length, 50_000)]).toEqual(ids);
      }),
      { seed },
    );
  });

  test('of neighbours take almost nothing', () => {
    const { form, bytes } = encode(Array.from({ length: 100_000 }, (_, i) => 500_000 + i));
    expect(form).toBe(PostingsForm.runs);
    expect(bytes.length).toBeLessThan(8);
  });

  test('that are damaged stay in bounds or are malformed', () => {
    const { form, bytes } = encode([1, 2, 3, 4, 5, 6, 70, 700, 7000]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.nat(1), fc.nat(20), (junk, f, count) => {
        try {
          const ids = decodePostings(junk, f, count, 1000);
          for (let i = 0; i < ids.length; i++) {
            expect(ids[i]).toBeLessThan(1000);
            if (i > 0) expect(ids[i]).toBeGreaterThan(ids[i - 1]!);
          }
        } catch (error) {
          expect(error).toMatchObject({ code: 'TSDB_MALFORMED' });
        }
      }),
      { seed, numRuns: 2000 },
    );
    const malformed = expect.objectContaining({ code: 'TSDB_MALFORMED' });
    expect(() => decodePostings(bytes, form, 9, 7000)).toThrow(malformed);
    expect(() => decodePostings(bytes, form, 8, 7001)).toThrow(malformed);
    expect(() => decodePostings(bytes, form, 10, 7001)).toThrow(malformed);
  });
});
