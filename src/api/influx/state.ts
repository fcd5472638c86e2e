// What the InfluxDB face keeps from request to request.

import { Catalog, RunningStatements } from '../../influxql/index.ts';
import type { CounterMetric, Metrics } from '../../runtime/metrics.ts';
import type { Storage } from '../../storage/interface.ts';
import { ConcurrencyLimit } from '../concurrency.ts';

export class InfluxState {
  readonly running: RunningStatements = new RunningStatements();
  /** SELECTs take turns on the main thread; more than these wait. */
  readonly selects: ConcurrencyLimit;
  #catalog: { readonly storage: Storage; readonly catalog: Catalog } | undefined;

  readonly #strings: CounterMetric;

  constructor(maxConcurrency: number, metrics: Metrics) {
    this.selects = new ConcurrencyLimit(maxConcurrency);
    this.#strings = metrics.counter(
      'tidemark_influx_strings_dropped_total',
      'Values of line protocol that were not stored because they are strings.',
    );
  }

  stringsDropped(count: number): void {
    this.#strings.add(count);
  }

  /** Databases and policies of the store, of which there is one. */
  catalog(storage: Storage): Catalog {
    if (this.#catalog?.storage !== storage) {
      this.#catalog = { storage, catalog: new Catalog(storage) };
    }
    return this.#catalog.catalog;
  }
}
