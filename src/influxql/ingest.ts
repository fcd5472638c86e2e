// Points of line protocol as series of the store: one for each field, its type remembered, what does not fit
// said as InfluxDB says it.

import { type Label, METRIC_NAME } from '../model/labels.ts';
import { floatColumns } from '../model/sample.ts';
import {
  FieldKind,
  LineDecoder,
  type LinePoint,
  type LineSeries,
  type Precision,
  reservedName,
} from '../protocol/influx-line/index.ts';
import type { BatchSeries, WriteBatch } from '../storage/interface.ts';
import type { Scope } from './catalog/catalog.ts';
import { type FieldOrigin, type FieldType, ORIGIN_LABEL } from './catalog/field-table.ts';

export interface DecodedPoints {
  readonly batch: WriteBatch;
  /** Points that could be read, dropped ones included. */
  readonly points: number;
  /** Lines that are no points: `unable to parse '…': …`. At most {@link MAX_LISTED_LINES}. */
  readonly badLines: readonly string[];
  readonly badLineCount: number;
  /** Points that cannot be stored, and why the last of them. */
  readonly dropped: number;
  readonly dropReason: string;
  /** Values that were left out because they are texts. */
  readonly strings: number;
  /** Integers that no double holds exactly. */
  readonly rounded: number;
}

/** A body of nothing but bad lines is not repeated whole. */
export const MAX_LISTED_LINES = 1000;

const TYPES: Readonly<Record<FieldKind, FieldType>> = {
  [FieldKind.float]: 'float',
  [FieldKind.integer]: 'integer',
  [FieldKind.boolean]: 'boolean',
  [FieldKind.string]: 'string',
};

const decoder = new LineDecoder();

/** What becomes of a point with texts: it loses them, or is refused. */
export type StringHandling = 'drop' | 'reject';

/** Fields that are new are made known, durably, before this resolves. Throws INFLUXQL_TOO_MANY_FIELDS. */
export async function decodePoints(
  body: Uint8Array,
  precision: Precision,
  nowNs: bigint,
  scope: Scope,
  strings: StringHandling,
): Promise<DecodedPoints> {
  for (;;) {
    const collector = new PointCollector(scope, strings);
    decoder.decode(body, precision, nowNs, collector);
    if (collector.unknown.length === 0) return collector.result();
    await scope.fields.register(collector.unknown);
  }
}

interface FieldColumns {
  readonly origin: FieldOrigin;
  readonly t: number[];
  readonly v: number[];
}

class PointCollector {
  readonly unknown: Pick<FieldOrigin, 'measurement' | 'field' | 'type'>[] = [];
  readonly #unknownNames = new Set<string>();
  readonly #scope: Scope;
  readonly #refusesStrings: boolean;
  readonly #series = new Map<LineSeries, Map<string, FieldColumns>>();
  readonly #badLines: string[] = [];
  #badLineCount = 0;
  #points = 0;
  #dropped = 0;
  #dropReason = '';
  #strings = 0;
  #rounded = 0;

  constructor(scope: Scope, strings: StringHandling) {
    this.#scope = scope;
    this.#refusesStrings = strings === 'reject';
  }

  error(message: string): void {
    this.#badLineCount++;
    if (this.#badLines.length < MAX_LISTED_LINES) this.#badLines.push(message);
  }

  point(point: LinePoint): void {
    this.#points++;
    const reason =
      reservedName(point) ??
      unstorable(point) ??
      (this.#refusesStrings ? stringField(point) : undefined) ??
      this.#conflict(point);
    if (reason !== undefined) {
      this.#dropped++;
      this.#dropReason = reason;
      return;
    }
    if (this.unknown.length > 0) return;
    const { series } = point;
    let fields = this.#series.get(series);
    if (fields === undefined) {
      fields = new Map();
      this.#series.set(series, fields);
    }
    for (let i = 0; i < point.fieldCount; i++) {
      const name = point.names[i]!;
      if (name === 'time') continue;
      if (point.kinds[i] === FieldKind.string) {
        this.#strings++;
        continue;
      }
      let columns = fields.get(name);
      if (columns === undefined) {
        columns = { origin: this.#originOf(series, name)!, t: [], v: [] };
        fields.set(name, columns);
      }
      const integer = point.integers[i];
      if (integer !== undefined && BigInt(point.values[i]!) !== integer) this.#rounded++;
      columns.t.push(point.timeMs);
      columns.v.push(point.values[i]!);
    }
  }

  result(): DecodedPoints {
    const series: BatchSeries[] = [];
    for (const [key, fields] of this.#series) {
      for (const { origin, t, v } of fields.values()) {
        const samples = floatColumns(Float64Array.from(t), Float64Array.from(v));
        series.push({ labels: labelsOf(key, origin), samples, exemplars: [] });
      }
    }
    return {
      batch: { series, metadata: [], rejections: [] },
      points: this.#points,
      badLines: this.#badLines,
      badLineCount: this.#badLineCount,
      dropped: this.#dropped,
      dropReason: this.#dropReason,
      strings: this.#strings,
      rounded: this.#rounded,
    };
  }

  /** Why a point's types do not fit those known; fields that nobody knows are noted. */
  #conflict(point: LinePoint): string | undefined {
    const { series } = point;
    const { measurement } = series;
    for (let i = 0; i < point.fieldCount; i++) {
      const field = point.names[i]!;
      if (field === 'time') continue;
      const type = TYPES[point.kinds[i]!];
      const origin = this.#originOf(series, field);
      if (origin === undefined) {
        const id = `${measurement}\0${field}`;
        if (this.#unknownNames.has(id)) continue;
        this.#unknownNames.add(id);
        this.unknown.push({ measurement, field, type });
      } else if (origin.type !== type) {
        return `field type conflict: input field "${field}" on measurement "${measurement}" is type ${type}, already exists as type ${origin.type}`;
      }
    }
    return undefined;
  }

  #originOf({ measurement, tags }: LineSeries, field: string): FieldOrigin | undefined {
    // As InfluxDB keeps what Prometheus wrote: that is what it becomes again.
    if (hasMetricName(tags)) {
      return { measurement, field, type: 'float', metric: measurement, marker: '' };
    }
    return this.#scope.fields.find(measurement, field);
  }
}

function hasMetricName(tags: LineSeries['tags']): boolean {
  return tags.some(({ key }) => key === METRIC_NAME);
}

/** Tags that the store needs for itself. */
function unstorable(point: LinePoint): string | undefined {
  const { measurement, tags } = point.series;
  for (const { key, value } of tags) {
    const isMetricName = key === METRIC_NAME;
    if (key !== ORIGIN_LABEL && !isMetricName) continue;
    if (isMetricName && value === measurement && hasOnlyValue(point)) continue;
    return `invalid tag key: input tag "${key}" on measurement "${measurement}" is invalid`;
  }
  return undefined;
}

/** Why a point with a text is refused. */
function stringField({ series, fieldCount, kinds, names }: LinePoint): string | undefined {
  for (let i = 0; i < fieldCount; i++) {
    if (kinds[i] !== FieldKind.string || names[i] === 'time') continue;
    return `strings are not stored (--influx.strings): input field "${names[i]}" on measurement "${series.measurement}" is type string`;
  }
  return undefined;
}

function hasOnlyValue(point: LinePoint): boolean {
  return point.fieldCount === 1 && point.names[0] === 'value';
}

function labelsOf({ tags }: LineSeries, { metric, marker }: FieldOrigin): Label[] {
  const labels: Label[] = [{ name: METRIC_NAME, value: metric }];
  if (marker !== '') labels.push({ name: ORIGIN_LABEL, value: marker });
  for (const { key, value } of tags) if (key !== METRIC_NAME) labels.push({ name: key, value });
  return labels;
}
