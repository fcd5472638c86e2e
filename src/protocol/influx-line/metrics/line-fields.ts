// What lines of one measurement and its tags are made of: where the samples of each field go. Names of fields, and of
// their metrics, are kept once for a measurement, however many tags it has.

import { type Label, METRIC_NAME } from '../../../model/labels.ts';
import { type LabelSource, RowSeries } from '../../../storage/rows.ts';
import type { RowCollector } from '../../row-collector.ts';
import type { SeriesTable } from '../../series-table.ts';
import { type FieldNaming, metricName } from './options.ts';

/** Fields past this many are not remembered: a sender could make up any number. */
const MAX_FIELDS = 512;
/** The same for the bytes of a name, and for measurements. */
const MAX_NAME_BYTES = 256;
const MAX_MEASUREMENTS = 10_000;

/** The fields that lines of a measurement have had, in the order in which they came, found by their bytes. */
export class FieldNames {
  readonly #measurement: string;
  readonly #naming: FieldNaming;
  readonly #raw: Uint8Array[] = [];
  readonly #metrics: string[] = [];
  readonly #places = new Map<string, number>();

  constructor(measurement: string, naming: FieldNaming) {
    this.#measurement = measurement;
    this.#naming = naming;
  }

  /** The place of the field whose name is written as bytes [start, end), looked for from `from` on; -1 if it has none. */
  find(bytes: Uint8Array, start: number, end: number, from: number): number {
    const count = this.#raw.length;
    for (let n = 0, place = from; n < count; n++, place++) {
      if (place >= count) place -= count;
      if (isEqual(this.#raw[place]!, bytes, start, end)) return place;
    }
    return -1;
  }

  /** The place of a field, made if it is new and there is room; else -1. `raw` is its name as written. */
  placeOf(field: string, raw: Uint8Array): number {
    const known = this.#places.get(field);
    if (known !== undefined) return known;
    if (this.#raw.length >= MAX_FIELDS || raw.length > MAX_NAME_BYTES) return -1;
    const place = this.#raw.length;
    this.#places.set(field, place);
    // Not `slice`: that of a Buffer is a view of the same memory, which is somebody else's.
    this.#raw.push(new Uint8Array(raw));
    this.#metrics.push(this.metricOf(field, false));
    return place;
  }

  metricAt(place: number): string {
    return this.#metrics[place]!;
  }

  metricOf(field: string, isSingle: boolean): string {
    return metricName(this.#measurement, field, isSingle, this.#naming);
  }
}

export class LineFields implements LabelSource<number> {
  readonly names: FieldNames;
  /** As one text, for there can be many. */
  readonly #tags: RowSeries;
  readonly #series: (RowSeries | undefined)[] = [];

  /** `tags` as labels, without a metric name. */
  constructor(names: FieldNames, tags: readonly Label[]) {
    this.names = names;
    this.#tags = new RowSeries(tags);
  }

  /** The series of the field at this place. Extra labels are those of the collector that asks first. */
  seriesAt(place: number, collector: RowCollector): RowSeries {
    const known = this.#series[place];
    if (known !== undefined) return known;
    const series = collector.hasExtraLabels
      ? collector.seriesOf(this.labelsOf(place))
      : new RowSeries(this, place);
    this.#series[place] = series;
    return series;
  }

  labelsOf(place: number): Label[] {
    return this.labelsWith(this.names.metricAt(place));
  }

  labelsWith(metric: string): Label[] {
    return [{ name: METRIC_NAME, value: metric }, ...this.#tags.labels];
  }
}

const namesOfTables = new WeakMap<SeriesTable<LineFields>, Map<string, FieldNames>>();

/** The fields of a measurement, as far as lines that went into this table have shown them. */
export function fieldNamesOf(
  table: SeriesTable<LineFields>,
  measurement: string,
  naming: FieldNaming,
): FieldNames {
  let all = namesOfTables.get(table);
  if (all === undefined) {
    all = new Map();
    namesOfTables.set(table, all);
  }
  let names = all.get(measurement);
  if (names === undefined) {
    names = new FieldNames(measurement, naming);
    if (all.size >= MAX_MEASUREMENTS) all.clear();
    all.set(measurement, names);
  }
  return names;
}

function isEqual(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[start + i]) return false;
  return true;
}
