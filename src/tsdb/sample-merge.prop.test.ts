import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SampleColumns } from '../model/sample.ts';
import { isStaleBits } from '../model/stale.ts';
import { ColumnsBuilder } from './chunk/columns-builder.ts';
import { arbitrarySamples, columnsOf, rowsOf, STALE } from './chunk/samples.arbitrary.ts';
import { type MergeCounts, mergeByPriority } from './sample-merge.ts';

const runs = Number(process.env.PROP_RUNS ?? 500);
const seed = Number(process.env.FUZZ_SEED ?? 1);

function merge(sources: readonly SampleColumns[], counts?: MergeCounts): SampleColumns {
  const out = new ColumnsBuilder();
  mergeByPriority(sources, out, counts);
  return out.copy();
}

function isStaleRow(columns: SampleColumns, i: number): boolean {
  const histogram = columns.histograms?.[i];
  if (histogram !== undefined) return isStaleBits(histogram.sum.high, histogram.sum.low);
  const halves = new Uint32Array(columns.v.buffer, columns.v.byteOffset, columns.v.length * 2);
  return isStaleBits(halves[2 * i + 1]!, halves[2 * i]!);
}

/** The rule, word for word: a map by time, one row after another. */
function naiveMerge(sources: readonly SampleColumns[]): string[] {
  const winners = new Map<number, { row: string; stale: boolean }>();
  for (const source of sources) {
    rowsOf(source).forEach((row, i) => {
      const stale = isStaleRow(source, i);
      const present = winners.get(source.t[i]!);
      if (present === undefined || !stale || present.stale)
        winners.set(source.t[i]!, { row, stale });
    });
  }
  return [...winners].sort(([a], [b]) => a - b).map(([, { row }]) => row);
}

// Few distinct times, so that sources meet at many of them; starts far apart give disjoint ones.
const arbitrarySources = fc.array(
  fc
    .constantFrom(0, 0, 10, 100)
    .chain((fromT) => arbitrarySamples(fromT, { maxRuns: 3, maxStep: 3 })),
  { maxLength: 5 },
);

describe('merge by priority', () => {
  test('is the naive merge', () => {
    fc.assert(
      fc.property(arbitrarySources, (sources) => {
        expect(rowsOf(merge(sources))).toEqual(naiveMerge(sources));
      }),
      { numRuns: runs, seed },
    );
  });

  test('is associative over neighbours', () => {
    fc.assert(
      fc.property(arbitrarySources, fc.nat(5), fc.nat(5), (sources, a, b) => {
        const from = Math.min(a, b, sources.length);
        const to = Math.min(Math.max(a, b), sources.length);
        const grouped = [
          ...sources.slice(0, from),
          merge(sources.slice(from, to)),
          ...sources.slice(to),
        ];
        expect(rowsOf(merge(grouped))).toEqual(rowsOf(merge(sources)));
      }),
      { numRuns: runs, seed },
    );
  });

  test('counts every row that lost, once', () => {
    fc.assert(
      fc.property(arbitrarySources, (sources) => {
        const counts = { duplicates: 0, overwritten: 0 };
        const merged = merge(sources, counts);
        const rows = sources.reduce((sum, source) => sum + source.length, 0);
        expect(counts.duplicates + counts.overwritten).toBe(rows - merged.length);
      }),
      { numRuns: runs, seed },
    );
  });

  const at = (value: number | typeof STALE): SampleColumns => columnsOf([{ t: 1, value }]);
  const cases: [name: string, sources: SampleColumns[], winner: SampleColumns, same: number][] = [
    ['the later value wins', [at(1), at(2)], at(2), 0],
    ['the same value again is a duplicate', [at(1), at(1)], at(1), 1],
    ['a stale marker does not hide a value', [at(1), at(STALE)], at(1), 0],
    ['a value replaces a stale marker', [at(STALE), at(1)], at(1), 0],
    ['of stale markers one is left', [at(STALE), at(STALE)], at(STALE), 1],
    ['zero and minus zero differ', [at(0), at(-0)], at(-0), 0],
  ];
  test.each(cases)('%s', (_, sources, winner, duplicates) => {
    const counts = { duplicates: 0, overwritten: 0 };
    expect(rowsOf(merge(sources, counts))).toEqual(rowsOf(winner));
    expect(counts).toEqual({ duplicates, overwritten: 1 - duplicates });
  });
});
