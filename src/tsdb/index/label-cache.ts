// What readers on one thread have worked out about the label pairs of one database: texts, orders,
// verdicts of matchers. Pairs are only ever added, so everything is brought up to date by looking at
// the new ones. A reader with older columns may be given pairs that they do not have: it leaves them out.

import type { Label } from '../../model/labels.ts';
import { compareStrings } from '../../model/labels.ts';
import type { CompiledMatcher } from '../../storage/label-matcher.ts';
import { MAX_MATCHED, type Matched } from './label-index.ts';
import type { DatabaseColumns } from './registry-columns.ts';
import { findText, textAt } from './string-table.ts';

/** Decoded labels kept on the V8 heap; dropped together when there are more. */
const MAX_DECODED = 65_536;
/** Sorted values kept as strings, of all names together; beyond, only their order is kept. */
const MAX_SORTED_VALUES = 262_144;
/** Matchers whose verdicts are kept, and pairs in all their lists together. */
const MAX_MATCHERS = 256;
const MAX_MATCHED_PAIRS = 1 << 20;

/** Work between two checkpoints. */
const PAIRS_PER_CHECKPOINT = 256;

/** So many ranks are written in the time in which two texts are decoded and compared. */
const RANKS_PER_COMPARISON = 32;

/** Sorting fewer by their texts is no reason to sort all pairs: it is done where nobody has the time for that. */
const MANY_ITEMS = 512;

const ALL = (): boolean => true;

/** The pairs of one name in the order of their values. */
interface SortedName {
  pairs: Uint32Array;
  /** Undefined where they were too many to keep. */
  values: string[] | undefined;
  /** The newest pair in `pairs`, -1 for none. */
  newestPair: number;
}

interface MatchedPairs {
  readonly pairs: number[];
  newestPair: number;
}

export class LabelCache {
  readonly #decoded = new Map<number, Label>();
  #namesInOrder: string[] = [];
  readonly #sorted = new Map<number, SortedName>();
  #keptValues = 0;
  #sortedPairs = 0;
  /** The largest of them. */
  #newestSorted = -1;
  readonly #matched = new Map<string, MatchedPairs>();
  #matchedPairs = 0;
  /** Comparisons of texts, of many items, since ranks were last asked for. */
  #compared = 0;
  #ranks = new Uint32Array(0);
  /** Counts changes of any order; the state that `#ranks` shows. */
  #version = 0;
  #rankedVersion = -1;

  /** The pair as a label; equal pairs usually share one object. */
  label({ names, pairs }: DatabaseColumns, pair: number): Label {
    const known = this.#decoded.get(pair);
    if (known !== undefined) return known;
    if (this.#decoded.size >= MAX_DECODED) this.#decoded.clear();
    const label = { name: textAt(names, pairs.owners[pair]!), value: textAt(pairs, pair) };
    this.#decoded.set(pair, label);
    return label;
  }

  /** All label names, sorted. */
  labelNames({ names }: DatabaseColumns): readonly string[] {
    if (this.#namesInOrder.length !== names.count) {
      const texts = Array.from({ length: names.count }, (_, id) => textAt(names, id));
      this.#namesInOrder = texts.sort(compareStrings);
    }
    return this.#namesInOrder;
  }

  /**
   * Distinct values of one name, sorted, the first `limit` of them; a copy. `checkpoint` is called now and then while
   * new ones are looked at, and ends that by throwing.
   */
  labelValues(
    columns: DatabaseColumns,
    name: number,
    limit: number = Number.POSITIVE_INFINITY,
    checkpoint?: () => void,
  ): string[] {
    const { values, newestPair } = this.#sortedName(columns, name, checkpoint);
    if (values !== undefined && newestPair < columns.pairs.count) return values.slice(0, limit);
    return this.valuesWhere(columns, name, ALL, limit, checkpoint);
  }

  /** Those of the pairs for which the claim holds. */
  valuesWhere(
    columns: DatabaseColumns,
    name: number,
    isWanted: (pair: number) => boolean,
    limit: number,
    checkpoint?: () => void,
  ): string[] {
    const { pairs, values } = this.#sortedName(columns, name, checkpoint);
    const { count } = columns.pairs;
    const found: string[] = [];
    for (let i = 0; i < pairs.length && found.length < limit; i++) {
      if (i % PAIRS_PER_CHECKPOINT === 0) checkpoint?.();
      const pair = pairs[i]!;
      if (pair >= count || !isWanted(pair)) continue;
      found.push(values?.[i] ?? textAt(columns.pairs, pair));
    }
    return found;
  }

  /** The values of distinct pairs of one name, sorted. */
  valuesOf(columns: DatabaseColumns, name: number, wanted: Uint32Array): string[] {
    if (wanted.length === 0) return [];
    const comparisons = comparisonsOf(wanted.length);
    const reranked = this.#rankedVersion === this.#version ? 0 : this.#sortedPairs;
    const isTooMuch =
      reranked > comparisons * RANKS_PER_COMPARISON ||
      this.#hasFresh(columns, name, comparisons + this.#compared);
    this.#noteCompared(wanted.length, isTooMuch ? comparisons : undefined);
    if (isTooMuch) {
      const texts = Array.from(wanted, (pair) => textAt(columns.pairs, pair));
      sortTexts(texts);
      return texts;
    }
    const ranks = this.ranks(columns, [name]);
    const { pairs, values } = this.#sorted.get(name)!;
    // The pairs of one name have consecutive ranks.
    const first = ranks[pairs[0]!]!;
    const places = wanted.map((pair) => ranks[pair]! - first).sort();
    return Array.from(places, (at) => values?.[at] ?? textAt(columns.pairs, pairs[at]!));
  }

  /** Pairs of the matcher's name whose value gets another verdict than an absent label would. */
  tellingPairs(
    columns: DatabaseColumns,
    name: number,
    matcher: CompiledMatcher,
  ): readonly number[] {
    const newestPair = columns.newestPairOfName[name]! - 1;
    let known = this.#matched.get(matcher.key);
    if (known === undefined) {
      known = { pairs: [], newestPair: -1 };
      this.#keepMatched(matcher.key, known);
    }
    const from = known.newestPair;
    if (newestPair < from) return known.pairs.filter((pair) => pair < columns.pairs.count);
    // Kept only when all is done: the matcher may throw.
    const found: number[] = [];
    for (let pair = newestPair; pair > from; pair = columns.olderPair[pair]! - 1) {
      const isMatch = matcher.matches(textAt(columns.pairs, pair));
      if (isMatch !== matcher.matchesEmpty) found.push(pair);
    }
    for (const pair of found) known.pairs.push(pair);
    this.#matchedPairs += found.length;
    known.newestPair = newestPair;
    return known.pairs;
  }

  /** The same if it is known but for a few pairs; else undefined. */
  knownPairs(
    columns: DatabaseColumns,
    name: number,
    matcher: CompiledMatcher,
  ): readonly number[] | undefined {
    const known = this.#matched.get(matcher.key);
    if (known === undefined) return undefined;
    let pair = columns.newestPairOfName[name]! - 1;
    for (let fresh = 0; pair > known.newestPair; pair = columns.olderPair[pair]! - 1) {
      if (++fresh > MAX_MATCHED) return undefined;
    }
    return this.tellingPairs(columns, name, matcher);
  }

  /** What {@link learn} can bring another cache of the same pairs; undefined if nothing, or much, is known. */
  matched(key: string): Matched | undefined {
    const known = this.#matched.get(key);
    if (known === undefined || known.pairs.length > MAX_MATCHED) return undefined;
    return { list: Uint32Array.from(known.pairs), newest: known.newestPair };
  }

  /** Takes over verdicts on a matcher, unless as many are known. */
  learn(key: string, { list, newest }: Matched): void {
    const known = this.#matched.get(key);
    if (known !== undefined && known.newestPair >= newest) return;
    this.#matchedPairs -= known?.pairs.length ?? 0;
    this.#keepMatched(key, { pairs: [...list], newestPair: newest });
    this.#matchedPairs += list.length;
  }

  /**
   * Is it better to sort so many series by their texts than by {@link ranks}? Sorting a pair costs about three times
   * as much as a comparison of series, but only once: what was compared before counts too.
   */
  prefersTexts({ pairs }: DatabaseColumns, series: number): boolean {
    const comparisons = comparisonsOf(series);
    const prefers = pairs.count - this.#sortedPairs > comparisons + this.#compared;
    this.#noteCompared(series, prefers ? comparisons : undefined);
    return prefers;
  }

  #noteCompared(items: number, comparisons: number | undefined): void {
    if (comparisons === undefined) this.#compared = 0;
    else if (items >= MANY_ITEMS) this.#compared += comparisons;
  }

  /** By pair: its rank among the pairs of these names, by name, then value. Valid until the next call. */
  ranks(columns: DatabaseColumns, names: readonly number[]): Uint32Array {
    for (const name of names) this.#sortedName(columns, name);
    if (this.#rankedVersion === this.#version) return this.#ranks;
    const order = [...this.#sorted.keys()].map((name) => ({
      name,
      text: textAt(columns.names, name),
    }));
    order.sort((a, b) => compareStrings(a.text, b.text));
    if (this.#ranks.length <= this.#newestSorted) {
      this.#ranks = new Uint32Array(Math.ceil((this.#newestSorted + 1) * 1.25));
    }
    let rank = 0;
    for (const { name } of order) {
      const { pairs } = this.#sorted.get(name)!;
      for (let i = 0; i < pairs.length; i++) this.#ranks[pairs[i]!] = rank++;
    }
    this.#rankedVersion = this.#version;
    return this.#ranks;
  }

  /** Does a name have more than `count` pairs that are not in order yet? */
  #hasFresh(
    { newestPairOfName, olderPair }: DatabaseColumns,
    name: number,
    count: number,
  ): boolean {
    const known = this.#sorted.get(name)?.newestPair ?? -1;
    let fresh = 0;
    let pair = newestPairOfName[name]! - 1;
    for (; pair > known && fresh <= count; pair = olderPair[pair]! - 1) fresh++;
    return fresh > count;
  }

  #sortedName(columns: DatabaseColumns, name: number, checkpoint?: () => void): SortedName {
    let known = this.#sorted.get(name);
    if (known === undefined) {
      known = { pairs: new Uint32Array(0), values: [], newestPair: -1 };
      this.#sorted.set(name, known);
      this.#version++;
    }
    const newestPair = columns.newestPairOfName[name]! - 1;
    if (newestPair <= known.newestPair) return known;
    if (checkpoint !== undefined) this.#announce(columns, newestPair, known.newestPair, checkpoint);
    const fresh: string[] = [];
    for (let pair = newestPair; pair > known.newestPair; pair = columns.olderPair[pair]! - 1) {
      if (fresh.length % PAIRS_PER_CHECKPOINT === 0) checkpoint?.();
      fresh.push(textAt(columns.pairs, pair));
    }
    sortTexts(fresh);
    merge(known, fresh, columns, name);
    known.newestPair = newestPair;
    this.#version++;
    this.#sortedPairs += fresh.length;
    this.#newestSorted = Math.max(this.#newestSorted, newestPair);
    if (known.values !== undefined) this.#keptValues += fresh.length;
    if (this.#keptValues > MAX_SORTED_VALUES) this.#dropValues();
    return known;
  }

  /** Calls the checkpoint for all pairs to come: who has no time for them had better not begin. */
  #announce(
    { olderPair }: DatabaseColumns,
    newest: number,
    known: number,
    checkpoint: () => void,
  ): void {
    let i = 0;
    for (let pair = newest; pair > known; pair = olderPair[pair]! - 1) {
      if (++i % PAIRS_PER_CHECKPOINT === 0) checkpoint();
    }
  }

  #dropValues(): void {
    for (const sorted of this.#sorted.values()) {
      if (sorted.pairs.length > 0) sorted.values = undefined;
    }
    this.#keptValues = 0;
  }

  #keepMatched(key: string, matched: MatchedPairs): void {
    if (this.#matched.size >= MAX_MATCHERS || this.#matchedPairs > MAX_MATCHED_PAIRS) {
      this.#matched.clear();
      this.#matchedPairs = 0;
    }
    this.#matched.set(key, matched);
  }
}

/** Of sorting so many. */
function comparisonsOf(items: number): number {
  return items * Math.log2(items + 1);
}

/** Brings sorted new values into a name's order. */
function merge(
  sorted: SortedName,
  fresh: readonly string[],
  columns: DatabaseColumns,
  name: number,
): void {
  const { pairs: old, values } = sorted;
  const pairs = new Uint32Array(old.length + fresh.length);
  const merged: string[] | undefined = values === undefined ? undefined : [];
  let taken = 0;
  let at = 0;
  for (const text of fresh) {
    const end = insertionPoint(sorted, columns, text, taken);
    pairs.set(old.subarray(taken, end), at);
    at += end - taken;
    if (merged !== undefined) {
      for (let i = taken; i < end; i++) merged.push(values![i]!);
      merged.push(text);
    }
    taken = end;
    pairs[at++] = findText(columns.pairs, name, text);
  }
  pairs.set(old.subarray(taken), at);
  if (merged !== undefined) for (let i = taken; i < old.length; i++) merged.push(values![i]!);
  sorted.pairs = pairs;
  sorted.values = merged;
}

/** First place at or after `from` whose value sorts after `text`. */
function insertionPoint(
  { pairs, values }: SortedName,
  columns: DatabaseColumns,
  text: string,
  from: number,
): number {
  let low = from;
  let high = pairs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = values?.[middle] ?? textAt(columns.pairs, pairs[middle]!);
    if (compareStrings(other, text) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The built-in order, which is fast, is ours unless code points outside of the BMP are there. */
function sortTexts(texts: string[]): void {
  if (texts.some(hasSurrogate)) texts.sort(compareStrings);
  else texts.sort();
}

function hasSurrogate(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xe000) return true;
  }
  return false;
}
