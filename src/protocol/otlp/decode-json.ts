// ExportMetricsServiceRequest in JSON. As in protobuf, what an object says about itself may come after what it
// holds: each level is looked through once for its own fields, and then for the next level.

import { JsonReader } from '../json-reader.ts';
import { readAttributes } from './json-attributes.ts';
import {
  readExponentialPoint,
  readHistogramPoint,
  readNumberPoint,
  readSummaryPoint,
} from './json-points.ts';
import { forEachField, forEachItem, skipped } from './json-values.ts';
import {
  type Attribute,
  hasTemporality,
  type Metric,
  type MetricKind,
  type MetricsSink,
  type Scope,
  Temporality,
} from './model.ts';

/** By field of a metric; some are of versions 0.5 to 0.8. */
const DATA_FIELDS: ReadonlyMap<string, MetricKind> = new Map([
  ['gauge', 'gauge'],
  ['sum', 'sum'],
  ['histogram', 'histogram'],
  ['exponentialHistogram', 'exponentialHistogram'],
  ['summary', 'summary'],
  ['intGauge', 'gauge'],
  ['doubleGauge', 'gauge'],
  ['intSum', 'sum'],
  ['doubleSum', 'sum'],
  ['intHistogram', 'histogram'],
  ['doubleHistogram', 'histogram'],
  ['doubleSummary', 'summary'],
]);

/** Numbers are what senders must write; names are what other JSON of protobuf has. */
const TEMPORALITIES: ReadonlyMap<string, Temporality> = new Map([
  ['AGGREGATION_TEMPORALITY_UNSPECIFIED', Temporality.unspecified],
  ['AGGREGATION_TEMPORALITY_DELTA', Temporality.delta],
  ['AGGREGATION_TEMPORALITY_CUMULATIVE', Temporality.cumulative],
]);

/** Tells `sink` of a request. Throws JSON_MALFORMED, and what the sink throws. */
export function decodeMetricsJson(bytes: Uint8Array, sink: MetricsSink): void {
  new RequestDecoder(new JsonReader(bytes), sink).decode();
}

class RequestDecoder {
  readonly #reader: JsonReader;
  readonly #sink: MetricsSink;

  constructor(reader: JsonReader, sink: MetricsSink) {
    this.#reader = reader;
    this.#sink = sink;
  }

  decode(): void {
    const reader = this.#reader;
    forEachField(reader, (field) => {
      if (field !== 'resourceMetrics') return false;
      forEachItem(reader, () => this.#readResource());
      return true;
    });
    reader.end();
  }

  #readResource(): void {
    const reader = this.#reader;
    const attributes: Attribute[] = [];
    const scopes: number[] = [];
    forEachField(reader, (field) => {
      if (field === 'resource') {
        forEachField(reader, (inner) => {
          if (inner !== 'attributes') return false;
          readAttributes(reader, attributes);
          return true;
        });
      } else if (field === 'scopeMetrics' || field === 'instrumentationLibraryMetrics') {
        scopes.push(skipped(reader));
      } else return false;
      return true;
    });
    const end = reader.position;
    this.#sink.beginResource({ attributes });
    for (const position of scopes) {
      reader.seek(position);
      forEachItem(reader, () => this.#readScope());
    }
    this.#sink.endResource();
    reader.seekBehind(end);
  }

  #readScope(): void {
    const reader = this.#reader;
    let scope: Omit<Scope, 'schemaUrl'> = { name: '', version: '', attributes: [] };
    let schemaUrl = '';
    const metrics: number[] = [];
    forEachField(reader, (field) => {
      if (field === 'scope' || field === 'instrumentationLibrary') scope = this.#readScopeFields();
      else if (field === 'schemaUrl') schemaUrl = reader.string() ?? '';
      else if (field === 'metrics') metrics.push(skipped(reader));
      else return false;
      return true;
    });
    const end = reader.position;
    this.#sink.beginScope({ ...scope, schemaUrl });
    for (const position of metrics) {
      reader.seek(position);
      forEachItem(reader, () => this.#readMetric());
    }
    reader.seekBehind(end);
  }

  #readScopeFields(): Omit<Scope, 'schemaUrl'> {
    const reader = this.#reader;
    let name = '';
    let version = '';
    const attributes: Attribute[] = [];
    forEachField(reader, (field) => {
      if (field === 'name') name = reader.string() ?? '';
      else if (field === 'version') version = reader.string() ?? '';
      else if (field === 'attributes') readAttributes(reader, attributes);
      else return false;
      return true;
    });
    return { name, version, attributes };
  }

  #readMetric(): void {
    const reader = this.#reader;
    let name: string | undefined = '';
    let description: string | undefined = '';
    let unit: string | undefined = '';
    let kind: MetricKind | undefined;
    let data: number | undefined;
    forEachField(reader, (field) => {
      const dataKind = DATA_FIELDS.get(field);
      if (dataKind !== undefined) {
        kind = dataKind;
        data = skipped(reader);
      } else if (field === 'name') name = reader.string();
      else if (field === 'description') description = reader.string();
      else if (field === 'unit') unit = reader.string();
      else return false;
      return true;
    });
    const end = reader.position;
    this.#readData({ name, description, unit, kind }, data);
    reader.seekBehind(end);
  }

  #readData(
    metric: Omit<Metric, 'temporality' | 'isMonotonic'>,
    position: number | undefined,
  ): void {
    const reader = this.#reader;
    let temporality: Temporality = Temporality.unspecified;
    let isMonotonic = false;
    const points: number[] = [];
    if (position !== undefined) {
      reader.seek(position);
      forEachField(reader, (field) => {
        if (field === 'aggregationTemporality' && hasTemporality(metric.kind)) {
          temporality = this.#readTemporality();
        } else if (field === 'isMonotonic' && metric.kind === 'sum') isMonotonic = reader.bool();
        else if (field === 'dataPoints') points.push(skipped(reader));
        else return false;
        return true;
      });
    }
    this.#sink.beginMetric({ ...metric, temporality, isMonotonic });
    for (const start of points) {
      reader.seek(start);
      forEachItem(reader, () => this.#readPoint(metric.kind!));
    }
    this.#sink.endMetric();
  }

  #readTemporality(): Temporality {
    const reader = this.#reader;
    if (reader.kind() !== 'string') return Number(reader.number());
    const text = reader.string() ?? '';
    return TEMPORALITIES.get(text) ?? Number(text);
  }

  #readPoint(kind: MetricKind): void {
    const reader = this.#reader;
    const sink = this.#sink;
    switch (kind) {
      case 'gauge':
      case 'sum':
        sink.numberPoint(readNumberPoint(reader));
        break;
      case 'histogram':
        sink.histogramPoint(readHistogramPoint(reader));
        break;
      case 'exponentialHistogram':
        sink.exponentialPoint(readExponentialPoint(reader));
        break;
      case 'summary':
        sink.summaryPoint(readSummaryPoint(reader));
        break;
    }
  }
}
