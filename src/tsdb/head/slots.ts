// Views on a head memory and the way from a ref to its series slot; shared by owner and readers.

import {
  DIRECTORY,
  HEAD_MAGIC,
  HEADER,
  HeaderWord,
  MAX_REFS,
  PAGE_SLOTS,
  PAGE_SLOTS_LOG2,
  SLOT_USED,
  SLOT_WORDS,
  SlotWord,
} from './layout.ts';

/** A head memory, or what else has its buffer. */
export interface HeadBuffer {
  readonly buffer: ArrayBufferLike;
}

export class HeadSlots {
  readonly words: Uint32Array;
  readonly floats: Float64Array;
  readonly bytes: Uint8Array;

  /** The memory must hold a head: its owner has written the header. */
  constructor(memory: HeadBuffer) {
    this.words = new Uint32Array(memory.buffer);
    this.floats = new Float64Array(memory.buffer);
    this.bytes = new Uint8Array(memory.buffer);
    if (this.header(HeaderWord.magic) !== HEAD_MAGIC) {
      throw new Error('not a head memory, or one of another build');
    }
  }

  header(word: number): number {
    return this.words[(HEADER >>> 2) + word]!;
  }

  headerFloat(word: number): number {
    return this.floats[(HEADER >>> 3) + (word >>> 1)]!;
  }

  /** Index of the first word of a series' slot; 0 if the series has nothing here. */
  find(ref: number): number {
    if (ref >= MAX_REFS) return 0;
    const page = this.words[(DIRECTORY >>> 2) + (ref >>> PAGE_SLOTS_LOG2)]!;
    if (page === 0) return 0;
    const slot = (page >>> 2) + (ref & (PAGE_SLOTS - 1)) * SLOT_WORDS;
    return (this.words[slot + SlotWord.counts]! >>> 24) & SLOT_USED ? slot : 0;
  }

  hasExemplars(ref: number): boolean {
    const slot = this.find(ref);
    return slot !== 0 && this.words[slot + SlotWord.exemplar] !== 0;
  }

  /** Refs that have samples or exemplars, ascending. */
  *refs(): Generator<number, void> {
    const pages = this.header(HeaderWord.pageLimit);
    for (let page = 0; page < pages; page++) {
      if (this.words[(DIRECTORY >>> 2) + page] === 0) continue;
      const first = page << PAGE_SLOTS_LOG2;
      for (let ref = first; ref < first + PAGE_SLOTS; ref++) {
        if (this.find(ref) !== 0) yield ref;
      }
    }
  }

  /** Smallest t of the series' samples; +Infinity if it has none. */
  minT(ref: number): number {
    const slot = this.find(ref);
    return slot === 0 ? Number.POSITIVE_INFINITY : this.firstT(slot);
  }

  /** Largest t of the series' samples; -Infinity if it has none. */
  maxT(ref: number): number {
    const slot = this.find(ref);
    return slot === 0 ? Number.NEGATIVE_INFINITY : this.lastT(slot);
  }

  /** The same by the slot. */
  firstT(slot: number): number {
    return this.floats[(slot + SlotWord.minT) >>> 1]!;
  }

  lastT(slot: number): number {
    return this.floats[(slot + SlotWord.lastT) >>> 1]!;
  }
}
