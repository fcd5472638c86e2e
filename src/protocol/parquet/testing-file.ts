// Parquet files put together page by page, right or wrong, for tests.

import { gzipSync } from 'node:zlib';
import { snappyEncode } from '../../codec/snappy.ts';
import { Encoding } from './encodings.ts';
import {
  hybrid,
  littleEndian,
  plainEights,
  plainTexts,
  uleb,
  zigzagLeb,
} from './testing-encodings.ts';

export const Codec = { uncompressed: 0, snappy: 1, gzip: 2, zstd: 6 } as const;
export const Type = { boolean: 0, int64: 2, int96: 3, float: 4, double: 5, text: 6 } as const;

/** A field of a struct: 32 bits, 64 bits, a truth, a text, a struct or a list of them. */
type Field = number | bigint | boolean | string | Struct | readonly (number | string | Struct)[];
/** Values by the number of their field. */
interface Struct {
  readonly [field: number]: Field | undefined;
}

/** Thrift's compact protocol. */
export function thrift(struct: Struct): number[] {
  const bytes: number[] = [];
  let last = 0;
  for (const [key, value] of Object.entries(struct)) {
    if (value === undefined) continue;
    const field = Number(key);
    const step = field - last;
    if (step < 16) bytes.push((step << 4) | wireType(value));
    else bytes.push(wireType(value), ...zigzagLeb(field));
    last = field;
    bytes.push(...thriftValue(value));
  }
  return [...bytes, 0];
}

function wireType(value: Field): number {
  if (typeof value === 'boolean') return value ? 1 : 2;
  if (typeof value === 'number') return 5;
  if (typeof value === 'bigint') return 6;
  if (typeof value === 'string') return 8;
  return Array.isArray(value) ? 9 : 12;
}

function thriftValue(value: Field): number[] {
  if (typeof value === 'boolean') return [];
  if (typeof value === 'number' || typeof value === 'bigint') return zigzagLeb(value);
  if (typeof value === 'string') return [...uleb(Buffer.byteLength(value)), ...Buffer.from(value)];
  if (!Array.isArray(value)) return thrift(value as Struct);
  const header = [0xf0 | (value.length === 0 ? 12 : wireType(value[0])), ...uleb(value.length)];
  return [...header, ...value.flatMap((one: Field) => thriftValue(one))];
}

export interface TestPage {
  readonly kind: 'dictionary' | 'index' | 'v1' | 'v2';
  /** As it claims. */
  readonly rows: number;
  readonly encoding: number;
  /** The runs of definition levels. */
  readonly levels?: readonly number[];
  readonly values: readonly number[];
  /** Claimed in the place of the true length. */
  readonly plainBytes?: number;
  readonly codec?: number;
  /** Only of version 1. */
  readonly levelEncoding?: number;
}

/** The bytes of a page with its header. */
export function pageBytes(page: TestPage, codec: number): number[] {
  const { kind, rows, encoding, levels, values, levelEncoding = Encoding.rle } = page;
  const compress = (bytes: readonly number[]): number[] => compressed(bytes, page.codec ?? codec);
  if (kind === 'v2') {
    const front = levels ?? [];
    const body = [...front, ...compress(values)];
    const plain = page.plainBytes ?? front.length + values.length;
    const isCompressed = page.codec === Codec.uncompressed ? false : undefined;
    const lengths = { 5: front.length, 6: 0, 7: isCompressed };
    const counts = { 1: rows, 2: 0, 3: rows, 4: encoding, ...lengths };
    return [...thrift({ 1: 3, 2: plain, 3: body.length, 8: counts }), ...body];
  }
  const plain = levels ? [...littleEndian(levels.length, 4), ...levels, ...values] : [...values];
  const body = compress(plain);
  const header = { 2: page.plainBytes ?? plain.length, 3: body.length };
  const counts = {
    v1: { 1: 0, ...header, 5: { 1: rows, 2: encoding, 3: levelEncoding, 4: Encoding.rle } },
    dictionary: { 1: 2, ...header, 7: { 1: rows, 2: encoding } },
    index: { 1: 1, ...header, 6: {} },
  };
  return [...thrift(counts[kind]), ...body];
}

function compressed(bytes: readonly number[], codec: number): number[] {
  const plain = Uint8Array.from(bytes);
  if (codec === Codec.snappy) return [...snappyEncode(plain)];
  return codec === Codec.gzip ? [...gzipSync(plain)] : [...bytes];
}

export interface TestColumn {
  readonly name: string;
  readonly type: number;
  readonly isOptional?: boolean;
  /** ConvertedType and LogicalType of parquet.thrift. */
  readonly converted?: number;
  readonly logical?: Struct;
  readonly codec?: number;
  readonly pages: readonly TestPage[];
}

/** A file of one row group. */
export function parquetFile(columns: readonly TestColumn[], rows: number): Uint8Array {
  const parts: Buffer[] = [Buffer.from('PAR1')];
  let at = 4;
  const chunks = columns.map(({ name, type, codec = Codec.uncompressed, pages }) => {
    const start = at;
    for (const page of pages) {
      const bytes = Buffer.from(pageBytes(page, codec));
      parts.push(bytes);
      at += bytes.length;
    }
    const bytes = BigInt(at - start);
    const encodings = [...new Set(pages.map(({ encoding }) => encoding))];
    return {
      2: 0n,
      3: {
        1: type,
        2: encodings,
        3: [name],
        4: codec,
        5: BigInt(rows),
        6: bytes,
        7: bytes,
        9: BigInt(start),
      },
    };
  });
  const schema = columns.map(({ name, type, isOptional, converted, logical }) => ({
    1: type,
    3: Number(isOptional ?? false),
    4: name,
    6: converted,
    10: logical,
  }));
  const footer = thrift({
    1: 1,
    2: [{ 4: 'root', 5: columns.length }, ...schema],
    3: BigInt(rows),
    4: [{ 1: chunks, 2: 0n, 3: BigInt(rows) }],
  });
  return Buffer.concat([
    ...parts,
    Buffer.from([...footer, ...littleEndian(footer.length, 4)]),
    Buffer.from('PAR1'),
  ]);
}

/** Of `rows` rows, all we need: in plain pages, without nulls. */
export function neededColumns(rows: number): Record<'labels' | 'timestamp' | 'value', TestColumn> {
  const page = (values: readonly number[]): TestPage[] => [
    { kind: 'v1', rows, encoding: Encoding.plain, values },
  ];
  const times = Array.from({ length: rows }, (_, i) => BigInt(i));
  return {
    labels: {
      name: 'labels',
      type: Type.text,
      pages: page(plainTexts(new Array<string>(rows).fill('{"__name__":"up"}'))),
    },
    timestamp: { name: 'timestamp', type: Type.int64, pages: page(plainEights(times)) },
    value: {
      name: 'value',
      type: Type.double,
      pages: page(plainEights(new Array<bigint>(rows).fill(0n))),
    },
  };
}

/** Levels of rows that are null (0) or not (1). */
export function levelRuns(levels: readonly number[]): number[] {
  return hybrid(levels, 1);
}
