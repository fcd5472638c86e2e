// Random samples for property tests, and their exact form for comparison.

import fc from 'fast-check';
import type {
  BucketSpan,
  FloatHistogram,
  IntegerHistogram,
  NativeHistogram,
  RawFloat64,
  ResetHint,
} from '../../model/native-histogram.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { DAY_MS } from '../../model/time-range.ts';
import { ColumnsBuilder } from './columns-builder.ts';

export const STALE: RawFloat64 = { high: 0x7ff00000, low: 2 };

const specialBits: RawFloat64[] = [
  STALE,
  { high: 0x7ff80000, low: 0 },
  { high: 0x7ff80000, low: 1 },
  { high: 0xfff80000, low: 0xdead },
  { high: 0x7ff00000, low: 0 },
  { high: 0xfff00000, low: 0 },
  { high: 0x80000000, low: 0 },
  { high: 0, low: 1 },
];

const scratch = new DataView(new ArrayBuffer(8));

function bitsOf(value: number): RawFloat64 {
  scratch.setFloat64(0, value);
  return { high: scratch.getUint32(0), low: scratch.getUint32(4) };
}

/** Any 64 bits, but mostly what metrics are like. */
export const arbitraryBits: fc.Arbitrary<RawFloat64> = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 1000 }).map(bitsOf) },
  { weight: 2, arbitrary: fc.integer({ min: -100_000, max: 100_000 }).map((x) => bitsOf(x / 100)) },
  { weight: 2, arbitrary: fc.double().map(bitsOf) },
  { weight: 2, arbitrary: fc.constantFrom(...specialBits) },
  {
    weight: 1,
    arbitrary: fc.record({ high: fc.nat(0xffffffff), low: fc.nat(0xffffffff) }),
  },
);

const arbitrarySpans: fc.Arbitrary<BucketSpan[]> = fc.array(
  fc.record({ offset: fc.integer({ min: -50, max: 50 }), length: fc.integer({ min: 0, max: 3 }) }),
  { maxLength: 2 },
);

const resetHints: readonly ResetHint[] = [0, 1, 2, 3];

const arbitraryLayout = fc.record({
  schema: fc.constantFrom(-53, -4, 0, 3, 8),
  zeroThreshold: fc.constantFrom(0, 1e-128, 0.001),
  positiveSpans: arbitrarySpans,
  negativeSpans: arbitrarySpans,
  customValues: fc.array(fc.double({ noNaN: true }), { maxLength: 3 }),
});

type Layout = typeof arbitraryLayout extends fc.Arbitrary<infer T> ? T : never;

const arbitraryCount: fc.Arbitrary<bigint> = fc.oneof(
  { weight: 8, arbitrary: fc.bigInt({ min: 0n, max: 1000n }) },
  { weight: 1, arbitrary: fc.bigInt({ min: 2n ** 53n - 2n, max: 2n ** 53n + 2n }) },
  { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
);

const arbitraryFloatCount = fc.oneof(fc.double({ noNaN: true }), fc.nat(1000));

function bucketCount(spans: readonly BucketSpan[]): number {
  return spans.reduce((sum, span) => sum + span.length, 0);
}

function countsOf<T>(count: fc.Arbitrary<T>, spans: readonly BucketSpan[]): fc.Arbitrary<T[]> {
  const length = bucketCount(spans);
  return fc.array(count, { minLength: length, maxLength: length });
}

function integerHistogram(layout: Layout): fc.Arbitrary<IntegerHistogram> {
  return fc.record({
    kind: fc.constant('integer' as const),
    resetHint: fc.constantFrom(...resetHints),
    ...constants(layout),
    sum: arbitraryBits,
    count: arbitraryCount,
    zeroCount: arbitraryCount,
    positiveCounts: countsOf(arbitraryCount, layout.positiveSpans),
    negativeCounts: countsOf(arbitraryCount, layout.negativeSpans),
  });
}

function floatHistogram(layout: Layout): fc.Arbitrary<FloatHistogram> {
  return fc.record({
    kind: fc.constant('float' as const),
    resetHint: fc.constantFrom(...resetHints),
    ...constants(layout),
    sum: arbitraryBits,
    count: arbitraryFloatCount,
    zeroCount: arbitraryFloatCount,
    positiveCounts: countsOf(arbitraryFloatCount, layout.positiveSpans),
    negativeCounts: countsOf(arbitraryFloatCount, layout.negativeSpans),
  });
}

function constants(layout: Layout): { [K in keyof Layout]: fc.Arbitrary<Layout[K]> } {
  return {
    schema: fc.constant(layout.schema),
    zeroThreshold: fc.constant(layout.zeroThreshold),
    positiveSpans: fc.constant(layout.positiveSpans),
    negativeSpans: fc.constant(layout.negativeSpans),
    customValues: fc.constant(layout.customValues),
  };
}

/** A few histograms of one kind and layout. */
const arbitraryHistogramRun: fc.Arbitrary<NativeHistogram[]> = arbitraryLayout.chain((layout) =>
  fc.oneof(
    fc.array(integerHistogram(layout), { minLength: 1, maxLength: 6 }),
    fc.array(floatHistogram(layout), { minLength: 1, maxLength: 6 }),
  ),
);

interface Row {
  readonly value: RawFloat64 | NativeHistogram;
  readonly startT: number;
}

const arbitraryStart = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: -5, max: DAY_MS }) },
);

/** Rows of one kind and one start timestamp. */
const arbitraryRun: fc.Arbitrary<Row[]> = fc
  .tuple(
    fc.oneof(
      { weight: 3, arbitrary: fc.array(arbitraryBits, { minLength: 1, maxLength: 20 }) },
      { weight: 1, arbitrary: arbitraryHistogramRun },
    ),
    arbitraryStart,
  )
  .map(([values, startT]) => (values as Row['value'][]).map((value) => ({ value, startT })));

/** Samples in strictly ascending order of time, from `fromT` on. */
export function arbitrarySamples(
  fromT: number,
  options: { maxRuns?: number; maxStep?: number } = {},
): fc.Arbitrary<SampleColumns> {
  const { maxRuns = 4, maxStep = 100 } = options;
  return fc
    .tuple(
      fc.array(arbitraryRun, { maxLength: maxRuns }),
      fc.infiniteStream(fc.integer({ min: 1, max: maxStep })),
    )
    .map(([runs, steps]) => {
      let t = fromT;
      return columnsOf(
        runs.flat().map((row) => {
          t += steps.next().value as number;
          return { t, ...row };
        }),
      );
    });
}

/** Columns of given rows; a value is a histogram, a number or the bits of one. */
export function columnsOf(
  rows: readonly {
    readonly t: number;
    readonly value: RawFloat64 | NativeHistogram | number;
    readonly startT?: number;
  }[],
): SampleColumns {
  const builder = new ColumnsBuilder();
  for (const { t, value, startT = 0 } of rows) {
    builder.reserve(1);
    const at = builder.length;
    builder.t[at] = t;
    builder.v[at] = 0;
    if (typeof value === 'number') builder.v[at] = value;
    else if ('schema' in value) builder.histogramColumn()[at] = value;
    else {
      const halves = new Uint32Array(builder.v.buffer);
      halves[2 * at] = value.low;
      halves[2 * at + 1] = value.high;
    }
    if (startT !== 0) builder.startColumn()[at] = startT;
    builder.advance(1);
  }
  return builder.copy();
}

/** One text a row that tells every bit apart. */
export function rowsOf(columns: SampleColumns): string[] {
  const { length, t, v, startT, histograms } = columns;
  const halves = new Uint32Array(v.buffer, v.byteOffset, v.length * 2);
  return Array.from({ length }, (_, i) => {
    const histogram = histograms?.[i];
    const value =
      histogram === undefined
        ? `${halves[2 * i + 1]!.toString(16)}:${halves[2 * i]!.toString(16)}`
        : printHistogram(histogram);
    return `${t[i]} ${startT?.[i] ?? 0} ${value}`;
  });
}

function printHistogram(histogram: NativeHistogram): string {
  const { high, low } = histogram.sum;
  const fields = Object.entries({ ...histogram, sum: `${high}:${low}` });
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(fields, (_, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`;
    if (Object.is(value, -0)) return '-0';
    return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  });
}
