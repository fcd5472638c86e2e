import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Exemplar } from '../../model/exemplar.ts';
import { compareLabels, type Labels, labelValue } from '../../model/labels.ts';
import { floatColumns, type SampleColumns } from '../../model/sample.ts';
import { DAY_MS } from '../../model/time-range.ts';
import { FaultyFileSystem } from '../../runtime/faulty-file-system.ts';
import { ColumnsBuilder } from '../chunk/columns-builder.ts';
import { arbitrarySamples, rowsOf } from '../chunk/samples.arbitrary.ts';
import { mergeByPriority } from '../sample-merge.ts';
import { type CompiledTombstone, cutRanges } from '../tombstones.ts';
import { mergeSections } from './merge.ts';
import {
  codec,
  dumpSection,
  identity,
  labelsOf,
  type TestSeries,
  writePart,
} from './part.fixture.ts';
import { PartReader, type SectionReader } from './part-reader.ts';
import { PartWriter } from './part-writer.ts';

const runs = Number(process.env.PROP_RUNS ?? 100);
const seed = Number(process.env.FUZZ_SEED ?? 1);

const DAY = 18_000;
const START = DAY * DAY_MS;

function partPath(seq: number): string {
  return `/parts/${String(seq).padStart(16, '0')}-1.part`;
}

function newFileSystem(): FaultyFileSystem {
  const fs = new FaultyFileSystem();
  fs.mkdir('/parts');
  return fs;
}

/** Writes each list as a section with seq 10, 20, … */
function writeInputs(
  fs: FaultyFileSystem,
  inputs: readonly (readonly TestSeries[])[],
  maxSamples: number,
): SectionReader[] {
  return inputs.map((series, i) => {
    const seq = (i + 1) * 10;
    writePart(fs, partPath(seq), identity(seq), [{ day: DAY, series }], { maxSamples });
    return PartReader.open(fs, partPath(seq)).sections[0]!;
  });
}

function merge(
  inputs: readonly SectionReader[],
  tombstones: readonly CompiledTombstone[],
  target = 2048,
): SectionReader {
  const fs = newFileSystem();
  const writer = new PartWriter(fs, partPath(99), identity(10, 90));
  const kept = mergeSections(inputs, tombstones, writer, codec, { targetSamplesPerChunk: target });
  writer.finish();
  const section = PartReader.open(fs, partPath(99)).sections[0]!;
  expect(kept).toBe(section.seriesCount);
  return section;
}

interface NaiveSeries {
  readonly labels: Labels;
  readonly sources: SampleColumns[];
  readonly exemplars: Map<number, Exemplar>;
}

/** The rule, word for word, on plain lists. */
function naiveMerge(
  inputs: readonly (readonly TestSeries[])[],
  tombstones: readonly CompiledTombstone[],
): object[] {
  const merged = new Map<string, NaiveSeries>();
  inputs.forEach((series, i) => {
    for (const { labels, samples, exemplars = [] } of series) {
      const key = JSON.stringify(labels);
      const entry: NaiveSeries = merged.get(key) ?? { labels, sources: [], exemplars: new Map() };
      merged.set(key, entry);
      const deleted = tombstones.filter(
        ({ seq, matches }) => (i + 1) * 10 < seq && matches(labels),
      );
      entry.sources.push(cutRanges(samples, deleted));
      for (const exemplar of exemplars) {
        const isDeleted = deleted.some(
          ({ minT, maxT }) => minT <= exemplar.t && exemplar.t <= maxT,
        );
        if (!isDeleted) entry.exemplars.set(exemplar.t, exemplar);
      }
    }
  });
  return [...merged.values()]
    .map(({ labels, sources, exemplars }) => {
      const out = new ColumnsBuilder();
      mergeByPriority(sources, out);
      const sorted = [...exemplars.values()].sort((a, b) => a.t - b.t);
      return { labels, rows: rowsOf(out.columns()), exemplars: sorted };
    })
    .filter(({ rows, exemplars }) => rows.length > 0 || exemplars.length > 0)
    .sort((a, b) => compareLabels(a.labels, b.labels));
}

const arbitraryInput: fc.Arbitrary<TestSeries[]> = fc.uniqueArray(
  fc.record({
    labels: fc
      .tuple(fc.constantFrom('x', 'y', 'z'), fc.constantFrom('1', '2', '3'))
      .map(([a, b]) => labelsOf(`a=${a},b=${b}`)),
    samples: fc
      .constantFrom(0, 30, 500)
      .chain((offset) => arbitrarySamples(START + offset, { maxRuns: 3, maxStep: 5 })),
    exemplars: fc
      .uniqueArray(fc.nat(60), { maxLength: 3 })
      .map((times) =>
        times
          .sort((a, b) => a - b)
          .map((t) => ({ labels: labelsOf(`trace=${t}`), value: t / 3, t: START + t })),
      ),
  }),
  { selector: ({ labels }) => JSON.stringify(labels), maxLength: 6 },
);

const arbitraryTombstone: fc.Arbitrary<CompiledTombstone> = fc
  .record({
    seq: fc.integer({ min: 5, max: 45 }),
    value: fc.constantFrom('x', 'y'),
    from: fc.nat(80),
    length: fc.oneof(fc.nat(40), fc.constant(100_000)),
  })
  .map(({ seq, value, from, length }) => ({
    seq,
    minT: START + from,
    maxT: START + from + length,
    matches: (labels) => labelValue(labels, 'a') === value,
  }));

describe('merging sections', () => {
  test('is the naive merge, deletes included', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryInput, { minLength: 1, maxLength: 4 }),
        fc.array(arbitraryTombstone, { maxLength: 3 }),
        fc.constantFrom(3, 10, 2048),
        (inputs, tombstones, chunkSize) => {
          const sections = writeInputs(newFileSystem(), inputs, chunkSize);
          const merged = merge(sections, tombstones, chunkSize);
          expect(dumpSection(merged)).toEqual(naiveMerge(inputs, tombstones));
        },
      ),
      { numRuns: runs, seed },
    );
  });

  test('of merged neighbours is the merge of all', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryInput, { minLength: 3, maxLength: 3 }),
        fc.boolean(),
        (inputs, firstTwo) => {
          const sections = writeInputs(newFileSystem(), inputs, 10);
          const [from, to] = firstTwo ? [0, 2] : [1, 3];
          const fs = newFileSystem();
          const seqs = [sections[from]!.minSeq, sections[to - 1]!.maxSeq] as const;
          const writer = new PartWriter(fs, partPath(50), identity(...seqs));
          mergeSections(sections.slice(from, to), [], writer, codec);
          writer.finish();
          const part = PartReader.open(fs, partPath(50)).sections[0]!;
          const grouped = [...sections.slice(0, from), part, ...sections.slice(to)];
          expect(dumpSection(merge(grouped, []))).toEqual(dumpSection(merge(sections, [])));
        },
      ),
      { numRuns: runs, seed },
    );
  });

  function floats(n: number, offset: number): SampleColumns {
    const t = new Float64Array(n).map((_, i) => START + (offset + i) * 1000);
    return floatColumns(
      t,
      t.map((x) => x % 97),
    );
  }

  function chunkSizes(
    parts: readonly SampleColumns[],
    tombstones: CompiledTombstone[] = [],
  ): number[] {
    const inputs = parts.map((samples) => [{ labels: labelsOf('a=x'), samples }]);
    const merged = merge(writeInputs(newFileSystem(), inputs, 2048), tombstones);
    return merged.chunkRefs(0, -Infinity, Infinity).map((ref) => ref.n);
  }

  test('keeps large chunks as they are and brings small ones together', () => {
    expect(chunkSizes([floats(600, 0), floats(700, 600)])).toEqual([600, 700]);
    expect(chunkSizes([floats(100, 0), floats(100, 100), floats(100, 200)])).toEqual([300]);
    expect(chunkSizes([floats(100, 0), floats(600, 100), floats(600, 700)])).toEqual([700, 600]);
    expect(chunkSizes([floats(600, 0), floats(600, 300)])).toEqual([900]);
    const all = { seq: 100, minT: 0, maxT: START + 650_000, matches: () => true };
    expect(chunkSizes([floats(600, 0), floats(700, 600)], [all])).toEqual([649]);
  });

  test('gathers endless small chunks in bounded portions', () => {
    const parts = Array.from({ length: 60 }, (_, i) => floats(400, i * 400));
    const sizes = chunkSizes(parts);
    expect(sizes.reduce((sum, n) => sum + n, 0)).toBe(24_000);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(256);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(512);
  });

  test('drops label pairs that deletes left without series', () => {
    const inputs = ['x', 'y'].map((a) => [
      { labels: labelsOf(`a=${a},only=${a}`), samples: floats(5, 0) },
    ]);
    const gone = {
      seq: 100,
      minT: 0,
      maxT: Infinity,
      matches: (labels: Labels) => labelValue(labels, 'a') === 'x',
    };
    const merged = merge(writeInputs(newFileSystem(), inputs, 100), [gone]);
    expect(merged.labelValues('only')).toEqual(['y']);
    expect(merge([merged], []).pairCount).toBe(2);
  });

  test('refuses inputs out of order or of several days', () => {
    const inputs = [1, 2].map(() => [{ labels: labelsOf('a=x'), samples: floats(1, 0) }]);
    const [first, second] = writeInputs(newFileSystem(), inputs, 10);
    const writer = new PartWriter(newFileSystem(), partPath(1), identity(1, 99));
    expect(() => mergeSections([second!, first!], [], writer, codec)).toThrow('out of order');
    expect(() => mergeSections([], [], writer, codec)).toThrow('no sections');
  });
});
