// Brings the series of several sections together by label pair ids: the pair tables are united first,
// then series compare as lists of small integers, without a string.

import type { Label } from '../../model/labels.ts';
import { comparePairs } from './pair-pages.ts';
import type { IndexedSeries, SectionReader } from './section-reader.ts';
import { comparePairIds } from './section-writer.ts';
import type { ChunkRef } from './series-rows.ts';

/** A series and the inputs that have it, in their order. */
export interface MergedSeries {
  /** Ids in the united pair table, ascending; the receiver may keep them. */
  readonly pairs: Uint32Array;
  readonly members: readonly {
    readonly input: number;
    readonly id: number;
    readonly chunks: readonly ChunkRef[];
  }[];
}

interface Cursor {
  readonly input: number;
  readonly rest: Iterator<IndexedSeries>;
  series: IndexedSeries;
  pairs: Uint32Array;
}

/** Take all `pairs` first, then `series`; each once. */
export class SeriesMerge {
  readonly #inputs: readonly SectionReader[];
  /** By input: id of a pair there → id in the union. */
  readonly #newIds: Uint32Array[];

  constructor(inputs: readonly SectionReader[]) {
    this.#inputs = inputs;
    this.#newIds = inputs.map((input) => new Uint32Array(input.pairCount));
  }

  /** The label pairs that any input uses, in order. */
  *pairs(): Generator<Label> {
    const cursors = this.#inputs.map((input, i) => ({
      rest: input.usedPairs(),
      newIds: this.#newIds[i]!,
    }));
    const heads = cursors.map(({ rest }) => rest.next().value as PairHead | undefined);
    for (let newId = 0; ; newId++) {
      let least: Label | undefined;
      for (const head of heads) {
        if (head !== undefined && (least === undefined || comparePairs(head.pair, least) < 0)) {
          least = head.pair;
        }
      }
      if (least === undefined) return;
      cursors.forEach(({ rest, newIds }, i) => {
        const head = heads[i];
        if (head === undefined || comparePairs(head.pair, least) !== 0) return;
        newIds[head.id] = newId;
        heads[i] = rest.next().value as PairHead | undefined;
      });
      yield least;
    }
  }

  /** All series in order of labels. */
  *series(): Generator<MergedSeries> {
    let cursors = this.#inputs.flatMap((section, input) => this.#open(section, input));
    while (cursors.length > 0) {
      let least = cursors[0]!.pairs;
      for (const { pairs } of cursors) if (comparePairIds(pairs, least) < 0) least = pairs;
      const members = cursors.filter(({ pairs }) => comparePairIds(pairs, least) === 0);
      yield {
        pairs: least,
        members: members.map(({ input, series: { id, chunks } }) => ({ input, id, chunks })),
      };
      const finished = members.filter((cursor) => !this.#advance(cursor));
      if (finished.length > 0) cursors = cursors.filter((cursor) => !finished.includes(cursor));
    }
  }

  #open(section: SectionReader, input: number): Cursor[] {
    const rest = section.series();
    const first = rest.next();
    if (first.done === true) return [];
    return [{ input, rest, series: first.value, pairs: this.#translate(input, first.value.pairs) }];
  }

  /** Steps to the next series; false if there is none. */
  #advance(cursor: Cursor): boolean {
    const next = cursor.rest.next();
    if (next.done === true) return false;
    cursor.series = next.value;
    cursor.pairs = this.#translate(cursor.input, next.value.pairs);
    return true;
  }

  #translate(input: number, pairs: Uint32Array): Uint32Array {
    const newIds = this.#newIds[input]!;
    const translated = new Uint32Array(pairs.length);
    for (let i = 0; i < pairs.length; i++) translated[i] = newIds[pairs[i]!]!;
    return translated;
  }
}

interface PairHead {
  readonly id: number;
  readonly pair: Label;
}
