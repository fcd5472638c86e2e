// The protobuf format: io.prometheus.client.MetricFamily messages, each behind its length. The only
// format that knows exponential native histograms.

import {
  type BucketSpan,
  CUSTOM_BUCKETS_SCHEMA,
  type FloatHistogram,
} from '../../model/native-histogram.ts';
import { ProtobufWriter } from '../protobuf-writer.ts';
import { toClassicHistogram } from './classic-histogram.ts';
import { type Escaping, escapeName } from './escape-name.ts';
import type { FamilyMetric, FamilyType, MetricFamily } from './family.ts';

const TYPE_NUMBERS: Readonly<Record<FamilyType, number>> = {
  untyped: 3,
  histogram: 4,
  gaugehistogram: 5,
};

/** The message with its length before it. */
export function encodeFamily(family: MetricFamily, escaping: Escaping): Uint8Array {
  const writer = new ProtobufWriter();
  writer.string(1, escapeName(family.name, escaping));
  writer.uint(3, TYPE_NUMBERS[family.type]);
  for (const metric of family.metrics) {
    const start = writer.beginMessage(4);
    writeMetric(writer, metric, escaping);
    writer.endMessage(start);
  }
  return Buffer.concat([varint(writer.length), writer.view()]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest & 0x7f) | 0x80);
  return Uint8Array.of(...bytes, rest);
}

function writeMetric(writer: ProtobufWriter, metric: FamilyMetric, escaping: Escaping): void {
  for (const { name, value } of metric.labels) {
    const start = writer.beginMessage(1);
    writer.string(1, escapeName(name, escaping));
    writer.string(2, value);
    writer.endMessage(start);
  }
  const { value } = metric;
  const start = writer.beginMessage(typeof value === 'number' ? 5 : 7);
  if (typeof value === 'number') writer.double(1, value);
  else if (value.schema === CUSTOM_BUCKETS_SCHEMA) writeClassicHistogram(writer, value);
  else writeNativeHistogram(writer, value);
  writer.endMessage(start);
  writer.int64(6, metric.t);
}

function writeClassicHistogram(writer: ProtobufWriter, histogram: FloatHistogram): void {
  const { count, sum, buckets } = toClassicHistogram(histogram);
  writer.double(4, count);
  writer.double(2, sum);
  for (const { upperBound, cumulativeCount } of buckets) {
    const start = writer.beginMessage(3);
    writer.double(4, cumulativeCount);
    writer.double(2, upperBound);
    writer.endMessage(start);
  }
}

function writeNativeHistogram(writer: ProtobufWriter, histogram: FloatHistogram): void {
  const { sum, positiveSpans, negativeSpans } = histogram;
  writer.double(4, histogram.count);
  writer.fixed64(2, sum.low, sum.high);
  writer.sint32(5, histogram.schema);
  writer.double(6, histogram.zeroThreshold);
  writer.double(8, histogram.zeroCount);
  writeSpans(writer, 9, negativeSpans);
  writer.doubleList(11, histogram.negativeCounts);
  // Without any span and threshold it would be taken for a classic one.
  const isBare = positiveSpans.length + negativeSpans.length + histogram.zeroThreshold === 0;
  writeSpans(writer, 12, isBare ? [{ offset: 0, length: 0 }] : positiveSpans);
  writer.doubleList(14, histogram.positiveCounts);
}

function writeSpans(writer: ProtobufWriter, field: number, spans: readonly BucketSpan[]): void {
  for (const { offset, length } of spans) {
    const start = writer.beginMessage(field);
    writer.sint32(1, offset);
    writer.uint(2, length);
    writer.endMessage(start);
  }
}
