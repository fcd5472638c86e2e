// What requests have taught about series, kept from one to the next.

import { SeriesTable } from '../../protocol/series-table.ts';
import type { RowSeries } from '../../storage/rows.ts';

/** Of one table; a table that is full forgets everything and learns anew. */
const LIMITS = { maxSeries: 1_000_000, maxKeyBytes: 256 << 20 };
/** Of all tables together: some 500 MB. Past it the one that was used least recently goes. */
const MAX_SERIES = 1_000_000;
/** Parameters can make any number of names. */
const MAX_TABLES = 256;

export class SeriesTables {
  /** The least recently used first. */
  readonly #tables = new Map<string, SeriesTable<unknown>>();

  /**
   * The table of this name, which is asked for with the same kind of entries always. Use it for one request, or get
   * it again from time to time: it may have been given up.
   */
  get<T = RowSeries>(name: string): SeriesTable<T> {
    const known = this.#tables.get(name) as SeriesTable<T> | undefined;
    if (known !== undefined) this.#tables.delete(name);
    const table = known ?? new SeriesTable<T>(LIMITS);
    this.#tables.set(name, table as SeriesTable<unknown>);
    this.#trim();
    return table;
  }

  #trim(): void {
    let series = 0;
    for (const table of this.#tables.values()) series += table.size;
    for (const [name, table] of this.#tables) {
      if (this.#tables.size === 1 || (series <= MAX_SERIES && this.#tables.size <= MAX_TABLES))
        break;
      series -= table.size;
      this.#tables.delete(name);
    }
  }
}
