// The series registry as its readers see it, on its own thread or another: shared buffers and how much
// of them counts. What the registry appends later lies behind that and is not looked at.

import type { PostingColumns } from './posting-lists.ts';
import type { StringColumns } from './string-table.ts';

/** Can be posted to a worker; the buffers are shared, not copied. */
export interface RegistryColumns {
  readonly seriesCount: number;
  /** By ref. */
  readonly databaseOf: Uint32Array;
  /** By ref: where its pair ids end in `pairs`; they start where the ones before end. */
  readonly ends: Uint32Array;
  readonly pairs: Uint32Array;
}

/** The label pairs of one database. Pair ids are dense; a series is the list of its pair ids in label order. */
export interface DatabaseColumns {
  readonly names: StringColumns;
  /** Owner of a pair: the id of its name. */
  readonly pairs: StringColumns;
  /** By name: its newest pair + 1. By pair: the pair of the same name before it + 1. 0 ends. */
  readonly newestPairOfName: Uint32Array;
  readonly olderPair: Uint32Array;
  /** By pair: refs of the series that carry it. */
  readonly postings: PostingColumns;
  /** Refs of all series of the database, ascending: the first `seriesCount`. */
  readonly refs: Uint32Array;
  readonly seriesCount: number;
}

export interface FrozenDatabase extends DatabaseColumns {
  readonly dbId: number;
}

export interface FrozenRegistry extends RegistryColumns {
  /** A number that no other registry of the process has. */
  readonly id: number;
  readonly databases: readonly FrozenDatabase[];
}
