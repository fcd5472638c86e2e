// Pages of chunks in this thread's kernel memory, where they are decoded without another copy: read from
// the file into a slot, checked there, and kept until the slot is wanted for another page.

import type { Kernel } from '../../codec/kernel.ts';
import { threadKernel } from '../../codec/thread-kernel.ts';
import { readCounts } from '../read-counts.ts';
import { decodePage, PageType } from './page.ts';
import type { PageRegion } from './part-file.ts';
import type { PagePlace } from './series-rows.ts';

/** A page is closed once it has 64 KiB, so that it may be a chunk longer. Longer ones are read elsewhere. */
const SLOT_BYTES = 96 << 10;
/** As many parts can be read in turns, series by series, without reading a page twice. */
const MAX_SLOTS = 256;
/** Decoders may read this far past their input. */
const SLACK_BYTES = 64;

/** A file as the pages need it. */
export interface PageSource {
  /** By offset in the file: the slot that holds the page. Kept here, so that it goes with the file. */
  readonly slots: Map<number, number>;
  /** Reads bytes at a place of the file to `to`; throws if it ends before. */
  readInto(position: number, to: Uint8Array): void;
}

export class ChunkPages {
  readonly kernel: Kernel;
  readonly #memory: Uint8Array;
  readonly #base: number;
  /** By slot. */
  readonly #owners: (PageSource | undefined)[];
  readonly #offsets = new Float64Array(MAX_SLOTS);
  readonly #addresses = new Uint32Array(MAX_SLOTS);
  readonly #lengths = new Uint32Array(MAX_SLOTS);
  /** Read since the hand last passed. */
  readonly #isRecent = new Uint8Array(MAX_SLOTS);
  #hand = 0;

  constructor() {
    const { kernel, buffer, take } = threadKernel();
    this.kernel = kernel;
    // Where address space is short: a sixteenth of what there is.
    const slots = Math.min(MAX_SLOTS, Math.floor(buffer.byteLength / (16 * SLOT_BYTES)));
    this.#owners = new Array<undefined>(slots).fill(undefined);
    this.#base = take(slots * SLOT_BYTES + SLACK_BYTES);
    this.#memory = new Uint8Array(buffer);
  }

  /** Notes that a slot is being read: it stays longer. */
  touch(slot: number): void {
    this.#isRecent[slot] = 1;
  }

  /** Address and length of the payload in a slot. */
  address(slot: number): number {
    return this.#addresses[slot]!;
  }

  length(slot: number): number {
    return this.#lengths[slot]!;
  }

  /** Frees the slots of a file. */
  forget(source: PageSource): void {
    for (const slot of source.slots.values()) this.#owners[slot] = undefined;
    source.slots.clear();
  }

  /**
   * Reads a page that is in no slot yet and returns the slot it got; -1 if the page is too large for one.
   * Throws TSDB_MALFORMED for a damaged page and what reading the file throws.
   */
  load(source: PageSource, region: PageRegion, place: PagePlace): number {
    if (place.length > SLOT_BYTES) return -1;
    const at = region.start + place.offset;
    const slot = this.#victim();
    const start = this.#base + slot * SLOT_BYTES;
    const bytes = this.#memory.subarray(start, start + place.length);
    source.readInto(at, bytes);
    readCounts.pages++;
    readCounts.bytes += place.length;
    const payload = decodePage(region.salt, place.offset, PageType.chunks, bytes);
    if (payload.length > SLOT_BYTES) return -1;
    // A deflated page was inflated to a buffer of its own.
    const isInPlace = payload.buffer === this.#memory.buffer;
    if (!isInPlace) this.#memory.set(payload, start);
    this.#addresses[slot] = isInPlace ? payload.byteOffset : start;
    this.#lengths[slot] = payload.length;
    this.#offsets[slot] = at;
    this.#owners[slot] = source;
    this.#isRecent[slot] = 1;
    source.slots.set(at, slot);
    return slot;
  }

  /** A slot that was not read for longest, roughly; it is free afterwards. */
  #victim(): number {
    for (;;) {
      const slot = this.#hand;
      this.#hand = (slot + 1) % this.#owners.length;
      const owner = this.#owners[slot];
      if (owner === undefined) return slot;
      if (this.#isRecent[slot] === 1) {
        this.#isRecent[slot] = 0;
        continue;
      }
      owner.slots.delete(this.#offsets[slot]!);
      this.#owners[slot] = undefined;
      return slot;
    }
  }
}

let pages: ChunkPages | undefined;

/** This thread's pages. */
export function threadChunkPages(): ChunkPages {
  pages ??= new ChunkPages();
  return pages;
}
