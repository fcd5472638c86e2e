// What both versions of DataDog's series have in common: how names and tags become labels, and points samples.

import { type Label, METRIC_NAME } from '../../model/labels.ts';
import type { RowSeries } from '../../storage/rows.ts';
import type { WrittenNumber } from '../json-scalar.ts';
import type { JsonTemplates } from '../json-templates.ts';
import { NamedSeries } from '../named-series.ts';
import type { RowCollector } from '../row-collector.ts';
import type { SeriesTable } from '../series-table.ts';

/** Value of a tag that is a word alone, as VictoriaMetrics has it. */
const NO_VALUE = 'no_label_value';

export interface DatadogOptions {
  /** Writes metric names as DataDog itself does, see {@link sanitizeMetric}. */
  readonly isSanitized: boolean;
  /** Of names, for this `isSanitized` and one set of extra labels. */
  readonly seriesTable: SeriesTable;
  /** ms; the time of points that have none. */
  readonly now: number;
}

/** A series as it is sent: what it is, and where its points are. */
export interface DatadogSeries {
  metric: string;
  /** Names and values in turn: the host, the device, other resources. */
  readonly resources: string[];
  /** `name:value`, or a word. */
  readonly tags: string[];
  /** Of version 2; '' where there is none. */
  sourceTypeName: string;
  readonly points: DatadogPoint[];
}

export interface DatadogPoint {
  /** Undefined or not above 0 where the sender has none. */
  readonly seconds: number | undefined;
  /** Undefined for what is no number. */
  readonly value: WrittenNumber | undefined;
}

export class DatadogWriter {
  readonly #collector: RowCollector;
  readonly #options: DatadogOptions;
  readonly #series: NamedSeries;
  #count = 0;

  constructor(collector: RowCollector, options: DatadogOptions) {
    this.#collector = collector;
    this.#options = options;
    this.#series = new NamedSeries(options.seriesTable, collector);
  }

  /**
   * Adds the points of a series; what is wrong with it, or with one of them, is refused at the collector. Answers what it
   * is found by, undefined if it is refused as a whole. Without `remembers` it is not found again by its names.
   */
  add(series: DatadogSeries, remembers = true): RowSeries | undefined {
    this.#count++;
    const named = this.#seriesOf(series, remembers);
    if (typeof named === 'string') {
      this.refuse(named);
      return undefined;
    }
    for (const [i, { seconds, value }] of series.points.entries()) {
      if (value === undefined) this.#refusePoint(i, 'bad value');
      else this.#addPoint(named, i, seconds, value.value, value.isRounded);
    }
    return named;
  }

  /** The same for a series that is known but for its numbers: times and values in turn. */
  addKnown({ template, values, areRounded }: JsonTemplates): void {
    this.#count++;
    for (let slot = 0; slot < template.slotCount; slot += 2) {
      const isRounded = areRounded[slot + 1] === 1;
      this.#addPoint(template.series, slot / 2, values[slot]!, values[slot + 1]!, isRounded);
    }
  }

  /** In the place of {@link add}, for what is no series. */
  skip(problem: string): void {
    this.#count++;
    this.refuse(problem);
  }

  refuse(problem: string): void {
    this.#collector.refuse(this.#count, problem);
  }

  #refusePoint(i: number, problem: string): void {
    this.#collector.refuse(this.#count, `point ${i}: ${problem}`);
  }

  #seriesOf(series: DatadogSeries, remembers: boolean): RowSeries | string {
    const { metric, resources, tags, sourceTypeName } = series;
    if (metric === '') return 'missing metric name';
    // How many there are of one kind, so that no tag is taken for a resource.
    const parts = [metric, sourceTypeName, String(resources.length), ...resources, ...tags];
    const make = (): Label[] | string => {
      const name = this.#options.isSanitized ? sanitizeMetric(metric) : metric;
      return name === '' ? 'missing metric name' : labelsOf(name, series);
    };
    return this.#series.get(parts, make, remembers);
  }

  /** Adds point `i` of the series at hand, or refuses it. */
  #addPoint(
    series: RowSeries,
    i: number,
    seconds: number | undefined,
    value: number,
    isRounded: boolean,
  ): void {
    const { losses } = this.#collector;
    if (Number.isNaN(seconds)) {
      this.#refusePoint(i, 'bad timestamp');
      return;
    }
    if (Number.isNaN(value)) {
      losses.nan_dropped++;
      return;
    }
    const isTimed = seconds !== undefined && seconds > 0;
    const us = isTimed ? Math.round(seconds * 1e6) : this.#options.now * 1000;
    const t = Math.floor(us / 1000);
    if (!Number.isSafeInteger(t)) {
      this.#refusePoint(i, 'bad timestamp');
      return;
    }
    if (us !== t * 1000) losses.time_below_millisecond++;
    if (isRounded) losses.integer_rounded++;
    this.#collector.add(series, t, value);
  }
}

/** Of names that are there twice the last counts. */
function labelsOf(name: string, { resources, tags, sourceTypeName }: DatadogSeries): Label[] {
  const labels = new Map<string, string>();
  for (let i = 0; i + 1 < resources.length; i += 2) labels.set(resources[i]!, resources[i + 1]!);
  for (const tag of tags) {
    const colon = tag.indexOf(':');
    const key = colon < 0 ? tag : tag.slice(0, colon);
    // The host is a resource.
    labels.set(key === 'host' ? 'exported_host' : key, colon < 0 ? NO_VALUE : tag.slice(colon + 1));
  }
  if (sourceTypeName !== '') labels.set('source_type_name', sourceTypeName);
  labels.delete('');
  labels.set(METRIC_NAME, name);
  return [...labels].map(([label, value]) => ({ name: label, value }));
}

/** As DataDog writes metric names: other characters become underscores, which stand alone and not beside dots. */
export function sanitizeMetric(name: string): string {
  return name
    .replaceAll(/[^0-9a-zA-Z_.]+/g, '_')
    .replaceAll(/_+/g, '_')
    .replaceAll(/_?\._?/g, '.');
}
