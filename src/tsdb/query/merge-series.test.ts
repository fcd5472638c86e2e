import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Labels } from '../../model/labels.ts';
import { compareLabels, labelsFromObject, printLabels } from '../../model/labels.ts';
import type { LabelIndex } from '../index/label-index.ts';
import { SeriesRegistry } from '../index/series-registry.ts';
import { MergeMemory } from './merge-memory.ts';
import { type MergedSeries, mergeSeries } from './merge-series.ts';

const MANY_LABELS = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`l${i}`, 'v']));
const universe: Labels[] = [labelsFromObject({}), labelsFromObject(MANY_LABELS)];
for (const a of ['', 'x', 'y']) {
  for (const b of ['', '1', '2', '3']) universe.push(labelsFromObject({ __name__: 'm', a, b }));
}

/** An index that numbers series and pairs in the order given, with series of its own. */
function indexOf(order: readonly number[]): { index: LabelIndex; refOf: Map<number, number> } {
  const registry = new SeriesRegistry();
  const refOf = new Map(order.map((i) => [i, registry.register(1, universe[i]!)]));
  return { index: registry.index(1), refOf };
}

const byLabels = (i: number, j: number): number => compareLabels(universe[i]!, universe[j]!);

test('equal series of many sources come together, in label order, in source order', () => {
  const all = fc.shuffledSubarray([...universe.keys()]);
  fc.assert(
    fc.property(fc.array(all, { maxLength: 7 }), fc.nat({ max: 8 }), (listed, fixed) => {
      const sets = listed.filter((set) => set.length > 0);
      const indexes = sets.map(indexOf);
      const selected = sets.map((set, i) => {
        const { index, refOf } = indexes[i]!;
        const ids = Uint32Array.from([...set].sort(byLabels), (s) => refOf.get(s)!);
        return { index, ids, isFixed: i < fixed };
      });
      const expected = [...new Set(sets.flat())].sort(byLabels).map((s) => ({
        series: sets.flatMap((set) => (set.includes(s) ? [printLabels(universe[s]!)] : [])),
        sources: sets.flatMap((set, source) => (set.includes(s) ? [source] : [])),
      }));
      const memory = new MergeMemory();
      const shown = ({ length, starts, sources, ids }: MergedSeries) =>
        Array.from({ length }, (_, i) => {
          const members = [...ids.keys()].slice(starts[i], starts[i + 1]);
          return {
            series: members.map((m) =>
              printLabels(selected[sources[m]!]!.index.seriesLabels(ids[m]!)),
            ),
            sources: members.map((m) => sources[m]),
          };
        });
      expect(shown(mergeSeries(selected, memory))).toEqual(expected);
      // And again, from what is remembered.
      expect(shown(mergeSeries(selected, memory))).toEqual(expected);
    }),
  );
});
