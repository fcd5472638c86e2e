// Collects which series have which label pair while a section is written, then writes the lists. They
// form one stream of bytes, cut into pages of exactly 64 KB; the refs say where each list lies in it.

import { releaseBytes } from '../../runtime/release.ts';
import { ByteWriter } from '../chunk/bytes.ts';
import { PAGE_TARGET_BYTES, PageType } from './page.ts';
import { encodePostings } from './postings.ts';
import type { LabelNameEntry } from './section-format.ts';
import type { PagePlace } from './series-rows.ts';

/** Pairs described by one page of refs: their place follows by division. */
export const REFS_PER_PAGE = 1024;

/** Postings sorted at a time (16 MB); each batch is one pass over all labels of all series. */
const BATCH_POSTINGS = 4 << 20;

export type WritePage = (type: PageType, payload: Uint8Array) => PagePlace;

export interface WrittenPostings {
  readonly refPages: PagePlace[];
  readonly pages: PagePlace[];
  /** Pairs that any series has. */
  readonly used: number;
  /** How many series have one of the pairs of a label name. */
  seriesOf(entry: Pick<LabelNameEntry, 'firstPair' | 'pairs'>): number;
}

export class PostingsWriter {
  /** Pairs in the table. */
  readonly pairs: number;
  readonly #counts: Uint32Array;
  readonly #lists = new PairLists();

  constructor(pairs: number) {
    this.pairs = pairs;
    this.#counts = new Uint32Array(pairs);
  }

  /** Notes the pairs of the next series. */
  add(pairs: Uint32Array): void {
    for (let i = 0; i < pairs.length; i++) this.#counts[pairs[i]!]!++;
    this.#lists.add(pairs);
  }

  finish(writePage: WritePage): WrittenPostings {
    const counts = this.#counts;
    const stream = new PostingStream(writePage);
    const refs = new RefPages(writePage);
    for (let first = 0; first < this.pairs; ) {
      let end = first;
      let total = 0;
      while (end < this.pairs && (end === first || total + counts[end]! <= BATCH_POSTINGS)) {
        total += counts[end++]!;
      }
      this.#writeBatch(first, end, total, stream, refs);
      first = end;
    }
    return {
      refPages: refs.finish(),
      pages: stream.finish(),
      used: counts.reduce((used, count) => used + (count > 0 ? 1 : 0), 0),
      seriesOf: ({ firstPair, pairs }) =>
        counts.subarray(firstPair, firstPair + pairs).reduce((sum, count) => sum + count, 0),
    };
  }

  /** Writes the lists of pairs first…end-1, which have `total` postings, by a counting sort. */
  #writeBatch(
    first: number,
    end: number,
    total: number,
    stream: PostingStream,
    refs: RefPages,
  ): void {
    const ids = new Uint32Array(total);
    const starts = new Uint32Array(end - first + 1);
    for (let i = first; i < end; i++) starts[i - first + 1] = starts[i - first]! + this.#counts[i]!;
    const next = starts.slice();
    this.#lists.forEach((id, pairs, count) => {
      for (let i = 0; i < count; i++) {
        const pair = pairs[i]!;
        if (pair >= first && pair < end) ids[next[pair - first]!++] = id;
      }
    });
    for (let i = 0; i < end - first; i++) {
      const list = ids.subarray(starts[i], starts[i + 1]);
      const from = stream.position;
      const form = list.length === 0 ? 0 : stream.add(list);
      refs.add(from, list.length, stream.position - from, form);
    }
    releaseBytes(ids);
  }
}

/** The bytes of all lists, cut into pages. */
class PostingStream {
  readonly #writePage: WritePage;
  readonly #out = new ByteWriter(2 * PAGE_TARGET_BYTES);
  readonly #pages: PagePlace[] = [];

  constructor(writePage: WritePage) {
    this.#writePage = writePage;
  }

  get position(): number {
    return this.#pages.length * PAGE_TARGET_BYTES + this.#out.length;
  }

  /** Appends a list and returns its form. */
  add(ids: Uint32Array): number {
    const form = encodePostings(ids, this.#out);
    if (this.#out.length >= PAGE_TARGET_BYTES) this.#writeFullPages();
    return form;
  }

  finish(): PagePlace[] {
    if (this.#out.length > 0)
      this.#pages.push(this.#writePage(PageType.postings, this.#out.view()));
    this.#out.reset();
    return this.#pages;
  }

  #writeFullPages(): void {
    const bytes = this.#out.copy();
    let at = 0;
    for (; bytes.length - at >= PAGE_TARGET_BYTES; at += PAGE_TARGET_BYTES) {
      const payload = bytes.subarray(at, at + PAGE_TARGET_BYTES);
      this.#pages.push(this.#writePage(PageType.postings, payload));
    }
    this.#out.reset();
    this.#out.raw(bytes.subarray(at));
  }
}

/** A page: place of the first list in the stream, then per pair its count, bytes and form. */
class RefPages {
  readonly #writePage: WritePage;
  readonly #out = new ByteWriter(REFS_PER_PAGE * 4);
  readonly #pages: PagePlace[] = [];
  #inPage = 0;

  constructor(writePage: WritePage) {
    this.#writePage = writePage;
  }

  add(from: number, count: number, bytes: number, form: number): void {
    if (this.#inPage === 0) this.#out.varint(from);
    this.#out.varint(count);
    if (count > 0) this.#out.varint(bytes * 2 + form);
    if (++this.#inPage === REFS_PER_PAGE) this.#flush();
  }

  finish(): PagePlace[] {
    if (this.#inPage > 0) this.#flush();
    return this.#pages;
  }

  #flush(): void {
    this.#pages.push(this.#writePage(PageType.postingRefs, this.#out.view()));
    this.#out.reset();
    this.#inPage = 0;
  }
}

/**
 * The pairs of series one after the other, of each only those behind what it has in common with the one before: about
 * half of them. Per series two counts, of pairs in common and of others, and the others.
 */
class PairLists {
  #words = new Uint32Array(1024);
  #length = 0;
  #last: Uint32Array = new Uint32Array(0);

  /** `pairs` are looked at again with the next series. */
  add(pairs: Uint32Array): void {
    const last = this.#last;
    let shared = 0;
    while (shared < pairs.length && pairs[shared] === last[shared]) shared++;
    const rest = pairs.length - shared;
    if (this.#length + rest + 2 > this.#words.length) this.#grow(rest + 2);
    const words = this.#words;
    let at = this.#length;
    words[at++] = shared;
    words[at++] = rest;
    for (let i = shared; i < pairs.length; i++) words[at++] = pairs[i]!;
    this.#length = at;
    this.#last = pairs;
  }

  /** Visits all series in order; the pairs of one are the first `count` of an array that is used again. */
  forEach(visit: (id: number, pairs: Uint32Array, count: number) => void): void {
    const words = this.#words;
    let pairs = new Uint32Array(64);
    for (let at = 0, id = 0; at < this.#length; id++) {
      const shared = words[at++]!;
      const count = shared + words[at++]!;
      if (count > pairs.length) pairs = copyOf(pairs, 2 * count);
      for (let i = shared; i < count; i++) pairs[i] = words[at++]!;
      visit(id, pairs, count);
    }
  }

  #grow(more: number): void {
    const old = this.#words;
    this.#words = copyOf(old, Math.max(2 * old.length, this.#length + more));
    releaseBytes(old);
  }
}

function copyOf(numbers: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const copy = new Uint32Array(length);
  copy.set(numbers);
  return copy;
}
