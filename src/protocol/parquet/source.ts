// Where the bytes of a Parquet file come from.

import { parquetInvalid } from '../errors.ts';

/** A file that is read at any place. */
export interface ParquetSource {
  readonly byteLength: number;
  /** Bytes [start, end), or fewer where the file ends before; the caller may keep them. */
  slice(start: number, end: number): ArrayBuffer | Promise<ArrayBuffer>;
}

/** Reads bytes [start, end); `where` names them in errors. Throws PARQUET_INVALID if they are not all there. */
export async function readRange(
  source: ParquetSource,
  start: number,
  end: number,
  where: string,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(await source.slice(start, end));
  if (bytes.length === end - start) return bytes;
  throw parquetInvalid(`${where} cannot be read: the file ends at byte ${start + bytes.length}`);
}
