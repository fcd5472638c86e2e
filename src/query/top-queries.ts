// Which queries cost most since the start: a bounded table by database and text.

import type { About, TopQuery } from './interface.ts';
import type { QueryWork } from './query-work.ts';

/** Rows kept: some dashboards' worth. */
const MAX_ROWS = 1000;
/** Texts are cut to this many UTF-16 units, as keys too, so that the table stays small. */
const MAX_TEXT_LENGTH = 2048;

interface Row {
  readonly database: string;
  readonly about: About;
  readonly query: string;
  count: number;
  totalSeconds: number;
  maxSeconds: number;
  samplesRead: number;
}

export class TopQueries {
  readonly #rows = new Map<string, Row>();

  add(of: Pick<QueryWork, 'database' | 'about' | 'text'>, seconds: number, samples: number): void {
    const { database, about } = of;
    const query =
      of.text.length > MAX_TEXT_LENGTH ? `${of.text.slice(0, MAX_TEXT_LENGTH)}…` : of.text;
    // A database name holds no space.
    const key = `${database} ${about} ${query}`;
    let row = this.#rows.get(key);
    if (row === undefined) {
      if (this.#rows.size >= MAX_ROWS) this.#evictLightest();
      const nothing = { count: 0, totalSeconds: 0, maxSeconds: 0, samplesRead: 0 };
      row = { database, about, query, ...nothing };
      this.#rows.set(key, row);
    }
    row.count++;
    row.totalSeconds += seconds;
    row.maxSeconds = Math.max(row.maxSeconds, seconds);
    row.samplesRead += samples;
  }

  /** Heaviest first by total time; copies. */
  list(limit: number): TopQuery[] {
    return [...this.#rows.values()]
      .sort((a, b) => b.totalSeconds - a.totalSeconds)
      .slice(0, limit)
      .map((row) => ({ ...row }));
  }

  /** Makes room for many at once: sorting for each newcomer would cost more than the queries. */
  #evictLightest(): void {
    const byWeight = [...this.#rows].sort(([, a], [, b]) => a.totalSeconds - b.totalSeconds);
    for (const [key] of byWeight.slice(0, MAX_ROWS / 4)) this.#rows.delete(key);
  }
}
