// A page is the unit that is read, checked and compressed. Its checksum covers the payload and also
// whose page it is: the salt of its section, its offset there and its type. So a page that turns up in
// another place, or left over from another file, is found as surely as a flipped bit.

import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';

import { malformed } from '../chunk/bytes.ts';

export const PageType = {
  chunks: 1,
  series: 2,
  pairs: 3,
  postings: 4,
  postingRefs: 5,
  exemplars: 6,
  directory: 7,
  footer: 8,
  trailer: 9,
} as const;
export type PageType = (typeof PageType)[keyof typeof PageType];

/** u32 crc · u8 type · u8 flags · u16 zero · u32 stored length · u32 length before compression. */
export const PAGE_HEADER_BYTES = 16;

/** Payload at which a page is closed. A single larger item still makes one page. */
export const PAGE_TARGET_BYTES = 65_536;

/** No page is larger; a longer one is damage. */
export const MAX_PAGE_BYTES = 268_435_456;

export const SALT_BYTES = 8;
export const NO_SALT: Uint8Array = new Uint8Array(SALT_BYTES);

const FLAG_DEFLATED = 1;
/** The fastest level: higher ones gain under 1 % on packed bits. */
const DEFLATE_LEVEL = 1;
/** Compression that saves less than 1/32 is not worth inflating at each read. */
const MIN_SAVING = 32;

const place = new DataView(new ArrayBuffer(SALT_BYTES + 8));
const placeBytes = new Uint8Array(place.buffer);

function checksum(salt: Uint8Array, offset: number, framed: Uint8Array): number {
  placeBytes.set(salt);
  place.setFloat64(SALT_BYTES, offset, true);
  return crc32(framed.subarray(4), crc32(placeBytes));
}

/** Frames a payload as the page at `offset` of the section with this salt. */
export function encodePage(
  salt: Uint8Array,
  offset: number,
  type: PageType,
  payload: Uint8Array,
  compress: boolean,
): Uint8Array {
  let stored = payload;
  let flags = 0;
  if (compress) {
    const deflated = deflateRawSync(payload, { level: DEFLATE_LEVEL });
    if (deflated.length < payload.length - payload.length / MIN_SAVING) {
      stored = deflated;
      flags = FLAG_DEFLATED;
    }
  }
  const page = new Uint8Array(PAGE_HEADER_BYTES + stored.length);
  const header = new DataView(page.buffer);
  header.setUint8(4, type);
  header.setUint8(5, flags);
  header.setUint32(8, stored.length, true);
  header.setUint32(12, payload.length, true);
  page.set(stored, PAGE_HEADER_BYTES);
  header.setUint32(0, checksum(salt, offset, page), true);
  return page;
}

/** The payload of a whole page, possibly a view of `page`; throws TSDB_MALFORMED. */
export function decodePage(
  salt: Uint8Array,
  offset: number,
  type: PageType,
  page: Uint8Array,
): Uint8Array {
  if (page.length < PAGE_HEADER_BYTES) throw malformed('page without a header');
  const header = new DataView(page.buffer, page.byteOffset, PAGE_HEADER_BYTES);
  const found = checksum(salt, offset, page);
  const want = header.getUint32(0, true);
  if (found !== want) throw malformed(`page checksum ${hex(found)}, want ${hex(want)}`);
  const flags = header.getUint8(5);
  const rawLength = header.getUint32(12, true);
  const stored = page.subarray(PAGE_HEADER_BYTES);
  if (header.getUint8(4) !== type)
    throw malformed(`page of type ${header.getUint8(4)}, want ${type}`);
  if (header.getUint32(8, true) !== stored.length) throw malformed('page of another length');
  if (flags === 0 && rawLength === stored.length) return stored;
  if (flags !== FLAG_DEFLATED || rawLength > MAX_PAGE_BYTES) throw malformed(`page flags ${flags}`);
  const payload = inflateRawSync(stored, { maxOutputLength: Math.max(1, rawLength) });
  if (payload.length !== rawLength) throw malformed('page inflates to another length');
  return payload;
}

/** Length of the stored payload as a page's header has it; unchecked. */
export function storedLength(header: Uint8Array): number {
  return new DataView(header.buffer, header.byteOffset, PAGE_HEADER_BYTES).getUint32(8, true);
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
