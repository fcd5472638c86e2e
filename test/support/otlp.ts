// OTLP requests for tests: written once as the JSON that the specification defines, and turned into protobuf by a
// table of fields that knows nothing of the code under test.

import { rawFloat64 } from '../../src/model/native-histogram.ts';
import { ProtobufWriter } from '../../src/protocol/protobuf-writer.ts';

/** As JSON has it. */
export type OtlpRequest = { readonly resourceMetrics?: readonly OtlpObject[] };
export type OtlpObject = { readonly [key: string]: OtlpValue };
export type OtlpValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | OtlpObject
  | readonly OtlpValue[];

type Scalar =
  | 'string'
  | 'bool'
  | 'double'
  | 'int'
  | 'sint32'
  | 'fixed64'
  | 'sfixed64'
  | 'hex'
  | 'base64'
  | 'uint64s'
  | 'fixed64s'
  | 'doubles';

/** Number, and type or the name of a message. */
type Field = readonly [number: number, type: Scalar | keyof typeof MESSAGES];

const POINT_HEAD = { startTimeUnixNano: [2, 'fixed64'], timeUnixNano: [3, 'fixed64'] } as const;

const MESSAGES = {
  Request: { resourceMetrics: [1, 'ResourceMetrics'] },
  ResourceMetrics: {
    resource: [1, 'Resource'],
    scopeMetrics: [2, 'ScopeMetrics'],
    schemaUrl: [3, 'string'],
    instrumentationLibraryMetrics: [2, 'ScopeMetrics'],
    deprecatedLibraryMetrics: [1000, 'ScopeMetrics'],
  },
  Resource: { attributes: [1, 'KeyValue'] },
  ScopeMetrics: {
    scope: [1, 'Scope'],
    metrics: [2, 'Metric'],
    schemaUrl: [3, 'string'],
    instrumentationLibrary: [1, 'Scope'],
  },
  Scope: { name: [1, 'string'], version: [2, 'string'], attributes: [3, 'KeyValue'] },
  Metric: {
    name: [1, 'string'],
    description: [2, 'string'],
    unit: [3, 'string'],
    intGauge: [4, 'IntData'],
    gauge: [5, 'Data'],
    doubleGauge: [5, 'OldData'],
    intSum: [6, 'IntData'],
    sum: [7, 'Data'],
    doubleSum: [7, 'OldData'],
    intHistogram: [8, 'IntHistogram'],
    histogram: [9, 'Histogram'],
    doubleHistogram: [9, 'Histogram'],
    exponentialHistogram: [10, 'ExponentialHistogram'],
    summary: [11, 'Summary'],
    doubleSummary: [11, 'Summary'],
    future: [77, 'Data'],
  },
  Data: {
    dataPoints: [1, 'NumberPoint'],
    aggregationTemporality: [2, 'int'],
    isMonotonic: [3, 'bool'],
  },
  OldData: {
    dataPoints: [1, 'DoublePoint'],
    aggregationTemporality: [2, 'int'],
    isMonotonic: [3, 'bool'],
  },
  IntData: {
    dataPoints: [1, 'IntPoint'],
    aggregationTemporality: [2, 'int'],
    isMonotonic: [3, 'bool'],
  },
  Histogram: { dataPoints: [1, 'HistogramPoint'], aggregationTemporality: [2, 'int'] },
  IntHistogram: { dataPoints: [1, 'IntHistogramPoint'], aggregationTemporality: [2, 'int'] },
  ExponentialHistogram: {
    dataPoints: [1, 'ExponentialPoint'],
    aggregationTemporality: [2, 'int'],
  },
  Summary: { dataPoints: [1, 'SummaryPoint'] },
  NumberPoint: {
    ...POINT_HEAD,
    asDouble: [4, 'double'],
    exemplars: [5, 'Exemplar'],
    asInt: [6, 'sfixed64'],
    attributes: [7, 'KeyValue'],
    flags: [8, 'int'],
  },
  DoublePoint: {
    ...POINT_HEAD,
    labels: [1, 'StringKeyValue'],
    value: [4, 'double'],
    exemplars: [5, 'OldExemplar'],
  },
  IntPoint: {
    ...POINT_HEAD,
    labels: [1, 'StringKeyValue'],
    value: [4, 'sfixed64'],
    exemplars: [5, 'IntExemplar'],
  },
  HistogramPoint: {
    ...POINT_HEAD,
    labels: [1, 'StringKeyValue'],
    count: [4, 'fixed64'],
    sum: [5, 'double'],
    bucketCounts: [6, 'fixed64s'],
    explicitBounds: [7, 'doubles'],
    exemplars: [8, 'Exemplar'],
    attributes: [9, 'KeyValue'],
    flags: [10, 'int'],
    min: [11, 'double'],
    max: [12, 'double'],
  },
  IntHistogramPoint: {
    ...POINT_HEAD,
    labels: [1, 'StringKeyValue'],
    count: [4, 'fixed64'],
    sum: [5, 'sfixed64'],
    bucketCounts: [6, 'fixed64s'],
    explicitBounds: [7, 'doubles'],
  },
  ExponentialPoint: {
    ...POINT_HEAD,
    attributes: [1, 'KeyValue'],
    count: [4, 'fixed64'],
    sum: [5, 'double'],
    scale: [6, 'sint32'],
    zeroCount: [7, 'fixed64'],
    positive: [8, 'Buckets'],
    negative: [9, 'Buckets'],
    flags: [10, 'int'],
    exemplars: [11, 'Exemplar'],
    min: [12, 'double'],
    max: [13, 'double'],
    zeroThreshold: [14, 'double'],
  },
  Buckets: { offset: [1, 'sint32'], bucketCounts: [2, 'uint64s'] },
  SummaryPoint: {
    ...POINT_HEAD,
    labels: [1, 'StringKeyValue'],
    count: [4, 'fixed64'],
    sum: [5, 'double'],
    quantileValues: [6, 'Quantile'],
    attributes: [7, 'KeyValue'],
    flags: [8, 'int'],
  },
  Quantile: { quantile: [1, 'double'], value: [2, 'double'] },
  Exemplar: {
    timeUnixNano: [2, 'fixed64'],
    asDouble: [3, 'double'],
    spanId: [4, 'hex'],
    traceId: [5, 'hex'],
    asInt: [6, 'sfixed64'],
    filteredAttributes: [7, 'KeyValue'],
  },
  OldExemplar: {
    filteredLabels: [1, 'StringKeyValue'],
    timeUnixNano: [2, 'fixed64'],
    value: [3, 'double'],
    spanId: [4, 'hex'],
    traceId: [5, 'hex'],
  },
  IntExemplar: {
    filteredLabels: [1, 'StringKeyValue'],
    timeUnixNano: [2, 'fixed64'],
    value: [3, 'sfixed64'],
    spanId: [4, 'hex'],
    traceId: [5, 'hex'],
  },
  KeyValue: { key: [1, 'string'], value: [2, 'AnyValue'] },
  StringKeyValue: { key: [1, 'string'], value: [2, 'string'] },
  AnyValue: {
    stringValue: [1, 'string'],
    boolValue: [2, 'bool'],
    intValue: [3, 'int'],
    doubleValue: [4, 'double'],
    arrayValue: [5, 'ArrayValue'],
    kvlistValue: [6, 'KeyValueList'],
    bytesValue: [7, 'base64'],
  },
  ArrayValue: { values: [1, 'AnyValue'] },
  KeyValueList: { values: [1, 'KeyValue'] },
} as const;

/** The request in protobuf. Fields are written in the order of the object, lists of numbers packed. */
export function otlpProtobuf(request: OtlpRequest): Buffer {
  const writer = new ProtobufWriter();
  writeMessage(writer, 'Request', request as OtlpObject);
  return Buffer.from(writer.finish());
}

export function otlpJson(request: OtlpRequest): Buffer {
  return Buffer.from(JSON.stringify(request));
}

function writeMessage(
  writer: ProtobufWriter,
  message: keyof typeof MESSAGES,
  object: OtlpObject,
): void {
  for (const [key, value] of Object.entries(object)) {
    const fields: Readonly<Record<string, Field>> = MESSAGES[message];
    const field = fields[key];
    if (field === undefined) throw new Error(`${message} has no field ${key}`);
    if (value === null || value === undefined) continue;
    const [number, type] = field;
    const isList = type === 'uint64s' || type === 'fixed64s' || type === 'doubles';
    const values = Array.isArray(value) && !isList ? (value as OtlpValue[]) : [value];
    for (const one of values) writeField(writer, number, type, one);
  }
}

function writeField(
  writer: ProtobufWriter,
  number: number,
  type: Field[1],
  value: OtlpValue,
): void {
  switch (type) {
    case 'string':
      writer.string(number, value as string);
      return;
    case 'bool':
      writer.uint(number, value === true ? 1 : 0);
      return;
    case 'double': {
      const { low, high } = rawFloat64(doubleOf(value));
      writer.fixed64(number, low, high);
      return;
    }
    case 'int':
      writer.uint64(number, BigInt(value as string | number));
      return;
    case 'sint32':
      writer.sint32(number, Number(value));
      return;
    case 'fixed64':
    case 'sfixed64': {
      const bits = BigInt.asUintN(64, BigInt(value as string | number));
      writer.fixed64(number, Number(bits & 0xffff_ffffn), Number(bits >> 32n));
      return;
    }
    case 'hex':
      writer.bytes(number, Buffer.from(value as string, 'hex'));
      return;
    case 'base64':
      writer.bytes(number, Buffer.from(value as string, 'base64'));
      return;
    case 'doubles':
      writer.doubleList(number, (value as OtlpValue[]).map(doubleOf));
      return;
    case 'fixed64s':
      writer.bytes(number, Buffer.concat((value as (string | number)[]).map(fixed64Bytes)));
      return;
    case 'uint64s':
      writer.bytes(number, Buffer.concat((value as (string | number)[]).map(varintBytes)));
      return;
    default: {
      const start = writer.beginMessage(number);
      writeMessage(writer, type, value as OtlpObject);
      writer.endMessage(start);
    }
  }
}

function doubleOf(value: OtlpValue): number {
  return Number(value);
}

function fixed64Bytes(value: string | number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function varintBytes(value: string | number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

/** Attributes of an object: texts, numbers (whole ones as integers), booleans. */
export function attributes(of: Readonly<Record<string, string | number | boolean>>): OtlpObject[] {
  return Object.entries(of).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: string | number | boolean): OtlpObject {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** Nanoseconds of milliseconds, as JSON has them. */
export function nanos(ms: number): string {
  return `${ms}000000`;
}

/** A request of one resource and one scope. */
export function otlpRequest(
  metrics: readonly OtlpObject[],
  resource: Readonly<Record<string, string | number | boolean>> = {},
): OtlpRequest {
  return {
    resourceMetrics: [
      { resource: { attributes: attributes(resource) }, scopeMetrics: [{ metrics }] },
    ],
  };
}
