// The series of all fields that lines of one measurement and its tags have had, found again by the bytes of their
// names in the order in which they usually come.

import { type Label, METRIC_NAME } from '../../../model/labels.ts';
import type { RowSeries } from '../../../storage/rows.ts';
import type { RowCollector } from '../../row-collector.ts';
import { type FieldNaming, metricName } from './options.ts';

/** Fields past this many are not remembered: a sender could make up any number. */
const MAX_FIELDS = 1024;
/** The same for the bytes of a name. */
const MAX_NAME_BYTES = 256;

export class LineFields {
  readonly #measurement: string;
  readonly #tags: readonly Label[];
  readonly #names: Uint8Array[] = [];
  readonly #series: RowSeries[] = [];
  /** Of lines with one field, where those are named differently. */
  readonly #single = new Map<string, RowSeries>();
  readonly #numbers = new Map<string, number>();

  /** `tags` as labels, without a metric name. */
  constructor(measurement: string, tags: readonly Label[]) {
    this.#measurement = measurement;
    this.#tags = tags;
  }

  /** The place of the field whose name is written as bytes [start, end), looked for from `from` on; -1 if it has none. */
  placeOf(bytes: Uint8Array, start: number, end: number, from: number): number {
    const count = this.#names.length;
    for (let n = 0, place = from; n < count; n++, place++) {
      if (place >= count) place -= count;
      if (isEqual(this.#names[place]!, bytes, start, end)) return place;
    }
    return -1;
  }

  seriesAt(place: number): RowSeries {
    return this.#series[place]!;
  }

  /** The series of a field wherever it stands, made if it is new. `raw` is its name as written. */
  find(
    field: string,
    raw: Uint8Array,
    isSingle: boolean,
    naming: FieldNaming,
    collector: RowCollector,
  ): RowSeries {
    if (isSingle && naming.skipsSingleField) return this.#findSingle(field, naming, collector);
    const number = this.#numbers.get(field);
    if (number !== undefined) return this.#series[number]!;
    const series = this.#make(field, false, naming, collector);
    if (this.#series.length < MAX_FIELDS && raw.length <= MAX_NAME_BYTES) {
      this.#numbers.set(field, this.#series.length);
      this.#names.push(raw.slice());
      this.#series.push(series);
    }
    return series;
  }

  #findSingle(field: string, naming: FieldNaming, collector: RowCollector): RowSeries {
    const name = metricName(this.#measurement, field, true, naming);
    const known = this.#single.get(name);
    if (known !== undefined) return known;
    const series = this.#make(field, true, naming, collector);
    if (this.#single.size < MAX_FIELDS) this.#single.set(name, series);
    return series;
  }

  #make(field: string, isSingle: boolean, naming: FieldNaming, collector: RowCollector): RowSeries {
    const value = metricName(this.#measurement, field, isSingle, naming);
    return collector.seriesOf([{ name: METRIC_NAME, value }, ...this.#tags]);
  }
}

function isEqual(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[start + i]) return false;
  return true;
}
