import { expect, test } from 'vitest';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { SampleColumns } from '../../model/sample.ts';
import type { WholeSelection } from '../../storage/interface.ts';
import { readSeries } from './series-reader.ts';

const DAY_MS = 86_400_000;

/** One series with a sample every so often, in columns that are used again and again. */
function selectionOf(
  minT: number,
  count: number,
  stepMs: number,
  histogram?: NativeHistogram,
): { readonly selection: WholeSelection; readonly reads: [number, number][] } {
  const reads: [number, number][] = [];
  const t = new Float64Array(count);
  const v = new Float64Array(count);
  const startT = new Float64Array(count);
  const maxT = minT + (count - 1) * stepMs;
  const selection: WholeSelection = {
    length: 1,
    labels: () => [],
    bounds: () => ({ minT, maxT }),
    exemplars: () => [],
    read: (_i, from, to) => {
      reads.push([from, to]);
      const first = Math.max(0, Math.ceil((from - minT) / stepMs));
      const last = Math.min(count - 1, Math.floor((to - minT) / stepMs));
      const length = Math.max(0, last - first + 1);
      for (let i = 0; i < length; i++) {
        t[i] = minT + (first + i) * stepMs;
        v[i] = first + i;
        startT[i] = 1;
      }
      const histograms = histogram && new Array<NativeHistogram>(length).fill(histogram);
      return { length, t, v, startT, histograms };
    },
  };
  return { selection, reads };
}

function readAll(selection: WholeSelection): SampleColumns[] {
  return [...readSeries(selection, 0)];
}

test.each<[what: string, minT: number, count: number, stepMs: number, maxReads: number]>([
  ['a year of a sample every 15 s', 0, 200_000, 15_000, 30],
  ['a hundred samples a second', 1_700_000_000_000, 3_000_000, 10, 60],
  ['a sample every ten years', -8e15, 50, 3650 * DAY_MS, 50],
  ['one sample', 5, 1, 1, 1],
])(
  '%s: all of it once, in few runs that are not too large',
  (_what, minT, count, stepMs, maxReads) => {
    const { selection, reads } = selectionOf(minT, count, stepMs);
    const runs = readAll(selection);
    let next = 0;
    for (const { length, t, v, startT } of runs) {
      // Copies: the columns have been used again since.
      expect([t.length, v.length, startT?.length]).toEqual([length, length, length]);
      expect([t[0], v[0]]).toEqual([minT + next * stepMs, next]);
      next += length;
      expect(v[length - 1]).toBe(next - 1);
      expect(length).toBeLessThan(2_500_000);
    }
    expect(next).toBe(count);
    expect(reads.length).toBeLessThanOrEqual(maxReads);
    // After the first ones runs are of the size that is meant.
    for (const { length } of runs.slice(6)) expect(length).toBeLessThanOrEqual(2 ** 18);
  },
);

test('runs of histograms are shorter', () => {
  const histogram = { kind: 'float' } as NativeHistogram;
  const { selection } = selectionOf(0, 50_000, 1000, histogram);
  const runs = readAll(selection);
  expect(runs.reduce((sum, { length }) => sum + length, 0)).toBe(50_000);
  for (const { length } of runs.slice(5)) expect(length).toBeLessThanOrEqual(4096);
  expect(runs.length).toBeLessThan(60);
});

test('a series without samples has no runs', () => {
  const { selection } = selectionOf(0, 0, 1);
  expect(readAll({ ...selection, bounds: () => ({ minT: Infinity, maxT: -Infinity }) })).toEqual(
    [],
  );
});
