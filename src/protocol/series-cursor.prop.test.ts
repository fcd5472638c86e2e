import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FUZZ } from '../../test/support/arbitraries.ts';
import { SeriesCursor } from './series-cursor.ts';
import { hashKey, SeriesTable, viewOf } from './series-table.ts';

/** Keys of which some begin others, and of all lengths within a word, or a few words. */
const key = fc.oneof(
  fc.stringMatching(/^[ab]{1,4}$/),
  fc
    .tuple(fc.integer({ min: 14, max: 36 }), fc.nat({ max: 36 }))
    .map(([length, at]) => 'a'.repeat(length).replace(new RegExp(`^(.{${at}}).`), '$1b')),
);

/** What a decoder does: a key ends at a blank. */
function seriesOf(cursor: SeriesCursor<string>, bytes: Buffer, start: number): string | undefined {
  const view = viewOf(bytes);
  const end = cursor.endOfExpected(view, start);
  if (end >= 0 && bytes[end] === 0x20) return cursor.takeExpected();
  return cursor.find(view, start, bytes.indexOf(0x20, start));
}

function learn(table: SeriesTable<string>, bytes: Buffer, start: number, name: string): void {
  const end = start + name.length;
  table.add(viewOf(bytes), start, end, hashKey(viewOf(bytes), start, end), name);
}

it('finds the same series whatever came before, and whoever else uses the table', () => {
  let expected = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(key, fc.nat({ max: 2 })), { maxLength: 60 }),
      fc.integer({ min: 1, max: 12 }),
      (keys, maxSeries) => {
        const table = new SeriesTable<string>({ maxSeries, maxKeyBytes: 200 });
        const cursors = [0, 1, 2].map(() => new SeriesCursor(table));
        const bytes = Buffer.from(keys.map(([name]) => `${name} `).join(''));
        const known = new Set<string>();
        let start = 0;
        for (const [name, n] of keys) {
          const found = seriesOf(cursors[n]!, bytes, start);
          expect(found ?? name).toBe(name);
          if (found === undefined) {
            const { size } = table;
            learn(table, bytes, start, name);
            // It forgets everything before it takes what is too much.
            if (table.size <= size) known.clear();
            known.add(name);
          } else {
            expect(known.has(name)).toBe(true);
            expected++;
          }
          start += name.length + 1;
        }
      },
    ),
    FUZZ,
  );
  expect(expected).toBeGreaterThan(0);
});

it('expects what came next the last time, at first in the order of adding', () => {
  const table = new SeriesTable<string>({ maxSeries: 10, maxKeyBytes: 100 });
  const bytes = Buffer.from('a b c ');
  for (const [i, name] of ['a', 'b', 'c'].entries()) learn(table, bytes, 2 * i, name);
  const view = viewOf(bytes);
  const cursor = new SeriesCursor(table);
  expect(cursor.endOfExpected(view, 0)).toBe(-1);
  expect(cursor.find(view, 0, 1)).toBe('a');
  expect(cursor.endOfExpected(view, 2)).toBe(3);
  expect(cursor.endOfExpected(view, 4)).toBe(-1);
  expect(cursor.find(view, 4, 5)).toBe('c');
  expect(cursor.expected).toBe(-1);
  expect(cursor.find(view, 0, 1)).toBe('a');
  expect(cursor.endOfExpected(view, 4)).toBe(5);
  // A key that would end behind the bytes is not there.
  expect(cursor.endOfExpected(viewOf(Buffer.alloc(0)), 0)).toBe(-1);
});
