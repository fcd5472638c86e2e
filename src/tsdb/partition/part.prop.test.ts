import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { floatColumns } from '../../model/sample.ts';
import { DAY_MS } from '../../model/time-range.ts';
import { AppError } from '../../runtime/error.ts';
import { FaultyFileSystem } from '../../runtime/faulty-file-system.ts';
import { arbitrarySamples } from '../chunk/samples.arbitrary.ts';
import {
  dumpSection,
  dumpSeries,
  identity,
  labelsOf,
  openBytes,
  type TestSeries,
  writePart,
} from './part.fixture.ts';

const runs = Number(process.env.PROP_RUNS ?? 100);
const fuzzRuns = Number(process.env.FUZZ_RUNS ?? 10_000);
const seed = Number(process.env.FUZZ_SEED ?? 1);

const DAY = 19_000;
const PATH = '/parts/0000000000000001-0000000000000001-1.part';

function bytesOf(series: readonly TestSeries[], compress: boolean): Uint8Array {
  const fs = new FaultyFileSystem();
  fs.mkdir('/parts');
  writePart(fs, PATH, identity(), [{ day: DAY, series }], { compress });
  return fs.readFile(PATH);
}

const arbitraryLabels = fc
  .dictionary(
    fc.constantFrom('a', 'b', 'job', 'é', '\u{1f600}', '\uffff'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }),
  )
  .map((object) => Object.entries(object).map(([name, value]) => ({ name, value })))
  .map((labels) => labels.sort((x, y) => Buffer.compare(Buffer.from(x.name), Buffer.from(y.name))));

const arbitrarySeries: fc.Arbitrary<TestSeries[]> = fc.uniqueArray(
  fc.record({
    labels: arbitraryLabels,
    samples: arbitrarySamples(DAY * DAY_MS, { maxRuns: 3 }),
    exemplars: fc.array(
      fc.record({ labels: arbitraryLabels, value: fc.double(), t: fc.integer() }),
      { maxLength: 3 },
    ),
  }),
  { selector: ({ labels }) => JSON.stringify(labels), maxLength: 20 },
);

describe('a part', () => {
  test('of any series gives them back', () => {
    fc.assert(
      fc.property(arbitrarySeries, fc.boolean(), (series, compress) => {
        const reader = openBytes(bytesOf(series, compress), PATH);
        expect(dumpSection(reader.sections[0]!)).toEqual(dumpSeries(series));
        expect(reader.verify()).toEqual([]);
      }),
      { numRuns: runs, seed },
    );
  });

  test(
    'with random damage gives back what was written, or fails as corrupt',
    () => {
      const series = Array.from({ length: 300 }, (_, i) => ({
        labels: labelsOf(`__name__=m${i % 3},instance=i${i}`),
        samples: floatColumns(
          new Float64Array(10).map((_, j) => DAY * DAY_MS + j * 1000 * i + j),
          new Float64Array(10).map((_, j) => (i * j) / 7),
        ),
      }));
      const files = [bytesOf(series, false), bytesOf(series, true)];
      const sound = dumpSeries(series);
      const damage = fc.record({
        file: fc.nat(1),
        edits: fc.array(fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 40 })), {
          minLength: 1,
          maxLength: 3,
        }),
        copy: fc.option(fc.record({ from: fc.nat(), to: fc.nat(), length: fc.nat(5000) }), {
          freq: 3,
        }),
        id: fc.nat(299),
      });
      fc.assert(
        fc.property(damage, ({ file, edits, copy, id }) => {
          const damaged = files[file]!.slice();
          if (copy !== null) {
            const from = copy.from % damaged.length;
            damaged.copyWithin(copy.to % damaged.length, from, from + copy.length);
          }
          for (const [at, bytes] of edits) {
            damaged.set(
              bytes.subarray(0, damaged.length - (at % damaged.length)),
              at % damaged.length,
            );
          }
          try {
            const section = openBytes(damaged, PATH).sections[0]!;
            expect(dumpSection(section)[id]).toEqual(sound[id]);
          } catch (error) {
            if (!(error instanceof AppError)) throw error;
            expect(error.code).toMatch(/^TSDB_PART_(CORRUPT|NEWER)$/);
          }
        }),
        { numRuns: fuzzRuns, seed },
      );
    },
    30_000 + fuzzRuns,
  );
});
