// What both versions of DataDog's series have in common: how names and tags become labels, and points samples.

import { type Label, METRIC_NAME } from '../../model/labels.ts';
import type { RowSeries } from '../../storage/rows.ts';
import type { WrittenNumber } from '../json-scalar.ts';
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

  /** Adds the points of a series; what is wrong with it, or with one of them, is refused at the collector. */
  add(series: DatadogSeries): void {
    this.#count++;
    const named = this.#seriesOf(series);
    if (typeof named === 'string') {
      this.refuse(named);
      return;
    }
    for (const [i, point] of series.points.entries()) {
      const problem = this.#addPoint(named, point);
      if (problem !== undefined) this.#collector.refuse(this.#count, `point ${i}: ${problem}`);
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

  #seriesOf(series: DatadogSeries): RowSeries | string {
    const { metric, resources, tags, sourceTypeName } = series;
    if (metric === '') return 'missing metric name';
    // How many there are of one kind, so that no tag is taken for a resource.
    const parts = [metric, sourceTypeName, String(resources.length), ...resources, ...tags];
    return this.#series.get(parts, () => {
      const name = this.#options.isSanitized ? sanitizeMetric(metric) : metric;
      return name === '' ? 'missing metric name' : labelsOf(name, series);
    });
  }

  #addPoint(series: RowSeries, { seconds, value }: DatadogPoint): string | undefined {
    if (value === undefined) return 'bad value';
    if (Number.isNaN(seconds)) return 'bad timestamp';
    const { losses } = this.#collector;
    if (Number.isNaN(value.value)) {
      losses.nan_dropped++;
      return undefined;
    }
    const isTimed = seconds !== undefined && seconds > 0;
    const us = isTimed ? Math.round(seconds * 1e6) : this.#options.now * 1000;
    const t = Math.floor(us / 1000);
    if (!Number.isSafeInteger(t)) return 'bad timestamp';
    if (us !== t * 1000) losses.time_below_millisecond++;
    if (value.isRounded) losses.integer_rounded++;
    this.#collector.add(series, t, value.value);
    return undefined;
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
