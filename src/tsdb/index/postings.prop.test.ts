// Set operations against JavaScript's own sets, on lists of many shapes.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  difference,
  intersect,
  intersectAll,
  intersects,
  sortDistinct,
  union,
} from './postings.ts';

const numRuns = Number(process.env.PROP_RUNS ?? 500);
const seed = Number(process.env.PROP_SEED ?? 1);

const sorted = (values: Iterable<number>): number[] => [...new Set(values)].sort((a, b) => a - b);
const element = fc.oneof(
  fc.nat(50),
  fc.nat(3000),
  fc.integer({ min: 0xffff_ff00, max: 0xffff_ffff }),
);
const list = fc
  .oneof(fc.array(element, { maxLength: 8 }), fc.array(element, { maxLength: 400 }))
  .map((values) => Uint32Array.from(sorted(values)));

describe('postings', () => {
  test('intersect, intersects and difference of two lists', () => {
    fc.assert(
      fc.property(list, list, (a, b) => {
        const inB = new Set(b);
        const both = [...a].filter((x) => inB.has(x));
        expect([...intersect(a, b)]).toEqual(both);
        expect([...intersect(b, a)]).toEqual(both);
        expect(intersects(a, b)).toBe(both.length > 0);
        expect([...difference(a, b)]).toEqual([...a].filter((x) => !inB.has(x)));
      }),
      { numRuns, seed },
    );
  });

  test('galloping through a much longer list', () => {
    const long = Uint32Array.from({ length: 10_000 }, (_, i) => i * 3);
    fc.assert(
      fc.property(list, (a) => {
        const both = [...a].filter((x) => x % 3 === 0 && x < 30_000);
        expect([...intersect(a, long)]).toEqual(both);
        expect([...difference(a, long)]).toEqual([...a].filter((x) => x % 3 !== 0 || x >= 30_000));
      }),
      { numRuns, seed },
    );
  });

  test('union and intersection of many lists', () => {
    fc.assert(
      fc.property(fc.array(list, { maxLength: 6 }), (lists) => {
        expect([...union(lists)]).toEqual(sorted(lists.flatMap((l) => [...l])));
        const first = lists[0];
        if (first === undefined) expect(intersectAll(lists)).toBeUndefined();
        else {
          const all = [...first].filter((x) => lists.every((l) => l.includes(x)));
          expect([...intersectAll(lists)!]).toEqual(all);
        }
      }),
      { numRuns, seed },
    );
  });

  test('sortDistinct takes any order', () => {
    fc.assert(
      fc.property(fc.array(element), (values) => {
        expect([...sortDistinct(Uint32Array.from(values))]).toEqual(sorted(values));
      }),
      { numRuns, seed },
    );
  });

  test('arguments stay as they were', () => {
    const a = Uint32Array.of(1, 2, 3);
    const b = Uint32Array.of(2, 3, 4);
    union([a, b, Uint32Array.of(9)]);
    intersect(a, b);
    difference(a, b);
    expect([...a, ...b]).toEqual([1, 2, 3, 2, 3, 4]);
  });
});
