// The footer of a Parquet file, as much of it as we need: its columns, where their pages lie, and the
// file's own entries. Form: apache/parquet-format, README.md ("File format") and
// src/main/thrift/parquet.thrift (FileMetaData).

import { parquetInvalid } from '../errors.ts';
import { ByteCursor } from './byte-cursor.ts';
import { type ParquetSource, readRange } from './source.ts';
import { ThriftReader } from './thrift.ts';

const MAGIC = 'PAR1';
/** What encrypted footers end with. */
const ENCRYPTED_MAGIC = 'PARE';
const MAGIC_BYTES = 4;
/** Length and magic, after the footer. */
const TAIL_BYTES = 8;
/** Some hundred bytes a column and row group: larger ones are nobody's. */
const MAX_FOOTER_BYTES = 2 ** 28;

/** Fields of the union LogicalType that mean something to us. */
export const LogicalType = { timestamp: 8, integer: 10 } as const;

/** A column of the file, or a group of them, directly below the root of its schema. Numbers are those of parquet.thrift. */
export interface SchemaElement {
  readonly name: string;
  /** Undefined for a group. */
  readonly type: number | undefined;
  readonly repetition: number | undefined;
  readonly convertedType: number | undefined;
  readonly logicalType: number | undefined;
  /** Of a logical timestamp. */
  readonly timeUnit: number | undefined;
}

/** The pages of one column in one row group: bytes [start, end) of the file, which may be anything. */
export interface ColumnChunk {
  readonly start: number;
  readonly end: number;
  readonly codec: number;
}

export interface RowGroupEntry {
  readonly rows: number;
  /** Where its last chunk ends in the file. */
  readonly end: number;
  /** By column; only of columns directly below the root. */
  readonly chunks: ReadonlyMap<string, ColumnChunk>;
}

export interface Footer {
  readonly schema: readonly SchemaElement[];
  readonly rowGroups: readonly RowGroupEntry[];
  /** Of several with one key, the first. */
  readonly entries: ReadonlyMap<string, string>;
}

/** Throws PARQUET_INVALID for a file that has no footer, or a damaged one. */
export async function readFooter(source: ParquetSource): Promise<Footer> {
  const { byteLength } = source;
  if (byteLength < MAGIC_BYTES + TAIL_BYTES) throw unreadable(`the file has ${byteLength} bytes`);
  const end = byteLength - TAIL_BYTES;
  const tail = new ByteCursor(await readRange(source, end, byteLength, 'the footer'), 'the footer');
  const length = tail.uint32();
  const magic = Buffer.from(tail.take(MAGIC_BYTES)).toString('latin1');
  if (magic === ENCRYPTED_MAGIC) throw unreadable('it is encrypted; write it again in plain');
  if (magic !== MAGIC) throw unreadable('the file is no Parquet file, or its end is missing');
  if (length > Math.min(end - MAGIC_BYTES, MAX_FOOTER_BYTES)) {
    throw unreadable(`it claims ${length} bytes of a file of ${byteLength}`);
  }
  return parseFooter(await readRange(source, end - length, end, 'the footer'));
}

function unreadable(problem: string): Error {
  return parquetInvalid(`the footer cannot be read: ${problem}`);
}

function parseFooter(bytes: Uint8Array): Footer {
  const cursor = new ByteCursor(bytes, 'the footer');
  const reader = new ThriftReader(cursor);
  const elements: TreeElement[] = [];
  const rowGroups: RowGroupEntry[] = [];
  const entries = new Map<string, string>();
  reader.struct((field) => {
    if (field === 2) reader.list(() => elements.push(readElement(reader)));
    else if (field === 4) reader.list(() => rowGroups.push(readRowGroup(reader)));
    else if (field === 5) {
      reader.list(() => {
        const { key, value } = readEntry(reader);
        if (value !== undefined && !entries.has(key)) entries.set(key, value);
      });
    } else reader.skip();
  });
  return { schema: belowRoot(elements, cursor), rowGroups, entries };
}

interface TreeElement extends SchemaElement {
  readonly children: number;
}

function readElement(reader: ThriftReader): TreeElement {
  let name = '';
  let type: number | undefined;
  let repetition: number | undefined;
  let children = 0;
  let convertedType: number | undefined;
  let logicalType: number | undefined;
  let timeUnit: number | undefined;
  reader.struct((field) => {
    if (field === 1) type = reader.int();
    else if (field === 3) repetition = reader.int();
    else if (field === 4) name = reader.text();
    else if (field === 5) children = reader.size('the number of children of a column');
    else if (field === 6) convertedType = reader.int();
    else if (field === 10) {
      reader.struct((union) => {
        logicalType = union;
        reader.struct((inner) => {
          if (union === LogicalType.timestamp && inner === 2) timeUnit = readUnion(reader);
          else reader.skip();
        });
      });
    } else reader.skip();
  });
  return { name, type, repetition, children, convertedType, logicalType, timeUnit };
}

/** Which field of a union of empty structs is set. */
function readUnion(reader: ThriftReader): number | undefined {
  let set: number | undefined;
  reader.struct((field) => {
    set = field;
    reader.skip();
  });
  return set;
}

/** Children of the root; the list has the whole tree, depth first. */
function belowRoot(elements: readonly TreeElement[], cursor: ByteCursor): SchemaElement[] {
  const found: SchemaElement[] = [];
  let at = 1;
  for (let left = elements[0]?.children ?? 0; left > 0; left--) {
    if (at >= elements.length) cursor.fail('the schema lacks columns that it counts');
    found.push(elements[at]!);
    for (let open = 1; open > 0; open--) {
      if (at >= elements.length) cursor.fail('the schema lacks columns that it counts');
      open += elements[at++]!.children;
    }
  }
  return found;
}

function readRowGroup(reader: ThriftReader): RowGroupEntry {
  let rows = 0;
  let end = 0;
  const chunks = new Map<string, ColumnChunk>();
  reader.struct((field) => {
    if (field === 1) {
      reader.list(() => {
        const { path, chunk } = readChunk(reader);
        end = Math.max(end, chunk.end);
        if (path.length === 1) chunks.set(path[0]!, chunk);
      });
    } else if (field === 3) rows = reader.size('the number of rows of a row group');
    else reader.skip();
  });
  return { rows, end, chunks };
}

function readChunk(reader: ThriftReader): { path: string[]; chunk: ColumnChunk } {
  const path: string[] = [];
  let codec = 0;
  let bytes = 0;
  let data = 0;
  let dictionary = 0;
  reader.struct((field) => {
    if (field !== 3) return reader.skip();
    reader.struct((inner) => {
      if (inner === 3) reader.list(() => path.push(reader.text()));
      else if (inner === 4) codec = reader.int();
      else if (inner === 7) bytes = reader.size('the length of a column');
      else if (inner === 9) data = reader.size('the place of a column');
      else if (inner === 11) dictionary = reader.size('the place of a dictionary');
      else reader.skip();
    });
  });
  // Some writers say 0 where there is no dictionary.
  const start = dictionary > 0 && dictionary < data ? dictionary : data;
  return { path, chunk: { start, end: start + bytes, codec } };
}

function readEntry(reader: ThriftReader): { key: string; value: string | undefined } {
  let key = '';
  let value: string | undefined;
  reader.struct((field) => {
    if (field === 1) key = reader.text();
    else if (field === 2) value = reader.text();
    else reader.skip();
  });
  return { key, value };
}
