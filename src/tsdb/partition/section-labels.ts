// Names and values of labels in a section: of all its series, or of some.

import { intersects, sortDistinct } from '../index/postings.ts';
import { GROUP_ITEMS } from './grouped-page.ts';
import type { LabelNameEntry } from './section-format.ts';
import { PAIRS_PER_CHECKPOINT, type SectionIndex } from './section-index.ts';

/** Reading a posting list takes about as long as looking at the row of so many series. */
const ROWS_PER_LIST = 4;
/** The values of a name are kept decoded if they are not more. */
const MAX_KEPT_VALUES = 2 ** 17;

/** Values of one name on any series, sorted, the first `limit` of them. */
export function valuesOfName(
  index: SectionIndex,
  name: string,
  limit: number,
  checkpoint: (() => void) | undefined,
): string[] {
  const { byName, usedPairs, pairs } = index.directory;
  const entry = byName.get(name);
  if (entry === undefined) return [];
  // Who has no time for all of it had better not begin.
  for (let i = 0; i < Math.min(limit, entry.pairs); i += PAIRS_PER_CHECKPOINT) checkpoint?.();
  const isAllUsed = usedPairs === pairs;
  // The first few are sooner decoded by themselves.
  const isKept = isKeepable(entry) && limit * GROUP_ITEMS >= entry.pairs;
  if (isKept && isAllUsed) return index.values(entry, checkpoint).slice(0, limit);
  const all = isKept ? index.values(entry, checkpoint) : decoded(index, entry);
  const values: string[] = [];
  let id = entry.firstPair;
  for (const value of all) {
    if (id % PAIRS_PER_CHECKPOINT === 0) checkpoint?.();
    if (isAllUsed || index.postingCount(id) > 0) values.push(value);
    if (values.length >= limit) break;
    id++;
  }
  return values;
}

function* decoded(index: SectionIndex, entry: LabelNameEntry): Generator<string> {
  for (const { value } of index.pairs(entry.firstPair, endOf(entry))) yield value;
}

/** Names that the given series have, sorted. */
export function namesOfSeries(index: SectionIndex, ids: Uint32Array): string[] {
  const names = index.directory.names.filter(({ series }) => series > 0);
  const isFound = new Uint8Array(names.length);
  let found = 0;
  let pairs = new Uint32Array(32);
  for (let i = 0; i < ids.length && found < names.length; i++) {
    const rows = index.rowsWith(ids[i]!);
    const row = index.rowOf(ids[i]!);
    const count = rows.pairCount(row);
    if (count > pairs.length) pairs = new Uint32Array(count * 2);
    rows.copyPairs(row, pairs);
    // Pairs and names are in the same order.
    for (let k = 0, n = 0; k < count; k++) {
      while (n < names.length && endOf(names[n]!) <= pairs[k]!) n++;
      if (n === names.length) break;
      if (isFound[n] === 0) found++;
      isFound[n] = 1;
    }
  }
  return names.filter((_, n) => isFound[n] === 1).map(({ name }) => name);
}

/** Values of one name on the given series, sorted. */
export function valuesOfSeries(index: SectionIndex, name: string, ids: Uint32Array): string[] {
  const entry = index.directory.byName.get(name);
  if (entry === undefined) return [];
  const found =
    entry.pairs * ROWS_PER_LIST < ids.length
      ? pairsByPostings(index, entry, ids)
      : pairsByRows(index, entry, ids);
  // Ids are in the order of values.
  if (!isKeepable(entry) || found.length * GROUP_ITEMS < entry.pairs) {
    return Array.from(found, (id) => index.pair(id).value);
  }
  const values = index.values(entry);
  return Array.from(found, (id) => values[id - entry.firstPair]!);
}

function pairsByPostings(index: SectionIndex, entry: LabelNameEntry, ids: Uint32Array): number[] {
  const found: number[] = [];
  for (let id = entry.firstPair; id < endOf(entry); id++) {
    if (intersects(ids, index.postings(id))) found.push(id);
  }
  return found;
}

function pairsByRows(index: SectionIndex, entry: LabelNameEntry, ids: Uint32Array): Uint32Array {
  const found = new Uint32Array(ids.length);
  const end = endOf(entry);
  let count = 0;
  for (let i = 0; i < ids.length; i++) {
    const pair = index.rowsWith(ids[i]!).pairIn(index.rowOf(ids[i]!), entry.firstPair, end);
    if (pair >= 0) found[count++] = pair;
  }
  return sortDistinct(found.subarray(0, count));
}

function isKeepable({ pairs }: LabelNameEntry): boolean {
  return pairs <= MAX_KEPT_VALUES;
}

function endOf({ firstPair, pairs }: LabelNameEntry): number {
  return firstPair + pairs;
}
