// Random model values for the property tests of the codecs: any bit pattern, any text, any layout.

import fc, { type Arbitrary } from 'fast-check';
import type { Exemplar } from '../../src/model/exemplar.ts';
import type { Label } from '../../src/model/labels.ts';
import type {
  BucketSpan,
  FloatHistogram,
  IntegerHistogram,
  NativeHistogram,
  RawFloat64,
  ResetHint,
} from '../../src/model/native-histogram.ts';
import { isStaleHistogram, staleHistogram } from '../../src/model/native-histogram-stale.ts';
import type { SampleColumns } from '../../src/model/sample.ts';
import { MAX_TIME, MIN_TIME } from '../../src/model/time-range.ts';

const SPECIAL_BITS: readonly RawFloat64[] = [
  { high: 0, low: 0 },
  { high: 0x8000_0000, low: 0 },
  { high: 0x3ff0_0000, low: 0 },
  { high: 0x7ff0_0000, low: 0 },
  { high: 0xfff0_0000, low: 0 },
  { high: 0x7ff0_0000, low: 2 },
  { high: 0x7ff8_0000, low: 1 },
  { high: 0x7ff8_0000, low: 0 },
  { high: 0, low: 1 },
  { high: 0xffff_ffff, low: 0xffff_ffff },
];

/** Any 64 bits; the remarkable ones often. */
export const rawBits: Arbitrary<RawFloat64> = fc.oneof(
  fc.constantFrom(...SPECIAL_BITS),
  fc.integer({ min: -50, max: 50 }).map((n) => {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, n / 4);
    return { high: view.getUint32(0), low: view.getUint32(4) };
  }),
  fc.record({ low: fc.nat(0xffff_ffff), high: fc.nat(0xffff_ffff) }),
);

/** Numbers without NaN: their payload is not kept where the model has a number. */
const plainNumber = fc.oneof(
  fc.integer({ min: -100, max: 1000 }),
  fc.double({ noNaN: true }),
  fc.constantFrom(0, -0, 2 ** -128, 0.005, Number.MAX_VALUE),
);

export const timestamp: Arbitrary<number> = fc.oneof(
  fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 }),
  fc.integer({ min: MIN_TIME, max: MAX_TIME }),
  fc.constantFrom(0, -1, MIN_TIME, MAX_TIME),
);

const text = fc.oneof(
  fc.constantFrom('job', 'instance', 'le', '', 'é', '世界', '😀', '__proto__', '1', 'a"\\\n\u0000'),
  fc.string({ maxLength: 12, unit: 'binary' }),
);

export const labels: Arbitrary<Label[]> = fc
  .uniqueArray(fc.tuple(text, text), { maxLength: 5, selector: ([name]) => name })
  .map((pairs) => pairs.map(([name, value]) => ({ name, value })));

const exemplar: Arbitrary<Exemplar> = fc.record({ labels, value: plainNumber, t: timestamp });

const spans: Arbitrary<BucketSpan[]> = fc
  .array(
    fc.record({
      offset: fc.oneof(fc.integer({ min: -3, max: 5 }), fc.integer()),
      length: fc.nat(4),
    }),
    { maxLength: 3 },
  )
  // Every offset but the first is positive, as in all valid histograms.
  .map((list) =>
    list.map((span, i) => (i === 0 || span.offset >= 0 ? span : { ...span, offset: 1 })),
  );

const int64 = fc.oneof(
  fc.integer({ min: 0, max: 20 }).map(BigInt),
  fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
);
const uint64 = fc.oneof(int64, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));

const layout = fc
  .record({
    resetHint: fc.constantFrom<ResetHint>(0, 1, 2, 3),
    schema: fc.oneof(fc.integer({ min: -4, max: 8 }), fc.constant(-53)),
    zeroThreshold: plainNumber,
    sum: rawBits,
    positiveSpans: spans,
    negativeSpans: spans,
    customValues: fc.array(plainNumber, { maxLength: 4 }),
  })
  // Chunks have no place for bounds that no bucket uses.
  .map((of) => (of.schema === -53 ? of : { ...of, customValues: [] }));

function bucketsOf(of: readonly BucketSpan[]): number {
  return of.reduce((sum, span) => sum + span.length, 0);
}

function counts<Count>(of: readonly BucketSpan[], count: Arbitrary<Count>): Arbitrary<Count[]> {
  const length = bucketsOf(of);
  return fc.array(count, { minLength: length, maxLength: length });
}

/** Well-formed but not always valid histograms: as many counts as the spans say. */
export const integerHistogram: Arbitrary<IntegerHistogram> = layout.chain((of) =>
  fc.record({
    ...constants(of),
    kind: fc.constant('integer' as const),
    count: uint64,
    zeroCount: uint64,
    positiveCounts: counts(of.positiveSpans, int64),
    negativeCounts: counts(of.negativeSpans, int64),
  }),
);

export const floatHistogram: Arbitrary<FloatHistogram> = layout.chain((of) =>
  fc.record({
    ...constants(of),
    kind: fc.constant('float' as const),
    count: plainNumber,
    zeroCount: plainNumber,
    positiveCounts: counts(of.positiveSpans, plainNumber),
    negativeCounts: counts(of.negativeSpans, plainNumber),
  }),
);

export const histogram: Arbitrary<NativeHistogram> = fc.oneof(integerHistogram, floatHistogram);

function constants<T extends object>(of: T): { [K in keyof T]: Arbitrary<T[K]> } {
  const entries = Object.entries(of).map(([key, value]) => [key, fc.constant(value)]);
  return Object.fromEntries(entries) as { [K in keyof T]: Arbitrary<T[K]> };
}

export interface Row {
  readonly t: number;
  readonly raw: RawFloat64;
  readonly startT: number;
  readonly histogram: NativeHistogram | undefined;
}

/** Columns of rows given one by one. */
export function columnsOf(rows: readonly Row[]): SampleColumns {
  const v = new Float64Array(rows.length);
  const halves = new Uint32Array(v.buffer);
  rows.forEach(({ raw, histogram: h }, i) => {
    halves[2 * i] = h ? 0 : raw.low;
    halves[2 * i + 1] = h ? 0 : raw.high;
  });
  return {
    length: rows.length,
    t: Float64Array.from(rows, (row) => row.t),
    v,
    startT: rows.some((row) => row.startT !== 0)
      ? Float64Array.from(rows, (row) => row.startT)
      : undefined,
    histograms: rows.some((row) => row.histogram) ? rows.map((row) => row.histogram) : undefined,
  };
}

export const row: Arbitrary<Row> = fc.record({
  t: timestamp,
  raw: rawBits,
  startT: fc.oneof(fc.constant(0), timestamp),
  histogram: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, histogram),
});

/** The shape of a series in a write batch. */
export interface SeriesOfAll {
  readonly labels: Label[];
  readonly samples: SampleColumns;
  readonly exemplars: Exemplar[];
}

export const series: Arbitrary<SeriesOfAll> = fc.record({
  labels,
  samples: fc.array(row, { minLength: 1, maxLength: 6 }).map(columnsOf),
  exemplars: fc.array(exemplar, { maxLength: 2 }),
});

/** A comparable view of columns in which every bit shows and rows past the end do not. */
export function bitsOf(samples: SampleColumns): unknown[] {
  const { v } = samples;
  const view = new DataView(v.buffer, v.byteOffset, v.byteLength);
  return Array.from({ length: samples.length }, (_, i) => ({
    t: samples.t[i]! + 0,
    startT: (samples.startT?.[i] ?? 0) + 0,
    value: samples.histograms?.[i] ?? view.getBigUint64(i * 8, true).toString(16),
  }));
}

/** What a chunk keeps of a histogram: the rest of a stale marker goes, hints are told per chunk. */
export function withoutHints(samples: SampleColumns): SampleColumns {
  const histograms = samples.histograms?.map((h) => {
    if (h === undefined) return undefined;
    return isStaleHistogram(h) ? staleHistogram(h.kind) : { ...h, resetHint: 0 as const };
  });
  return { ...samples, startT: undefined, histograms };
}

/** Number of runs and seed of fuzz tests. */
export const FUZZ: { numRuns: number; seed: number } = {
  numRuns: Number(process.env.FUZZ_RUNS ?? 10_000),
  seed: Number(process.env.FUZZ_SEED ?? 1),
};

/** Bytes that are random, or made of `seeds` by cutting and changing a few bytes. */
export function hostileBytes(seeds: readonly Uint8Array[]): Arbitrary<Uint8Array> {
  const change = fc.tuple(fc.nat(), fc.nat(255));
  const mutated = fc
    .tuple(fc.constantFrom(...seeds), fc.array(change, { maxLength: 4 }), fc.nat(), fc.boolean())
    .map(([seed, changes, cut, isCut]) => {
      // A copy: slice() of a Buffer is none, and the seeds would be worn out.
      const bytes = Uint8Array.from(seed.subarray(0, isCut ? cut % (seed.length + 1) : undefined));
      for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
      return bytes;
    });
  return fc.oneof(
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }) },
    { weight: 4, arbitrary: mutated },
  );
}
