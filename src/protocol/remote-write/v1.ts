// Remote write 1.0 (prometheus.WriteRequest), of which remote read uses TimeSeries too.

import type { Exemplar } from '../../model/exemplar.ts';
import type { Label, Labels } from '../../model/labels.ts';
import { METRIC_TYPES, type MetricMetadata, type MetricType } from '../../model/metadata.ts';
import type { SampleColumns } from '../../model/sample.ts';
import type { Rejection } from '../../storage/errors.ts';
import type { BatchSeries, WriteBatch } from '../../storage/interface.ts';
import { ProtobufReader } from '../protobuf-reader.ts';
import { ProtobufWriter } from '../protobuf-writer.ts';
import { StringCache } from '../string-cache.ts';
import { readHistogram, writeHistogram } from './histogram.ts';
import { MAX_SERIES_PER_REQUEST, tooManySeries } from './limits.ts';
import { RejectionList } from './rejections.ts';
import { SeriesBuilder } from './series-builder.ts';

/** Label names are few, values many; with 8192 places a target's labels stay. At most 1 MiB each. */
const names = new StringCache(8192);
const values = new StringCache(8192);

/**
 * Decodes a whole request. Series with labels that are not UTF-8, and rows with impossible timestamps,
 * become rejections. The bytes may lie in shared memory. Throws PROTOBUF_MALFORMED.
 */
export function decodeWriteRequestV1(bytes: Uint8Array): WriteBatch {
  const reader = new ProtobufReader(bytes, 'WriteRequest');
  const builder = new SeriesBuilder();
  const rejections = new RejectionList();
  const onRejection = (rejection: Rejection): void => rejections.add(rejection);
  const series: BatchSeries[] = [];
  const metadata: MetricMetadata[] = [];
  let entries = 0;
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) {
      const outer = reader.beginMessage('TimeSeries');
      if (++entries > MAX_SERIES_PER_REQUEST) throw tooManySeries();
      readTimeSeries(reader, builder);
      const one = builder.finish(onRejection);
      if (one) series.push(one);
      reader.endMessage(outer, 'WriteRequest');
    } else if (field === 3) {
      const outer = reader.beginMessage('MetricMetadata');
      const one = readMetadata(reader);
      if (one.metric !== '') metadata.push(one);
      reader.endMessage(outer, 'WriteRequest');
    } else reader.skip();
  }
  return { series, metadata, rejections: rejections.list() };
}

/** Decoding is synchronous and hands out copies, so one builder serves all single series. */
const reusedBuilder = new SeriesBuilder();

/**
 * Decodes the payload of one TimeSeries. Refusals of single rows or exemplars go to `onRejection`;
 * without it, a series that has any is refused whole. Throws PROTOBUF_MALFORMED.
 */
export function decodeTimeSeriesV1(
  bytes: Uint8Array,
  onRejection?: (rejection: Rejection) => void,
): BatchSeries | Rejection {
  const builder = reusedBuilder;
  builder.begin();
  readTimeSeries(new ProtobufReader(bytes, 'TimeSeries'), builder);
  const rejections: Rejection[] = [];
  const series = builder.finish((rejection) => rejections.push(rejection));
  if (!series) return rejections[0]!;
  if (onRejection) for (const rejection of rejections) onRejection(rejection);
  else if (rejections.length > 0) return { ...rejections[0]!, ...builder.totals() };
  return series;
}

/** Decodes the payload of one MetricMetadata; text that is not UTF-8 gets replacement characters. */
export function decodeMetadataV1(bytes: Uint8Array): MetricMetadata {
  return readMetadata(new ProtobufReader(bytes, 'MetricMetadata'));
}

/** Reads the fields of a TimeSeries into the builder, up to the end of the reader's message. */
export function readTimeSeries(reader: ProtobufReader, builder: SeriesBuilder): void {
  builder.begin();
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    switch (field) {
      case 1:
        readLabel(reader, builder);
        break;
      case 2:
        readSample(reader, builder);
        break;
      case 3:
        readExemplar(reader, builder);
        break;
      case 4: {
        const outer = reader.beginMessage('Histogram');
        const { histogram, t } = readHistogram(reader);
        builder.addHistogram(t, histogram, 0);
        reader.endMessage(outer, 'TimeSeries');
        break;
      }
      default:
        reader.skip();
    }
  }
}

function readLabel(reader: ProtobufReader, builder: SeriesBuilder): void {
  const outer = reader.beginMessage('Label');
  let name: string | undefined = '';
  let value: string | undefined = '';
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) name = cachedString(reader, names);
    else if (field === 2) value = cachedString(reader, values);
    else reader.skip();
  }
  builder.addLabel(name, value);
  reader.endMessage(outer, 'TimeSeries');
}

function cachedString(reader: ProtobufReader, cache: StringCache): string | undefined {
  const start = reader.bytesField();
  return cache.decode(reader.bytes, start, reader.position);
}

function readSample(reader: ProtobufReader, builder: SeriesBuilder): void {
  const outer = reader.beginMessage('Sample');
  let low = 0;
  let high = 0;
  let t = 0;
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) {
      reader.fixed64();
      low = reader.low;
      high = reader.high;
    } else if (field === 2) t = reader.int64();
    else reader.skip();
  }
  builder.addFloat(t, low, high, 0);
  reader.endMessage(outer, 'TimeSeries');
}

function readExemplar(reader: ProtobufReader, builder: SeriesBuilder): void {
  const outer = reader.beginMessage('Exemplar');
  const labels: Label[] = [];
  let isText = true;
  let value = 0;
  let t = 0;
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) {
      const inner = reader.beginMessage('Label');
      let name: string | undefined = '';
      let text: string | undefined = '';
      for (let part = reader.nextField(); part !== 0; part = reader.nextField()) {
        if (part === 1) name = cachedString(reader, names);
        else if (part === 2) text = reader.string();
        else reader.skip();
      }
      isText &&= name !== undefined && text !== undefined;
      labels.push({ name: name ?? '', value: text ?? '' });
      reader.endMessage(inner, 'Exemplar');
    } else if (field === 2) value = reader.double();
    else if (field === 3) t = reader.int64();
    else reader.skip();
  }
  builder.addExemplar(
    { labels, value, t },
    isText ? undefined : 'a label of it is not valid UTF-8',
  );
  reader.endMessage(outer, 'TimeSeries');
}

function readMetadata(reader: ProtobufReader): MetricMetadata {
  let type = 0;
  let metric = '';
  let help = '';
  let unit = '';
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) type = reader.uint32();
    else if (field === 2) metric = lossyString(reader);
    else if (field === 4) help = lossyString(reader);
    else if (field === 5) unit = lossyString(reader);
    else reader.skip();
  }
  return { metric, type: metricType(type), help, unit };
}

function lossyString(reader: ProtobufReader): string {
  const start = reader.bytesField();
  return Buffer.from(reader.bytes.subarray(start, reader.position)).toString('utf8');
}

/** The type of an enum's number, `unknown` if we do not know it. */
export function metricType(number: number): MetricType {
  return METRIC_TYPES[number] ?? 'unknown';
}

/** Encodes a request. Start timestamps have no place in 1.0 and are left out. */
export function encodeWriteRequestV1(
  batch: Pick<WriteBatch, 'series'> & Partial<Pick<WriteBatch, 'metadata'>>,
): Uint8Array {
  const writer = new ProtobufWriter();
  for (const { labels, samples, exemplars } of batch.series) {
    const start = writer.beginMessage(1);
    writeTimeSeries(writer, labels, samples, exemplars);
    writer.endMessage(start);
  }
  for (const { metric, type, help, unit } of batch.metadata ?? []) {
    const start = writer.beginMessage(3);
    const number = METRIC_TYPES.indexOf(type);
    if (number !== 0) writer.uint(1, number);
    if (metric !== '') writer.string(2, metric);
    if (help !== '') writer.string(4, help);
    if (unit !== '') writer.string(5, unit);
    writer.endMessage(start);
  }
  return writer.finish();
}

/** Writes the fields of a TimeSeries. Value bits are copied as they are. */
export function writeTimeSeries(
  writer: ProtobufWriter,
  labels: Labels,
  samples: SampleColumns,
  exemplars: readonly Exemplar[],
): void {
  writeLabels(writer, labels);
  const halves = new Uint32Array(samples.v.buffer, samples.v.byteOffset, samples.v.length * 2);
  for (let i = 0; i < samples.length; i++) {
    const t = samples.t[i]!;
    const histogram = samples.histograms?.[i];
    const start = writer.beginMessage(histogram ? 4 : 2);
    if (histogram) writeHistogram(writer, histogram, t, 0);
    else {
      writer.fixed64(1, halves[2 * i]!, halves[2 * i + 1]!);
      if (t !== 0) writer.int64(2, t);
    }
    writer.endMessage(start);
  }
  for (const exemplar of exemplars) {
    const start = writer.beginMessage(3);
    writeLabels(writer, exemplar.labels);
    writer.double(2, exemplar.value);
    if (exemplar.t !== 0) writer.int64(3, exemplar.t);
    writer.endMessage(start);
  }
}

/** Writes labels as repeated field 1, as TimeSeries, Exemplar and ChunkedSeries have them. */
export function writeLabels(writer: ProtobufWriter, labels: Labels): void {
  for (const { name, value } of labels) {
    const start = writer.beginMessage(1);
    writer.string(1, name);
    if (value !== '') writer.string(2, value);
    writer.endMessage(start);
  }
}
