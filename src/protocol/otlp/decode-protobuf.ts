// ExportMetricsServiceRequest in protobuf. Fields may come in any order, and what a message says about itself may
// come after what it holds: each level is looked through once for its own fields, and then for the next level.

import { ProtobufReader } from '../protobuf-reader.ts';
import { decodeUtf8 } from '../string-cache.ts';
import {
  type Attribute,
  hasTemporality,
  type Metric,
  type MetricKind,
  type MetricsSink,
  type Scope,
} from './model.ts';
import { readAttribute, readString } from './protobuf-attributes.ts';
import {
  readExponentialPoint,
  readHistogramPoint,
  readNumberPoint,
  readSummaryPoint,
} from './protobuf-points.ts';

/** Bytes [start, end) of a message within the request. */
interface Extent {
  readonly start: number;
  readonly end: number;
}

/** A message of data points: kind, and whether numbers are integers, as senders before 0.9 had it. */
interface DataField {
  readonly kind: MetricKind;
  readonly isInteger: boolean;
}

/** By field number of Metric. 4, 6 and 8 are of versions 0.5 to 0.8. */
const DATA_FIELDS: ReadonlyMap<number, DataField> = new Map([
  [4, { kind: 'gauge', isInteger: true }],
  [5, { kind: 'gauge', isInteger: false }],
  [6, { kind: 'sum', isInteger: true }],
  [7, { kind: 'sum', isInteger: false }],
  [8, { kind: 'histogram', isInteger: true }],
  [9, { kind: 'histogram', isInteger: false }],
  [10, { kind: 'exponentialHistogram', isInteger: false }],
  [11, { kind: 'summary', isInteger: false }],
]);

/** Field of ResourceMetrics where versions 0.15 to 0.19 repeated what 2 had held before. */
const OLD_SCOPES = 1000;

/** Tells `sink` of a request. Throws PROTOBUF_MALFORMED, and what the sink throws. */
export function decodeMetricsProtobuf(bytes: Uint8Array, sink: MetricsSink): void {
  new RequestDecoder(bytes, sink).decode();
}

class RequestDecoder {
  readonly #reader: ProtobufReader;
  readonly #sink: MetricsSink;

  constructor(bytes: Uint8Array, sink: MetricsSink) {
    this.#reader = new ProtobufReader(bytes, 'ExportMetricsServiceRequest');
    this.#sink = sink;
  }

  decode(): void {
    const reader = this.#reader;
    const { end } = reader;
    for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
      if (field !== 1) {
        reader.skip();
        continue;
      }
      const resource = this.#extent();
      this.#readResource(resource);
      reader.seek(resource.end, end, 'ExportMetricsServiceRequest');
    }
  }

  /** Passes over the message at hand. */
  #extent(): Extent {
    const start = this.#reader.bytesField();
    return { start, end: this.#reader.position };
  }

  #readResource({ start, end }: Extent): void {
    const reader = this.#reader;
    reader.seek(start, end, 'ResourceMetrics');
    const attributes: Attribute[] = [];
    for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
      if (field === 1) this.#readResourceAttributes(attributes);
      else reader.skip();
    }
    this.#sink.beginResource({ attributes });
    reader.seek(start, end, 'ResourceMetrics');
    for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
      if (field !== 2 && field !== OLD_SCOPES) {
        reader.skip();
        continue;
      }
      const scope = this.#extent();
      this.#readScope(scope);
      reader.seek(scope.end, end, 'ResourceMetrics');
    }
    this.#sink.endResource();
  }

  #readResourceAttributes(attributes: Attribute[]): void {
    const reader = this.#reader;
    const outer = reader.beginMessage('Resource');
    for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
      if (field === 1) readAttribute(reader, 'Resource', attributes);
      else reader.skip();
    }
    reader.endMessage(outer, 'ResourceMetrics');
  }

  #readScope({ start, end }: Extent): void {
    const reader = this.#reader;
    reader.seek(start, end, 'ScopeMetrics');
    let scope: Omit<Scope, 'schemaUrl'> = { name: '', version: '', attributes: [] };
    let schemaUrl = '';
    for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
      if (field === 1) scope = this.#readScopeFields();
      else if (field === 3) schemaUrl = readString(reader) ?? '';
      else reader.skip();
    }
    this.#sink.beginScope({ ...scope, schemaUrl });
    reader.seek(start, end, 'ScopeMetrics');
    for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
      if (field !== 2) {
        reader.skip();
        continue;
      }
      const metric = this.#extent();
      this.#readMetric(metric);
      reader.seek(metric.end, end, 'ScopeMetrics');
    }
  }

  #readScopeFields(): Omit<Scope, 'schemaUrl'> {
    const reader = this.#reader;
    const outer = reader.beginMessage('InstrumentationScope');
    let name = '';
    let version = '';
    const attributes: Attribute[] = [];
    for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
      if (field === 1) name = readString(reader) ?? '';
      else if (field === 2) version = readString(reader) ?? '';
      else if (field === 3) readAttribute(reader, 'InstrumentationScope', attributes);
      else reader.skip();
    }
    reader.endMessage(outer, 'ScopeMetrics');
    return { name, version, attributes };
  }

  #readMetric({ start, end }: Extent): void {
    const reader = this.#reader;
    reader.seek(start, end, 'Metric');
    let name: string | undefined = '';
    let description: string | undefined = '';
    let unit: string | undefined = '';
    let data: DataField | undefined;
    let extent: Extent = { start: end, end };
    for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
      const dataField = DATA_FIELDS.get(field);
      if (dataField !== undefined) {
        data = dataField;
        extent = this.#extent();
      } else if (field === 1) name = readString(reader);
      else if (field === 2) {
        const from = reader.bytesField();
        description = decodeUtf8(reader.bytes, from, reader.position);
      } else if (field === 3) unit = readString(reader);
      else reader.skip();
    }
    const metric = { name, description, unit, kind: data?.kind };
    this.#readData(metric, data?.isInteger ?? false, extent);
  }

  /** The data points; temporality and monotonicity come after them. */
  #readData(
    metric: Omit<Metric, 'temporality' | 'isMonotonic'>,
    isInteger: boolean,
    { start, end }: Extent,
  ): void {
    const reader = this.#reader;
    reader.seek(start, end, 'Metric');
    let temporality = 0;
    let isMonotonic = false;
    for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
      if (field === 2 && hasTemporality(metric.kind)) temporality = reader.int64();
      else if (field === 3 && metric.kind === 'sum') isMonotonic = reader.bool();
      else reader.skip();
    }
    this.#sink.beginMetric({ ...metric, temporality, isMonotonic });
    reader.seek(start, end, 'Metric');
    for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
      if (field === 1) this.#readPoint(metric.kind!, isInteger);
      else reader.skip();
    }
    this.#sink.endMetric();
  }

  #readPoint(kind: MetricKind, isInteger: boolean): void {
    const reader = this.#reader;
    const sink = this.#sink;
    const outer = reader.beginMessage('DataPoint');
    switch (kind) {
      case 'gauge':
      case 'sum':
        sink.numberPoint(readNumberPoint(reader, isInteger));
        break;
      case 'histogram':
        sink.histogramPoint(readHistogramPoint(reader, isInteger));
        break;
      case 'exponentialHistogram':
        sink.exponentialPoint(readExponentialPoint(reader));
        break;
      case 'summary':
        sink.summaryPoint(readSummaryPoint(reader));
        break;
    }
    reader.endMessage(outer, 'Metric');
  }
}
