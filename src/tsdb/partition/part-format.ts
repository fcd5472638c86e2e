// The frame of a part file: a header and a tail of fixed size, which every later version keeps, and
// the trailer that lists the sections. Bytes: docs/formats/part.md.

import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

import { ByteReader, type ByteWriter, malformed } from '../chunk/bytes.ts';
import { NO_SALT, SALT_BYTES } from './page.ts';
import type { PartIdentity } from './section-format.ts';
import {
  decodeFooter,
  decodeIdentity,
  encodeIdentity,
  type SectionFooter,
} from './section-format.ts';
import type { PagePlace } from './series-rows.ts';

/** Version of what this code writes. */
export const PART_FORMAT_VERSION = 1;
/** The oldest reader that understands it. */
export const PART_MIN_READER_VERSION = 1;
/** Features (bits) that this code knows and a file may require. There are none yet. */
const KNOWN_FEATURES = 0;

export const HEADER_BYTES = 32;
export const TAIL_BYTES = 40;

const HEADER_MAGIC = Buffer.from('TIDEPART');
const TAIL_MAGIC = Buffer.from('PARTTAIL');
/** Everything of the header but its checksum. */
const HEADER_CHECKED_BYTES = HEADER_BYTES - 4;
const TAIL_CHECKED_BYTES = TAIL_BYTES - 4;

/** Salts tell the pages of one file and section from all others; the name of a file is never reused. */
export function saltOf(identity: PartIdentity, fileName: string, section?: number): Uint8Array {
  const { database, incarnation, minSeq, maxSeq } = identity;
  const text = JSON.stringify([database, incarnation, minSeq, maxSeq, fileName, section ?? null]);
  return createHash('sha256').update(text).digest().subarray(0, SALT_BYTES);
}

export interface PartHeader {
  readonly formatVersion: number;
  readonly minReaderVersion: number;
  /** Bits of features that a reader must know. */
  readonly requiredFeatures: number;
  readonly salt: Uint8Array;
}

export function encodeHeader(salt: Uint8Array, out: ByteWriter): void {
  const start = out.length;
  out.raw(HEADER_MAGIC);
  out.u16(PART_FORMAT_VERSION);
  out.u16(PART_MIN_READER_VERSION);
  out.u32(KNOWN_FEATURES);
  out.raw(salt);
  out.u32(0);
  out.u32(crc32(out.view().subarray(start)));
}

/** Throws TSDB_MALFORMED; whether the version can be read is {@link neededBy}'s question. */
export function decodeHeader(bytes: Uint8Array): PartHeader {
  const reader = new ByteReader(bytes);
  if (HEADER_MAGIC.compare(reader.raw(8)) !== 0) throw malformed('not a part file');
  const header = {
    formatVersion: reader.u16(),
    minReaderVersion: reader.u16(),
    requiredFeatures: reader.u32(),
    salt: Uint8Array.from(reader.raw(SALT_BYTES)),
  };
  reader.u32();
  if (reader.u32() !== crc32(bytes.subarray(0, HEADER_CHECKED_BYTES))) {
    throw malformed('header checksum');
  }
  return header;
}

/** What a reader lacks for this file, for people; undefined if nothing. */
export function neededBy({ minReaderVersion, requiredFeatures }: PartHeader): string | undefined {
  if (minReaderVersion > PART_FORMAT_VERSION) return `reader version ${minReaderVersion}`;
  const unknown = (requiredFeatures & ~KNOWN_FEATURES) >>> 0;
  return unknown === 0 ? undefined : `features 0x${unknown.toString(16)}`;
}

export interface PartTail {
  readonly trailer: PagePlace;
  readonly fileBytes: number;
  readonly salt: Uint8Array;
}

export function encodeTail(tail: PartTail, out: ByteWriter): void {
  const start = out.length;
  out.raw(TAIL_MAGIC);
  out.float64(tail.trailer.offset);
  out.u32(tail.trailer.length);
  out.float64(tail.fileBytes);
  out.raw(tail.salt);
  out.u32(crc32(out.view().subarray(start)));
}

/** Throws TSDB_MALFORMED. */
export function decodeTail(bytes: Uint8Array): PartTail {
  const reader = new ByteReader(bytes);
  if (TAIL_MAGIC.compare(reader.raw(8)) !== 0) throw malformed('no tail: the file is cut short');
  const offset = reader.float64();
  const tail = {
    trailer: { offset, length: reader.u32() },
    fileBytes: reader.float64(),
    salt: Uint8Array.from(reader.raw(SALT_BYTES)),
  };
  if (reader.u32() !== crc32(bytes.subarray(0, TAIL_CHECKED_BYTES)))
    throw malformed('tail checksum');
  return tail;
}

/** A section's place in the file. Offsets inside a section count from its own start. */
export interface SectionPlace {
  readonly offset: number;
  /** With the page of its footer, which comes last. */
  readonly length: number;
  /** The footer as it stands in that page. */
  readonly footerBytes: Uint8Array;
}

export function encodeTrailer(
  identity: PartIdentity,
  sections: readonly SectionPlace[],
  out: ByteWriter,
): void {
  encodeIdentity(identity, out);
  out.varint(sections.length);
  for (const { offset, length, footerBytes } of sections) {
    out.varint(offset);
    out.varint(length);
    out.block(footerBytes);
  }
}

export interface PartTrailer {
  readonly identity: PartIdentity;
  readonly sections: readonly (SectionPlace & { readonly footer: SectionFooter })[];
}

/** Throws TSDB_MALFORMED for sections that do not fill the file from header to `end` in order. */
export function decodeTrailer(bytes: Uint8Array, end: number): PartTrailer {
  const reader = new ByteReader(bytes);
  const identity = decodeIdentity(reader);
  const sections = [];
  let next = HEADER_BYTES;
  for (let left = reader.count(3); left > 0; left--) {
    const offset = reader.varint();
    const length = reader.varint();
    const footerBytes = Uint8Array.from(reader.block());
    if (offset !== next) throw malformed(`section at ${offset}, want ${next}`);
    next = offset + length;
    sections.push({ offset, length, footerBytes, footer: decodeFooter(footerBytes) });
  }
  reader.expectEnd();
  if (next !== end) throw malformed(`sections end at ${next}, want ${end}`);
  return { identity, sections };
}

/** Footers carry the salt themselves, so theirs is all zero. */
export const FOOTER_SALT: Uint8Array = NO_SALT;
