// A registry as it was at one moment, as a flush reads it on another thread: all pairs of a database in
// order, series by the ranks of their pairs.

import type { Label } from '../../model/labels.ts';
import { compareStrings } from '../../model/labels.ts';
import type { FrozenDatabase, FrozenRegistry } from './registry-columns.ts';
import { sortSeries } from './sort-series.ts';
import { textAt } from './string-table.ts';

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
    return sortSeries(refs, ends, pairs, this.pairs(this.database(first)).rankOf);
  }
}

const NO_PAIRS: SortedPairs = { pairs: [], rankOf: new Uint32Array(0) };

function sortPairs(database: FrozenDatabase): SortedPairs {
  const { names, pairs } = database;
  const nameTexts = Array.from({ length: names.count }, (_, id) => textAt(names, id));
  const labels = Array.from({ length: pairs.count }, (_, id) => ({
    name: nameTexts[pairs.owners[id]!]!,
    value: textAt(pairs, id),
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
