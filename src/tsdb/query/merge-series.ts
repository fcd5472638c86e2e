// Brings equal series of several sources together, in the order of their labels, without making label
// objects of each: sources are compared by label pairs, every distinct pair of which is read once.

import type { Label } from '../../model/labels.ts';
import { compareStrings } from '../../model/labels.ts';
import type { LabelIndex } from '../index/label-index.ts';
import type { MergeMemory } from './merge-memory.ts';

/** The selected ids of one source, ordered by labels. */
export interface SelectedSeries {
  readonly index: LabelIndex;
  readonly ids: Uint32Array;
  /** Will this very array mean these series for as long as there is one? Sources of this kind come first. */
  readonly isFixed: boolean;
}

/**
 * Series in the order of their labels. Series `i` has the members `starts[i]…starts[i + 1] - 1`: `ids`
 * in `sources` (positions in the list that was merged, ascending within a series).
 */
export interface MergedSeries {
  readonly length: number;
  readonly starts: Uint32Array;
  readonly sources: Uint32Array;
  readonly ids: Uint32Array;
}

/** The merge of fixed sources is looked up in `memory`. None of the lists is empty. */
export function mergeSeries(
  selected: readonly SelectedSeries[],
  memory: MergeMemory,
): MergedSeries {
  const dictionary = new PairDictionary(selected.map(({ index }) => index));
  const runs = selected.map(({ ids }, source) => runOf(ids, source));
  const moving = selected.findIndex(({ isFixed }) => !isFixed);
  const fixed = runs.splice(0, moving < 0 ? runs.length : moving);
  if (fixed.length > 1) {
    const lists = fixed.map(({ ids }) => ids);
    runs.unshift(memory.get(lists, () => mergeRuns(fixed, dictionary)));
  } else runs.unshift(...fixed);
  return mergeRuns(runs, dictionary);
}

/** Merges two by two, so that a series costs at most log2(sources) comparisons for each source. */
function mergeRuns(all: readonly MergedSeries[], dictionary: PairDictionary): MergedSeries {
  let runs = all;
  while (runs.length > 1) {
    const merged: MergedSeries[] = [];
    for (let i = 0; i + 1 < runs.length; i += 2) {
      merged.push(mergeTwo(runs[i]!, runs[i + 1]!, dictionary));
    }
    if (runs.length % 2 === 1) merged.push(runs.at(-1)!);
    runs = merged;
  }
  return runs[0] ?? runOf(new Uint32Array(0), 0);
}

function runOf(ids: Uint32Array, source: number): MergedSeries {
  const { length } = ids;
  const starts = new Uint32Array(length + 1);
  for (let i = 0; i <= length; i++) starts[i] = i;
  return { length, starts, sources: new Uint32Array(length).fill(source), ids };
}

function mergeTwo(a: MergedSeries, b: MergedSeries, dictionary: PairDictionary): MergedSeries {
  const members = a.ids.length + b.ids.length;
  const ids = new Uint32Array(members);
  const sources = new Uint32Array(members);
  const starts = new Uint32Array(a.length + b.length + 1);
  const left = new Cursor(a, dictionary);
  const right = new Cursor(b, dictionary);
  let length = 0;
  let at = 0;
  while (!left.isAtEnd || !right.isAtEnd) {
    const order = compareCursors(left, right, dictionary);
    if (order <= 0) at = left.take(ids, sources, at);
    if (order >= 0) at = right.take(ids, sources, at);
    starts[++length] = at;
  }
  return { length, starts: starts.slice(0, length + 1), sources, ids };
}

function compareCursors(a: Cursor, b: Cursor, dictionary: PairDictionary): number {
  if (a.isAtEnd) return 1;
  if (b.isAtEnd) return -1;
  const n = Math.min(a.pairCount, b.pairCount);
  for (let i = 0; i < n; i++) {
    if (a.pairs[i] !== b.pairs[i]) return dictionary.compare(a.pairs[i]!, b.pairs[i]!);
  }
  return a.pairCount - b.pairCount;
}

/** Walks through a run with the pairs of the series at hand, in terms of the dictionary. */
class Cursor {
  pairs: Uint32Array = new Uint32Array(32);
  pairCount = 0;
  isAtEnd = false;
  readonly #run: MergedSeries;
  readonly #dictionary: PairDictionary;
  #at = 0;

  constructor(run: MergedSeries, dictionary: PairDictionary) {
    this.#run = run;
    this.#dictionary = dictionary;
    this.#load();
  }

  /** Copies the members of the series at hand to `at` and steps on; returns where they end. */
  take(ids: Uint32Array, sources: Uint32Array, at: number): number {
    const end = this.#run.starts[this.#at + 1]!;
    let to = at;
    for (let i = this.#run.starts[this.#at]!; i < end; i++, to++) {
      ids[to] = this.#run.ids[i]!;
      sources[to] = this.#run.sources[i]!;
    }
    this.#at++;
    this.#load();
    return to;
  }

  #load(): void {
    const { length, starts, sources, ids } = this.#run;
    this.isAtEnd = this.#at === length;
    if (this.isAtEnd) return;
    const member = starts[this.#at]!;
    const source = sources[member]!;
    const id = ids[member]!;
    this.pairCount = this.#dictionary.read(source, id, this.pairs);
    if (this.pairCount <= this.pairs.length) return;
    this.pairs = new Uint32Array(this.pairCount * 2);
    this.#dictionary.read(source, id, this.pairs);
  }
}

/** One numbering of the label pairs of several indexes, filled as pairs are met. */
class PairDictionary {
  readonly #indexes: readonly LabelIndex[];
  /** By source: pair id → number + 1, 0 = not met yet. */
  readonly #numbers: (Uint32Array | undefined)[] = [];
  readonly #labels: Label[] = [];
  readonly #byName = new Map<string, Map<string, number>>();

  constructor(indexes: readonly LabelIndex[]) {
    this.#indexes = indexes;
  }

  /** Writes the numbers of a series' pairs to `out` and returns how many there are; too many: undefined content. */
  read(source: number, id: number, out: Uint32Array): number {
    const index = this.#indexes[source]!;
    const count = index.pairsOf(id, out);
    if (count > out.length) return count;
    const numbers = this.#numbersOf(source, index);
    for (let i = 0; i < count; i++) {
      const pair = out[i]!;
      let number = numbers[pair]!;
      if (number === 0) {
        number = this.#number(index.pair(pair));
        numbers[pair] = number;
      }
      out[i] = number;
    }
    return count;
  }

  /** Orders two different pairs by name, then value. */
  compare(a: number, b: number): number {
    const x = this.#labels[a - 1]!;
    const y = this.#labels[b - 1]!;
    return compareStrings(x.name, y.name) || compareStrings(x.value, y.value);
  }

  #numbersOf(source: number, index: LabelIndex): Uint32Array {
    const known = this.#numbers[source];
    // An index in memory may have grown since.
    if (known !== undefined && known.length >= index.pairCount) return known;
    const numbers = new Uint32Array(index.pairCount);
    if (known !== undefined) numbers.set(known);
    this.#numbers[source] = numbers;
    return numbers;
  }

  #number(label: Label): number {
    let ofName = this.#byName.get(label.name);
    if (ofName === undefined) {
      ofName = new Map();
      this.#byName.set(label.name, ofName);
    }
    const known = ofName.get(label.value);
    if (known !== undefined) return known;
    const number = this.#labels.push(label);
    ofName.set(label.value, number);
    return number;
  }
}
