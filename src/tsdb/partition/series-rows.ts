// The index row of a series: its label pairs, and for each chunk where it is and what it covers.

import { DAY_MS } from '../../model/time-range.ts';
import type { ByteReader } from '../chunk/bytes.ts';
import { malformed } from '../chunk/bytes.ts';
import type { ChunkKind } from '../chunk/chunk.ts';
import { MAX_CHUNK_SAMPLES } from '../chunk/chunk.ts';
import { GROUP_ITEMS, type GroupedPage, GroupedPageBuilder } from './grouped-page.ts';

/** Where a page is: offset in its section and length with header, both in bytes. */
export interface PagePlace {
  readonly offset: number;
  readonly length: number;
}

/** A chunk as the index knows it. */
export interface ChunkRef {
  readonly page: PagePlace;
  /** Place inside the page's (inflated) payload, in bytes. */
  readonly offset: number;
  readonly length: number;
  readonly minT: number;
  readonly maxT: number;
  /** Samples. */
  readonly n: number;
  readonly kind: ChunkKind;
}

export interface SeriesRow {
  /** Ids of the label pairs, ascending. */
  readonly pairs: Uint32Array;
  /** In order of time, not overlapping; empty for a series that has exemplars only. */
  readonly chunks: readonly ChunkRef[];
}

const NO_PAIRS = new Uint32Array(0);
const NO_PAGE: PagePlace = { offset: 0, length: 0 };
const MAX_U32 = 0xffff_ffff;

/** Bits of a chunk's first varint: samples, kind (2 bits), whether it follows the chunk before. */
const FOLLOWS = 1;

/** Encodes rows in order of labels. Each leans on the one before: equal pairs, page of the last chunk. */
export class SeriesRowEncoder {
  readonly #page = new GroupedPageBuilder();
  readonly #dayStart: number;
  #pairs: Uint32Array = NO_PAIRS;
  #chunkPage: PagePlace = NO_PAGE;
  #chunkEnd = 0;

  constructor(day: number) {
    this.#dayStart = day * DAY_MS;
  }

  get items(): number {
    return this.#page.items;
  }

  get isFull(): boolean {
    return this.#page.isFull;
  }

  add(row: SeriesRow): void {
    if (this.#page.begin()) {
      this.#pairs = NO_PAIRS;
      this.#chunkPage = NO_PAGE;
      this.#chunkEnd = 0;
    }
    this.#addPairs(row.pairs);
    this.#page.out.varint(row.chunks.length);
    let next = this.#dayStart;
    for (const chunk of row.chunks) {
      this.#addChunk(chunk, next);
      next = chunk.maxT + 1;
    }
  }

  finish(): Uint8Array {
    return this.#page.finish();
  }

  #addPairs(pairs: Uint32Array): void {
    const { out } = this.#page;
    const previous = this.#pairs;
    let shared = 0;
    while (shared < pairs.length && previous[shared] === pairs[shared]) shared++;
    out.varint(shared);
    out.varint(pairs.length - shared);
    let next = shared === 0 ? 0 : pairs[shared - 1]! + 1;
    for (let i = shared; i < pairs.length; i++) {
      out.varint(pairs[i]! - next);
      next = pairs[i]! + 1;
    }
    this.#pairs = pairs;
  }

  #addChunk(chunk: ChunkRef, next: number): void {
    const { out } = this.#page;
    const { page } = chunk;
    const follows = page.offset === this.#chunkPage.offset && chunk.offset === this.#chunkEnd;
    const isSamePage = follows && page.length === this.#chunkPage.length;
    out.varint(chunk.n * 8 + chunk.kind * 2 + (isSamePage ? FOLLOWS : 0));
    out.varint(chunk.length);
    if (!isSamePage) {
      out.varint(page.offset);
      out.varint(page.length);
      out.varint(chunk.offset);
    }
    out.varint(chunk.minT - next);
    out.varint(chunk.maxT - chunk.minT);
    this.#chunkPage = page;
    this.#chunkEnd = chunk.offset + chunk.length;
  }
}

/** Words of a chunk in {@link RowGroup}: its page's number in `pages`, then as in {@link ChunkRef}. */
const CHUNK_WORDS = 5;
/** Room for one chunk a row; more is made where there are more. */
const FIRST_CHUNKS = GROUP_ITEMS;
const PAGE = 0;
const OFFSET = 1;
const LENGTH = 2;
const SAMPLES = 3;
const KIND = 4;

/**
 * Neighbouring rows as columns, refilled from group to group, so that walking through an index leaves no
 * garbage. Rows are numbered from 0 and decoded as they are asked for; chunks are numbered through the group.
 */
export class RowGroup {
  /** Where the pairs and chunks of each row end; they start where those of the row before end. */
  readonly #pairEnds = new Uint32Array(GROUP_ITEMS);
  readonly #chunkEnds = new Uint32Array(GROUP_ITEMS);
  #pairs = new Uint32Array(256);
  #chunkWords = new Uint32Array(FIRST_CHUNKS * CHUNK_WORDS);
  /** First and last time of each chunk. */
  #times = new Float64Array(FIRST_CHUNKS * 2);
  /** The first {@link #pageCount} of them. */
  readonly #pages: PagePlace[] = [];
  #pageCount = 0;
  #reader: ByteReader | undefined;
  #rows = 0;
  /** Rows decoded so far, and their chunks. */
  #decoded = 0;
  #chunks = 0;
  #day = 0;
  #pairLimit = 0;

  /** Rows in the group. */
  get rows(): number {
    return this.#rows;
  }

  /** Has the row been reached? */
  has(row: number): boolean {
    return row < this.#decoded;
  }

  pairCount(row: number): number {
    return this.#pairEnds[row]! - this.#pairStart(row);
  }

  /** Copies the pair ids of a row to the front of `out`, which has room. */
  copyPairs(row: number, out: Uint32Array): void {
    const start = this.#pairStart(row);
    const count = this.#pairEnds[row]! - start;
    for (let i = 0; i < count; i++) out[i] = this.#pairs[start + i]!;
  }

  /** The first pair id of a row in [from, end), -1 if it has none. */
  pairIn(row: number, from: number, end: number): number {
    for (let i = this.#pairStart(row); i < this.#pairEnds[row]!; i++) {
      const pair = this.#pairs[i]!;
      if (pair >= from) return pair < end ? pair : -1;
    }
    return -1;
  }

  /** Ids of the label pairs of a row, ascending; a copy. */
  pairs(row: number): Uint32Array {
    return this.#pairs.slice(this.#pairStart(row), this.#pairEnds[row]!);
  }

  /** Chunks of a row: [firstChunk, endChunk), in order of time, not overlapping. */
  firstChunk(row: number): number {
    return row === 0 ? 0 : this.#chunkEnds[row - 1]!;
  }

  endChunk(row: number): number {
    return this.#chunkEnds[row]!;
  }

  minT(chunk: number): number {
    return this.#times[chunk * 2]!;
  }

  maxT(chunk: number): number {
    return this.#times[chunk * 2 + 1]!;
  }

  page(chunk: number): PagePlace {
    return this.#pages[this.#chunkWords[chunk * CHUNK_WORDS + PAGE]!]!;
  }

  /** Place in the payload of its page. */
  offset(chunk: number): number {
    return this.#chunkWords[chunk * CHUNK_WORDS + OFFSET]!;
  }

  length(chunk: number): number {
    return this.#chunkWords[chunk * CHUNK_WORDS + LENGTH]!;
  }

  samples(chunk: number): number {
    return this.#chunkWords[chunk * CHUNK_WORDS + SAMPLES]!;
  }

  kind(chunk: number): ChunkKind {
    return this.#chunkWords[chunk * CHUNK_WORDS + KIND] as ChunkKind;
  }

  ref(chunk: number): ChunkRef {
    return {
      page: this.page(chunk),
      offset: this.offset(chunk),
      length: this.length(chunk),
      minT: this.minT(chunk),
      maxT: this.maxT(chunk),
      n: this.samples(chunk),
      kind: this.kind(chunk),
    };
  }

  /** A row as an object of its own. */
  row(row: number): SeriesRow {
    const chunks: ChunkRef[] = [];
    for (let i = this.firstChunk(row); i < this.endChunk(row); i++) chunks.push(this.ref(i));
    return { pairs: this.pairs(row), chunks };
  }

  /** Takes a group, none of whose rows has been reached. Pair ids are below `pairLimit`. Throws TSDB_MALFORMED. */
  begin(page: GroupedPage, group: number, day: number, pairLimit: number): void {
    this.#decoded = 0;
    this.#chunks = 0;
    this.#pageCount = 0;
    this.#day = day;
    this.#pairLimit = pairLimit;
    this.#rows = page.itemsOf(group);
    this.#reader = page.readerOf(group);
  }

  /**
   * Decodes the rows up to this one, which is below {@link rows}. Throws TSDB_MALFORMED; the group is not to be used
   * afterwards.
   */
  reach(row: number): void {
    const reader = this.#reader!;
    const dayStart = this.#day * DAY_MS;
    for (; this.#decoded <= row; this.#decoded++) {
      this.#decodePairs(reader, this.#decoded, this.#pairLimit);
      let next = dayStart;
      for (let count = reader.count(4); count > 0; count--, this.#chunks++) {
        this.#decodeChunk(reader, this.#chunks, next);
        next = this.maxT(this.#chunks) + 1;
      }
      this.#chunkEnds[this.#decoded] = this.#chunks;
      if (next > dayStart + DAY_MS) throw malformed('chunk of another day');
    }
  }

  #pairStart(row: number): number {
    return row === 0 ? 0 : this.#pairEnds[row - 1]!;
  }

  #decodePairs(reader: ByteReader, row: number, limit: number): void {
    const start = this.#pairStart(row);
    const previous = row === 0 ? 0 : this.#pairStart(row - 1);
    const shared = reader.varint();
    const rest = reader.count();
    if (shared > start - previous) throw malformed('shared label pairs');
    const end = start + shared + rest;
    if (end > this.#pairs.length) {
      const grown = new Uint32Array(end * 2);
      grown.set(this.#pairs);
      this.#pairs = grown;
    }
    const pairs = this.#pairs;
    for (let i = 0; i < shared; i++) pairs[start + i] = pairs[previous + i]!;
    let next = shared === 0 ? 0 : pairs[start + shared - 1]! + 1;
    for (let i = start + shared; i < end; i++) {
      const pair = next + reader.varint();
      if (pair >= limit) throw malformed(`label pair ${pair} of ${limit}`);
      pairs[i] = pair;
      next = pair + 1;
    }
    this.#pairEnds[row] = end;
  }

  #decodeChunk(reader: ByteReader, chunk: number, next: number): void {
    if (chunk * 2 === this.#times.length) this.#growChunks();
    const head = reader.varint();
    const n = Math.floor(head / 8);
    if (n < 1 || n > MAX_CHUNK_SAMPLES) throw malformed(`chunk of ${n} samples`);
    const words = this.#chunkWords;
    const at = chunk * CHUNK_WORDS;
    const length = reader.varint();
    let offset =
      chunk === 0 ? 0 : words[at - CHUNK_WORDS + OFFSET]! + words[at - CHUNK_WORDS + LENGTH]!;
    if ((head & FOLLOWS) === 0) {
      const pageOffset = reader.varint();
      this.#pages[this.#pageCount++] = { offset: pageOffset, length: reader.varint() };
      offset = reader.varint();
    } else if (chunk === 0) this.#pages[this.#pageCount++] = NO_PAGE;
    // No page is that long: the chunk will be found to leave its page.
    words[at + OFFSET] = Math.min(offset, MAX_U32);
    words[at + LENGTH] = Math.min(length, MAX_U32);
    words[at + PAGE] = this.#pageCount - 1;
    words[at + SAMPLES] = n;
    words[at + KIND] = (head >> 1) & 3;
    const minT = next + reader.varint();
    this.#times[chunk * 2] = minT;
    this.#times[chunk * 2 + 1] = minT + reader.varint();
  }

  #growChunks(): void {
    const times = new Float64Array(this.#times.length * 2);
    times.set(this.#times);
    this.#times = times;
    const words = new Uint32Array(this.#chunkWords.length * 2);
    words.set(this.#chunkWords);
    this.#chunkWords = words;
  }
}
