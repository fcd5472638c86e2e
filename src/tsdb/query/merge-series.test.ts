import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Labels } from '../../model/labels.ts';
import { compareLabels, labelsFromObject, printLabels } from '../../model/labels.ts';
import { mergeSeries } from './merge-series.ts';

const universe: Labels[] = [];
for (const a of ['', 'x', 'y']) {
  for (const b of ['', '1', '2', '3']) universe.push(labelsFromObject({ __name__: 'm', a, b }));
}

test('equal series of many sources come together, in label order, in source order', () => {
  fc.assert(
    fc.property(fc.array(fc.uniqueArray(fc.nat(universe.length - 1)), { maxLength: 7 }), (sets) => {
      const selections = sets.map((set, source) => ({
        source,
        ids: Uint32Array.from(set).sort((i, j) => compareLabels(universe[i]!, universe[j]!)),
        labelsOf: (id: number) => universe[id]!,
      }));
      const expected = [...new Set(sets.flat())]
        .sort((i, j) => compareLabels(universe[i]!, universe[j]!))
        .map((id) => ({
          series: printLabels(universe[id]!),
          sources: sets.flatMap((set, source) => (set.includes(id) ? [source] : [])),
        }));
      const merged = [...mergeSeries(selections)].map(({ labels, members }) => ({
        series: printLabels(labels),
        sources: members.map((member) => member.source),
      }));
      expect(merged).toEqual(expected);
    }),
  );
});
