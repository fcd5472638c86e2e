// Data points in JSON, of today's senders and of those before 0.9 (`labels`, `value`).

import { type RawFloat64, rawFloat64 } from '../../model/native-histogram.ts';
import type { JsonReader } from '../json-reader.ts';
import { addExemplar, MAX_ID_BYTES, significantId } from './exemplar-reading.ts';
import { readAttributes, readLegacyLabels } from './json-attributes.ts';
import {
  forEachField,
  forEachItem,
  readBits,
  readCount,
  readDouble,
  readInt32,
  readInt64,
  readList,
  readTime,
  readUint32,
} from './json-values.ts';
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

/** Reads a point; `take` reads the fields that only its kind has, and answers false for those it does not know. */
function readPoint(
  reader: JsonReader,
  exemplars: OtlpExemplar[],
  take: (field: string) => boolean,
): PointHead {
  const attributes: Attribute[] = [];
  const head: PointHead = {
    attributes,
    startT: 0,
    t: 0,
    isTimeCut: false,
    isStale: false,
    problem: undefined,
  };
  forEachField(reader, (field) => {
    switch (field) {
      case 'attributes':
        readAttributes(reader, attributes);
        return true;
      case 'labels':
        readLegacyLabels(reader, attributes);
        return true;
      case 'startTimeUnixNano':
        head.startT = readTime(reader).t;
        return true;
      case 'timeUnixNano': {
        const { t, isCut } = readTime(reader);
        head.t = t;
        head.isTimeCut = isCut;
        return true;
      }
      case 'flags':
        head.isStale = (readUint32(reader) & NO_RECORDED_VALUE) !== 0;
        return true;
      case 'exemplars':
        forEachItem(reader, () => readExemplar(reader, exemplars));
        return true;
      default:
        return take(field);
    }
  });
  return head;
}

export function readNumberPoint(reader: JsonReader): NumberPoint {
  let value = ZERO;
  let isRounded = false;
  const exemplars: OtlpExemplar[] = [];
  const head = readPoint(reader, exemplars, (field) => {
    if (field === 'asInt') {
      const read = readInt64(reader);
      value = rawFloat64(read.value);
      isRounded = read.isRounded;
    } else if (field === 'asDouble' || field === 'value') {
      value = readBits(reader);
      isRounded = false;
    } else return false;
    return true;
  });
  return { ...head, value, isRounded, exemplars };
}

export function readHistogramPoint(reader: JsonReader): HistogramPoint {
  let count: Count = 0;
  let sum: RawFloat64 | undefined;
  let bucketCounts: Count[] = [];
  let bounds: number[] = [];
  const exemplars: OtlpExemplar[] = [];
  const head = readPoint(reader, exemplars, (field) => {
    if (field === 'count') count = readCount(reader);
    else if (field === 'sum') sum = readBits(reader);
    else if (field === 'bucketCounts') bucketCounts = readList(reader, MAX_BUCKETS + 1, readCount);
    else if (field === 'explicitBounds') bounds = readList(reader, MAX_BUCKETS, readDouble);
    else return false;
    return true;
  });
  head.problem = bucketProblem(bucketCounts.length);
  return { ...head, count, sum, bucketCounts, bounds, exemplars };
}

export function readExponentialPoint(reader: JsonReader): ExponentialPoint {
  let count: Count = 0;
  let sum: RawFloat64 | undefined;
  let scale = 0;
  let zeroCount: Count = 0;
  let zeroThreshold = 0;
  let positive = NO_BUCKETS;
  let negative = NO_BUCKETS;
  const exemplars: OtlpExemplar[] = [];
  const head = readPoint(reader, exemplars, (field) => {
    if (field === 'count') count = readCount(reader);
    else if (field === 'sum') sum = readBits(reader);
    else if (field === 'scale') scale = readInt32(reader);
    else if (field === 'zeroCount') zeroCount = readCount(reader);
    else if (field === 'zeroThreshold') zeroThreshold = readDouble(reader);
    else if (field === 'positive') positive = readBuckets(reader);
    else if (field === 'negative') negative = readBuckets(reader);
    else return false;
    return true;
  });
  head.problem = bucketProblem(positive.counts.length, negative.counts.length);
  const buckets = { positive, negative };
  return { ...head, count, sum, scale, zeroCount, zeroThreshold, ...buckets, exemplars };
}

function readBuckets(reader: JsonReader): ExponentialBuckets {
  let offset = 0;
  let counts: Count[] = [];
  forEachField(reader, (field) => {
    if (field === 'offset') offset = readInt32(reader);
    else if (field === 'bucketCounts') counts = readList(reader, MAX_BUCKETS + 1, readCount);
    else return false;
    return true;
  });
  return { offset, counts };
}

export function readSummaryPoint(reader: JsonReader): SummaryPoint {
  let count: Count = 0;
  let sum = ZERO;
  let quantiles: Quantile[] = [];
  const head = readPoint(reader, [], (field) => {
    if (field === 'count') count = readCount(reader);
    else if (field === 'sum') sum = readBits(reader);
    else if (field === 'quantileValues') {
      quantiles = readList(reader, MAX_BUCKETS + 1, readQuantile);
    } else return false;
    return true;
  });
  head.problem = bucketProblem(quantiles.length);
  return { ...head, count, sum, quantiles };
}

function readQuantile(reader: JsonReader): Quantile {
  let quantile = 0;
  let value = ZERO;
  forEachField(reader, (field) => {
    if (field === 'quantile') quantile = readDouble(reader);
    else if (field === 'value') value = readBits(reader);
    else return false;
    return true;
  });
  return { quantile, value };
}

function readExemplar(reader: JsonReader, to: OtlpExemplar[]): void {
  let value = 0;
  let t = 0;
  let traceId: string | undefined = '';
  let spanId: string | undefined = '';
  const attributes: Attribute[] = [];
  forEachField(reader, (field) => {
    switch (field) {
      case 'asDouble':
      case 'asInt':
      case 'value':
        value = readDouble(reader);
        return true;
      case 'timeUnixNano':
        t = readTime(reader).t;
        return true;
      case 'traceId':
        traceId = readId(reader);
        return true;
      case 'spanId':
        spanId = readId(reader);
        return true;
      case 'filteredAttributes':
        readAttributes(reader, attributes);
        return true;
      case 'filteredLabels':
        readLegacyLabels(reader, attributes);
        return true;
      default:
        return false;
    }
  });
  addExemplar(to, { value, t, traceId, spanId, attributes });
}

/** Ids are hexadecimal in OTLP's JSON, not base64. Undefined for what is none. */
function readId(reader: JsonReader): string | undefined {
  const text = reader.string();
  const isId = text !== undefined && /^(?:[0-9a-fA-F]{2})*$/.test(text);
  if (!isId || text.length > 2 * MAX_ID_BYTES) return undefined;
  return significantId(text.toLowerCase());
}
