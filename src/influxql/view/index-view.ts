// Everything that the index of a database knows, all its retention policies together: what SHOW is about.

import { compareStrings } from '../../model/labels.ts';
import type { TimeRange } from '../../model/time-range.ts';
import { ALL_TIME } from '../../model/time-range.ts';
import { printSeriesKey } from '../../protocol/influx-line/index.ts';
import type { Expression } from '../../protocol/influxql/index.ts';
import type { Querier } from '../../storage/interface.ts';
import type { Scope } from '../catalog/catalog.ts';
import { existingFields, type FieldSource, labelOfTag, type Tag, tagsOf } from './fields.ts';
import { matchersOf } from './push-down.ts';
import { compileSeriesFilter, type FilterContext } from './series-filter.ts';

/** A field in one of the policies. */
export interface IndexedField {
  readonly querier: Querier;
  readonly source: FieldSource;
}

export interface IndexedSeries {
  /** As line protocol writes it. */
  readonly key: string;
  readonly tags: readonly Tag[];
}

export class IndexView {
  readonly #queriers: readonly Querier[];
  /** Sorted by name. */
  readonly measurements: ReadonlyMap<string, readonly IndexedField[]>;
  readonly #breathe: () => Promise<void>;

  private constructor(
    queriers: readonly Querier[],
    measurements: ReadonlyMap<string, readonly IndexedField[]>,
    breathe: () => Promise<void>,
  ) {
    this.#queriers = queriers;
    this.measurements = measurements;
    this.#breathe = breathe;
  }

  /** To be closed. `range`: only what has samples in it. */
  static async open(
    scopes: readonly Scope[],
    breathe: () => Promise<void>,
    range: TimeRange = ALL_TIME,
  ): Promise<IndexView> {
    const queriers: Querier[] = [];
    try {
      const found = new Map<string, IndexedField[]>();
      for (const { database, fields } of scopes) {
        const querier = database.querier(range);
        queriers.push(querier);
        for (const [measurement, sources] of await existingFields(querier, fields)) {
          const known = found.get(measurement) ?? [];
          found.set(measurement, known);
          known.push(...sources.map((source) => ({ querier, source })));
        }
      }
      const sorted = [...found].sort(([a], [b]) => compareStrings(a, b));
      return new IndexView(queriers, new Map(sorted), breathe);
    } catch (error) {
      for (const querier of queriers) querier.close();
      throw error;
    }
  }

  close(): void {
    for (const querier of this.#queriers) querier.close();
  }

  fields(measurement: string): readonly IndexedField[] {
    return this.measurements.get(measurement) ?? [];
  }

  /** Keys of tags, sorted. */
  async tagKeys(measurement: string): Promise<string[]> {
    const keys = new Set<string>();
    for (const { querier, source } of this.fields(measurement)) {
      for (const name of await querier.labelNames([source.matchers])) {
        if (labelOfTag(name, source) !== undefined) keys.add(name);
        else if (name === 'time') keys.add('time_1');
      }
    }
    return [...keys].sort(compareStrings);
  }

  /** Values of one tag, sorted. */
  async tagValues(measurement: string, key: string): Promise<string[]> {
    const values = new Set<string>();
    for (const { querier, source } of this.fields(measurement)) {
      const label = labelOfTag(key, source) ?? (key === 'time_1' ? 'time' : undefined);
      if (label === undefined) continue;
      for (const value of await querier.labelValues(label, [source.matchers])) values.add(value);
    }
    return [...values].sort(compareStrings);
  }

  /** Series that a condition does not rule out by their tags; sorted by key. */
  async series(measurement: string, condition: Expression | undefined): Promise<IndexedSeries[]> {
    const fields = this.fields(measurement);
    const context: FilterContext = {
      measurement,
      isField: (name) => fields.some(({ source }) => source.field === name),
    };
    const filter = compileSeriesFilter(condition, context);
    const found = new Map<string, IndexedSeries>();
    let count = 0;
    for (const { querier, source } of fields) {
      const matchers = matchersOf(condition, source, context);
      for (const labels of await querier.series([matchers])) {
        if (++count % 1000 === 0) await this.#breathe();
        const tags = tagsOf(labels, source);
        if (filter(tags) === false) continue;
        const key = printSeriesKey({ measurement, tags });
        if (!found.has(key)) found.set(key, { key, tags });
      }
    }
    return [...found.values()].sort((a, b) => compareStrings(a.key, b.key));
  }
}
