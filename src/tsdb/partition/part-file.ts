// An open part file as its sections see it: checked pages by place.

import { BlockCodec } from '../../codec/block-codec.ts';
import type { FileSystem } from '../../runtime/file-system.ts';
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

export class PartFile {
  readonly path: string;
  readonly size: number;
  readonly cache: PageCache;
  /** This file's name in the cache. */
  readonly owner: number;
  readonly #fs: FileSystem;
  #fd: number | undefined;
  readonly #chunkPages: { at: number; payload: Uint8Array }[] = [];

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
    if (this.#fd === undefined) throw new Error(`${this.path} is closed`);
    const bytes = new Uint8Array(length);
    const found = this.#fs.read(this.#fd, bytes, position);
    if (found === length) return bytes;
    throw partCorrupt(this.path, `ends at byte ${position + found}, want ${position + length}`);
  }

  /** Payload of a page, checked. Throws TSDB_PART_CORRUPT. */
  page(region: PageRegion, place: PagePlace, type: PageType): Uint8Array {
    const { offset, length } = place;
    const isInside = offset <= region.length && length <= region.length - offset;
    if (!isInside || length < PAGE_HEADER_BYTES || length > MAX_PAGE_BYTES) {
      throw partCorrupt(this.path, `page at ${region.start}+${offset} of ${length} bytes`);
    }
    const bytes = this.read(region.start + offset, length);
    return decodingPart(this.path, `page at byte ${region.start + offset}`, () =>
      decodePage(region.salt, offset, type, bytes),
    );
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
    this.cache.forget(this.owner);
    this.#fs.close(fd);
  }
}
