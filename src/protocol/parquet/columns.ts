// Columns of one row group as they are read from a file, whoever wrote it.

import { DAY_MS } from '../../model/time-range.ts';
import { parquetInvalid } from '../errors.ts';
import {
  BooleanPageDecoder,
  FixedPageDecoder,
  FixedType,
  type PageDecoder,
  TextPageDecoder,
} from './encodings.ts';
import type { FileColumn, ReadColumn, TimeForm } from './file-columns.ts';
import type { RowGroupEntry } from './footer.ts';
import { type DataPage, dataPages } from './page.ts';
import { type ParquetSource, readRange } from './source.ts';

/** Files are read in pieces of at most so much. */
const MAX_CHUNK_BYTES = 2 ** 31 - 1;
/** Nothing is in front of a file's magic. */
const MIN_CHUNK_START = 4;
const TWO_32 = 4_294_967_296;
const JULIAN_DAY_OF_1970 = 2_440_588;

/** A text of every row, undefined where there is none. */
export type TextColumn = readonly (string | undefined)[];

export interface GroupColumns {
  readonly rows: number;
  /** ms, rounded down; NaN where there is none. */
  readonly t: Float64Array;
  /** Bit for bit as in the file; 0 where there is none. */
  readonly v: Float64Array;
  /** 1 where there is no value. */
  readonly isNull: Uint8Array;
  readonly labels: TextColumn;
  /** Those below are empty where the file has no such column. */
  readonly kind: TextColumn;
  /** 1 for true. */
  readonly stale: Uint8Array;
  /** As `t`. */
  readonly startT: Float64Array;
  readonly histogram: TextColumn;
  readonly exemplarLabels: TextColumn;
}

/**
 * Reads a row group; `where` names it in errors. Throws PARQUET_INVALID if a column does not have a value or null for
 * each of its rows, and whatever the source throws.
 */
export async function readColumns(
  source: ParquetSource,
  columns: ReadonlyMap<ReadColumn, FileColumn>,
  group: RowGroupEntry,
  where: string,
): Promise<GroupColumns> {
  const pages = async (name: ReadColumn): Promise<ColumnPages | undefined> => {
    const column = columns.get(name);
    return column && openColumn(source, name, column, group, where);
  };
  const value = joinFixed(await pages('value'), FixedType.double);
  const times = timesOf(await pages('timestamp'));
  return {
    rows: group.rows,
    t: times,
    v: new Float64Array(value.words.buffer),
    isNull: value.isNull,
    labels: joinTexts(await pages('labels')),
    kind: joinTexts(await pages('kind')),
    stale: joinBooleans(await pages('stale')),
    startT: timesOf(await pages('start_timestamp')),
    histogram: joinTexts(await pages('histogram')),
    exemplarLabels: joinTexts(await pages('exemplar_labels')),
  };
}

/** The pages of a column, of which there are as many rows in the end. */
interface ColumnPages {
  readonly rows: number;
  readonly time: TimeForm | undefined;
  readonly pages: Iterable<DataPage>;
}

async function openColumn(
  source: ParquetSource,
  name: ReadColumn,
  { isOptional, time }: FileColumn,
  { rows, chunks }: RowGroupEntry,
  groupName: string,
): Promise<ColumnPages> {
  const where = `${groupName}, column ${name}`;
  if (rows === 0) return { rows, time, pages: [] };
  const chunk = chunks.get(name);
  if (chunk === undefined) throw parquetInvalid(`${where} is not in the file, or is encrypted`);
  const { start, end, codec } = chunk;
  if (start < MIN_CHUNK_START || end > source.byteLength) {
    throw parquetInvalid(
      `${where} should be at bytes ${start} to ${end} of a file of ${source.byteLength}`,
    );
  }
  if (end - start > MAX_CHUNK_BYTES) {
    throw parquetInvalid(
      `${where} has ${end - start} bytes (limit ${MAX_CHUNK_BYTES}); write the file again with smaller row groups`,
    );
  }
  const bytes = await readRange(source, start, end, where);
  return { rows, time, pages: dataPages(bytes, { codec, isOptional, rows, where }) };
}

/** Values of pages one after another, with `add` for each page in turn. */
function eachPage<Values>(
  { pages }: ColumnPages,
  decoder: PageDecoder<Values>,
  add: (values: Values, page: DataPage) => void,
): void {
  for (const page of pages) add(decoder.read(page), page);
}

interface Fixed {
  readonly words: Uint32Array;
  readonly isNull: Uint8Array;
}

/** Memory for all rows is taken when all pages have been read. */
function joinFixed(column: ColumnPages | undefined, type: FixedType): Fixed {
  const parts: { readonly values: Uint32Array; readonly levels: Uint8Array | undefined }[] = [];
  if (column) {
    eachPage(column, new FixedPageDecoder(type), (values, { levels }) => {
      parts.push({ values, levels });
    });
  }
  const rows = column?.rows ?? 0;
  const words = new Uint32Array(rows * type.words);
  const isNull = new Uint8Array(rows);
  let row = 0;
  for (const { values, levels } of parts) {
    const to = words.subarray(row * type.words);
    if (levels === undefined) to.set(values);
    else spread(to, isNull.subarray(row), values, levels, type.words);
    row += levels?.length ?? values.length / type.words;
  }
  return { words, isNull };
}

/** Puts values where there are some. */
function spread(
  words: Uint32Array,
  isNull: Uint8Array,
  values: Uint32Array,
  levels: Uint8Array,
  size: number,
): void {
  let from = 0;
  for (let row = 0; row < levels.length; row++) {
    if (levels[row] === 0) isNull[row] = 1;
    else for (let k = 0; k < size; k++) words[row * size + k] = values[from++]!;
  }
}

function timesOf(column: ColumnPages | undefined): Float64Array {
  const form = column?.time;
  if (form === undefined) return new Float64Array(0);
  const { words, isNull } = joinFixed(column, form.type);
  const t = new Float64Array(isNull.length);
  for (let row = 0; row < t.length; row++) {
    t[row] = isNull[row] === 1 ? Number.NaN : timeAt(words, row * form.type.words, form);
  }
  return t;
}

function timeAt(words: Uint32Array, at: number, { type, perMs, isUnsigned }: TimeForm): number {
  const high = words[at + 1]! | 0;
  if (isUnsigned && high < 0) return Number.NaN;
  const ms = wholeMs(high, words[at]!, perMs);
  if (type === FixedType.int64) return ms;
  // The time of a day, and its number.
  return ms + ((words[at + 2]! | 0) - JULIAN_DAY_OF_1970) * DAY_MS;
}

/**
 * high · 2^32 + low of a 64-bit number, divided by `perMs` and rounded down: exact as far as numbers are (2^53), since
 * what is left of the upper half makes at most 10^6 · 2^32 with the lower one, and quotients of whole numbers below
 * 2^53 are never rounded up to the next one.
 */
export function wholeMs(high: number, low: number, perMs: number): number {
  if (perMs === 1) return high * TWO_32 + low;
  const quotient = Math.floor(high / perMs);
  const rest = high - quotient * perMs;
  return quotient * TWO_32 + Math.floor((rest * TWO_32 + low) / perMs);
}

function joinTexts(column: ColumnPages | undefined): TextColumn {
  const texts: (string | undefined)[] = [];
  if (column === undefined) return texts;
  eachPage(column, new TextPageDecoder(), (values, { levels }) => {
    const rows = levels?.length ?? values.length;
    let from = 0;
    for (let i = 0; i < rows; i++) {
      texts.push(levels !== undefined && levels[i] === 0 ? undefined : values[from++]);
    }
  });
  return texts;
}

function joinBooleans(column: ColumnPages | undefined): Uint8Array {
  const parts: Uint8Array[] = [];
  if (column) {
    eachPage(column, new BooleanPageDecoder(), (values, { levels }) => {
      let from = 0;
      parts.push(levels ? levels.map((level) => (level === 0 ? 0 : values[from++]!)) : values);
    });
  }
  const joined = new Uint8Array(column?.rows ?? 0);
  let row = 0;
  for (const part of parts) {
    joined.set(part, row);
    row += part.length;
  }
  return joined;
}
