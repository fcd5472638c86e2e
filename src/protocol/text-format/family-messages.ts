// io.prometheus.client.MetricFamily and what is in it, as clients write them: bytes → plain objects. Nothing is judged but
// that it can be read.

import type { Label } from '../../model/labels.ts';
import type { BucketSpan, RawFloat64 } from '../../model/native-histogram.ts';
import type { ProtobufReader } from '../protobuf-reader.ts';
import { readSpan } from '../remote-write/histogram.ts';

const FAMILY = 'MetricFamily';
const METRIC = 'Metric';
const HISTOGRAM = 'Histogram';

export interface FamilyMessage {
  name: string;
  help: string;
  unit: string;
  /** As in the enumeration MetricType. */
  type: number;
  readonly metrics: MetricMessage[];
  /** False if a text was not UTF-8. */
  isText: boolean;
}

export interface MetricMessage {
  readonly labels: Label[];
  /** ms, 0 = unset. */
  t: number;
  value: ScalarMessage | SummaryMessage | HistogramMessage | undefined;
}

export interface ExemplarMessage {
  readonly labels: Label[];
  value: number;
  /** ms, 0 = unset. */
  t: number;
}

export interface ScalarMessage {
  readonly kind: 'scalar';
  value: number;
  exemplar: ExemplarMessage | undefined;
  /** ms, 0 = unset. */
  startT: number;
}

export interface SummaryMessage {
  readonly kind: 'summary';
  count: bigint;
  sum: number;
  readonly quantiles: { quantile: number; value: number }[];
  startT: number;
}

export interface HistogramMessage {
  readonly kind: 'histogram';
  count: bigint;
  /** Instead of `count` and of the counts of `buckets`, if it is set. */
  floatCount: number;
  sum: RawFloat64;
  readonly buckets: BucketMessage[];
  schema: number;
  zeroThreshold: number;
  zeroCount: bigint;
  floatZeroCount: number;
  readonly positiveSpans: BucketSpan[];
  readonly negativeSpans: BucketSpan[];
  readonly positiveDeltas: bigint[];
  readonly negativeDeltas: bigint[];
  readonly positiveCounts: number[];
  readonly negativeCounts: number[];
  readonly exemplars: ExemplarMessage[];
  startT: number;
}

export interface BucketMessage {
  upperBound: number;
  cumulativeCount: number;
  exemplar: ExemplarMessage | undefined;
}

/** Reads one message, of which the reader holds nothing else. Throws PROTOBUF_MALFORMED. */
export function readFamily(reader: ProtobufReader): FamilyMessage {
  const family: FamilyMessage = {
    name: '',
    help: '',
    unit: '',
    type: 0,
    metrics: [],
    isText: true,
  };
  const text = (): string => {
    const read = reader.string();
    if (read === undefined) family.isText = false;
    return read ?? '';
  };
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) family.name = text();
    else if (field === 2) family.help = text();
    else if (field === 3) family.type = reader.uint32();
    else if (field === 4) family.metrics.push(readMetric(reader, text));
    else if (field === 5) family.unit = text();
    else reader.skip();
  }
  return family;
}

function readMetric(reader: ProtobufReader, text: () => string): MetricMessage {
  const outer = reader.beginMessage(METRIC);
  const metric: MetricMessage = { labels: [], t: 0, value: undefined };
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) metric.labels.push(readLabel(reader, text, METRIC));
    else if (field === 6) metric.t = reader.int64();
    else if (field === 2 || field === 3 || field === 5) metric.value = readScalar(reader, text);
    else if (field === 4) metric.value = readSummary(reader);
    else if (field === 7) metric.value = readHistogram(reader, text);
    else reader.skip();
  }
  reader.endMessage(outer, FAMILY);
  return metric;
}

function readLabel(reader: ProtobufReader, text: () => string, around: string): Label {
  const outer = reader.beginMessage('LabelPair');
  let name = '';
  let value = '';
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) name = text();
    else if (field === 2) value = text();
    else reader.skip();
  }
  reader.endMessage(outer, around);
  return { name, value };
}

/** A gauge, a counter or one without a type: what a counter has, the others may have. */
function readScalar(reader: ProtobufReader, text: () => string): ScalarMessage {
  const outer = reader.beginMessage('Counter');
  const scalar: ScalarMessage = { kind: 'scalar', value: 0, exemplar: undefined, startT: 0 };
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) scalar.value = reader.double();
    else if (field === 2) scalar.exemplar = readExemplar(reader, text, 'Counter');
    else if (field === 3) scalar.startT = readTimestamp(reader, 'Counter');
    else reader.skip();
  }
  reader.endMessage(outer, METRIC);
  return scalar;
}

function readSummary(reader: ProtobufReader): SummaryMessage {
  const outer = reader.beginMessage('Summary');
  const summary: SummaryMessage = { kind: 'summary', count: 0n, sum: 0, quantiles: [], startT: 0 };
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) summary.count = reader.uint64();
    else if (field === 2) summary.sum = reader.double();
    else if (field === 3) {
      const [quantile, value] = readPair(reader, 'Quantile', 'Summary');
      summary.quantiles.push({ quantile, value });
    } else if (field === 4) summary.startT = readTimestamp(reader, 'Summary');
    else reader.skip();
  }
  reader.endMessage(outer, METRIC);
  return summary;
}

function readHistogram(reader: ProtobufReader, text: () => string): HistogramMessage {
  const outer = reader.beginMessage(HISTOGRAM);
  const histogram: HistogramMessage = {
    kind: 'histogram',
    count: 0n,
    floatCount: 0,
    sum: { low: 0, high: 0 },
    buckets: [],
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0n,
    floatZeroCount: 0,
    positiveSpans: [],
    negativeSpans: [],
    positiveDeltas: [],
    negativeDeltas: [],
    positiveCounts: [],
    negativeCounts: [],
    exemplars: [],
    startT: 0,
  };
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    readHistogramField(reader, field, histogram, text);
  }
  reader.endMessage(outer, METRIC);
  return histogram;
}

function readHistogramField(
  reader: ProtobufReader,
  field: number,
  histogram: HistogramMessage,
  text: () => string,
): void {
  switch (field) {
    case 1:
      histogram.count = reader.uint64();
      return;
    case 2:
      reader.fixed64();
      histogram.sum = { low: reader.low, high: reader.high };
      return;
    case 3:
      histogram.buckets.push(readBucket(reader, text));
      return;
    case 4:
      histogram.floatCount = reader.double();
      return;
    case 5:
      histogram.schema = reader.sint32();
      return;
    case 6:
      histogram.zeroThreshold = reader.double();
      return;
    case 7:
      histogram.zeroCount = reader.uint64();
      return;
    case 8:
      histogram.floatZeroCount = reader.double();
      return;
    case 9:
      histogram.negativeSpans.push(readSpan(reader, HISTOGRAM));
      return;
    case 10:
      reader.sint64List(histogram.negativeDeltas);
      return;
    case 11:
      reader.doubleList(histogram.negativeCounts);
      return;
    case 12:
      histogram.positiveSpans.push(readSpan(reader, HISTOGRAM));
      return;
    case 13:
      reader.sint64List(histogram.positiveDeltas);
      return;
    case 14:
      reader.doubleList(histogram.positiveCounts);
      return;
    case 15:
      histogram.startT = readTimestamp(reader, HISTOGRAM);
      return;
    case 16:
      histogram.exemplars.push(readExemplar(reader, text, HISTOGRAM));
      return;
    default:
      reader.skip();
  }
}

function readBucket(reader: ProtobufReader, text: () => string): BucketMessage {
  const outer = reader.beginMessage('Bucket');
  const bucket: BucketMessage = { upperBound: 0, cumulativeCount: 0, exemplar: undefined };
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) bucket.cumulativeCount = Number(reader.uint64());
    else if (field === 2) bucket.upperBound = reader.double();
    else if (field === 3) bucket.exemplar = readExemplar(reader, text, 'Bucket');
    else if (field === 4) bucket.cumulativeCount = reader.double();
    else reader.skip();
  }
  reader.endMessage(outer, HISTOGRAM);
  return bucket;
}

function readExemplar(reader: ProtobufReader, text: () => string, around: string): ExemplarMessage {
  const outer = reader.beginMessage('Exemplar');
  const exemplar: ExemplarMessage = { labels: [], value: 0, t: 0 };
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) exemplar.labels.push(readLabel(reader, text, 'Exemplar'));
    else if (field === 2) exemplar.value = reader.double();
    else if (field === 3) exemplar.t = readTimestamp(reader, 'Exemplar');
    else reader.skip();
  }
  reader.endMessage(outer, around);
  return exemplar;
}

/** A google.protobuf.Timestamp in ms, rounded down. */
function readTimestamp(reader: ProtobufReader, around: string): number {
  const outer = reader.beginMessage('Timestamp');
  let seconds = 0;
  let nanos = 0;
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) seconds = reader.int64();
    else if (field === 2) nanos = reader.int64();
    else reader.skip();
  }
  reader.endMessage(outer, around);
  return seconds * 1000 + Math.floor(nanos / 1e6);
}

/** Two doubles, 1 and 2. */
function readPair(reader: ProtobufReader, message: string, around: string): [number, number] {
  const outer = reader.beginMessage(message);
  const pair: [number, number] = [0, 0];
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1 || field === 2) pair[field - 1] = reader.double();
    else reader.skip();
  }
  reader.endMessage(outer, around);
  return pair;
}
