// What the InfluxDB face keeps from request to request.

import { Catalog } from '../../influxql/index.ts';
import type { FieldNaming } from '../../model/field-naming.ts';
import type { Logger } from '../../runtime/log.ts';
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

  readonly #naming: FieldNaming;

  /** `naming` is that of databases that have none of their own. */
  constructor(naming: FieldNaming) {
    this.#naming = naming;
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
