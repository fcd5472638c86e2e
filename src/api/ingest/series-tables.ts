// What requests have taught about series, kept from one to the next.

import { SeriesTable } from '../../protocol/series-table.ts';

/** Of one table; a table that is full forgets everything and learns anew. */
const LIMITS = { maxSeries: 2_000_000, maxKeyBytes: 256 << 20 };
/** Of all tables together. Past it the one that was used least recently goes. */
const MAX_SERIES = 4_000_000;
/** Parameters can make any number of names. */
const MAX_TABLES = 256;

export class SeriesTables {
  /** The least recently used first. */
  readonly #tables = new Map<string, SeriesTable>();

  /** The table of this name. Use it for one request, or get it again from time to time: it may have been given up. */
  get(name: string): SeriesTable {
    const known = this.#tables.get(name);
    if (known !== undefined) this.#tables.delete(name);
    const table = known ?? new SeriesTable(LIMITS);
    this.#tables.set(name, table);
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
