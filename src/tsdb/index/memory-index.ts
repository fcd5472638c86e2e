// The index of one database in memory, as it was when its columns were taken; on any thread.

import type { Label, Labels } from '../../model/labels.ts';
import type { CompiledMatcher } from '../../storage/label-matcher.ts';
import type { LabelCache } from './label-cache.ts';
import type { LabelIndex } from './label-index.ts';
import { copyList, listSize } from './posting-lists.ts';
import { sortDistinct } from './postings.ts';
import type { DatabaseColumns, RegistryColumns } from './registry-columns.ts';
import { sortByLabels } from './sort-by-labels.ts';
import { sortSeries } from './sort-series.ts';
import { findText } from './string-table.ts';

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

  labelValues(name: string): string[] {
    const id = this.#name(name);
    return id < 0 ? [] : this.#cache.labelValues(this.#columns, id);
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
    // Sorting a pair costs about three times as much as a comparison of series, but only once.
    const comparisons = refs.length * Math.log2(refs.length + 1);
    if (refs.length <= FEW_SERIES || this.#cache.unsortedPairs(this.#columns) > comparisons) {
      return sortByLabels(refs, (ref) => this.seriesLabels(ref));
    }
    const ranks = this.#cache.ranks(this.#columns, this.#namesOf(refs));
    return sortSeries(refs, this.#registry.ends, this.#registry.pairs, ranks);
  }

  /** Ids of the names that series have. */
  #namesOf(refs: Uint32Array): number[] {
    const { ends, pairs } = this.#registry;
    const { owners } = this.#columns.pairs;
    const isUsed = new Uint8Array(this.#columns.names.count);
    const names: number[] = [];
    for (let k = 0; k < refs.length; k++) {
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
