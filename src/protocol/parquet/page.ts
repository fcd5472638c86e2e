// The pages of one column in one row group (apache/parquet-format, README.md, "Data Pages", and
// parquet.thrift, PageHeader). No page is taken to hold more than what is left of its column chunk and row group.

import { gunzipSync } from 'node:zlib';
import { snappyDecode } from '../../codec/snappy.ts';
import { errorMessage } from '../../runtime/error.ts';
import { ByteCursor } from './byte-cursor.ts';
import { readBits } from './hybrid.ts';
import { ThriftReader } from './thrift.ts';

/** Larger pages, plain or compressed, are nobody's. */
export const MAX_PAGE_BYTES: number = 2 ** 28;

/** Numbers of parquet.thrift. */
const PageType = { data: 0, dictionary: 2, dataV2: 3 } as const;
const Codec = { uncompressed: 0, snappy: 1, gzip: 2 } as const;
const CODEC_NAMES = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'LZO', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW'];
/** The encoding of definition levels; the other one, BIT_PACKED, is deprecated. */
const LEVELS_RLE = 3;
/** Elements of Snappy make at most 64 bytes out of 3. */
const MAX_SNAPPY_RATIO = 22;

/** Entries in front of data pages, to which these refer. */
export interface DictionaryPage {
  readonly encoding: number;
  readonly count: number;
  readonly values: ByteCursor;
}

export interface DataPage {
  readonly encoding: number;
  /** Rows, nulls among them. */
  readonly rows: number;
  /** Rows that are not null. */
  readonly present: number;
  /** 1 for every row that is not null, else 0; undefined if no row is null. */
  readonly levels: Uint8Array | undefined;
  /** Where its values begin. */
  readonly values: ByteCursor;
  readonly dictionary: DictionaryPage | undefined;
}

interface PageHeader {
  type: number;
  plainBytes: number;
  bytes: number;
  /** Rows of a data page, entries of a dictionary. */
  count: number;
  encoding: number;
  levelEncoding: number;
  /** Only of version 2. */
  definitionBytes: number;
  repetitionBytes: number;
  isCompressed: boolean;
}

export interface ChunkOptions {
  readonly codec: number;
  /** Whether there may be nulls. */
  readonly isOptional: boolean;
  /** Rows of the row group. */
  readonly rows: number;
  /** Names the column in errors. */
  readonly where: string;
}

/**
 * Data pages of a column chunk, those that are not compressed as views of it. Throws PARQUET_INVALID if they do not come
 * to exactly `rows` rows.
 */
export function* dataPages(chunk: Uint8Array, options: ChunkOptions): Generator<DataPage, void> {
  const cursor = new ByteCursor(chunk, options.where);
  let dictionary: DictionaryPage | undefined;
  let pages = 0;
  for (let left = options.rows; left > 0; ) {
    if (cursor.left === 0) cursor.fail(`its pages lack ${left} of ${options.rows} rows`);
    const header = readHeader(cursor);
    const where = `${options.where}, page ${++pages}`;
    const body = cursor.take(header.bytes);
    if (header.type === PageType.dictionary) {
      if (dictionary !== undefined) cursor.fail('there are two dictionaries');
      const values = new ByteCursor(
        decompress(body, header.plainBytes, options.codec, where),
        where,
      );
      dictionary = { encoding: header.encoding, count: header.count, values };
    } else if (header.type === PageType.data || header.type === PageType.dataV2) {
      if (header.count > left) {
        cursor.fail(`a page of ${header.count} rows where ${left} are left in the row group`);
      }
      const open = header.type === PageType.data ? openPage : openPageV2;
      yield { ...open(body, header, options, where), dictionary };
      left -= header.count;
    }
    // Indexes and what later versions have are passed over, as the format wants it.
  }
}

function readHeader(cursor: ByteCursor): PageHeader {
  const header: PageHeader = {
    type: -1,
    plainBytes: 0,
    bytes: 0,
    count: 0,
    encoding: -1,
    levelEncoding: LEVELS_RLE,
    definitionBytes: 0,
    repetitionBytes: 0,
    isCompressed: true,
  };
  const reader = new ThriftReader(cursor);
  reader.struct((field) => {
    if (field === 1) header.type = reader.int();
    else if (field === 2) header.plainBytes = pageBytes(reader, cursor);
    else if (field === 3) header.bytes = pageBytes(reader, cursor);
    else if (field === 8) reader.struct((inner) => readCountsV2(inner, reader, header));
    else if (field === 5 || field === 7) {
      reader.struct((inner) => readCounts(inner, reader, header));
    } else reader.skip();
  });
  return header;
}

function pageBytes(reader: ThriftReader, cursor: ByteCursor): number {
  const bytes = reader.size('the length of a page');
  if (bytes > MAX_PAGE_BYTES) cursor.fail(`a page of ${bytes} bytes (limit ${MAX_PAGE_BYTES})`);
  return bytes;
}

/** DataPageHeader and DictionaryPageHeader, which begin alike. */
function readCounts(field: number, reader: ThriftReader, header: PageHeader): void {
  if (field === 1) header.count = reader.size('the number of values of a page');
  else if (field === 2) header.encoding = reader.int();
  else if (field === 3 && header.type === PageType.data) header.levelEncoding = reader.int();
  else reader.skip();
}

/** DataPageHeaderV2. */
function readCountsV2(field: number, reader: ThriftReader, header: PageHeader): void {
  if (field === 1) header.count = reader.size('the number of values of a page');
  else if (field === 4) header.encoding = reader.int();
  else if (field === 5) header.definitionBytes = reader.size('the length of definition levels');
  else if (field === 6) header.repetitionBytes = reader.size('the length of repetition levels');
  else if (field === 7) header.isCompressed = reader.bool();
  else reader.skip();
}

type OpenPage = Omit<DataPage, 'dictionary'>;

/** Levels, if there are any, and values are compressed together. */
function openPage(
  body: Uint8Array,
  header: PageHeader,
  options: ChunkOptions,
  where: string,
): OpenPage {
  const values = new ByteCursor(decompress(body, header.plainBytes, options.codec, where), where);
  if (!options.isOptional) return withLevels(header, undefined, values);
  if (header.levelEncoding !== LEVELS_RLE) {
    values.fail(`definition levels have encoding ${header.levelEncoding}; write the file again`);
  }
  const levels = new ByteCursor(values.take(values.uint32()), `${where}, definition levels`);
  return withLevels(header, levels, values);
}

/** Levels stand in front, and are not compressed. */
function openPageV2(
  body: Uint8Array,
  header: PageHeader,
  options: ChunkOptions,
  where: string,
): OpenPage {
  const cursor = new ByteCursor(body, where);
  cursor.take(header.repetitionBytes);
  const levels = new ByteCursor(cursor.take(header.definitionBytes), `${where}, definition levels`);
  const plain = header.plainBytes - cursor.position;
  if (plain < 0) cursor.fail(`levels are longer than the page of ${header.plainBytes} bytes`);
  const codec = header.isCompressed ? options.codec : Codec.uncompressed;
  const rest = decompress(cursor.take(cursor.left), plain, codec, where);
  const values = new ByteCursor(rest, where);
  return withLevels(header, options.isOptional ? levels : undefined, values);
}

function withLevels(
  { encoding, count }: PageHeader,
  cursor: ByteCursor | undefined,
  values: ByteCursor,
): OpenPage {
  const page = { encoding, rows: count, values };
  if (cursor === undefined) return { ...page, present: count, levels: undefined };
  const levels = readBits(cursor, count);
  let present = 0;
  for (let i = 0; i < count; i++) present += levels[i]!;
  return { ...page, present, levels: present === count ? undefined : levels };
}

/** The `size` bytes that `body` is made of; itself, if it is not compressed. */
function decompress(body: Uint8Array, size: number, codec: number, where: string): Uint8Array {
  const cursor = new ByteCursor(body, where);
  const plain = size === 0 ? body.subarray(0, 0) : decompressed(cursor, codec, size);
  if (plain.length === size) return plain;
  return cursor.fail(`it has ${plain.length} bytes and claims ${size}`);
}

function decompressed(cursor: ByteCursor, codec: number, size: number): Uint8Array {
  const { bytes } = cursor;
  switch (codec) {
    case Codec.uncompressed:
      return bytes;
    case Codec.snappy:
      if (size > bytes.length * MAX_SNAPPY_RATIO) {
        cursor.fail(`${bytes.length} bytes of Snappy claim to be ${size}`);
      }
      try {
        return snappyDecode(bytes, size);
      } catch (error) {
        return cursor.fail(`it is damaged: ${errorMessage(error)}`, error);
      }
    case Codec.gzip:
      try {
        return gunzipSync(bytes, { maxOutputLength: size });
      } catch (error) {
        return cursor.fail(`its gzip is damaged, or is not ${size} bytes long`, error);
      }
    default:
      return cursor.fail(
        `it is compressed with ${CODEC_NAMES[codec] ?? `codec ${codec}`}; write the file again with SNAPPY`,
      );
  }
}
