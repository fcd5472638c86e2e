// Plain twin of the kernel's remote-write scan, as oracle in tests: the same rows, slow items and
// faults, by reading one field after the other.

import {
  MAX_TIMESTAMP_MS,
  SCAN_BAD_LENGTH,
  SCAN_BAD_TAG,
  SCAN_BAD_VARINT,
  SCAN_BAD_WIRE_TYPE,
} from '../../../kernel/write-request-layout.ts';

export interface TwinRow {
  readonly ref: number;
  readonly t: number;
  /** The 64 bits. */
  readonly v: bigint;
}

export interface TwinSlowItem {
  readonly field: number;
  readonly offset: number;
  readonly length: number;
  /** Rows before it. */
  readonly row: number;
}

export type TwinScan =
  | { readonly rows: readonly TwinRow[]; readonly slow: readonly TwinSlowItem[] }
  | { readonly fault: number; readonly offset: number };

interface Field {
  readonly number: number;
  readonly wireType: number;
  /** The tag takes one byte, as every sender writes it. */
  readonly plain: boolean;
  readonly start: number;
  /** Of what comes after the tag (and the length). */
  readonly payload: number;
  readonly end: number;
}

/** Thrown inside this file only. */
class Malformed extends Error {
  readonly fault: number;
  constructor(fault: number) {
    super();
    this.fault = fault;
  }
}

/** Scans a decoded body; `refOf` is asked for the run of labels that a series begins with. */
export function scanTwin(
  body: Uint8Array,
  refOf: (labels: Uint8Array) => number | undefined,
): TwinScan {
  const rows: TwinRow[] = [];
  const slow: TwinSlowItem[] = [];
  let at = 0;
  const visit = (start: number): void => {
    at = start;
  };
  try {
    for (const field of fieldsOf(body, 0, body.length, visit)) {
      if (field.number !== 1 && field.number !== 3) continue;
      if (field.wireType !== 2) throw new Malformed(SCAN_BAD_WIRE_TYPE);
      const series = field.number === 1 ? rowsOf(body, field, refOf, visit) : undefined;
      if (series !== undefined) {
        rows.push(...series);
      } else {
        const { number, payload, end } = field;
        slow.push({ field: number, offset: payload, length: end - payload, row: rows.length });
      }
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { fault: error.fault, offset: at };
  }
  return { rows, slow };
}

/** Labels that `seriesLabelsLength` of the kernel would take as the identity of a series. */
export function seriesLabels(series: Uint8Array): Uint8Array | undefined {
  const fields = [...fieldsOf(series, 0, series.length, () => {})];
  const others = fields.slice(runOfLabels(fields));
  if (others.some((field) => field.number === 1)) return undefined;
  const labels = series.subarray(0, others[0]?.start ?? series.length);
  return labels.length === 0 ? undefined : labels;
}

/** Rows of a simple series of known labels, else undefined. Faults in any series are thrown. */
function rowsOf(
  body: Uint8Array,
  series: Field,
  refOf: (labels: Uint8Array) => number | undefined,
  visit: (start: number) => void,
): TwinRow[] | undefined {
  const fields: Field[] = [];
  const samples = new Map<Field, Field[]>();
  for (const field of fieldsOf(body, series.payload, series.end, visit)) {
    fields.push(field);
    if (!isPlain(field, 2, 2)) continue;
    samples.set(field, [...fieldsOf(body, field.payload, field.end, visit)]);
  }
  const labelCount = runOfLabels(fields);
  const rest = fields.slice(labelCount);
  if (labelCount === 0 || rest.length === 0) return undefined;
  const ref = refOf(body.subarray(series.payload, rest[0]!.start));
  if (ref === undefined) return undefined;
  const rows: TwinRow[] = [];
  for (const field of rest) {
    const row = rowOf(body, ref, samples.get(field));
    if (row === undefined) return undefined;
    rows.push(row);
  }
  return rows;
}

function rowOf(body: Uint8Array, ref: number, sample: Field[] | undefined): TwinRow | undefined {
  if (sample === undefined) return undefined;
  let t = 0n;
  let v = 0n;
  for (const field of sample) {
    if (isPlain(field, 1, 1)) v = littleEndian(body.subarray(field.payload, field.end));
    else if (isPlain(field, 2, 0)) t = BigInt.asIntN(64, varintAt(body, field.payload));
    else return undefined;
  }
  const limit = BigInt(MAX_TIMESTAMP_MS);
  return t > limit || t < -limit ? undefined : { ref, t: Number(t), v };
}

function runOfLabels(fields: readonly Field[]): number {
  const other = fields.findIndex((field) => !isPlain(field, 1, 2));
  return other < 0 ? fields.length : other;
}

function isPlain(field: Field, number: number, wireType: number): boolean {
  return field.plain && field.number === number && field.wireType === wireType;
}

/** The fields of a message one by one. `visit` is told where each starts before it is looked at. */
function* fieldsOf(
  body: Uint8Array,
  start: number,
  end: number,
  visit: (start: number) => void,
): Generator<Field> {
  for (let p = start; p < end; ) {
    visit(p);
    const tagEnd = varintEnd(body, p, end);
    const tag = varintAt(body, p);
    if (tag >= 2n ** 32n || tag < 8n) throw new Malformed(SCAN_BAD_TAG);
    const wireType = Number(tag & 7n);
    let payload = tagEnd;
    let size = 0;
    if (wireType === 0) {
      size = varintEnd(body, tagEnd, end) - tagEnd;
    } else if (wireType === 1) {
      size = 8;
    } else if (wireType === 5) {
      size = 4;
    } else if (wireType === 2) {
      payload = varintEnd(body, tagEnd, end);
      size = Number(varintAt(body, tagEnd));
    } else {
      throw new Malformed(SCAN_BAD_WIRE_TYPE);
    }
    if (size > end - payload) throw new Malformed(SCAN_BAD_LENGTH);
    const next = payload + size;
    const number = Number(tag >> 3n);
    yield { number, wireType, plain: tagEnd === p + 1, start: p, payload, end: next };
    p = next;
  }
}

function varintEnd(body: Uint8Array, start: number, end: number): number {
  for (let p = start; p < end && p < start + 10; p++) {
    // The tenth byte has room for one bit.
    if (body[p]! < (p === start + 9 ? 2 : 0x80)) return p + 1;
  }
  throw new Malformed(SCAN_BAD_VARINT);
}

function varintAt(body: Uint8Array, start: number): bigint {
  let value = 0n;
  for (let p = start; ; p++) {
    value |= BigInt(body[p]! & 0x7f) << BigInt(7 * (p - start));
    if (body[p]! < 0x80) return value;
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
