// Pages of many small items that lean on the item before. Every 16th starts afresh, and the page ends
// with where those starts are, so one item costs 16 to decode and not a page.
//
//   items … | u32 offset of each group … | u32 groups | u32 items

import { ByteReader, ByteWriter, malformed } from '../chunk/bytes.ts';
import { PAGE_TARGET_BYTES } from './page.ts';

export const GROUP_ITEMS = 16;

export class GroupedPageBuilder {
  readonly out: ByteWriter = new ByteWriter(PAGE_TARGET_BYTES + 8192);
  #items = 0;
  readonly #groups: number[] = [];

  get items(): number {
    return this.#items;
  }

  /** True once the page has its size. Only ever after a whole group, so ids map to groups by division. */
  get isFull(): boolean {
    return this.#items % GROUP_ITEMS === 0 && this.out.length >= PAGE_TARGET_BYTES;
  }

  /** Begins an item, to be written to `out`; true if it must not lean on the one before. */
  begin(): boolean {
    const isFresh = this.#items++ % GROUP_ITEMS === 0;
    if (isFresh) this.#groups.push(this.out.length);
    return isFresh;
  }

  /** The page's payload, valid until the next item; the builder is empty again. */
  finish(): Uint8Array {
    for (const offset of this.#groups) this.out.u32(offset);
    this.out.u32(this.#groups.length);
    this.out.u32(this.#items);
    const payload = this.out.view();
    this.out.reset();
    this.#items = 0;
    this.#groups.length = 0;
    return payload;
  }
}

const FOOTER_BYTES = 8;

/** Reads such a payload; throws TSDB_MALFORMED. */
export class GroupedPage {
  readonly items: number;
  readonly groups: number;
  readonly #payload: Uint8Array;
  readonly #offsetsAt: number;

  constructor(payload: Uint8Array) {
    this.#payload = payload;
    const footer = new ByteReader(payload, Math.max(0, payload.length - FOOTER_BYTES));
    this.groups = footer.u32();
    this.items = footer.u32();
    this.#offsetsAt = payload.length - FOOTER_BYTES - 4 * this.groups;
    if (this.#offsetsAt < 0 || this.groups !== Math.ceil(this.items / GROUP_ITEMS)) {
      throw malformed(`page of ${this.items} items in ${this.groups} groups`);
    }
  }

  /** Items in a group. */
  itemsOf(group: number): number {
    return Math.min(GROUP_ITEMS, this.items - group * GROUP_ITEMS);
  }

  /** Reads the items of a group, and past it up to the end of the items. */
  readerOf(group: number): ByteReader {
    if (group < 0 || group >= this.groups) throw malformed(`group ${group} of ${this.groups}`);
    const offset = new ByteReader(this.#payload, this.#offsetsAt + 4 * group).u32();
    return new ByteReader(this.#payload, offset, this.#offsetsAt);
  }
}
