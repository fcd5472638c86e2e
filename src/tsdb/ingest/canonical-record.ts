// The log's own form of a write, for everything that is not logged as it came: other protocols, and
// bodies of which a part was refused. It holds only what was accepted, so replay takes no decisions.
// Layout in docs/formats/log.md.

import type { Label, Labels } from '../../model/labels.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import { AppError } from '../../runtime/error.ts';
import type { WriteColumns } from './write-columns.ts';

const VERSION = 1;
const HEADER_BYTES = 24;
const ROW_BYTES = 28;
const EXTRA_BYTES = 32;

const EXTRA_HISTOGRAM = 1;
const EXTRA_EXEMPLAR = 2;
const FLAG_STALE = 1;

/**
 * Encodes a prepared write. `labelsOf` names the refs. Series are numbered in order of appearance:
 * header, series (a JSON list of flat name, value lists), rows, extras, metadata as JSON.
 */
export function encodeCanonicalRecord(
  columns: WriteColumns,
  labelsOf: (ref: number) => Labels,
): Uint8Array {
  const numbers = new Map<number, number>();
  const numberOf = (ref: number): number => {
    let number = numbers.get(ref);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(ref, number);
    }
    return number;
  };
  for (let i = 0; i < columns.rows; i++) numberOf(columns.refs[i]!);
  for (const op of columns.extras) numberOf(op.ref);
  const series = Buffer.from(JSON.stringify([...numbers.keys()].map((ref) => flat(labelsOf(ref)))));
  const metadata = Buffer.from(JSON.stringify(columns.metadata));

  const size =
    HEADER_BYTES +
    series.length +
    columns.rows * ROW_BYTES +
    columns.extras.length * EXTRA_BYTES +
    columns.payloadBytes +
    metadata.length;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, VERSION, true);
  view.setUint32(4, series.length, true);
  view.setUint32(8, numbers.size, true);
  view.setUint32(12, columns.rows, true);
  view.setUint32(16, columns.extras.length, true);
  view.setUint32(20, metadata.length, true);
  let at = HEADER_BYTES;
  bytes.set(series, at);
  at += series.length;
  const values = new Uint8Array(columns.v.buffer, columns.v.byteOffset, columns.rows * 8);
  for (let i = 0; i < columns.rows; i++) {
    view.setUint32(at, numberOf(columns.refs[i]!), true);
    view.setFloat64(at + 4, columns.t[i]!, true);
    view.setFloat64(at + 12, columns.hasStartT ? columns.startT[i]! : 0, true);
    bytes.set(values.subarray(i * 8, i * 8 + 8), at + 20);
    at += ROW_BYTES;
  }
  for (const op of columns.extras) {
    view.setUint8(at, op.kind === 'histogram' ? EXTRA_HISTOGRAM : EXTRA_EXEMPLAR);
    view.setUint8(at + 1, op.isStale ? FLAG_STALE : 0);
    view.setUint32(at + 4, op.row, true);
    view.setUint32(at + 8, numberOf(op.ref), true);
    view.setFloat64(at + 12, op.t, true);
    view.setFloat64(at + 20, op.startT, true);
    view.setUint32(at + 28, op.payload.length, true);
    bytes.set(op.payload, at + EXTRA_BYTES);
    at += EXTRA_BYTES + op.payload.length;
  }
  bytes.set(metadata, at);
  return bytes;
}

/**
 * Decodes into `out` (appending). `register` gives each series its ref. Throws `corrupt`
 * TSDB_CANONICAL_RECORD if the bytes cannot be such a record: the log's CRC has passed, so that is a bug.
 */
export function decodeCanonicalRecord(
  bytes: Uint8Array,
  out: WriteColumns,
  register: (labels: Labels) => number,
): void {
  const reader = new RecordReader(bytes);
  const version = reader.u32();
  if (version !== VERSION) throw corrupt(`version ${version}, want ${VERSION}`);
  const seriesBytes = reader.u32();
  const seriesCount = reader.u32();
  const rows = reader.u32();
  const extras = reader.u32();
  const metadataBytes = reader.u32();
  const names = reader.json(seriesBytes) as string[][];
  if (!Array.isArray(names) || names.length !== seriesCount) throw corrupt('series list');
  const refs = names.map((pairs) => register(unflat(pairs)));
  const refOf = (number: number): number => {
    const ref = refs[number];
    if (ref === undefined) throw corrupt(`series ${number} of ${refs.length}`);
    return ref;
  };
  const value = new Float64Array(1);
  const valueBytes = new Uint8Array(value.buffer);
  let nextRow = 0;
  const readRows = (end: number, from: RecordReader): void => {
    for (; nextRow < end; nextRow++) {
      const ref = refOf(from.u32());
      const t = from.f64();
      const startT = from.f64();
      valueBytes.set(from.take(8));
      out.addFloat(ref, t, value, 0, startT);
    }
  };
  const rowReader = new RecordReader(reader.take(rows * ROW_BYTES));
  for (let i = 0; i < extras; i++) {
    const head = new RecordReader(reader.take(EXTRA_BYTES));
    const kind = head.u8();
    const flags = head.u8();
    head.take(2);
    const row = head.u32();
    if (row > rows) throw corrupt(`row ${row} of ${rows}`);
    readRows(row, rowReader);
    const ref = refOf(head.u32());
    const t = head.f64();
    const startT = head.f64();
    const payload = reader.take(head.u32()).slice();
    if (kind === EXTRA_HISTOGRAM) {
      out.addHistogram(ref, t, startT, payload, (flags & FLAG_STALE) !== 0);
    } else if (kind === EXTRA_EXEMPLAR) out.addExemplar(ref, t, payload);
    else throw corrupt(`kind ${kind}`);
  }
  readRows(rows, rowReader);
  for (const entry of reader.json(metadataBytes) as MetricMetadata[]) out.metadata.push(entry);
}

function flat(labels: Labels): string[] {
  const strings: string[] = [];
  for (const { name, value } of labels) strings.push(name, value);
  return strings;
}

function unflat(strings: readonly string[]): Labels {
  const labels: Label[] = [];
  for (let i = 0; i + 1 < strings.length; i += 2) {
    labels.push({ name: strings[i]!, value: strings[i + 1]! });
  }
  return labels;
}

class RecordReader {
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

  json(length: number): unknown {
    try {
      return JSON.parse(Buffer.from(this.take(length)).toString('utf8'));
    } catch (error) {
      throw corrupt('JSON', error);
    }
  }

  #advance(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) {
      throw corrupt(`truncated: want ${length} bytes at ${at} of ${this.#bytes.length}`);
    }
    this.#at = at + length;
    return at;
  }
}

function corrupt(what: string, cause?: unknown): AppError {
  return new AppError('corrupt', 'TSDB_CANONICAL_RECORD', `canonical log record: ${what}`, cause);
}
