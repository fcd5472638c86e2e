// What is known of the fields of one scope, by their names and by those of their metrics. Plain data makes one, on
// any thread.

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

export class FieldTable {
  readonly #byMeasurement = new Map<string, Map<string, FieldOrigin>>();
  readonly #byMetric = new Map<string, FieldOrigin[]>();
  #count = 0;

  constructor(origins: Iterable<FieldOrigin>) {
    for (const origin of origins) this.add(origin);
  }

  get count(): number {
    return this.#count;
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

  all(): FieldOrigin[] {
    return [...this.#byMeasurement.values()].flatMap((byField) => [...byField.values()]);
  }

  /** All that decides which series are one measurement's: its own fields, and those that share metrics with it. */
  around(measurement: string): FieldOrigin[] {
    const found = new Set(this.ofMeasurement(measurement));
    for (const metric of metricsOf(measurement, found)) {
      for (const origin of this.ofMetric(metric)) found.add(origin);
    }
    return [...found];
  }

  add(origin: FieldOrigin): void {
    const { measurement, field, metric } = origin;
    const fields = this.#byMeasurement.get(measurement) ?? new Map<string, FieldOrigin>();
    this.#byMeasurement.set(measurement, fields.set(field, origin));
    if (metric !== '') this.#byMetric.set(metric, [...this.ofMetric(metric), origin]);
    this.#count++;
  }

  /** One that was added. */
  remove(origin: FieldOrigin): void {
    const { measurement, field, metric } = origin;
    const fields = this.#byMeasurement.get(measurement);
    fields?.delete(field);
    if (fields?.size === 0) this.#byMeasurement.delete(measurement);
    const others = this.ofMetric(metric).filter((one) => one !== origin);
    if (others.length === 0) this.#byMetric.delete(metric);
    else this.#byMetric.set(metric, others);
    this.#count--;
  }
}

/** Names that metrics of a measurement with these fields can have. */
export function metricsOf(measurement: string, fields: Iterable<FieldOrigin>): Set<string> {
  const metrics = new Set([measurement]);
  for (const { metric } of fields) if (metric !== '') metrics.add(metric);
  return metrics;
}
