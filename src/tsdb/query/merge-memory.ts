// What a thread remembers of selections over many sections, so that a dashboard asked again does not compare
// the same labels again. Sections never change, and what they found for a matcher is kept as one array: equal
// arrays are the same selection, however it came about.

import type { MergedSeries } from './merge-series.ts';

/** Members (12 bytes each with the lists) of all merges that are kept, and of one. */
const MAX_MEMBERS = 2 ** 19;
const MAX_MEMBERS_OF_ONE = 2 ** 17;

interface Known {
  readonly lists: readonly Uint32Array[];
  readonly merged: MergedSeries;
}

export class MergeMemory {
  /** By the first list; least recently used first. */
  readonly #known = new Map<Uint32Array, Known>();
  #members = 0;

  /**
   * The merge of lists of ids, each of them the same array whenever it means the same series, in the order
   * of their sections. The result is shared: not to be written to.
   */
  get(lists: readonly Uint32Array[], merge: () => MergedSeries): MergedSeries {
    const first = lists[0]!;
    const known = this.#known.get(first);
    if (known !== undefined && areSame(known.lists, lists)) {
      this.#known.delete(first);
      this.#known.set(first, known);
      return known.merged;
    }
    const merged = merge();
    if (merged.ids.length <= MAX_MEMBERS_OF_ONE) this.#keep({ lists, merged });
    return merged;
  }

  forget(): void {
    this.#known.clear();
    this.#members = 0;
  }

  #keep(known: Known): void {
    this.#drop(known.lists[0]!);
    this.#known.set(known.lists[0]!, known);
    this.#members += known.merged.ids.length;
    for (const oldest of this.#known.keys()) {
      if (this.#members <= MAX_MEMBERS) return;
      this.#drop(oldest);
    }
  }

  #drop(first: Uint32Array): void {
    this.#members -= this.#known.get(first)?.merged.ids.length ?? 0;
    this.#known.delete(first);
  }
}

function areSame(a: readonly Uint32Array[], b: readonly Uint32Array[]): boolean {
  return a.length === b.length && a.every((list, i) => list === b[i]);
}

/** This thread's. */
export const threadMerges: MergeMemory = new MergeMemory();
