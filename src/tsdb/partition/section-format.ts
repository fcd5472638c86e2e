// The two records that make a section readable: its footer (what it is and where the directory lies)
// and its directory (where the index pages lie). Bytes: docs/formats/part.md.

import { ByteReader, type ByteWriter, malformed } from '../chunk/bytes.ts';
import type { IdRange } from './exemplar-pages.ts';
import { SALT_BYTES } from './page.ts';
import type { PagePlace } from './series-rows.ts';

/** Whose data it is and which commits it holds. */
export interface PartIdentity {
  readonly database: string;
  /** Never used again, so that a dropped and re-created database does not get old data back. */
  readonly incarnation: number;
  /** First and last commitSeq. */
  readonly minSeq: number;
  readonly maxSeq: number;
}

/** What is known of a section without reading it. */
export interface SectionSummary extends PartIdentity {
  /** UTC day, in days since 1970. */
  readonly day: number;
  /** First and last time of samples and exemplars; an empty section has the start of its day. */
  readonly minT: number;
  readonly maxT: number;
  readonly series: number;
  readonly samples: number;
  readonly chunks: number;
  readonly exemplars: number;
  /** Pages were deflated where it paid. */
  readonly compressed: boolean;
}

/** A footer: the summary and what reading needs. */
export interface SectionFooter extends SectionSummary {
  readonly salt: Uint8Array;
  readonly directory: PagePlace;
}

export function encodeFooter(footer: SectionFooter, out: ByteWriter): void {
  encodeIdentity(footer, out);
  out.zigzag(footer.day);
  out.float64(footer.minT);
  out.float64(footer.maxT);
  out.varint(footer.series);
  out.varint(footer.samples);
  out.varint(footer.chunks);
  out.varint(footer.exemplars);
  out.u8(footer.compressed ? 1 : 0);
  out.raw(footer.salt);
  encodePlace(footer.directory, out);
}

export function decodeFooter(bytes: Uint8Array): SectionFooter {
  const reader = new ByteReader(bytes);
  const footer = {
    ...decodeIdentity(reader),
    day: reader.zigzag(),
    minT: reader.float64(),
    maxT: reader.float64(),
    series: reader.varint(),
    samples: reader.varint(),
    chunks: reader.varint(),
    exemplars: reader.varint(),
    compressed: reader.u8() === 1,
    salt: Uint8Array.from(reader.raw(SALT_BYTES)),
    directory: decodePlace(reader),
  };
  reader.expectEnd();
  return footer;
}

export function encodeIdentity(identity: PartIdentity, out: ByteWriter): void {
  out.string(identity.database);
  out.varint(identity.incarnation);
  out.varint(identity.minSeq);
  out.varint(identity.maxSeq);
}

export function decodeIdentity(reader: ByteReader): PartIdentity {
  const database = reader.string();
  const incarnation = reader.varint();
  const minSeq = reader.varint();
  return { database, incarnation, minSeq, maxSeq: reader.varint() };
}

/** One page of the pair table and the pair it starts with. */
export interface PairPage extends PagePlace {
  readonly firstId: number;
  readonly name: string;
  readonly value: string;
}

export interface LabelNameEntry {
  readonly name: string;
  /** Its pairs are `firstPair…firstPair+pairs-1`. */
  readonly firstPair: number;
  readonly pairs: number;
  /** Series that have the label. */
  readonly series: number;
}

export interface SeriesPage extends PagePlace {
  readonly firstId: number;
}

export interface ExemplarPage extends PagePlace {
  readonly ids: IdRange;
}

export interface SectionDirectory {
  /** Pairs in the table; some may be of no series. */
  readonly pairs: number;
  readonly usedPairs: number;
  readonly pairPages: readonly PairPage[];
  readonly names: readonly LabelNameEntry[];
  readonly postingRefPages: readonly PagePlace[];
  readonly postingPages: readonly PagePlace[];
  readonly seriesPages: readonly SeriesPage[];
  readonly exemplarPages: readonly ExemplarPage[];
}

export function encodeDirectory(directory: SectionDirectory, out: ByteWriter): void {
  out.varint(directory.pairs);
  out.varint(directory.usedPairs);
  encodeList(directory.pairPages, out, (page) => {
    encodePlace(page, out);
    out.varint(page.firstId);
    out.string(page.name);
    out.string(page.value);
  });
  encodeList(directory.names, out, (entry) => {
    out.string(entry.name);
    out.varint(entry.firstPair);
    out.varint(entry.pairs);
    out.varint(entry.series);
  });
  encodeList(directory.postingRefPages, out, (page) => encodePlace(page, out));
  encodeList(directory.postingPages, out, (page) => encodePlace(page, out));
  encodeList(directory.seriesPages, out, (page) => {
    encodePlace(page, out);
    out.varint(page.firstId);
  });
  encodeList(directory.exemplarPages, out, (page) => {
    encodePlace(page, out);
    out.varint(page.ids.first);
    out.varint(page.ids.last);
  });
}

export function decodeDirectory(bytes: Uint8Array): SectionDirectory {
  const reader = new ByteReader(bytes);
  const directory = {
    pairs: reader.varint(),
    usedPairs: reader.varint(),
    pairPages: decodeList(reader, () => ({
      ...decodePlace(reader),
      firstId: reader.varint(),
      name: reader.string(),
      value: reader.string(),
    })),
    names: decodeList(reader, () => ({
      name: reader.string(),
      firstPair: reader.varint(),
      pairs: reader.varint(),
      series: reader.varint(),
    })),
    postingRefPages: decodeList(reader, () => decodePlace(reader)),
    postingPages: decodeList(reader, () => decodePlace(reader)),
    seriesPages: decodeList(reader, () => ({ ...decodePlace(reader), firstId: reader.varint() })),
    exemplarPages: decodeList(reader, () => ({
      ...decodePlace(reader),
      ids: { first: reader.varint(), last: reader.varint() },
    })),
  };
  reader.expectEnd();
  if (directory.usedPairs > directory.pairs)
    throw malformed('more label pairs used than there are');
  return directory;
}

function encodeList<T>(items: readonly T[], out: ByteWriter, encode: (item: T) => void): void {
  out.varint(items.length);
  for (const item of items) encode(item);
}

function decodeList<T>(reader: ByteReader, decode: () => T): T[] {
  const items: T[] = [];
  for (let left = reader.count(2); left > 0; left--) items.push(decode());
  return items;
}

function encodePlace(place: PagePlace, out: ByteWriter): void {
  out.varint(place.offset);
  out.varint(place.length);
}

function decodePlace(reader: ByteReader): PagePlace {
  const offset = reader.varint();
  return { offset, length: reader.varint() };
}
