// The index row of a series: its label pairs, and for each chunk where it is and what it covers.

import { DAY_MS } from '../../model/time-range.ts';
import type { ByteReader } from '../chunk/bytes.ts';
import { malformed } from '../chunk/bytes.ts';
import type { ChunkKind } from '../chunk/chunk.ts';
import { MAX_CHUNK_SAMPLES } from '../chunk/chunk.ts';
import { type GroupedPage, GroupedPageBuilder } from './grouped-page.ts';

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

/** Decodes a group of rows; throws TSDB_MALFORMED for a pair id that is not below `pairLimit`. */
export function decodeSeriesGroup(
  page: GroupedPage,
  group: number,
  day: number,
  pairLimit: number,
): SeriesRow[] {
  const reader = page.readerOf(group);
  const rows: SeriesRow[] = [];
  let pairs: Uint32Array = NO_PAIRS;
  let last: ChunkRef | undefined;
  for (let left = page.itemsOf(group); left > 0; left--) {
    pairs = decodePairs(reader, pairs, pairLimit);
    const chunks: ChunkRef[] = [];
    let next = day * DAY_MS;
    for (let count = reader.count(4); count > 0; count--) {
      last = decodeChunkRef(reader, last, next);
      next = last.maxT + 1;
      chunks.push(last);
    }
    if (next > (day + 1) * DAY_MS) throw malformed('chunk of another day');
    rows.push({ pairs, chunks });
  }
  return rows;
}

function decodePairs(reader: ByteReader, previous: Uint32Array, limit: number): Uint32Array {
  const shared = reader.varint();
  const rest = reader.count();
  if (shared > previous.length) throw malformed('shared label pairs');
  const pairs = new Uint32Array(shared + rest);
  pairs.set(previous.subarray(0, shared));
  let next = shared === 0 ? 0 : pairs[shared - 1]! + 1;
  for (let i = shared; i < pairs.length; i++) {
    const pair = next + reader.varint();
    if (pair >= limit) throw malformed(`label pair ${pair} of ${limit}`);
    pairs[i] = pair;
    next = pair + 1;
  }
  return pairs;
}

function decodeChunkRef(reader: ByteReader, last: ChunkRef | undefined, next: number): ChunkRef {
  const head = reader.varint();
  const n = Math.floor(head / 8);
  const kind = ((head >> 1) & 3) as ChunkKind;
  if (n < 1 || n > MAX_CHUNK_SAMPLES) throw malformed(`chunk of ${n} samples`);
  const length = reader.varint();
  let page = last?.page ?? NO_PAGE;
  let offset = last === undefined ? 0 : last.offset + last.length;
  if ((head & FOLLOWS) === 0) {
    const pageOffset = reader.varint();
    page = { offset: pageOffset, length: reader.varint() };
    offset = reader.varint();
  }
  const minT = next + reader.varint();
  const maxT = minT + reader.varint();
  return { page, offset, length, minT, maxT, n, kind };
}
