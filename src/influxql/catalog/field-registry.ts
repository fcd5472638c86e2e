// Which fields a scope has had points of by line protocol, their types, and under which metric names their
// samples are stored. Prometheus' own metrics are not in here: a metric is a measurement with a field `value`.

import type { FieldNaming } from '../../model/field-naming.ts';
import { METRIC_NAME } from '../../model/labels.ts';
import { ALL_TIME } from '../../model/time-range.ts';
import type { Database } from '../../storage/interface.ts';
import { tooManyFields } from '../errors.ts';
import { type FieldOrigin, FieldTable } from './field-table.ts';

const DOCUMENT = 'influx-fields';

/** A sender of made-up names must not fill memory. */
const MAX_FIELDS = 200_000;

/** Numbers of registries, so that threads know whose fields they have. */
let lastId = 0;

export class FieldRegistry {
  /** No other registry of the process has it. */
  readonly id: number = ++lastId;
  readonly #database: Database;
  readonly #naming: () => FieldNaming;
  readonly #table: FieldTable;
  #version = 0;
  #forgotten = 0;
  #document: Uint8Array<SharedArrayBuffer> | undefined;
  /** One registration after another. */
  #last: Promise<unknown> = Promise.resolve();

  /** Reads what the database has kept. `naming` is asked for every field that is new. */
  constructor(database: Database, naming: () => FieldNaming = () => 'value-as-name') {
    this.#database = database;
    this.#naming = naming;
    const text = database.document(DOCUMENT);
    this.#table = new FieldTable(text === undefined ? [] : parseFields(text));
  }

  /** What is known now; goes on to change. */
  get table(): FieldTable {
    return this.#table;
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  /** Grows when fields are forgotten: what was known of one may not hold any more. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** All of it for other threads, to be read with {@link parseFields}; the same until something changes. */
  get document(): Uint8Array<SharedArrayBuffer> {
    this.#document ??= sharedText(printFields(this.#table));
    return this.#document;
  }

  find(measurement: string, field: string): FieldOrigin | undefined {
    return this.#table.find(measurement, field);
  }

  /**
   * Makes fields known, durably; those that are known keep their type. Throws INFLUXQL_TOO_MANY_FIELDS.
   */
  register(fields: readonly Pick<FieldOrigin, 'measurement' | 'field' | 'type'>[]): Promise<void> {
    return this.#exclusively(async () => {
      const fresh = fields.filter((one) => this.find(one.measurement, one.field) === undefined);
      if (fresh.length === 0) return;
      if (this.#table.count + fresh.length > MAX_FIELDS) throw tooManyFields(MAX_FIELDS);
      const added: FieldOrigin[] = [];
      for (const { measurement, field, type } of fresh) {
        if (this.find(measurement, field) !== undefined) continue;
        const metric = type === 'string' ? '' : metricName(measurement, field, this.#naming());
        const marker =
          metric === '' || !(await this.#isTaken(metric)) ? '' : `${measurement}.${field}`;
        const origin = { measurement, field, type, metric, marker };
        this.#table.add(origin);
        added.push(origin);
      }
      this.#changed();
      try {
        await this.#save();
      } catch (error) {
        this.#remove(added);
        throw error;
      }
    });
  }

  /** Forgets a measurement's fields: they may come back with other types. */
  forget(measurement: string): Promise<void> {
    return this.#exclusively(async () => {
      const origins = [...this.#table.ofMeasurement(measurement)];
      if (origins.length === 0) return;
      this.#remove(origins);
      await this.#save();
    });
  }

  /** By another field, or by a metric of that name that is no field. */
  async #isTaken(metric: string): Promise<boolean> {
    if (this.#table.ofMetric(metric).length > 0) return true;
    const querier = this.#database.querier(ALL_TIME);
    try {
      const matchers = [{ type: '=', name: METRIC_NAME, value: metric } as const];
      return (await querier.labelValues(METRIC_NAME, [matchers], 1)).length > 0;
    } finally {
      querier.close();
    }
  }

  #remove(origins: readonly FieldOrigin[]): void {
    for (const origin of origins) this.#table.remove(origin);
    this.#forgotten++;
    this.#changed();
  }

  #changed(): void {
    this.#version++;
    this.#document = undefined;
  }

  async #save(): Promise<void> {
    await this.#database.putDocument(DOCUMENT, printFields(this.#table));
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }
}

function printFields(table: FieldTable): string {
  const lines = table.all().map((origin) => JSON.stringify(origin));
  return `{"fields":[\n${lines.join(',\n')}\n]}`;
}

/** What a registry printed. */
export function parseFields(text: string): FieldOrigin[] {
  return (JSON.parse(text) as { fields: FieldOrigin[] }).fields;
}

function sharedText(text: string): Uint8Array<SharedArrayBuffer> {
  const length = Buffer.byteLength(text);
  const bytes = new Uint8Array(new SharedArrayBuffer(length));
  bytes.set(Buffer.from(text));
  return bytes;
}

/** How PromQL calls a field: after its measurement and itself; after the measurement alone if it is `value`. */
export function metricName(measurement: string, field: string, naming: FieldNaming): string {
  const isAlone = field === 'value' && naming === 'value-as-name';
  return isAlone ? measurement : `${measurement}_${field}`;
}
