// Reads the bytes of a canonical log record, and what its versions have in common. The log's checksum has passed, so
// whatever is wrong here is a bug: `corrupt` TSDB_CANONICAL_RECORD.

import { AppError } from '../../runtime/error.ts';
import type { ExtraOp, WriteColumns } from './write-columns.ts';

const EXTRA_BYTES = 32;
const EXTRA_HISTOGRAM = 1;
const EXTRA_EXEMPLAR = 2;
const FLAG_STALE = 1;

export class RecordReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#advance(8), true);
  }

  take(length: number): Uint8Array {
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** A copied column, whatever its place in memory. */
  u32s(count: number): Uint32Array {
    const bytes = this.take(count * 4);
    const copy = new Uint32Array(count);
    new Uint8Array(copy.buffer).set(bytes);
    return copy;
  }

  /** The same of eight raw bytes each. */
  f64s(count: number): Float64Array {
    const bytes = this.take(count * 8);
    const copy = new Float64Array(count);
    new Uint8Array(copy.buffer).set(bytes);
    return copy;
  }

  /** A list as JSON. */
  list(length: number): readonly unknown[] {
    const text = Buffer.from(this.take(length)).toString('utf8');
    try {
      const list: unknown = JSON.parse(text);
      if (Array.isArray(list)) return list;
    } catch (error) {
      throw corruptRecord('JSON', error);
    }
    throw corruptRecord('no list');
  }

  #advance(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) {
      throw corruptRecord(`truncated: want ${length} bytes at ${at} of ${this.#bytes.length}`);
    }
    this.#at = at + length;
    return at;
  }
}

export function corruptRecord(what: string, cause?: unknown): AppError {
  return new AppError('corrupt', 'TSDB_CANONICAL_RECORD', `canonical log record: ${what}`, cause);
}

/** Bytes of all extras. */
export function extrasBytes({ extras, payloadBytes }: WriteColumns): number {
  return extras.length * EXTRA_BYTES + payloadBytes;
}

/** Writes a histogram or an exemplar; answers where the next one goes. */
export function writeExtra(bytes: Uint8Array, at: number, op: ExtraOp, series: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, EXTRA_BYTES);
  view.setUint8(0, op.kind === 'histogram' ? EXTRA_HISTOGRAM : EXTRA_EXEMPLAR);
  view.setUint8(1, op.isStale ? FLAG_STALE : 0);
  view.setUint32(4, op.row, true);
  view.setUint32(8, series, true);
  view.setFloat64(12, op.t, true);
  view.setFloat64(20, op.startT, true);
  view.setUint32(28, op.payload.length, true);
  bytes.set(op.payload, at + EXTRA_BYTES);
  return at + EXTRA_BYTES + op.payload.length;
}

/**
 * Reads extras into `out`, each behind the rows that came before it: `addRows` is asked to add up to that row.
 * `refOf` names a series by its number.
 */
export function readExtras(
  reader: RecordReader,
  count: number,
  rows: number,
  out: WriteColumns,
  refOf: (number: number) => number,
  addRows: (end: number) => void,
): void {
  for (let i = 0; i < count; i++) {
    const kind = reader.u8();
    const flags = reader.u8();
    reader.take(2);
    const row = reader.u32();
    if (row > rows) throw corruptRecord(`row ${row} of ${rows}`);
    addRows(row);
    const ref = refOf(reader.u32());
    const t = reader.f64();
    const startT = reader.f64();
    const payload = reader.take(reader.u32()).slice();
    if (kind === EXTRA_HISTOGRAM) {
      out.addHistogram(ref, t, startT, payload, (flags & FLAG_STALE) !== 0);
    } else if (kind === EXTRA_EXEMPLAR) out.addExemplar(ref, t, payload);
    else throw corruptRecord(`kind ${kind}`);
  }
  addRows(rows);
}
