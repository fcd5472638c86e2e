import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bitsOf, FUZZ, hostileBytes, series } from '../../../test/support/arbitraries.ts';
import { normalizeLabels } from '../../model/labels.ts';
import { AppError } from '../../runtime/error.ts';
import type { BatchSeries } from '../../storage/interface.ts';
import { ParquetFile } from './decode.ts';
import { encodeParquet, sourceOf } from './testing.ts';

/** Comparable, whatever the order of labels. */
function view({ labels, samples, exemplars }: BatchSeries): unknown {
  const sorted = (of: BatchSeries['labels']): unknown[] =>
    of.map(({ name, value }) => JSON.stringify([name, value])).sort();
  return {
    labels: sorted(normalizeLabels(labels)),
    rows: bitsOf(samples),
    exemplars: exemplars.map((one) => ({ ...one, t: one.t + 0, labels: sorted(one.labels) })),
  };
}

/** Neighbours of equal labels come back as one series. */
const distinct = fc
  .array(series, { maxLength: 5 })
  .map((all) =>
    all.map((one, i) => ({ ...one, labels: [...one.labels, { name: 'n', value: String(i) }] })),
  );

it('brings every bit back', async () => {
  await fc.assert(
    fc.asyncProperty(distinct, async (all) => {
      const file = await ParquetFile.open(sourceOf(encodeParquet(all)));
      const found: BatchSeries[] = [];
      for (let group = 0; group < file.groups; group++) {
        const { series: some, problems } = await file.read(group);
        expect(problems).toEqual([]);
        found.push(...some);
      }
      expect(found.map(view)).toEqual(all.map(view));
    }),
    { numRuns: 300, seed: FUZZ.seed },
  );
});

it('writes the same file for the same data', () => {
  const [one, two] = fc.sample(distinct, { numRuns: 2, seed: 5 });
  expect(encodeParquet(one!)).toEqual(encodeParquet(one!));
  expect(encodeParquet(two!)).not.toEqual(encodeParquet(one!));
});

it('reads or refuses hostile bytes', async () => {
  const seeds = fc
    .sample(distinct, { numRuns: 20, seed: FUZZ.seed })
    .map((all) => encodeParquet(all, [{ metric: 'm', type: 'gauge', help: 'h', unit: '' }]));
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(hostileBytes(seeds), async (bytes) => {
      try {
        const file = await ParquetFile.open(sourceOf(bytes));
        for (let group = 0; group < file.groups; group++) {
          const { series: some } = await file.read(group);
          for (const { samples } of some) expect(samples.t.length).toBe(samples.length);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
        refused++;
      }
    }),
    // A file costs as much as a hundred lines.
    { ...FUZZ, numRuns: Math.ceil(FUZZ.numRuns / 10) },
  );
  expect(refused).toBeGreaterThan(0);
}, 600_000);
