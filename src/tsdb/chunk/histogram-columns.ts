// The body of a chunk of histograms. Neighbours of equal layout (schema, spans, bounds) form a run,
// whose counts and sums are stored as columns by the value codec. Exact: integer counts that float64
// cannot hold are stored raw, sums keep their bits.

import type { BlockCodec } from '../../codec/block-codec.ts';
import type { BucketSpan, NativeHistogram, ResetHint } from '../../model/native-histogram.ts';
import { type ByteReader, type ByteWriter, malformed } from './bytes.ts';

/** Largest number of cells a run may claim, so that damaged bytes cannot ask for endless memory. */
const MAX_RUN_CELLS = 1 << 20;

/** Columns of a run that are no buckets: count, zero count, sum. */
const FIXED_COLUMNS = 3;

const ColumnMode = { values: 0, raw: 1 } as const;

/** Marks hints stored one by one; smaller numbers are the hint of all samples. */
const MIXED_HINTS = 4;

type Layout = Pick<
  NativeHistogram,
  'schema' | 'zeroThreshold' | 'positiveSpans' | 'negativeSpans' | 'customValues'
> & { readonly positives: number; readonly negatives: number };

/** How many numbers a histogram holds. */
export function histogramCells(histogram: NativeHistogram): number {
  return FIXED_COLUMNS + histogram.positiveCounts.length + histogram.negativeCounts.length;
}

/** Writes histograms, all integer or all float. */
export function encodeHistograms(
  codec: BlockCodec,
  histograms: readonly NativeHistogram[],
  out: ByteWriter,
): void {
  encodeHints(histograms, out);
  for (let from = 0; from < histograms.length; ) {
    const layout = layoutOf(histograms[from]!);
    let to = from + 1;
    while (to < histograms.length && hasLayout(histograms[to]!, layout)) to++;
    out.varint(to - from);
    encodeLayout(layout, out);
    encodeRun(codec, histograms.slice(from, to), layout, out);
    from = to;
  }
}

/** Reads `n` histograms; throws TSDB_MALFORMED. */
export function decodeHistograms(
  codec: BlockCodec,
  reader: ByteReader,
  isInteger: boolean,
  n: number,
): NativeHistogram[] {
  const hints = decodeHints(reader, n);
  const histograms: NativeHistogram[] = [];
  while (histograms.length < n) {
    const rows = reader.varint();
    if (rows < 1 || rows > n - histograms.length) throw malformed(`run of ${rows} histograms`);
    const layout = decodeLayout(reader);
    const cells = rows * (FIXED_COLUMNS + layout.positives + layout.negatives);
    if (rows > 1 && cells > MAX_RUN_CELLS) throw malformed(`run of ${cells} histogram cells`);
    const columns = decodeColumns(codec, reader, layout, rows, isInteger);
    for (let row = 0; row < rows; row++) {
      const hint = hints[histograms.length] as ResetHint;
      histograms.push(histogramOfRow(columns, layout, row, rows, hint, isInteger));
    }
  }
  return histograms;
}

function encodeHints(histograms: readonly NativeHistogram[], out: ByteWriter): void {
  const first = histograms[0]!.resetHint;
  const isUniform = histograms.every((histogram) => histogram.resetHint === first);
  out.u8(isUniform ? first : MIXED_HINTS);
  if (isUniform) return;
  for (let i = 0; i < histograms.length; i += 4) {
    let packed = 0;
    for (let j = 0; j < 4; j++) packed |= (histograms[i + j]?.resetHint ?? 0) << (2 * j);
    out.u8(packed);
  }
}

function decodeHints(reader: ByteReader, n: number): Uint8Array {
  const mode = reader.u8();
  if (mode > MIXED_HINTS) throw malformed(`reset hint ${mode}`);
  const hints = new Uint8Array(n).fill(mode);
  if (mode < MIXED_HINTS) return hints;
  const packed = reader.raw(Math.ceil(n / 4));
  for (let i = 0; i < n; i++) hints[i] = (packed[i >> 2]! >> (2 * (i & 3))) & 3;
  return hints;
}

function layoutOf(histogram: NativeHistogram): Layout {
  const { schema, zeroThreshold, positiveSpans, negativeSpans, customValues } = histogram;
  return {
    schema,
    zeroThreshold,
    positiveSpans,
    negativeSpans,
    customValues,
    positives: histogram.positiveCounts.length,
    negatives: histogram.negativeCounts.length,
  };
}

function hasLayout(histogram: NativeHistogram, layout: Layout): boolean {
  return (
    histogram.schema === layout.schema &&
    Object.is(histogram.zeroThreshold, layout.zeroThreshold) &&
    histogram.positiveCounts.length === layout.positives &&
    histogram.negativeCounts.length === layout.negatives &&
    areSameSpans(histogram.positiveSpans, layout.positiveSpans) &&
    areSameSpans(histogram.negativeSpans, layout.negativeSpans) &&
    areSameNumbers(histogram.customValues, layout.customValues)
  );
}

function areSameSpans(a: readonly BucketSpan[], b: readonly BucketSpan[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  return a.every((span, i) => span.offset === b[i]!.offset && span.length === b[i]!.length);
}

function areSameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((value, i) => Object.is(value, b[i])));
}

function encodeLayout(layout: Layout, out: ByteWriter): void {
  out.zigzag(layout.schema);
  out.float64(layout.zeroThreshold);
  encodeSpans(layout.positiveSpans, layout.positives, out);
  encodeSpans(layout.negativeSpans, layout.negatives, out);
  out.varint(layout.customValues.length);
  for (const bound of layout.customValues) out.float64(bound);
}

// The number of counts is kept beside the spans: this layer stores what it is given and judges nothing.
function encodeSpans(spans: readonly BucketSpan[], counts: number, out: ByteWriter): void {
  out.varint(spans.length);
  for (const { offset, length } of spans) {
    out.zigzag(offset);
    out.varint(length);
  }
  out.varint(counts);
}

function decodeLayout(reader: ByteReader): Layout {
  const schema = reader.zigzag();
  const zeroThreshold = reader.float64();
  const [positiveSpans, positives] = decodeSpans(reader);
  const [negativeSpans, negatives] = decodeSpans(reader);
  const customValues = Array.from({ length: reader.count(8) }, () => reader.float64());
  // Every column takes two bytes at least.
  if (2 * (positives + negatives) > reader.remaining) throw malformed('histogram without counts');
  return {
    schema,
    zeroThreshold,
    positiveSpans,
    negativeSpans,
    customValues,
    positives,
    negatives,
  };
}

function decodeSpans(reader: ByteReader): [BucketSpan[], number] {
  const spans: BucketSpan[] = [];
  for (let left = reader.count(2); left > 0; left--) {
    const offset = reader.zigzag();
    spans.push({ offset, length: reader.varint() });
  }
  return [spans, reader.varint()];
}

/** Columns in the order: count, zero count, sum, positive buckets, negative buckets. */
function encodeRun(
  codec: BlockCodec,
  run: readonly NativeHistogram[],
  layout: Layout,
  out: ByteWriter,
): void {
  const scratch = new Float64Array(run.length);
  const encodeCounts = (countOf: (histogram: NativeHistogram) => number | bigint): void => {
    if (fillExactly(scratch, run, countOf)) {
      out.u8(ColumnMode.values);
      out.raw(codec.encodeValues(scratch, 0, run.length));
    } else {
      out.u8(ColumnMode.raw);
      const raw = new BigUint64Array(scratch.buffer);
      for (let i = 0; i < run.length; i++) raw[i] = countOf(run[i]!) as bigint;
      out.raw(new Uint8Array(scratch.buffer));
    }
  };
  encodeCounts((histogram) => histogram.count);
  encodeCounts((histogram) => histogram.zeroCount);
  const sums = new Uint32Array(scratch.buffer);
  for (let i = 0; i < run.length; i++) {
    sums[2 * i] = run[i]!.sum.low;
    sums[2 * i + 1] = run[i]!.sum.high;
  }
  out.u8(ColumnMode.values);
  out.raw(codec.encodeValues(scratch, 0, run.length));
  for (let i = 0; i < layout.positives; i++) {
    encodeCounts((histogram) => histogram.positiveCounts[i]!);
  }
  for (let i = 0; i < layout.negatives; i++) {
    encodeCounts((histogram) => histogram.negativeCounts[i]!);
  }
}

/** Fills a column of counts; false if float64 cannot hold one of them exactly. */
function fillExactly(
  column: Float64Array,
  run: readonly NativeHistogram[],
  countOf: (histogram: NativeHistogram) => number | bigint,
): boolean {
  for (let i = 0; i < run.length; i++) {
    const count = countOf(run[i]!);
    const value = Number(count);
    if (typeof count === 'bigint' && value > Number.MAX_SAFE_INTEGER) return false;
    column[i] = value;
  }
  return true;
}

interface DecodedColumns {
  /** Column after column, `rows` cells each. */
  readonly values: Float64Array;
  /** The same memory as integers; meaningful for columns flagged raw. */
  readonly integers: BigUint64Array;
  readonly isRaw: Uint8Array;
}

function decodeColumns(
  codec: BlockCodec,
  reader: ByteReader,
  layout: Layout,
  rows: number,
  isInteger: boolean,
): DecodedColumns {
  const count = FIXED_COLUMNS + layout.positives + layout.negatives;
  const values = new Float64Array(rows * count);
  const bytes = new Uint8Array(values.buffer);
  const isRaw = new Uint8Array(count);
  for (let column = 0; column < count; column++) {
    const mode = reader.u8();
    if (mode === ColumnMode.values) {
      reader.at += codec.decodeValues(reader.rest(), rows, values, column * rows);
    } else if (mode === ColumnMode.raw && isInteger) {
      isRaw[column] = 1;
      bytes.set(reader.raw(rows * 8), column * rows * 8);
    } else throw malformed(`histogram column ${column} of mode ${mode}`);
  }
  return { values, integers: new BigUint64Array(values.buffer), isRaw };
}

function histogramOfRow(
  columns: DecodedColumns,
  layout: Layout,
  row: number,
  rows: number,
  resetHint: ResetHint,
  isInteger: boolean,
): NativeHistogram {
  const { schema, zeroThreshold, positiveSpans, negativeSpans, customValues } = layout;
  const halves = new Uint32Array(columns.values.buffer);
  const sumAt = 2 * (2 * rows + row);
  const sum = { low: halves[sumAt]!, high: halves[sumAt + 1]! };
  const shared = {
    resetHint,
    schema,
    zeroThreshold,
    sum,
    positiveSpans,
    negativeSpans,
    customValues,
  };
  const firstNegative = FIXED_COLUMNS + layout.positives;
  const end = firstNegative + layout.negatives;
  if (isInteger) {
    const cell = (column: number): bigint => integerCell(columns, column, column * rows + row);
    return {
      ...shared,
      kind: 'integer',
      count: cell(0),
      zeroCount: cell(1),
      positiveCounts: cellsOf(FIXED_COLUMNS, firstNegative, cell),
      negativeCounts: cellsOf(firstNegative, end, cell),
    };
  }
  const cell = (column: number): number => columns.values[column * rows + row]!;
  return {
    ...shared,
    kind: 'float',
    count: cell(0),
    zeroCount: cell(1),
    positiveCounts: cellsOf(FIXED_COLUMNS, firstNegative, cell),
    negativeCounts: cellsOf(firstNegative, end, cell),
  };
}

function integerCell(
  { values, integers, isRaw }: DecodedColumns,
  column: number,
  at: number,
): bigint {
  if (isRaw[column] === 1) return integers[at]!;
  const value = values[at]!;
  if (!Number.isSafeInteger(value) || value < 0) throw malformed(`histogram count ${value}`);
  return BigInt(value);
}

function cellsOf<T>(from: number, to: number, cell: (column: number) => T): T[] {
  const cells: T[] = [];
  for (let column = from; column < to; column++) cells.push(cell(column));
  return cells;
}
