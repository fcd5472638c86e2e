// The label pairs of one database in memory: names and values interned, and per pair the refs of the
// series that carry it. The writing half; memory-index.ts reads.

import { GrowableU32 } from './growable.ts';
import { LabelCache } from './label-cache.ts';
import { PostingLists } from './posting-lists.ts';
import type { DatabaseColumns } from './registry-columns.ts';
import type { HashOptions } from './string-table.ts';
import { StringTable } from './string-table.ts';

export class DatabaseLabels {
  /** Refs of all series of the database, ascending. */
  readonly refs: GrowableU32 = new GrowableU32(32);
  /** What readers on this thread have worked out. */
  readonly cache: LabelCache = new LabelCache();
  readonly #names: StringTable;
  readonly #pairs: StringTable;
  readonly #postings = new PostingLists();
  readonly #newestPairOfName = new GrowableU32(16);
  readonly #olderPair = new GrowableU32(32);

  constructor(hash: HashOptions) {
    this.#names = new StringTable(hash);
    this.#pairs = new StringTable(hash);
  }

  get bytes(): number {
    const strings = this.#names.bytes + this.#pairs.bytes;
    const chains = this.#newestPairOfName.bytes + this.#olderPair.bytes;
    return strings + chains + this.#postings.bytes + this.refs.bytes;
  }

  /** Pair id, -1 if the pair is unknown. */
  findPair(name: string, value: string): number {
    const nameId = this.#names.find(0, name);
    return nameId < 0 ? -1 : this.#pairs.find(nameId, value);
  }

  /** Pair id; an unknown pair is added. */
  internPair(name: string, value: string): number {
    const nameId = this.#names.intern(0, name);
    if (nameId === this.#newestPairOfName.length) this.#newestPairOfName.push(0);
    const pair = this.#pairs.intern(nameId, value);
    if (pair === this.#olderPair.length) {
      const newest = this.#newestPairOfName.data;
      this.#olderPair.push(newest[nameId]!);
      newest[nameId] = pair + 1;
      this.#postings.addList();
    }
    return pair;
  }

  /** Notes that a new series, larger than all before, carries the pair. */
  addPosting(pair: number, ref: number): void {
    this.#postings.append(pair, ref);
  }

  /** The columns as they are now, for this thread and this moment. */
  get columns(): DatabaseColumns {
    return {
      names: this.#names.columns,
      pairs: this.#pairs.columns,
      newestPairOfName: this.#newestPairOfName.data,
      olderPair: this.#olderPair.data,
      postings: this.#postings.columns,
      refs: this.refs.data,
      seriesCount: this.refs.length,
    };
  }

  /** The same for any thread and for later. Copies but a word for each label name. */
  freeze(): DatabaseColumns {
    const newest = this.#newestPairOfName;
    return { ...this.columns, newestPairOfName: newest.data.slice(0, newest.length) };
  }
}
