// Tags that a request sets on all its points, whatever the points say themselves.

import { compareStrings, type Label } from '../model/labels.ts';
import type { LineSeries } from '../protocol/influx-line/index.ts';

/**
 * What a series was last made into, by which extra tags: what the decoder gives again and again as the same object stays
 * one that {@link ScopeFields} knows.
 */
const known = new WeakMap<LineSeries, { readonly id: string; readonly series: LineSeries }>();

export class ExtraTags {
  readonly #labels: readonly Label[];
  readonly #names: ReadonlySet<string>;
  readonly #id: string;

  constructor(labels: readonly Label[]) {
    this.#labels = labels;
    this.#names = new Set(labels.map(({ name }) => name));
    this.#id = JSON.stringify(labels);
  }

  /** The series with these tags in the place of those of the same names. */
  addTo(series: LineSeries): LineSeries {
    if (this.#labels.length === 0) return series;
    const last = known.get(series);
    if (last?.id === this.#id) return last.series;
    const extra = this.#labels.map(({ name, value }) => ({ key: name, value }));
    const tags = [...series.tags.filter(({ key }) => !this.#names.has(key)), ...extra]
      .filter(({ value }) => value !== '')
      .sort((a, b) => compareStrings(a.key, b.key));
    const tagged = { measurement: series.measurement, tags };
    known.set(series, { id: this.#id, series: tagged });
    return tagged;
  }
}
