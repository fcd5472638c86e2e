// Columns of one row group as they are read from a file, whoever wrote it.

import { type AsyncBuffer, type FileMetaData, parquetRead } from 'hyparquet';
import { snappyDecode } from '../../codec/snappy.ts';
import type { ColumnName } from './schema.ts';

/** Larger pages are not ours, and nobody's. */
const MAX_PAGE_BYTES = 2 ** 28;

export interface GroupColumns {
  readonly rows: number;
  /** ms; NaN where there is none. */
  readonly t: Float64Array;
  /** Bit for bit as in the file, if the column has no nulls. */
  readonly v: Float64Array;
  /** 1 where there is no value. */
  readonly isNull: Uint8Array;
  readonly labels: readonly unknown[];
  /** Those below are empty where the file has no such column. */
  readonly kind: readonly unknown[];
  readonly stale: readonly unknown[];
  readonly startT: readonly unknown[];
  readonly histogram: readonly unknown[];
  readonly exemplarLabels: readonly unknown[];
}

/** Reads rows [rowStart, rowEnd), which are a row group. Throws whatever the library throws for a file that is broken. */
export async function readColumns(
  file: AsyncBuffer,
  metadata: FileMetaData,
  rowStart: number,
  rowEnd: number,
): Promise<GroupColumns> {
  const rows = rowEnd - rowStart;
  const t = new Float64Array(rows);
  const v = new Float64Array(rows);
  const isNull = new Uint8Array(rows);
  const lists = new Map<string, unknown[]>();
  const present = new Set(metadata.schema.map(({ name }) => name));
  const wanted: ColumnName[] = [
    ...(['kind', 'labels', 'timestamp', 'value', 'stale'] as const),
    ...(['start_timestamp', 'histogram', 'exemplar_labels'] as const),
  ];
  await parquetRead({
    file,
    metadata,
    columns: wanted.filter((name) => present.has(name)),
    rowStart,
    rowEnd,
    parsers: PARSERS,
    compressors: {
      SNAPPY: (bytes, length) => snappyDecode(bytes, Math.min(length, MAX_PAGE_BYTES)),
    },
    geoparquet: false,
    onChunk: ({ columnName, columnData, rowStart: chunkStart }) => {
      const from = chunkStart - rowStart;
      if (columnName === 'value') setValues(v, isNull, columnData, from);
      else if (columnName === 'timestamp') setTimes(t, columnData, from);
      else setItems(listOf(lists, columnName, rows), columnData, from);
    },
  });
  const list = (name: ColumnName): readonly unknown[] => lists.get(name) ?? [];
  return {
    rows,
    t,
    v,
    isNull,
    labels: list('labels'),
    kind: list('kind'),
    stale: list('stale'),
    startT: list('start_timestamp'),
    histogram: list('histogram'),
    exemplarLabels: list('exemplar_labels'),
  };
}

/** A leading byte order mark belongs to a text; bytes that are no UTF-8 are an error. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Times as ms, whatever their unit. */
const PARSERS = {
  timestampFromMilliseconds: (ms: bigint): number | undefined => numberOf(ms, 1n),
  timestampFromMicroseconds: (us: bigint): number | undefined => numberOf(us, 1000n),
  timestampFromNanoseconds: (ns: bigint): number | undefined => numberOf(ns, 1_000_000n),
  stringFromBytes: (bytes: Uint8Array | undefined): string | undefined =>
    bytes === undefined ? undefined : utf8.decode(bytes),
};

/** Rounded down. The library asks for absent values as well. */
function numberOf(time: bigint | undefined, perMs: bigint): number | undefined {
  if (time === undefined) return undefined;
  const ms = time / perMs;
  return Number(time % perMs < 0n ? ms - 1n : ms);
}

function setTimes(t: Float64Array, data: ArrayLike<unknown>, from: number): void {
  for (let i = 0; i < data.length; i++) t[from + i] = Number(data[i] ?? Number.NaN);
}

/** A column without nulls is copied as bytes. */
function setValues(
  v: Float64Array,
  isNull: Uint8Array,
  data: ArrayLike<unknown>,
  from: number,
): void {
  if (data instanceof Float64Array) {
    v.set(data, from);
    return;
  }
  for (let i = 0; i < data.length; i++) {
    v[from + i] = Number(data[i]);
    isNull[from + i] = Number(data[i] === null || data[i] === undefined);
  }
}

function listOf(lists: Map<string, unknown[]>, name: string, rows: number): unknown[] {
  let list = lists.get(name);
  if (list === undefined) {
    list = new Array<undefined>(rows).fill(undefined);
    lists.set(name, list);
  }
  return list;
}

function setItems(list: unknown[], data: ArrayLike<unknown>, from: number): void {
  for (let i = 0; i < data.length; i++) list[from + i] = data[i];
}
