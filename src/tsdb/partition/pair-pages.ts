// The pair table: all (name, value) label pairs of a section in order, so that a pair's rank is its id
// and label sets compare as their lists of ids do. Values are prefix-compressed within a group.

import type { Label } from '../../model/labels.ts';
import { compareStrings } from '../../model/labels.ts';
import type { ByteReader } from '../chunk/bytes.ts';
import { malformed } from '../chunk/bytes.ts';
import { GROUP_ITEMS, type GroupedPage, GroupedPageBuilder } from './grouped-page.ts';

export function comparePairs(a: Label, b: Label): number {
  return compareStrings(a.name, b.name) || compareStrings(a.value, b.value);
}

/** Encodes pairs given in strictly ascending order. */
export class PairEncoder {
  readonly #page = new GroupedPageBuilder();
  #previous: Label | undefined;
  #previousValue: Uint8Array = new Uint8Array(0);

  get items(): number {
    return this.#page.items;
  }

  get isFull(): boolean {
    return this.#page.isFull;
  }

  add(pair: Label): void {
    const previous = this.#previous;
    if (previous !== undefined && comparePairs(previous, pair) >= 0) {
      throw new Error(`label pairs out of order: ${pair.name}=${pair.value}`);
    }
    const { out } = this.#page;
    const value = Buffer.from(pair.value);
    const isFresh = this.#page.begin();
    if (isFresh || previous?.name !== pair.name) {
      // Even: a new name follows. Odd: the name stays, and so many bytes of the value.
      out.varint(0);
      out.string(pair.name);
      out.block(value);
    } else {
      const shared = sharedPrefix(this.#previousValue, value);
      out.varint(2 * shared + 1);
      out.block(value.subarray(shared));
    }
    this.#previous = pair;
    this.#previousValue = value;
  }

  finish(): Uint8Array {
    return this.#page.finish();
  }
}

function sharedPrefix(a: Uint8Array, b: Uint8Array): number {
  const n = Math.min(a.length, b.length);
  let i = 0;
  while (i < n && a[i] === b[i]) i++;
  return i;
}

/** All pairs of one group. */
export function decodePairGroup(page: GroupedPage, group: number): Label[] {
  const reader = page.readerOf(group);
  const pairs: Label[] = [];
  let name = '';
  let value: Uint8Array = new Uint8Array(0);
  for (let left = page.itemsOf(group); left > 0; left--) {
    const head = reader.varint();
    if (head === 0) {
      name = reader.string();
      value = reader.block();
    } else {
      value = extended(value, (head - 1) / 2, reader);
    }
    pairs.push({
      name,
      value: Buffer.from(value.buffer, value.byteOffset, value.length).toString(),
    });
  }
  return pairs;
}

function extended(previous: Uint8Array, shared: number, reader: ByteReader): Uint8Array {
  if (!Number.isInteger(shared) || shared > previous.length) throw malformed('shared prefix');
  const suffix = reader.block();
  const value = new Uint8Array(shared + suffix.length);
  value.set(previous.subarray(0, shared));
  value.set(suffix, shared);
  return value;
}

/** Rank within the page of the first pair that is not below `wanted`; `items` if all are. */
export function lowerBoundInPage(page: GroupedPage, wanted: Label): number {
  let low = 0;
  let high = page.groups;
  // Groups before `low` start at or below the wanted pair.
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (comparePairs(firstPairOf(page, middle), wanted) <= 0) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return 0;
  const group = low - 1;
  const pairs = decodePairGroup(page, group);
  const at = pairs.findIndex((pair) => comparePairs(pair, wanted) >= 0);
  return group * GROUP_ITEMS + (at < 0 ? pairs.length : at);
}

function firstPairOf(page: GroupedPage, group: number): Label {
  const reader = page.readerOf(group);
  if (reader.varint() !== 0) throw malformed('group without a name');
  const name = reader.string();
  return { name, value: reader.string() };
}
