// Values of pages in all encodings that our columns may have (apache/parquet-format, Encodings.md).
// Bits of doubles are copied as bytes and 32-bit halves, never as numbers, which could change a NaN.

import type { ByteCursor } from './byte-cursor.ts';
import { nextText, readDeltaLengthTexts, readDeltas, readDeltaTexts } from './delta.ts';
import { readBits, readHybrid } from './hybrid.ts';
import { type DataPage, MAX_PAGE_BYTES } from './page.ts';

/** Numbers of parquet.thrift. */
export const Encoding = {
  plain: 0,
  plainDictionary: 2,
  rle: 3,
  deltaBinaryPacked: 5,
  deltaLengthByteArray: 6,
  deltaByteArray: 7,
  rleDictionary: 8,
  byteStreamSplit: 9,
} as const;

/** Values that come page by page, all of one column in one row group. */
export interface PageDecoder<Values> {
  /** Values of a page without its nulls. Throws PARQUET_INVALID if they are not exactly as many as it says. */
  read(page: DataPage): Values;
}

/** Numbers that always have the same length, and so many words of 32 bits. */
export const FixedType = {
  double: { words: 2, isInteger: false },
  int64: { words: 2, isInteger: true },
  /** Only legacy timestamps are of this type. */
  int96: { words: 3, isInteger: false },
} as const;
export type FixedType = (typeof FixedType)[keyof typeof FixedType];

/** Numbers as words of 32 bits, of each number the lowest first. */
export class FixedPageDecoder implements PageDecoder<Uint32Array> {
  readonly #type: FixedType;
  #entries: Uint32Array | undefined;

  constructor(type: FixedType) {
    this.#type = type;
  }

  read(page: DataPage): Uint32Array {
    const { values, present } = page;
    const { words, isInteger } = this.#type;
    // Not all writers say anything of values where there are none.
    if (present === 0) return new Uint32Array(0);
    switch (page.encoding) {
      case Encoding.plain:
        return plainWords(values, present * words);
      case Encoding.plainDictionary:
      case Encoding.rleDictionary:
        return this.#fromDictionary(page);
      case Encoding.byteStreamSplit:
        if (words === 2) return splitEights(values, present);
        break;
      case Encoding.deltaBinaryPacked:
        if (isInteger) return readDeltas(values, present);
    }
    return unknownEncoding(page);
  }

  #fromDictionary(page: DataPage): Uint32Array {
    const { words } = this.#type;
    this.#entries ??= readEntries(page, (values, count) => plainWords(values, count * words));
    const entries = this.#entries;
    const places = readPlaces(page, entries.length / words);
    const found = new Uint32Array(places.length * words);
    for (let i = 0, to = 0; i < places.length; i++) {
      const from = places[i]! * words;
      for (let k = 0; k < words; k++) found[to++] = entries[from + k]!;
    }
    return found;
  }
}

/** BYTE_ARRAY as UTF-8. Rows that have the same entry of a dictionary share one text. */
export class TextPageDecoder implements PageDecoder<string[]> {
  #entries: string[] | undefined;

  read(page: DataPage): string[] {
    const { values, present } = page;
    if (present === 0) return [];
    switch (page.encoding) {
      case Encoding.plain:
        return plainTexts(values, present);
      case Encoding.plainDictionary:
      case Encoding.rleDictionary:
        return this.#fromDictionary(page);
      case Encoding.deltaLengthByteArray:
        return readDeltaLengthTexts(values, present);
      case Encoding.deltaByteArray:
        return readDeltaTexts(values, present, MAX_PAGE_BYTES);
      default:
        return unknownEncoding(page);
    }
  }

  #fromDictionary(page: DataPage): string[] {
    this.#entries ??= readEntries(page, plainTexts);
    const entries = this.#entries;
    const places = readPlaces(page, entries.length);
    const texts: string[] = [];
    for (let i = 0; i < places.length; i++) texts.push(entries[places[i]!]!);
    return texts;
  }
}

/** BOOLEAN as 0 and 1. */
export class BooleanPageDecoder implements PageDecoder<Uint8Array> {
  read(page: DataPage): Uint8Array {
    const { values, present } = page;
    if (present === 0) return new Uint8Array(0);
    if (page.encoding === Encoding.plain) return plainBooleans(values, present);
    if (page.encoding !== Encoding.rle) return unknownEncoding(page);
    // The length of the runs, which end with the page.
    values.uint32();
    return readBits(values, present);
  }
}

function unknownEncoding({ values, encoding }: DataPage): never {
  return values.fail(`encoding ${encoding} is none of its type; write the file again without it`);
}

function readEntries<Values>(
  { values, dictionary }: DataPage,
  read: (entries: ByteCursor, count: number) => Values,
): Values {
  if (dictionary === undefined) return values.fail('there is no dictionary before it');
  const { encoding, count, values: entries } = dictionary;
  if (encoding !== Encoding.plain && encoding !== Encoding.plainDictionary) {
    entries.fail(`encoding ${encoding} is none of a dictionary`);
  }
  return read(entries, count);
}

/** Places in a dictionary of `entries` entries. */
function readPlaces({ values, present }: DataPage, entries: number): Uint32Array {
  const places = readHybrid(values, values.byte(), present);
  let last = 0;
  for (let i = 0; i < places.length; i++) last = Math.max(last, places[i]!);
  if (last >= entries) values.fail(`entry ${last} of a dictionary of ${entries}`);
  return places;
}

function plainWords(values: ByteCursor, count: number): Uint32Array {
  const bytes = values.take(4 * count);
  const words = new Uint32Array(count);
  new Uint8Array(words.buffer).set(bytes);
  return words;
}

/** First the first bytes of all values, then the second ones, and so on. */
function splitEights(values: ByteCursor, count: number): Uint32Array {
  const bytes = values.take(8 * count);
  const halves = new Uint32Array(2 * count);
  const joined = new Uint8Array(halves.buffer);
  for (let k = 0; k < 8; k++) {
    for (let i = 0, from = k * count, to = k; i < count; i++, from++, to += 8) {
      joined[to] = bytes[from]!;
    }
  }
  return halves;
}

function plainTexts(values: ByteCursor, count: number): string[] {
  const texts: string[] = [];
  for (let i = 0; i < count; i++) texts.push(nextText(values, values.uint32()));
  return texts;
}

/** Bits, the lowest of a byte first. */
function plainBooleans(values: ByteCursor, count: number): Uint8Array {
  const bytes = values.take(Math.ceil(count / 8));
  const bits = new Uint8Array(count);
  for (let i = 0; i < count; i++) bits[i] = (bytes[i >>> 3]! >>> (i & 7)) & 1;
  return bits;
}
