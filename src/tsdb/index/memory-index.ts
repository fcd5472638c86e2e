// The index of one database in memory, as it was when its columns were taken; on any thread.

import { compareStrings, type Label, type Labels } from '../../model/labels.ts';
import type { CompiledMatcher } from '../../storage/label-matcher.ts';
import type { LabelCache } from './label-cache.ts';
import type { LabelIndex, Matched } from './label-index.ts';
import { copyList, listSize, someInList } from './posting-lists.ts';
import { sortDistinct } from './postings.ts';
import type { DatabaseColumns, RegistryColumns } from './registry-columns.ts';
import { sortByLabels } from './sort-by-labels.ts';
import { sortSeries } from './sort-series.ts';
import { findText, textAt } from './string-table.ts';

/** Up to so many series are always sorted by their labels as text. */
const FEW_SERIES = 32;

const NONE = new Uint32Array(0);

/** The series of one database. Ids are refs of the registry; postings are copies. */
export class MemoryIndex implements LabelIndex {
  readonly seriesCount: number;
  readonly pairCount: number;
  readonly #registry: RegistryColumns;
  readonly #columns: DatabaseColumns;
  readonly #cache: LabelCache;

  /** `cache` is this thread's for the database. */
  constructor(registry: RegistryColumns, columns: DatabaseColumns, cache: LabelCache) {
    this.#registry = registry;
    this.#columns = columns;
    this.#cache = cache;
    this.seriesCount = columns.seriesCount;
    this.pairCount = columns.pairs.count;
  }

  /** Refs of all series of the database, ascending; not to be written to. */
  allIds(): Uint32Array {
    return this.#columns.refs.subarray(0, this.seriesCount);
  }

  labelNames(): string[] {
    const names = this.#cache.labelNames(this.#columns);
    // Another reader's columns may be newer.
    return names.filter((name) => this.#name(name) >= 0);
  }

  labelValues(name: string, limit?: number, checkpoint?: () => void): string[] {
    const id = this.#name(name);
    return id < 0 ? [] : this.#cache.labelValues(this.#columns, id, limit, checkpoint);
  }

  /** Names of the labels on series for which the claim holds, sorted. It is asked until it does for each name. */
  namesWhere(holds: (ref: number) => boolean): string[] {
    return this.labelNames().filter((name) => this.#hasNameWhere(this.#name(name), holds));
  }

  /** Values of one label likewise, the first `limit` of them. */
  valuesWhere(
    name: string,
    holds: (ref: number) => boolean,
    limit: number,
    checkpoint: () => void,
  ): string[] {
    const id = this.#name(name);
    if (id < 0) return [];
    const isWanted = (pair: number): boolean => this.#hasPairWhere(pair, holds);
    return this.#cache.valuesWhere(this.#columns, id, isWanted, limit, checkpoint);
  }

  namesOf(refs: Uint32Array): string[] {
    const names = this.#namesOf(refs);
    return names.map((name) => textAt(this.#columns.names, name)).sort(compareStrings);
  }

  valuesOf(name: string, refs: Uint32Array): string[] {
    const id = this.#name(name);
    if (id < 0) return [];
    const { ends, pairs } = this.#registry;
    const { owners } = this.#columns.pairs;
    const found = new Uint32Array(refs.length);
    let count = 0;
    for (let k = 0; k < refs.length; k++) {
      const end = ends[refs[k]!]!;
      for (let i = startOf(ends, refs[k]!); i < end; i++) {
        if (owners[pairs[i]!] !== id) continue;
        found[count++] = pairs[i]!;
        break;
      }
    }
    const distinct = sortDistinct(found.subarray(0, count));
    return this.#cache.valuesOf(this.#columns, id, distinct);
  }

  postings(name: string, value: string): Uint32Array {
    const id = this.#name(name);
    const pair = id < 0 ? -1 : findText(this.#columns.pairs, id, value);
    return pair < 0 ? NONE : this.#postingsOf([pair]);
  }

  postingCount(name: string, value: string): number {
    const id = this.#name(name);
    const pair = id < 0 ? -1 : findText(this.#columns.pairs, id, value);
    return pair < 0 ? 0 : listSize(this.#columns.postings, pair);
  }

  postingsOfName(name: string): Uint32Array {
    const id = this.#name(name);
    if (id < 0) return NONE;
    const pairs: number[] = [];
    const { newestPairOfName, olderPair } = this.#columns;
    for (let pair = newestPairOfName[id]! - 1; pair >= 0; pair = olderPair[pair]! - 1) {
      pairs.push(pair);
    }
    return this.#postingsOf(pairs);
  }

  tellingPostings(matcher: CompiledMatcher): Uint32Array {
    const id = this.#name(matcher.name);
    if (id < 0) return NONE;
    return this.#postingsOf(this.#cache.tellingPairs(this.#columns, id, matcher));
  }

  knownPostings(matcher: CompiledMatcher): number | undefined {
    const id = this.#name(matcher.name);
    if (id < 0) return 0;
    const pairs = this.#cache.knownPairs(this.#columns, id, matcher);
    return pairs?.reduce((sum, pair) => sum + listSize(this.#columns.postings, pair), 0);
  }

  matched(matcher: CompiledMatcher): Matched | undefined {
    return this.#cache.matched(matcher.key);
  }

  learn(key: string, matched: Matched): void {
    this.#cache.learn(key, matched);
  }

  seriesLabels(ref: number): Labels {
    const { ends, pairs } = this.#registry;
    const labels: Label[] = [];
    for (let i = startOf(ends, ref); i < ends[ref]!; i++) labels.push(this.pair(pairs[i]!));
    return labels;
  }

  pair(id: number): Label {
    return this.#cache.label(this.#columns, id);
  }

  /** Series that have a pair. */
  pairSize(id: number): number {
    return listSize(this.#columns.postings, id);
  }

  pairsOf(ref: number, out: Uint32Array): number {
    const { ends, pairs } = this.#registry;
    const start = startOf(ends, ref);
    const count = ends[ref]! - start;
    if (count <= out.length) for (let i = 0; i < count; i++) out[i] = pairs[start + i]!;
    return count;
  }

  inLabelOrder(refs: Uint32Array): Uint32Array {
    if (refs.length <= FEW_SERIES || this.#cache.prefersTexts(this.#columns, refs.length)) {
      return sortByLabels(refs, (ref) => this.seriesLabels(ref));
    }
    const ranks = this.#cache.ranks(this.#columns, this.#namesOf(refs));
    return sortSeries(refs, this.#registry.ends, this.#registry.pairs, ranks);
  }

  #hasNameWhere(name: number, holds: (ref: number) => boolean): boolean {
    const { newestPairOfName, olderPair } = this.#columns;
    // Series of the newest pairs are the likeliest to be written to.
    for (let pair = newestPairOfName[name]! - 1; pair >= 0; pair = olderPair[pair]! - 1) {
      if (this.#hasPairWhere(pair, holds)) return true;
    }
    return false;
  }

  #hasPairWhere(pair: number, holds: (ref: number) => boolean): boolean {
    return someInList(this.#columns.postings, pair, this.#registry.seriesCount, holds);
  }

  /** Ids of the names that series have. */
  #namesOf(refs: Uint32Array): number[] {
    const { ends, pairs } = this.#registry;
    const { owners } = this.#columns.pairs;
    const isUsed = new Uint8Array(this.#columns.names.count);
    const names: number[] = [];
    for (let k = 0; k < refs.length && names.length < isUsed.length; k++) {
      const end = ends[refs[k]!]!;
      for (let i = startOf(ends, refs[k]!); i < end; i++) {
        const name = owners[pairs[i]!]!;
        if (isUsed[name] === 1) continue;
        isUsed[name] = 1;
        names.push(name);
      }
    }
    return names;
  }

  /** Refs of the series that carry any of the pairs of one name, ascending. */
  #postingsOf(pairs: readonly number[]): Uint32Array {
    const { postings } = this.#columns;
    const { seriesCount } = this.#registry;
    let total = 0;
    for (const pair of pairs) total += listSize(postings, pair);
    const refs = new Uint32Array(total);
    let end = 0;
    for (const pair of pairs) end = copyList(postings, pair, seriesCount, refs, end);
    const found = end === total ? refs : refs.subarray(0, end);
    return pairs.length < 2 ? found : sortDistinct(found);
  }

  #name(name: string): number {
    return findText(this.#columns.names, 0, name);
  }
}

function startOf(ends: Uint32Array, ref: number): number {
  return ref === 0 ? 0 : ends[ref - 1]!;
}
