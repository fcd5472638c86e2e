// An open part file as its sections see it: checked pages by place.

import { BlockCodec } from '../../codec/block-codec.ts';
import type { FileSystem } from '../../runtime/file-system.ts';
import { readCounts } from '../read-counts.ts';
import { type PageSource, threadChunkPages } from './chunk-pages.ts';
import { decodingPart, partCorrupt } from './errors.ts';
import { decodePage, MAX_PAGE_BYTES, PAGE_HEADER_BYTES, type PageType } from './page.ts';
import type { PageCache } from './page-cache.ts';
import type { PagePlace } from './series-rows.ts';

/** A stretch of the file whose pages count their offsets from its start and share a salt. */
export interface PageRegion {
  readonly start: number;
  readonly length: number;
  readonly salt: Uint8Array;
}

/** Decoded chunk pages kept: reads go through pages in order, so the last few are enough. */
const CHUNK_PAGES_KEPT = 4;

let sharedCodec: BlockCodec | undefined;

export class PartFile implements PageSource {
  readonly path: string;
  readonly size: number;
  readonly cache: PageCache;
  /** This file's name in the cache. */
  readonly owner: number;
  readonly #fs: FileSystem;
  #fd: number | undefined;
  readonly #chunkPages: { at: number; payload: Uint8Array }[] = [];
  /** See {@link ChunkPages}. */
  readonly slots: Map<number, number> = new Map();

  constructor(fs: FileSystem, path: string, cache: PageCache) {
    this.#fs = fs;
    this.path = path;
    this.cache = cache;
    this.owner = cache.newOwner();
    this.#fd = fs.open(path, 'read');
    this.size = fs.size(this.#fd);
  }

  /** The codec of this thread's readers; nothing it returns outlives the next call. */
  get codec(): BlockCodec {
    sharedCodec ??= new BlockCodec();
    return sharedCodec;
  }

  /** Bytes at a place of the file, as a buffer of its own. Throws TSDB_PART_CORRUPT if it ends before. */
  read(position: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.readInto(position, bytes);
    return bytes;
  }

  /** The same to the caller's bytes. */
  readInto(position: number, to: Uint8Array): void {
    if (this.#fd === undefined) throw new Error(`${this.path} is closed`);
    const found = this.#fs.read(this.#fd, to, position);
    if (found === to.length) return;
    throw partCorrupt(this.path, `ends at byte ${position + found}, want ${position + to.length}`);
  }

  /** Payload of a page, checked. Throws TSDB_PART_CORRUPT. */
  page(region: PageRegion, place: PagePlace, type: PageType): Uint8Array {
    this.#checkPlace(region, place);
    const { offset, length } = place;
    const bytes = this.read(region.start + offset, length);
    readCounts.pages++;
    readCounts.bytes += length;
    return decodingPart(this.path, `page at byte ${region.start + offset}`, () =>
      decodePage(region.salt, offset, type, bytes),
    );
  }

  /** Slot of {@link threadChunkPages} with a page of chunks, -1 if it does not fit one. Throws TSDB_PART_CORRUPT. */
  chunkSlot(region: PageRegion, place: PagePlace): number {
    const pages = threadChunkPages();
    const at = region.start + place.offset;
    const known = this.slots.get(at);
    if (known !== undefined) {
      pages.touch(known);
      return known;
    }
    this.#checkPlace(region, place);
    return decodingPart(this.path, `page at byte ${at}`, () => pages.load(this, region, place));
  }

  #checkPlace(region: PageRegion, { offset, length }: PagePlace): void {
    const isInside = offset <= region.length && length <= region.length - offset;
    if (isInside && length >= PAGE_HEADER_BYTES && length <= MAX_PAGE_BYTES) return;
    throw partCorrupt(this.path, `page at ${region.start}+${offset} of ${length} bytes`);
  }

  /** The same through the small cache for pages of chunks. */
  chunkPage(region: PageRegion, place: PagePlace, type: PageType): Uint8Array {
    const at = region.start + place.offset;
    const pages = this.#chunkPages;
    const found = pages.findIndex((page) => page.at === at);
    const kept =
      found < 0 ? { at, payload: this.page(region, place, type) } : pages.splice(found, 1)[0]!;
    pages.unshift(kept);
    pages.length = Math.min(pages.length, CHUNK_PAGES_KEPT);
    return kept.payload;
  }

  /** Idempotent. */
  close(): void {
    if (this.#fd === undefined) return;
    const fd = this.#fd;
    this.#fd = undefined;
    this.#chunkPages.length = 0;
    if (this.slots.size > 0) threadChunkPages().forget(this);
    this.cache.forget(this.owner);
    this.#fs.close(fd);
  }
}
