// The head of a histogram chunk: what all its samples share (schema, zero threshold, spans, bounds).

import {
  type BucketSpan,
  CUSTOM_BUCKETS_SCHEMA,
  type NativeHistogram,
  rawFloat64,
} from '../../model/native-histogram.ts';
import type { BitReader, BitWriter } from './bit-stream.ts';
import {
  readVarbitInt,
  readVarbitUint32,
  readVarbitUint64,
  writeVarbitInt,
  writeVarbitUint,
} from './varbit.ts';

export type HistogramLayout = Pick<
  NativeHistogram,
  'schema' | 'zeroThreshold' | 'positiveSpans' | 'negativeSpans' | 'customValues'
>;

/** What a chunk that begins with a stale marker has as its layout. */
export const EMPTY_LAYOUT: HistogramLayout = {
  schema: 0,
  zeroThreshold: 0,
  positiveSpans: [],
  negativeSpans: [],
  customValues: [],
};

/** A zero threshold of 2^(n-244) is the one byte n; 0 and 255 stand for zero and for all else. */
const THRESHOLD_BIAS = 244;
const MIN_THRESHOLD_EXPONENT = 1 - THRESHOLD_BIAS;
const MAX_THRESHOLD_EXPONENT = 254 - THRESHOLD_BIAS;
const RAW_THRESHOLD = 255;

/** The largest bound, in thousandths, that is written as a number and not in full. */
const MAX_SHORT_BOUND = 33_554_430;

/** More buckets than any histogram has: a chunk that lies must not fill memory. */
const MAX_BUCKETS = 1 << 20;

const MIN_KNOWN_SCHEMA = -9;
const MAX_KNOWN_SCHEMA = 52;

/** True if both fit one chunk. */
export function isSameLayout(a: HistogramLayout, b: HistogramLayout): boolean {
  return (
    a.schema === b.schema &&
    Object.is(a.zeroThreshold, b.zeroThreshold) &&
    isSameSpans(a.positiveSpans, b.positiveSpans) &&
    isSameSpans(a.negativeSpans, b.negativeSpans) &&
    isSameBounds(a.customValues, b.customValues)
  );
}

function isSameSpans(a: readonly BucketSpan[], b: readonly BucketSpan[]): boolean {
  if (a === b) return true;
  return (
    a.length === b.length &&
    a.every((span, i) => span.offset === b[i]!.offset && span.length === b[i]!.length)
  );
}

export function isSameBounds(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((bound, i) => Object.is(bound, b[i])));
}

export function writeLayout(writer: BitWriter, layout: HistogramLayout): void {
  writeThreshold(writer, layout.zeroThreshold);
  writeVarbitInt(writer, layout.schema);
  writeSpans(writer, layout.positiveSpans);
  writeSpans(writer, layout.negativeSpans);
  if (layout.schema !== CUSTOM_BUCKETS_SCHEMA) return;
  writeVarbitUint(writer, layout.customValues.length);
  for (const bound of layout.customValues) writeBound(writer, bound);
}

/** Reads a layout. Every bucket of the chunk takes `minBucketBits` at least, which bounds their number. */
export function readLayout(reader: BitReader, minBucketBits: number): HistogramLayout {
  const zeroThreshold = readThreshold(reader);
  const schema = readVarbitInt(reader);
  const isExponential = schema >= MIN_KNOWN_SCHEMA && schema <= MAX_KNOWN_SCHEMA;
  if (!isExponential && schema !== CUSTOM_BUCKETS_SCHEMA) reader.fail(`unknown schema ${schema}`);
  const positiveSpans = readSpans(reader);
  const negativeSpans = readSpans(reader);
  const customValues: number[] = [];
  if (schema === CUSTOM_BUCKETS_SCHEMA) {
    const count = readCount(reader);
    for (let i = 0; i < count; i++) customValues.push(readBound(reader));
  }
  const buckets = countBuckets(positiveSpans) + countBuckets(negativeSpans);
  if (buckets > MAX_BUCKETS || buckets * minBucketBits > reader.bitsLeft) {
    reader.fail(`${buckets} buckets do not fit`);
  }
  return { schema, zeroThreshold, positiveSpans, negativeSpans, customValues };
}

export function countBuckets(spans: readonly BucketSpan[]): number {
  let count = 0;
  for (const { length } of spans) count += length;
  return count;
}

function writeSpans(writer: BitWriter, spans: readonly BucketSpan[]): void {
  writeVarbitUint(writer, spans.length);
  for (const { offset, length } of spans) {
    writeVarbitUint(writer, length);
    writeVarbitInt(writer, offset);
  }
}

function readSpans(reader: BitReader): BucketSpan[] {
  const count = readCount(reader);
  const spans: BucketSpan[] = [];
  for (let i = 0; i < count; i++) {
    const length = readVarbitUint32(reader);
    const offset = readVarbitInt(reader);
    if (offset !== (offset | 0)) reader.fail('a span offset passes 32 bits');
    spans.push({ offset, length });
  }
  return spans;
}

/** A number of items that take one bit each at least. */
function readCount(reader: BitReader): number {
  const count = readVarbitUint32(reader);
  if (count > reader.bitsLeft) reader.fail(`${count} items do not fit`);
  return count;
}

function writeThreshold(writer: BitWriter, threshold: number): void {
  if (Object.is(threshold, 0)) {
    writer.write(0, 8);
    return;
  }
  const exponent = Math.log2(threshold);
  const isShort = exponent >= MIN_THRESHOLD_EXPONENT && exponent <= MAX_THRESHOLD_EXPONENT;
  // The logarithm rounds, so that neighbours of a power of two must be told from it.
  if (isShort && 2 ** Math.round(exponent) === threshold) {
    writer.write(Math.round(exponent) + THRESHOLD_BIAS, 8);
    return;
  }
  writer.write(RAW_THRESHOLD, 8);
  writeDouble(writer, threshold);
}

function readThreshold(reader: BitReader): number {
  const byte = reader.read(8);
  if (byte === 0) return 0;
  return byte === RAW_THRESHOLD ? readDouble(reader) : 2 ** (byte - THRESHOLD_BIAS);
}

function writeBound(writer: BitWriter, bound: number): void {
  const thousandths = Math.round(bound * 1000);
  const isShort = thousandths >= 0 && thousandths <= MAX_SHORT_BOUND;
  if (isShort && !Object.is(bound, -0) && thousandths / 1000 === bound) {
    writeVarbitUint(writer, thousandths + 1);
    return;
  }
  writer.write(0, 1);
  writeDouble(writer, bound);
}

function readBound(reader: BitReader): number {
  const code = readVarbitUint64(reader);
  return code === 0n ? readDouble(reader) : Number(code - 1n) / 1000;
}

function writeDouble(writer: BitWriter, value: number): void {
  const { low, high } = rawFloat64(value);
  writer.write64(low, high, 64);
}

const scratch = new DataView(new ArrayBuffer(8));

function readDouble(reader: BitReader): number {
  reader.read64(64);
  scratch.setUint32(0, reader.low, true);
  scratch.setUint32(4, reader.high, true);
  return scratch.getFloat64(0, true);
}
