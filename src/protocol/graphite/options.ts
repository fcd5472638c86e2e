// What both forms of the protocol depend on.

import type { SeriesTable } from '../series-table.ts';

export interface GraphiteOptions {
  /** Replaces what classic names do not have, see `parsePath`. */
  readonly isSanitized: boolean;
  /** Of paths, for this `isSanitized` and one set of extra labels. */
  readonly seriesTable: SeriesTable;
  /** ms; asked for each piece that arrives. */
  readonly now: () => number;
}

/** A timestamp from here on is in milliseconds: as seconds it would be after the year 5000. */
export const MS_FROM = 1e11;
