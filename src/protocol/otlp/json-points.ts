// Data points in JSON, of today's senders and of those before 0.9 (`labels`, `value`).

import { rawFloat64 } from '../../model/native-histogram.ts';
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
  ExponentialDraft,
  HistogramDraft,
  NO_RECORDED_VALUE,
  NumberDraft,
  type PointDraft,
  SummaryDraft,
  ZERO,
} from './point-drafts.ts';

/** Fills a point; `take` reads the fields that only its kind has, and answers false for those it does not know. */
function fill(reader: JsonReader, point: PointDraft, take: (field: string) => boolean): void {
  forEachField(reader, (field) => {
    switch (field) {
      case 'attributes':
        readAttributes(reader, point.attributes);
        return true;
      case 'labels':
        readLegacyLabels(reader, point.attributes);
        return true;
      case 'startTimeUnixNano':
        point.startT = readTime(reader).t;
        return true;
      case 'timeUnixNano': {
        const { t, isCut } = readTime(reader);
        point.t = t;
        point.isTimeCut = isCut;
        return true;
      }
      case 'flags':
        point.isStale = (readUint32(reader) & NO_RECORDED_VALUE) !== 0;
        return true;
      case 'exemplars':
        forEachItem(reader, () => readExemplar(reader, point.ownExemplars()));
        return true;
      default:
        return take(field);
    }
  });
}

export function readNumberPoint(reader: JsonReader): NumberPoint {
  const point = new NumberDraft();
  fill(reader, point, (field) => {
    if (field === 'asInt') {
      const { value, isRounded } = readInt64(reader);
      point.value = rawFloat64(value);
      point.isRounded = isRounded;
    } else if (field === 'asDouble' || field === 'value') {
      point.value = readBits(reader);
      point.isRounded = false;
    } else return false;
    return true;
  });
  return point;
}

export function readHistogramPoint(reader: JsonReader): HistogramPoint {
  const point = new HistogramDraft();
  fill(reader, point, (field) => {
    if (field === 'count') point.count = readCount(reader);
    else if (field === 'sum') point.sum = readBits(reader);
    else if (field === 'bucketCounts') {
      point.bucketCounts = readList(reader, MAX_BUCKETS + 1, readCount);
    } else if (field === 'explicitBounds') {
      point.bounds = readList(reader, MAX_BUCKETS, readDouble);
    } else return false;
    return true;
  });
  return point.finish();
}

export function readExponentialPoint(reader: JsonReader): ExponentialPoint {
  const point = new ExponentialDraft();
  fill(reader, point, (field) => {
    if (field === 'count') point.count = readCount(reader);
    else if (field === 'sum') point.sum = readBits(reader);
    else if (field === 'scale') point.scale = readInt32(reader);
    else if (field === 'zeroCount') point.zeroCount = readCount(reader);
    else if (field === 'zeroThreshold') point.zeroThreshold = readDouble(reader);
    else if (field === 'positive') point.positive = readBuckets(reader);
    else if (field === 'negative') point.negative = readBuckets(reader);
    else return false;
    return true;
  });
  return point.finish();
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
  const point = new SummaryDraft();
  fill(reader, point, (field) => {
    if (field === 'count') point.count = readCount(reader);
    else if (field === 'sum') point.sum = readBits(reader);
    else if (field === 'quantileValues') {
      point.quantiles = readList(reader, MAX_BUCKETS + 1, readQuantile);
    } else return false;
    return true;
  });
  return point.finish();
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
