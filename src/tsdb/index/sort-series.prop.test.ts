// Sorting by ranks of label pairs against comparing the lists of ranks.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sortSeries } from './sort-series.ts';

test('series come in the lexicographic order of their pairs, a prefix first', () => {
  const few = fc.array(fc.nat(4), { maxLength: 5 });
  const many = fc.array(fc.nat(400), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(fc.oneof(few, many), { maxLength: 200 }), (series) => {
      const ends = new Uint32Array(series.length);
      let end = 0;
      series.forEach((pairs, ref) => {
        end += pairs.length;
        ends[ref] = end;
      });
      // Pair ids run against the ranks.
      const ranks = Uint32Array.from({ length: 401 }, (_, pair) => 400 - pair);
      const pairs = Uint32Array.from(series.flat(), (rank) => 400 - rank);
      const refs = Uint32Array.from(series.keys());
      const found = sortSeries(refs, ends, pairs, ranks);
      const text = (ref: number): string =>
        series[ref]!.map((rank) => String(rank).padStart(3, '0')).join('');
      const wanted = [...series.keys()].map(text).sort();
      expect(Array.from(found, text)).toEqual(wanted);
      expect([...found].sort((a, b) => a - b)).toEqual([...refs]);
    }),
  );
});
