// Data points in protobuf. Readers stand at the fields of a point and read to the end of its message.

import { type RawFloat64, rawFloat64 } from '../../model/native-histogram.ts';
import type { ProtobufReader } from '../protobuf-reader.ts';
import { MAX_BUCKETS } from './limits.ts';
import type {
  Attribute,
  Count,
  ExponentialBuckets,
  ExponentialPoint,
  HistogramPoint,
  NumberPoint,
  OtlpExemplar,
  Quantile,
  SummaryPoint,
} from './model.ts';
import {
  bucketProblem,
  NO_BUCKETS,
  NO_RECORDED_VALUE,
  type PointHead,
  ZERO,
} from './point-reading.ts';
import { readAttribute, readLegacyLabel } from './protobuf-attributes.ts';
import { readExemplar } from './protobuf-exemplars.ts';
import { isFinerThanMs, msOfNanos } from './time.ts';

/** What all points have, before it is read. */
function newHead(attributes: readonly Attribute[]): PointHead {
  return {
    attributes,
    startT: 0,
    t: 0,
    isTimeCut: false,
    isStale: false,
    problem: undefined,
  };
}

function readStart(reader: ProtobufReader, head: PointHead): void {
  reader.fixed64();
  head.startT = msOfNanos(reader.high, reader.low);
}

function readTime(reader: ProtobufReader, head: PointHead): void {
  reader.fixed64();
  head.t = msOfNanos(reader.high, reader.low);
  head.isTimeCut = isFinerThanMs(reader.high, reader.low);
}

function readFlags(reader: ProtobufReader, head: PointHead): void {
  head.isStale = (reader.uint32() & NO_RECORDED_VALUE) !== 0;
}

function readBits(reader: ProtobufReader): RawFloat64 {
  reader.fixed64();
  return { low: reader.low, high: reader.high };
}

function readFixedCount(reader: ProtobufReader): Count {
  reader.fixed64();
  return reader.unsigned();
}

/** A point of a gauge or a sum. `isInteger` is for senders before 0.9, whose field 4 may be an integer. */
export function readNumberPoint(reader: ProtobufReader, isInteger: boolean): NumberPoint {
  const attributes: Attribute[] = [];
  const head = newHead(attributes);
  let value = ZERO;
  let isRounded = false;
  const exemplars: OtlpExemplar[] = [];
  const readInteger = (): void => {
    reader.fixed64();
    const integer = reader.signed();
    isRounded = !Number.isSafeInteger(integer) && !isExact(reader);
    value = rawFloat64(integer);
  };
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    switch (field) {
      case 1:
        readLegacyLabel(reader, 'NumberDataPoint', attributes);
        break;
      case 2:
        readStart(reader, head);
        break;
      case 3:
        readTime(reader, head);
        break;
      case 4:
        if (isInteger) readInteger();
        else {
          value = readBits(reader);
          isRounded = false;
        }
        break;
      case 5:
        readExemplar(reader, 'NumberDataPoint', isInteger, exemplars);
        break;
      case 6:
        readInteger();
        break;
      case 7:
        readAttribute(reader, 'NumberDataPoint', attributes);
        break;
      case 8:
        readFlags(reader, head);
        break;
      default:
        reader.skip();
    }
  }
  return { ...head, value, isRounded, exemplars };
}

/** True if the last 64-bit value read, taken as signed, is a double all the same. */
function isExact(reader: ProtobufReader): boolean {
  const exact = BigInt.asIntN(64, (BigInt(reader.high) << 32n) | BigInt(reader.low));
  return BigInt(Number(exact)) === exact;
}

/** A point of a histogram with explicit bounds; before 0.9 its sum may be an integer. */
export function readHistogramPoint(reader: ProtobufReader, isInteger: boolean): HistogramPoint {
  const attributes: Attribute[] = [];
  const head = newHead(attributes);
  let count: Count = 0;
  let sum: RawFloat64 | undefined;
  const bucketCounts: Count[] = [];
  const bounds: number[] = [];
  const exemplars: OtlpExemplar[] = [];
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    switch (field) {
      case 1:
        readLegacyLabel(reader, 'HistogramDataPoint', attributes);
        break;
      case 2:
        readStart(reader, head);
        break;
      case 3:
        readTime(reader, head);
        break;
      case 4:
        count = readFixedCount(reader);
        break;
      case 5:
        sum = readBits(reader);
        if (isInteger) sum = rawFloat64(reader.signed());
        break;
      case 6:
        reader.fixed64List(bucketCounts, MAX_BUCKETS + 1);
        break;
      case 7:
        reader.doubleList(bounds);
        if (bounds.length > MAX_BUCKETS) bounds.length = MAX_BUCKETS;
        break;
      case 8:
        readExemplar(reader, 'HistogramDataPoint', isInteger, exemplars);
        break;
      case 9:
        readAttribute(reader, 'HistogramDataPoint', attributes);
        break;
      case 10:
        readFlags(reader, head);
        break;
      default:
        reader.skip();
    }
  }
  // Old senders leave out a sum of 0.
  if (isInteger) sum ??= ZERO;
  head.problem = bucketProblem(bucketCounts.length);
  return { ...head, count, sum, bucketCounts, bounds, exemplars };
}

export function readExponentialPoint(reader: ProtobufReader): ExponentialPoint {
  const attributes: Attribute[] = [];
  const head = newHead(attributes);
  let count: Count = 0;
  let sum: RawFloat64 | undefined;
  let scale = 0;
  let zeroCount: Count = 0;
  let zeroThreshold = 0;
  let positive = NO_BUCKETS;
  let negative = NO_BUCKETS;
  const exemplars: OtlpExemplar[] = [];
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    switch (field) {
      case 1:
        readAttribute(reader, 'ExponentialHistogramDataPoint', attributes);
        break;
      case 2:
        readStart(reader, head);
        break;
      case 3:
        readTime(reader, head);
        break;
      case 4:
        count = readFixedCount(reader);
        break;
      case 5:
        sum = readBits(reader);
        break;
      case 6:
        scale = reader.sint32();
        break;
      case 7:
        zeroCount = readFixedCount(reader);
        break;
      case 8:
        positive = readBuckets(reader);
        break;
      case 9:
        negative = readBuckets(reader);
        break;
      case 10:
        readFlags(reader, head);
        break;
      case 11:
        readExemplar(reader, 'ExponentialHistogramDataPoint', false, exemplars);
        break;
      case 14:
        zeroThreshold = reader.double();
        break;
      default:
        reader.skip();
    }
  }
  head.problem = bucketProblem(positive.counts.length, negative.counts.length);
  return {
    ...head,
    count,
    sum,
    scale,
    zeroCount,
    zeroThreshold,
    positive,
    negative,
    exemplars,
  };
}

function readBuckets(reader: ProtobufReader): ExponentialBuckets {
  const outer = reader.beginMessage('Buckets');
  let offset = 0;
  const counts: Count[] = [];
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) offset = reader.sint32();
    else if (field === 2) reader.uint64List(counts, MAX_BUCKETS + 1);
    else reader.skip();
  }
  reader.endMessage(outer, 'ExponentialHistogramDataPoint');
  return { offset, counts };
}

export function readSummaryPoint(reader: ProtobufReader): SummaryPoint {
  const attributes: Attribute[] = [];
  const head = newHead(attributes);
  let count: Count = 0;
  let sum = ZERO;
  const quantiles: Quantile[] = [];
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    switch (field) {
      case 1:
        readLegacyLabel(reader, 'SummaryDataPoint', attributes);
        break;
      case 2:
        readStart(reader, head);
        break;
      case 3:
        readTime(reader, head);
        break;
      case 4:
        count = readFixedCount(reader);
        break;
      case 5:
        sum = readBits(reader);
        break;
      case 6: {
        const quantile = readQuantile(reader);
        if (quantiles.length <= MAX_BUCKETS) quantiles.push(quantile);
        break;
      }
      case 7:
        readAttribute(reader, 'SummaryDataPoint', attributes);
        break;
      case 8:
        readFlags(reader, head);
        break;
      default:
        reader.skip();
    }
  }
  head.problem = bucketProblem(quantiles.length);
  return { ...head, count, sum, quantiles };
}

function readQuantile(reader: ProtobufReader): Quantile {
  const outer = reader.beginMessage('ValueAtQuantile');
  let quantile = 0;
  let value = ZERO;
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) quantile = reader.double();
    else if (field === 2) value = readBits(reader);
    else reader.skip();
  }
  reader.endMessage(outer, 'SummaryDataPoint');
  return { quantile, value };
}
