// Data points in protobuf. Readers stand at the fields of a point and read to the end of its message.

import { type RawFloat64, rawFloat64 } from '../../model/native-histogram.ts';
import type { ProtobufReader } from '../protobuf-reader.ts';
import { MAX_BUCKETS } from './limits.ts';
import type {
  Count,
  ExponentialBuckets,
  ExponentialPoint,
  HistogramPoint,
  NumberPoint,
  Quantile,
  SummaryPoint,
} from './model.ts';
import {
  ExponentialDraft,
  HistogramDraft,
  NO_RECORDED_VALUE,
  NumberDraft,
  type PointDraft,
  SummaryDraft,
  ZERO,
} from './point-drafts.ts';
import { readAttribute, readLegacyLabel } from './protobuf-attributes.ts';
import { readExemplar } from './protobuf-exemplars.ts';
import { isFinerThanMs, msOfNanos } from './time.ts';

function readStart(reader: ProtobufReader, point: PointDraft): void {
  reader.fixed64();
  point.startT = msOfNanos(reader.high, reader.low);
}

function readTime(reader: ProtobufReader, point: PointDraft): void {
  reader.fixed64();
  point.t = msOfNanos(reader.high, reader.low);
  point.isTimeCut = isFinerThanMs(reader.high, reader.low);
}

function readFlags(reader: ProtobufReader, point: PointDraft): void {
  point.isStale = (reader.uint32() & NO_RECORDED_VALUE) !== 0;
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
  const point = new NumberDraft();
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    switch (field) {
      case 1:
        readLegacyLabel(reader, 'NumberDataPoint', point.attributes);
        break;
      case 2:
        readStart(reader, point);
        break;
      case 3:
        readTime(reader, point);
        break;
      case 4:
        if (isInteger) readInteger(reader, point);
        else {
          point.value = readBits(reader);
          point.isRounded = false;
        }
        break;
      case 5:
        readExemplar(reader, 'NumberDataPoint', isInteger, point.ownExemplars());
        break;
      case 6:
        readInteger(reader, point);
        break;
      case 7:
        readAttribute(reader, 'NumberDataPoint', point.attributes);
        break;
      case 8:
        readFlags(reader, point);
        break;
      default:
        reader.skip();
    }
  }
  return point;
}

function readInteger(reader: ProtobufReader, point: NumberDraft): void {
  reader.fixed64();
  const integer = reader.signed();
  point.isRounded = !Number.isSafeInteger(integer) && !isExact(reader);
  point.value = rawFloat64(integer);
}

/** True if the last 64-bit value read, taken as signed, is a double all the same. */
function isExact(reader: ProtobufReader): boolean {
  const exact = BigInt.asIntN(64, (BigInt(reader.high) << 32n) | BigInt(reader.low));
  return BigInt(Number(exact)) === exact;
}

/** A point of a histogram with explicit bounds; before 0.9 its sum may be an integer. */
export function readHistogramPoint(reader: ProtobufReader, isInteger: boolean): HistogramPoint {
  const point = new HistogramDraft();
  // Old senders leave out a sum of 0.
  if (isInteger) point.sum = ZERO;
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    switch (field) {
      case 1:
        readLegacyLabel(reader, 'HistogramDataPoint', point.attributes);
        break;
      case 2:
        readStart(reader, point);
        break;
      case 3:
        readTime(reader, point);
        break;
      case 4:
        point.count = readFixedCount(reader);
        break;
      case 5:
        point.sum = readBits(reader);
        if (isInteger) point.sum = rawFloat64(reader.signed());
        break;
      case 6:
        reader.fixed64List(point.bucketCounts, MAX_BUCKETS + 1);
        break;
      case 7:
        reader.doubleList(point.bounds);
        if (point.bounds.length > MAX_BUCKETS) point.bounds.length = MAX_BUCKETS;
        break;
      case 8:
        readExemplar(reader, 'HistogramDataPoint', isInteger, point.ownExemplars());
        break;
      case 9:
        readAttribute(reader, 'HistogramDataPoint', point.attributes);
        break;
      case 10:
        readFlags(reader, point);
        break;
      default:
        reader.skip();
    }
  }
  return point.finish();
}

export function readExponentialPoint(reader: ProtobufReader): ExponentialPoint {
  const point = new ExponentialDraft();
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    switch (field) {
      case 1:
        readAttribute(reader, 'ExponentialHistogramDataPoint', point.attributes);
        break;
      case 2:
        readStart(reader, point);
        break;
      case 3:
        readTime(reader, point);
        break;
      case 4:
        point.count = readFixedCount(reader);
        break;
      case 5:
        point.sum = readBits(reader);
        break;
      case 6:
        point.scale = reader.sint32();
        break;
      case 7:
        point.zeroCount = readFixedCount(reader);
        break;
      case 8:
        point.positive = readBuckets(reader);
        break;
      case 9:
        point.negative = readBuckets(reader);
        break;
      case 10:
        readFlags(reader, point);
        break;
      case 11:
        readExemplar(reader, 'ExponentialHistogramDataPoint', false, point.ownExemplars());
        break;
      case 14:
        point.zeroThreshold = reader.double();
        break;
      default:
        reader.skip();
    }
  }
  return point.finish();
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
  const point = new SummaryDraft();
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    switch (field) {
      case 1:
        readLegacyLabel(reader, 'SummaryDataPoint', point.attributes);
        break;
      case 2:
        readStart(reader, point);
        break;
      case 3:
        readTime(reader, point);
        break;
      case 4:
        point.count = readFixedCount(reader);
        break;
      case 5:
        point.sum = readBits(reader);
        break;
      case 6: {
        const quantile = readQuantile(reader);
        if (point.quantiles.length <= MAX_BUCKETS) point.quantiles.push(quantile);
        break;
      }
      case 7:
        readAttribute(reader, 'SummaryDataPoint', point.attributes);
        break;
      case 8:
        readFlags(reader, point);
        break;
      default:
        reader.skip();
    }
  }
  return point.finish();
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
