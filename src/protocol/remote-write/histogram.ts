// The Histogram message, which remote write 1.0, 2.0 and remote read share. Bucket counts are absolute
// in the model and differences of neighbouring buckets on the wire.

import {
  type BucketSpan,
  type NativeHistogram,
  type RawFloat64,
  ResetHint,
} from '../../model/native-histogram.ts';
import type { ProtobufReader } from '../protobuf-reader.ts';
import type { ProtobufWriter } from '../protobuf-writer.ts';

/** A histogram with the time that its message carries. */
export interface TimedHistogram {
  readonly histogram: NativeHistogram;
  /** ms, unchecked and rounded past ±2^53. */
  readonly t: number;
  /** ms, 0 = unset. */
  readonly startT: number;
}

/** Reads the fields of a Histogram up to the end of the reader's message. Nothing is validated. */
export function readHistogram(reader: ProtobufReader): TimedHistogram {
  // Like any proto3 oneof, the count that comes last decides.
  let isFloat = false;
  let intCount = 0n;
  let floatCount = 0;
  let intZero = 0n;
  let floatZero = 0;
  let sum: RawFloat64 = { low: 0, high: 0 };
  let schema = 0;
  let zeroThreshold = 0;
  let hint = 0;
  let t = 0;
  let startT = 0;
  const positiveSpans: BucketSpan[] = [];
  const negativeSpans: BucketSpan[] = [];
  const positiveDeltas: bigint[] = [];
  const negativeDeltas: bigint[] = [];
  const positiveCounts: number[] = [];
  const negativeCounts: number[] = [];
  const customValues: number[] = [];
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    switch (field) {
      case 1:
        intCount = reader.uint64();
        isFloat = false;
        break;
      case 2:
        floatCount = reader.double();
        isFloat = true;
        break;
      case 3:
        reader.fixed64();
        sum = { low: reader.low, high: reader.high };
        break;
      case 4:
        schema = reader.sint32();
        break;
      case 5:
        zeroThreshold = reader.double();
        break;
      case 6:
        intZero = reader.uint64();
        break;
      case 7:
        floatZero = reader.double();
        break;
      case 8:
        negativeSpans.push(readSpan(reader, 'Histogram'));
        break;
      case 9:
        reader.sint64List(negativeDeltas);
        break;
      case 10:
        reader.doubleList(negativeCounts);
        break;
      case 11:
        positiveSpans.push(readSpan(reader, 'Histogram'));
        break;
      case 12:
        reader.sint64List(positiveDeltas);
        break;
      case 13:
        reader.doubleList(positiveCounts);
        break;
      case 14:
        hint = reader.uint32();
        break;
      case 15:
        t = reader.int64();
        break;
      case 16:
        reader.doubleList(customValues);
        break;
      case 17:
        startT = reader.int64();
        break;
      default:
        reader.skip();
    }
  }
  const resetHint = hint <= ResetHint.gauge ? (hint as ResetHint) : ResetHint.unknown;
  const layout = {
    resetHint,
    schema,
    zeroThreshold,
    sum,
    positiveSpans,
    negativeSpans,
    customValues,
  };
  const histogram: NativeHistogram = isFloat
    ? {
        ...layout,
        kind: 'float',
        count: floatCount,
        zeroCount: floatZero,
        positiveCounts,
        negativeCounts,
      }
    : {
        ...layout,
        kind: 'integer',
        count: intCount,
        zeroCount: intZero,
        positiveCounts: accumulate(positiveDeltas),
        negativeCounts: accumulate(negativeDeltas),
      };
  return { histogram, t, startT };
}

/** A BucketSpan within a message of the name `around`: remote write and the exposition format have the same. */
export function readSpan(reader: ProtobufReader, around: string): BucketSpan {
  const outer = reader.beginMessage('BucketSpan');
  let offset = 0;
  let length = 0;
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) offset = reader.sint32();
    else if (field === 2) length = reader.uint32();
    else reader.skip();
  }
  reader.endMessage(outer, around);
  return { offset, length };
}

/** Turns differences into counts, in place. Counts are int64, so a sum that overflows shows as negative. */
export function accumulate(deltas: bigint[]): bigint[] {
  let count = 0n;
  for (let i = 0; i < deltas.length; i++) {
    count = BigInt.asIntN(64, count + deltas[i]!);
    deltas[i] = count;
  }
  return deltas;
}

/** Writes the fields of a Histogram; `startT` 0 is left out. */
export function writeHistogram(
  writer: ProtobufWriter,
  histogram: NativeHistogram,
  t: number,
  startT: number,
): void {
  // The counts form oneofs and are written even if 0: their presence tells the kind.
  if (histogram.kind === 'integer') writer.uint64(1, histogram.count);
  else writer.double(2, histogram.count);
  writer.fixed64(3, histogram.sum.low, histogram.sum.high);
  if (histogram.schema !== 0) writer.sint32(4, histogram.schema);
  if (!Object.is(histogram.zeroThreshold, 0)) writer.double(5, histogram.zeroThreshold);
  if (histogram.kind === 'integer') writer.uint64(6, histogram.zeroCount);
  else writer.double(7, histogram.zeroCount);
  writeSpans(writer, 8, histogram.negativeSpans);
  writeSpans(writer, 11, histogram.positiveSpans);
  if (histogram.kind === 'integer') {
    if (histogram.negativeCounts.length > 0) writer.sint64List(9, deltas(histogram.negativeCounts));
    if (histogram.positiveCounts.length > 0) {
      writer.sint64List(12, deltas(histogram.positiveCounts));
    }
  } else {
    if (histogram.negativeCounts.length > 0) writer.doubleList(10, histogram.negativeCounts);
    if (histogram.positiveCounts.length > 0) writer.doubleList(13, histogram.positiveCounts);
  }
  if (histogram.resetHint !== ResetHint.unknown) writer.uint(14, histogram.resetHint);
  if (t !== 0) writer.int64(15, t);
  if (histogram.customValues.length > 0) writer.doubleList(16, histogram.customValues);
  if (startT !== 0) writer.int64(17, startT);
}

function writeSpans(writer: ProtobufWriter, field: number, spans: readonly BucketSpan[]): void {
  for (const span of spans) {
    const start = writer.beginMessage(field);
    if (span.offset !== 0) writer.sint32(1, span.offset);
    if (span.length !== 0) writer.uint(2, span.length);
    writer.endMessage(start);
  }
}

/** Differences of neighbouring counts, the first against 0. */
export function deltas(counts: readonly bigint[]): bigint[] {
  let previous = 0n;
  return counts.map((count) => {
    const delta = count - previous;
    previous = count;
    return delta;
  });
}
