// The label pairs of one database in memory: names and values interned, and per pair the refs of the
// series that carry it. Pair ids are dense; a series is the list of its pair ids in label order.

import type { Label } from '../../model/labels.ts';
import { compareStrings } from '../../model/labels.ts';
import { GrowableU32 } from './growable.ts';
import { PostingLists } from './posting-lists.ts';
import { sortDistinct } from './postings.ts';
import type { FrozenStringTable, HashOptions } from './string-table.ts';
import { StringTable } from './string-table.ts';

/** Decoded labels kept on the V8 heap; dropped together when there are more. */
const MAX_DECODED = 65_536;
/** Sorted values kept on the V8 heap, of all names together. */
const MAX_SORTED_VALUES = 262_144;

interface SortedValues {
  values: string[];
  /** The newest pair that `values` knows. */
  newestPair: number;
}

export class DatabaseLabels {
  /** Refs of all series of the database, ascending. */
  readonly refs: GrowableU32 = new GrowableU32(32);
  readonly #names: StringTable;
  readonly #pairs: StringTable;
  readonly #postings = new PostingLists();
  /** By name: its newest pair + 1. By pair: the pair of the same name before it + 1. 0 ends. */
  readonly #newestPairOfName = new GrowableU32(16);
  readonly #olderPair = new GrowableU32(32);
  readonly #decoded = new Map<number, Label>();
  #sortedNames: string[] = [];
  readonly #sortedValues = new Map<number, SortedValues>();
  #sortedValueCount = 0;

  constructor(hash: HashOptions) {
    this.#names = new StringTable(hash);
    this.#pairs = new StringTable(hash);
  }

  allRefs(): Uint32Array {
    return this.refs.data.subarray(0, this.refs.length);
  }

  get pairCount(): number {
    return this.#pairs.count;
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

  /** The pair as a label; equal pairs usually share one object. */
  label(pair: number): Label {
    const known = this.#decoded.get(pair);
    if (known !== undefined) return known;
    if (this.#decoded.size >= MAX_DECODED) this.#decoded.clear();
    const label = {
      name: this.#names.text(this.#pairs.owner(pair)),
      value: this.#pairs.text(pair),
    };
    this.#decoded.set(pair, label);
    return label;
  }

  labelNames(): string[] {
    if (this.#sortedNames.length !== this.#names.count) {
      this.#sortedNames = Array.from({ length: this.#names.count }, (_, id) =>
        this.#names.text(id),
      );
      this.#sortedNames.sort(compareStrings);
    }
    return this.#sortedNames.slice();
  }

  /** Distinct values of a name, sorted. Only values that came since the last call are decoded. */
  labelValues(name: string): string[] {
    const nameId = this.#names.find(0, name);
    if (nameId < 0) return [];
    const known = this.#sortedValues.get(nameId);
    const newestPair = this.#newestPairOfName.data[nameId]! - 1;
    if (known?.newestPair === newestPair) return known.values.slice();
    const fresh: string[] = [];
    const last = known?.newestPair ?? -1;
    for (let pair = newestPair; pair !== last; pair = this.#olderPair.data[pair]! - 1) {
      fresh.push(this.#pairs.text(pair));
    }
    fresh.sort(compareStrings);
    const values = known === undefined ? fresh : mergeSorted(known.values, fresh);
    this.#keepValues(nameId, { values, newestPair }, fresh.length);
    return values.slice();
  }

  /** A copy: refs of the series with the pair, ascending. */
  postings(name: string, value: string): Uint32Array {
    const pair = this.findPair(name, value);
    if (pair < 0) return new Uint32Array(0);
    const refs = new Uint32Array(this.#postings.size(pair));
    this.#postings.copyTo(pair, refs, 0);
    return refs;
  }

  /** A copy: refs of the series that have the label at all, ascending. */
  postingsOfName(name: string): Uint32Array {
    const nameId = this.#names.find(0, name);
    if (nameId < 0) return new Uint32Array(0);
    const newestPair = this.#newestPairOfName.data[nameId]! - 1;
    const older = this.#olderPair.data;
    let total = 0;
    for (let pair = newestPair; pair >= 0; pair = older[pair]! - 1) {
      total += this.#postings.size(pair);
    }
    const refs = new Uint32Array(total);
    let at = 0;
    for (let pair = newestPair; pair >= 0; pair = older[pair]! - 1) {
      this.#postings.copyTo(pair, refs, at);
      at += this.#postings.size(pair);
    }
    return sortDistinct(refs);
  }

  freezeNames(): FrozenStringTable {
    return this.#names.freeze();
  }

  freezePairs(): FrozenStringTable {
    return this.#pairs.freeze();
  }

  #keepValues(nameId: number, sorted: SortedValues, added: number): void {
    this.#sortedValueCount += added;
    if (this.#sortedValueCount > MAX_SORTED_VALUES) {
      this.#sortedValues.clear();
      this.#sortedValueCount = sorted.values.length;
    }
    this.#sortedValues.set(nameId, sorted);
  }
}

function mergeSorted(a: readonly string[], b: readonly string[]): string[] {
  const out: string[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    out.push(compareStrings(a[i]!, b[j]!) < 0 ? a[i++]! : b[j++]!);
  }
  while (i < a.length) out.push(a[i++]!);
  while (j < b.length) out.push(b[j++]!);
  return out;
}
