// What the InfluxDB face keeps from request to request.

import { Catalog, type DecodedPoints } from '../../influxql/index.ts';
import type { FieldNaming } from '../../model/field-naming.ts';
import type { Logger } from '../../runtime/log.ts';
import type { CounterMetric, Metrics } from '../../runtime/metrics.ts';
import type { Storage } from '../../storage/interface.ts';

/** Senders of made-up names must not fill memory, nor the log. */
const MAX_MISSING = 100;

export class InfluxState {
  /** Requests to `/query` since the start. */
  readonly requests: { executed: number; finished: number; durationMs: number } = {
    executed: 0,
    finished: 0,
    durationMs: 0,
  };
  /** Databases that were written to without being there: those are told of in the log, each once. */
  readonly #missing = new Set<string>();
  #catalog: { readonly storage: Storage; readonly catalog: Catalog } | undefined;

  readonly #strings: CounterMetric;
  readonly #rounded: CounterMetric;

  readonly #naming: FieldNaming;

  /** `naming` is that of databases that have none of their own. */
  constructor(metrics: Metrics, naming: FieldNaming) {
    this.#naming = naming;
    this.#strings = metrics.counter(
      'tidemark_influx_strings_dropped_total',
      'Values of line protocol that were not stored because they are strings.',
    );
    this.#rounded = metrics.counter(
      'tidemark_influx_integers_rounded_total',
      'Integers of line protocol beyond 2^53 that were rounded to what a sample can hold.',
    );
  }

  /** What of a body is not stored as it came. */
  countLosses({ strings, rounded }: DecodedPoints): void {
    if (strings > 0) this.#strings.add(strings);
    if (rounded > 0) this.#rounded.add(rounded);
  }

  /** A sender has written to a database that is not there. Most throw away what they are refused. */
  noteMissing(name: string, logger: Logger): void {
    if (this.#missing.has(name) || this.#missing.size >= MAX_MISSING) return;
    this.#missing.add(name);
    logger.log('warn', 'refused what was written to a database that is not there', {
      database: name,
    });
  }

  /** Databases and policies of the store, of which there is one. */
  catalog(storage: Storage): Catalog {
    if (this.#catalog?.storage !== storage) {
      this.#catalog = { storage, catalog: new Catalog(storage, this.#naming) };
    }
    return this.#catalog.catalog;
  }
}
