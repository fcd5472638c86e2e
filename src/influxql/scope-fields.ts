// Where the fields of a series go, remembered from one request to the next: neither their types nor their labels are
// looked up again. What the series of a measurement have in common is kept once.

import { type Label, METRIC_NAME } from '../model/labels.ts';
import type { LineSeries } from '../protocol/influx-line/index.ts';
import { type LabelSource, RowSeries } from '../storage/rows.ts';
import type { Scope } from './catalog/catalog.ts';
import type { FieldRegistry } from './catalog/field-registry.ts';
import { type FieldOrigin, type FieldType, ORIGIN_LABEL } from './catalog/field-table.ts';

/** Measurements past this many make it forget the others. */
const MAX_MEASUREMENTS = 10_000;

const SPECIAL_TAGS: ReadonlySet<string> = new Set(['time', METRIC_NAME, ORIGIN_LABEL]);

const scopes = new WeakMap<FieldRegistry, ScopeFields>();

/** What is remembered of one scope. */
export class ScopeFields {
  readonly #registry: FieldRegistry;
  #series = new WeakMap<LineSeries, SeriesFields>();
  readonly #measurements = new Map<string, MeasurementFields>();
  /** Fields that had been forgotten when this was begun. */
  #forgotten: number;

  private constructor(registry: FieldRegistry) {
    this.#registry = registry;
    this.#forgotten = registry.forgotten;
  }

  static of({ fields }: Scope): ScopeFields {
    let known = scopes.get(fields);
    if (known === undefined) {
      known = new ScopeFields(fields);
      scopes.set(fields, known);
    }
    return known;
  }

  /** Of a series that the decoder gives again and again as the same object. */
  ofSeries(series: LineSeries): SeriesFields {
    const { forgotten } = this.#registry;
    if (forgotten !== this.#forgotten) {
      this.#forgotten = forgotten;
      this.#series = new WeakMap();
      this.#measurements.clear();
    }
    let fields = this.#series.get(series);
    if (fields === undefined) {
      fields = new SeriesFields(series, this.#measurementOf(series));
      this.#series.set(series, fields);
    }
    return fields;
  }

  #measurementOf({ measurement, tags }: LineSeries): MeasurementFields {
    // As InfluxDB keeps what Prometheus wrote: that is what it becomes again.
    const isPrometheus = tags.some(({ key }) => key === METRIC_NAME);
    const key = `${measurement}\0${isPrometheus}`;
    let fields = this.#measurements.get(key);
    if (fields === undefined) {
      fields = new MeasurementFields(measurement, isPrometheus ? undefined : this.#registry);
      if (this.#measurements.size >= MAX_MEASUREMENTS) this.#measurements.clear();
      this.#measurements.set(key, fields);
    }
    return fields;
  }
}

/** The fields of a measurement, in the order in which they came. */
class MeasurementFields {
  readonly #measurement: string;
  readonly #registry: FieldRegistry | undefined;
  readonly #names: string[] = [];
  readonly #origins: FieldOrigin[] = [];
  readonly #places = new Map<string, number>();

  /** Without a registry all of them are Prometheus' own. */
  constructor(measurement: string, registry: FieldRegistry | undefined) {
    this.#measurement = measurement;
    this.#registry = registry;
  }

  /** The place of a field, which most often is `expected`; -1 if nobody knows it. */
  placeOf(field: string, expected: number): number {
    if (this.#names[expected] === field) return expected;
    return this.#places.get(field) ?? this.#learn(field);
  }

  originAt(place: number): FieldOrigin {
    return this.#origins[place]!;
  }

  #learn(field: string): number {
    const origin = this.#originOf(field);
    if (origin === undefined) return -1;
    const place = this.#names.length;
    this.#names.push(field);
    this.#origins.push(origin);
    this.#places.set(field, place);
    return place;
  }

  #originOf(field: string): FieldOrigin | undefined {
    const measurement = this.#measurement;
    if (this.#registry !== undefined) return this.#registry.find(measurement, field);
    return { measurement, field, type: 'float', metric: measurement, marker: '' };
  }
}

/** Where the fields of one series go. */
export class SeriesFields implements LabelSource<number> {
  /** True if there is a tag of a name with a meaning of its own: `time`, or one that the store needs. */
  readonly hasSpecialTag: boolean;
  readonly #series: LineSeries;
  readonly #fields: MeasurementFields;
  readonly #targets: (RowSeries | undefined)[] = [];

  constructor(series: LineSeries, fields: MeasurementFields) {
    this.#series = series;
    this.#fields = fields;
    this.hasSpecialTag = series.tags.some(({ key }) => SPECIAL_TAGS.has(key));
  }

  /** The place of a field, which most often is `expected`; -1 if nobody knows it. */
  placeOf(field: string, expected: number): number {
    return this.#fields.placeOf(field, expected);
  }

  typeAt(place: number): FieldType {
    return this.#fields.originAt(place).type;
  }

  /** Where its samples go. Not for fields of strings, which are not stored. */
  seriesAt(place: number): RowSeries {
    let series = this.#targets[place];
    if (series === undefined) {
      series = new RowSeries(this, place);
      this.#targets[place] = series;
    }
    return series;
  }

  labelsOf(place: number): Label[] {
    const { metric, marker } = this.#fields.originAt(place);
    const labels: Label[] = [{ name: METRIC_NAME, value: metric }];
    if (marker !== '') labels.push({ name: ORIGIN_LABEL, value: marker });
    for (const { key, value } of this.#series.tags) {
      if (key !== METRIC_NAME) labels.push({ name: key, value });
    }
    return labels;
  }
}
