// A registry as it was at one moment, read on another thread: shared buffers and how much of them
// counted then. What the registry appends later lies behind that and is not looked at.

import type { Label } from '../../model/labels.ts';
import { compareStrings } from '../../model/labels.ts';
import type { FrozenStringTable } from './string-table.ts';
import { textAt } from './string-table.ts';

/** Can be posted to a worker; the buffers are shared, not copied. */
export interface FrozenRegistry {
  readonly seriesCount: number;
  /** By ref. */
  readonly databaseOf: Uint32Array;
  /** By ref: where its pair ids end in `pairs`; they start where the ones before end. */
  readonly ends: Uint32Array;
  readonly pairs: Uint32Array;
  readonly databases: readonly FrozenDatabase[];
}

export interface FrozenDatabase {
  readonly dbId: number;
  readonly names: FrozenStringTable;
  /** Owner of a pair: the id of its name. */
  readonly pairs: FrozenStringTable;
}

/** The label pairs of a database in order. */
export interface SortedPairs {
  /** Sorted by name, then value. */
  readonly pairs: readonly Label[];
  /** Pair id → index in `pairs`. */
  readonly rankOf: Uint32Array;
}

export class FrozenRegistryReader {
  readonly #frozen: FrozenRegistry;
  readonly #sorted = new Map<number, SortedPairs>();

  constructor(frozen: FrozenRegistry) {
    this.#frozen = frozen;
  }

  get seriesCount(): number {
    return this.#frozen.seriesCount;
  }

  /** Ids of the databases that have had a series. */
  databaseIds(): number[] {
    return this.#frozen.databases.map((database) => database.dbId);
  }

  /** Id of the database a series belongs to. */
  database(ref: number): number {
    if (!(ref >= 0 && ref < this.#frozen.seriesCount)) throw new RangeError(`no series ${ref}`);
    return this.#frozen.databaseOf[ref]!;
  }

  /** All label pairs of a database, sorted; computed once. */
  pairs(dbId: number): SortedPairs {
    const known = this.#sorted.get(dbId);
    if (known !== undefined) return known;
    const database = this.#frozen.databases.find((candidate) => candidate.dbId === dbId);
    const sorted = database === undefined ? NO_PAIRS : sortPairs(database);
    this.#sorted.set(dbId, sorted);
    return sorted;
  }

  /**
   * The labels of a series as ranks among the sorted pairs of its database, ascending. Series are in
   * order by labels iff their ranks are in lexicographic order.
   */
  pairRanks(ref: number): Uint32Array {
    const { rankOf } = this.pairs(this.database(ref));
    const start = ref === 0 ? 0 : this.#frozen.ends[ref - 1]!;
    const ranks = new Uint32Array(this.#frozen.ends[ref]! - start);
    for (let i = 0; i < ranks.length; i++) ranks[i] = rankOf[this.#frozen.pairs[start + i]!]!;
    return ranks;
  }

  /** The refs, all of one database, in the order of their labels. */
  sortedRefs(refs: Uint32Array): Uint32Array {
    const { ends, pairs } = this.#frozen;
    const first = refs[0];
    if (first === undefined) return new Uint32Array(0);
    const { rankOf } = this.pairs(this.database(first));
    return refs.slice().sort((a, b) => {
      if (a === b) return 0;
      let i = a === 0 ? 0 : ends[a - 1]!;
      let j = b === 0 ? 0 : ends[b - 1]!;
      const endA = ends[a]!;
      const endB = ends[b]!;
      for (; i < endA && j < endB; i++, j++) {
        if (pairs[i] !== pairs[j]) return rankOf[pairs[i]!]! - rankOf[pairs[j]!]!;
      }
      return endA - i - (endB - j);
    });
  }
}

const NO_PAIRS: SortedPairs = { pairs: [], rankOf: new Uint32Array(0) };

function sortPairs(database: FrozenDatabase): SortedPairs {
  const { names, pairs } = database;
  const nameTexts = Array.from({ length: names.count }, (_, id) =>
    textAt(names.bytes, names.ends, id),
  );
  const labels = Array.from({ length: pairs.count }, (_, id) => ({
    name: nameTexts[pairs.owners[id]!]!,
    value: textAt(pairs.bytes, pairs.ends, id),
  }));
  const nameRank = ranksOf(nameTexts);
  const order = Uint32Array.from(labels.keys()).sort((a, b) => {
    const byName = nameRank[pairs.owners[a]!]! - nameRank[pairs.owners[b]!]!;
    return byName || compareStrings(labels[a]!.value, labels[b]!.value);
  });
  const rankOf = new Uint32Array(order.length);
  order.forEach((pair, rank) => {
    rankOf[pair] = rank;
  });
  return { pairs: Array.from(order, (pair) => labels[pair]!), rankOf };
}

/** Position of each text in sorted order. */
function ranksOf(texts: readonly string[]): Uint32Array {
  const order = [...texts.keys()].sort((a, b) => compareStrings(texts[a]!, texts[b]!));
  const ranks = new Uint32Array(texts.length);
  order.forEach((text, rank) => {
    ranks[text] = rank;
  });
  return ranks;
}
