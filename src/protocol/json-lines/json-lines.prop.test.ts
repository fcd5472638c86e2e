import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bitsOf, FUZZ, hostileBytes, series } from '../../../test/support/arbitraries.ts';
import type { BatchSeries } from '../../storage/interface.ts';
import { RowCollector } from '../row-collector.ts';
import { decodeJsonLine, JsonLinesDecoder } from './decode.ts';
import { encodeJsonLines } from './encode.ts';

function linesOf({ labels, samples, exemplars }: BatchSeries): string[] {
  return [...encodeJsonLines(labels, samples, exemplars)];
}

/** Comparable, whatever the order of labels and whether floats or histograms come first. */
function view({ labels, samples, exemplars }: BatchSeries): unknown {
  const rows = bitsOf(samples);
  const isHistogram = (i: number): boolean => samples.histograms?.[i] !== undefined;
  const sorted = (of: BatchSeries['labels']): unknown[] =>
    of.map(({ name, value }) => JSON.stringify([name, value])).sort();
  return {
    labels: sorted(labels),
    rows: [...rows.filter((_, i) => !isHistogram(i)), ...rows.filter((_, i) => isHistogram(i))],
    exemplars: exemplars.map((one) => ({ ...one, t: one.t + 0, labels: sorted(one.labels) })),
  };
}

it('brings series back in pieces of any size', () => {
  const input = fc.tuple(fc.array(series, { maxLength: 4 }), fc.integer({ min: 1, max: 200 }));
  fc.assert(
    fc.property(input, ([all, pieceBytes]) => {
      const bytes = Buffer.from(all.flatMap(linesOf).join(''));
      const collector = new RowCollector();
      const decoder = new JsonLinesDecoder(collector);
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        decoder.push(bytes.subarray(at, at + pieceBytes));
      }
      decoder.end();
      expect(collector.takeProblems().listed).toEqual([]);
      expect(collector.take().series.map(view)).toEqual(all.map(view));
    }),
    { numRuns: 300, seed: FUZZ.seed },
  );
});

it('decodes or refuses hostile bytes', () => {
  const seeds = fc
    .sample(series, { numRuns: 50, seed: FUZZ.seed })
    .flatMap((one) => linesOf(one).map((line) => Buffer.from(line)));
  let refused = 0;
  fc.assert(
    fc.property(hostileBytes(seeds), (bytes) => {
      const one = decodeJsonLine(bytes);
      if (typeof one === 'string') refused++;
      else expect(one.samples.t.length).toBe(one.samples.length);
      const decoder = new JsonLinesDecoder(new RowCollector(), 100);
      decoder.push(bytes);
      decoder.end();
    }),
    FUZZ,
  );
  expect(refused).toBeGreaterThan(0);
});
