// Which fields a scope has had points of by line protocol, their types, and under which metric names their
// samples are stored. Prometheus' own metrics are not in here: a metric is a measurement with a field `value`.

import { METRIC_NAME } from '../../model/labels.ts';
import { ALL_TIME } from '../../model/time-range.ts';
import type { Database } from '../../storage/interface.ts';
import { tooManyFields } from '../errors.ts';

export type FieldType = 'float' | 'integer' | 'boolean' | 'string';

export interface FieldOrigin {
  readonly measurement: string;
  readonly field: string;
  readonly type: FieldType;
  /** Metric name of its series; '' if samples of this type are not stored. */
  readonly metric: string;
  /**
   * Value of {@link ORIGIN_LABEL} on its series; '' if they have none, as nearly always. Set where the
   * metric name was somebody else's before.
   */
  readonly marker: string;
}

/** Tells two fields apart whose metric names are the same, such as `b_c` of `a` and `c` of `a_b`. */
export const ORIGIN_LABEL = '__origin__';

const DOCUMENT = 'influx-fields';

/** A sender of made-up names must not fill memory. */
const MAX_FIELDS = 200_000;

export class FieldRegistry {
  readonly #database: Database;
  readonly #byMeasurement = new Map<string, Map<string, FieldOrigin>>();
  readonly #byMetric = new Map<string, FieldOrigin[]>();
  #count = 0;
  /** One registration after another. */
  #last: Promise<unknown> = Promise.resolve();

  /** Reads what the database has kept. */
  constructor(database: Database) {
    this.#database = database;
    const text = database.document(DOCUMENT);
    if (text === undefined) return;
    for (const origin of (JSON.parse(text) as { fields: FieldOrigin[] }).fields) this.#add(origin);
  }

  find(measurement: string, field: string): FieldOrigin | undefined {
    return this.#byMeasurement.get(measurement)?.get(field);
  }

  ofMeasurement(measurement: string): Iterable<FieldOrigin> {
    return this.#byMeasurement.get(measurement)?.values() ?? [];
  }

  /** Those whose samples have this metric name. */
  ofMetric(metric: string): readonly FieldOrigin[] {
    return this.#byMetric.get(metric) ?? [];
  }

  /**
   * Makes fields known, durably; those that are known keep their type. Throws INFLUXQL_TOO_MANY_FIELDS.
   */
  register(fields: readonly Pick<FieldOrigin, 'measurement' | 'field' | 'type'>[]): Promise<void> {
    return this.#exclusively(async () => {
      const fresh = fields.filter((one) => this.find(one.measurement, one.field) === undefined);
      if (fresh.length === 0) return;
      if (this.#count + fresh.length > MAX_FIELDS) throw tooManyFields(MAX_FIELDS);
      const added: FieldOrigin[] = [];
      for (const { measurement, field, type } of fresh) {
        if (this.find(measurement, field) !== undefined) continue;
        const metric = type === 'string' ? '' : metricName(measurement, field);
        const marker =
          metric === '' || !(await this.#isTaken(metric)) ? '' : `${measurement}.${field}`;
        const origin = { measurement, field, type, metric, marker };
        this.#add(origin);
        added.push(origin);
      }
      try {
        await this.#save();
      } catch (error) {
        for (const origin of added) this.#remove(origin);
        throw error;
      }
    });
  }

  /** Forgets a measurement's fields: they may come back with other types. */
  forget(measurement: string): Promise<void> {
    return this.#exclusively(async () => {
      const origins = [...this.ofMeasurement(measurement)];
      if (origins.length === 0) return;
      for (const origin of origins) this.#remove(origin);
      await this.#save();
    });
  }

  /** By another field, or by a metric of that name that is no field. */
  async #isTaken(metric: string): Promise<boolean> {
    if (this.ofMetric(metric).length > 0) return true;
    const querier = this.#database.querier(ALL_TIME);
    try {
      const matchers = [{ type: '=', name: METRIC_NAME, value: metric } as const];
      return (await querier.labelValues(METRIC_NAME, [matchers], 1)).length > 0;
    } finally {
      querier.close();
    }
  }

  #add(origin: FieldOrigin): void {
    const { measurement, field, metric } = origin;
    const fields = this.#byMeasurement.get(measurement) ?? new Map<string, FieldOrigin>();
    this.#byMeasurement.set(measurement, fields.set(field, origin));
    if (metric !== '') this.#byMetric.set(metric, [...this.ofMetric(metric), origin]);
    this.#count++;
  }

  #remove(origin: FieldOrigin): void {
    const { measurement, field, metric } = origin;
    const fields = this.#byMeasurement.get(measurement);
    fields?.delete(field);
    if (fields?.size === 0) this.#byMeasurement.delete(measurement);
    const others = this.ofMetric(metric).filter((one) => one !== origin);
    if (others.length === 0) this.#byMetric.delete(metric);
    else this.#byMetric.set(metric, others);
    this.#count--;
  }

  async #save(): Promise<void> {
    const fields = [...this.#byMeasurement.values()].flatMap((byField) => [...byField.values()]);
    const lines = fields.map((origin) => JSON.stringify(origin));
    await this.#database.putDocument(DOCUMENT, `{"fields":[\n${lines.join(',\n')}\n]}`);
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }
}

/** How PromQL calls a field: after its measurement, and after itself unless it is `value`. */
export function metricName(measurement: string, field: string): string {
  return field === 'value' ? measurement : `${measurement}_${field}`;
}
