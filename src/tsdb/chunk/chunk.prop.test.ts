import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlockCodec } from '../../codec/block-codec.ts';
import { floatColumns, type SampleColumns } from '../../model/sample.ts';
import { DAY_MS, dayOf } from '../../model/time-range.ts';
import { AppError } from '../../runtime/error.ts';
import { ChunkKind, decodeChunk, type EncodedChunk, encodeChunks } from './chunk.ts';
import { ColumnsBuilder } from './columns-builder.ts';
import { arbitrarySamples, columnsOf, rowsOf } from './samples.arbitrary.ts';

const runs = Number(process.env.PROP_RUNS ?? 300);
const fuzzRuns = Number(process.env.FUZZ_RUNS ?? 10_000);
const seed = Number(process.env.FUZZ_SEED ?? 1);

const codec = new BlockCodec();

function decodeAll(chunks: readonly EncodedChunk[]): SampleColumns {
  const out = new ColumnsBuilder();
  for (const chunk of chunks) decodeChunk(codec, chunk.bytes, out);
  return out.copy();
}

function kindOfRow(columns: SampleColumns, i: number): ChunkKind {
  const histogram = columns.histograms?.[i];
  if (histogram === undefined) return ChunkKind.float;
  return histogram.kind === 'integer' ? ChunkKind.integerHistogram : ChunkKind.floatHistogram;
}

describe('chunks', () => {
  test('every bit comes back: floats, histograms, start timestamps', () => {
    fc.assert(
      fc.property(arbitrarySamples(-3 * DAY_MS, { maxStep: DAY_MS / 4 }), (columns) => {
        expect(rowsOf(decodeAll(encodeChunks(codec, columns)))).toEqual(rowsOf(columns));
      }),
      { numRuns: runs, seed },
    );
  });

  test('a chunk has one kind, one day, at most so many samples, and says its times', () => {
    fc.assert(
      fc.property(
        arbitrarySamples(DAY_MS - 500),
        fc.integer({ min: 1, max: 30 }),
        (columns, maxSamples) => {
          let at = 0;
          for (const chunk of encodeChunks(codec, columns, maxSamples)) {
            expect(chunk.n).toBeGreaterThan(0);
            expect(chunk.n).toBeLessThanOrEqual(maxSamples);
            expect(chunk.minT).toBe(columns.t[at]);
            expect(chunk.maxT).toBe(columns.t[at + chunk.n - 1]);
            expect(dayOf(chunk.minT)).toBe(dayOf(chunk.maxT));
            for (let i = at; i < at + chunk.n; i++) expect(kindOfRow(columns, i)).toBe(chunk.kind);
            at += chunk.n;
          }
          expect(at).toBe(columns.length);
        },
      ),
      { numRuns: runs, seed },
    );
  });

  test('samples past the largest chunk are shared out evenly', () => {
    const n = 2100;
    const t = new Float64Array(n).map((_, i) => i * 15_000);
    const chunks = encodeChunks(codec, floatColumns(t, new Float64Array(n)));
    expect(chunks.map((chunk) => chunk.n)).toEqual([420, 420, 420, 420, 420]);
  });

  test('histograms with many buckets make small chunks', () => {
    const buckets = 5000;
    const histogram = {
      kind: 'integer' as const,
      resetHint: 0 as const,
      schema: 3,
      zeroThreshold: 0,
      sum: { low: 0, high: 0 },
      count: 1n,
      zeroCount: 0n,
      positiveSpans: [{ offset: 0, length: buckets }],
      negativeSpans: [],
      customValues: [],
      positiveCounts: Array.from({ length: buckets }, (_, i) => BigInt(i)),
      negativeCounts: [],
    };
    const columns = columnsOf(Array.from({ length: 40 }, (_, i) => ({ t: i, value: histogram })));
    const chunks = encodeChunks(codec, columns);
    expect(Math.max(...chunks.map((chunk) => chunk.n))).toBeLessThanOrEqual(13);
    expect(rowsOf(decodeAll(chunks))).toEqual(rowsOf(columns));
  });

  test('histogram columns take far less than a payload each', () => {
    const columns = columnsOf(
      Array.from({ length: 480 }, (_, i) => ({
        t: i * 15_000,
        value: {
          kind: 'integer' as const,
          resetHint: 2 as const,
          schema: 3,
          zeroThreshold: 1e-128,
          sum: { high: 0x40000000 + i * 16, low: 0 },
          count: BigInt(i * 40),
          zeroCount: 0n,
          positiveSpans: [{ offset: 1, length: 20 }],
          negativeSpans: [],
          customValues: [],
          positiveCounts: Array.from({ length: 20 }, (_, b) => BigInt(Math.floor((i * b) / 3))),
          negativeCounts: [],
        },
      })),
    );
    const bytes = encodeChunks(codec, columns).reduce((sum, chunk) => sum + chunk.bytes.length, 0);
    expect(bytes / 480).toBeLessThan(15);
  });
});

describe('damaged chunks', () => {
  const samples = columnsOf([
    ...Array.from({ length: 50 }, (_, i) => ({ t: i * 1000 + (i % 7), value: i / 8, startT: 5 })),
  ]);
  const [histograms] = fc.sample(
    arbitrarySamples(0, { maxRuns: 6 }).filter((columns) => columns.histograms !== undefined),
    { numRuns: 1, seed },
  );
  const originals = [samples, histograms!].flatMap((columns) => encodeChunks(codec, columns));

  test(
    'decode or fail as corrupt, and leave nothing behind',
    () => {
      const edit = fc.record({
        chunk: fc.nat(originals.length - 1),
        edits: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        cut: fc.option(fc.nat(), { freq: 4 }),
      });
      const out = new ColumnsBuilder();
      fc.assert(
        fc.property(edit, ({ chunk, edits, cut }) => {
          const { bytes } = originals[chunk]!;
          const damaged = bytes.slice(0, cut === null ? bytes.length : cut % bytes.length);
          for (const [at, value] of edits)
            if (damaged.length > 0) damaged[at % damaged.length] = value;
          out.reset();
          try {
            const n = decodeChunk(codec, damaged, out);
            expect(out.length).toBe(n);
            rowsOf(out.columns());
          } catch (error) {
            if (!(error instanceof AppError) || error.kind !== 'corrupt') throw error;
            expect(out.length).toBe(0);
            expect(out.columns().startT).toBeUndefined();
            expect(out.columns().histograms).toBeUndefined();
          }
        }),
        { numRuns: fuzzRuns, seed },
      );
    },
    30_000 + fuzzRuns,
  );
});
