// Everything that the index of a database knows, all its retention policies together: what SHOW is about.

import { compareStrings } from '../../model/labels.ts';
import type { TimeRange } from '../../model/time-range.ts';
import { printSeriesKey } from '../../protocol/influx-line/index.ts';
import type { Expression } from '../../protocol/influxql/index.ts';
import type { Querier } from '../../storage/interface.ts';
import type { FieldTable } from '../catalog/field-table.ts';
import type { Control } from '../select/control.ts';
import { existingFields, type FieldSource, labelOfTag, type Tag, tagsOf } from './fields.ts';
import { matchersOf } from './push-down.ts';
import { compileSeriesFilter, type FilterContext } from './series-filter.ts';

/** One retention policy of a database, opened. */
export interface ReadScope {
  readonly querier: Querier;
  /** The querier's. */
  readonly range: TimeRange;
  readonly fields: FieldTable;
}

/** What reading an index needs; a part of ReadContext. */
export interface IndexReading {
  readonly scopes: readonly ReadScope[];
  readonly control: Control;
  readonly breathe: () => Promise<void>;
}

/** Series that are looked at between two pauses, and how many points one of them takes the memory of. */
const SERIES_PER_PAUSE = 500;
const POINTS_PER_SERIES = 8;

/** A field in one of the policies. */
export interface IndexedField {
  readonly scope: ReadScope;
  readonly source: FieldSource;
}

export interface IndexedSeries {
  /** As line protocol writes it. */
  readonly key: string;
  readonly tags: readonly Tag[];
}

export class IndexView {
  /** Sorted by name. */
  readonly measurements: ReadonlyMap<string, readonly IndexedField[]>;
  readonly #reading: IndexReading;
  /** Points that the last list of series takes the memory of. */
  #held = 0;

  private constructor(
    measurements: ReadonlyMap<string, readonly IndexedField[]>,
    reading: IndexReading,
  ) {
    this.measurements = measurements;
    this.#reading = reading;
  }

  /** Of the queriers' ranges; they stay the caller's. */
  static async read(reading: IndexReading): Promise<IndexView> {
    const found = new Map<string, IndexedField[]>();
    for (const scope of reading.scopes) {
      const { querier, fields } = scope;
      for (const [measurement, sources] of await existingFields(querier, fields, reading.breathe)) {
        const known = found.get(measurement) ?? [];
        found.set(measurement, known);
        known.push(...sources.map((source) => ({ scope, source })));
      }
    }
    const sorted = [...found].sort(([a], [b]) => compareStrings(a, b));
    return new IndexView(new Map(sorted), reading);
  }

  fields(measurement: string): readonly IndexedField[] {
    return this.measurements.get(measurement) ?? [];
  }

  /** Keys of tags, sorted. */
  async tagKeys(measurement: string): Promise<string[]> {
    const keys = new Set<string>();
    for (const { scope, source } of this.fields(measurement)) {
      await this.#reading.breathe();
      for (const name of await scope.querier.labelNames([source.matchers])) {
        if (labelOfTag(name, source) !== undefined) keys.add(name);
        else if (name === 'time') keys.add('time_1');
      }
    }
    return [...keys].sort(compareStrings);
  }

  /** Values of one tag, sorted. */
  async tagValues(measurement: string, key: string): Promise<string[]> {
    const values = new Set<string>();
    for (const { scope, source } of this.fields(measurement)) {
      await this.#reading.breathe();
      const label = labelOfTag(key, source) ?? (key === 'time_1' ? 'time' : undefined);
      if (label === undefined) continue;
      for (const value of await scope.querier.labelValues(label, [source.matchers]))
        values.add(value);
    }
    return [...values].sort(compareStrings);
  }

  /**
   * Series that a condition does not rule out by their tags; sorted by key. Their memory is held until the next
   * call.
   */
  async series(measurement: string, condition: Expression | undefined): Promise<IndexedSeries[]> {
    const { control, breathe } = this.#reading;
    control.hold(-this.#held);
    this.#held = 0;
    const fields = this.fields(measurement);
    const context: FilterContext = {
      measurement,
      isField: (name) => fields.some(({ source }) => source.field === name),
    };
    const filter = compileSeriesFilter(condition, context);
    const found = new Map<string, IndexedSeries>();
    for (const { scope, source } of fields) {
      const { querier, range } = scope;
      const matchers = matchersOf(condition, source, context);
      const selection = await querier.selection(matchers, range);
      for (let i = 0; i < selection.length; i++) {
        if ((i + 1) % SERIES_PER_PAUSE === 0) {
          this.#held += SERIES_PER_PAUSE * POINTS_PER_SERIES;
          control.hold(SERIES_PER_PAUSE * POINTS_PER_SERIES);
          await breathe();
        }
        const tags = tagsOf(selection.labels(i), source);
        if (filter(tags) === false) continue;
        const key = printSeriesKey({ measurement, tags });
        if (!found.has(key)) found.set(key, { key, tags });
      }
    }
    return [...found.values()].sort((a, b) => compareStrings(a.key, b.key));
  }
}
