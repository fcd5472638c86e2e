// Protobuf's values in JSON: 64-bit integers as texts or numbers, doubles with names for what JSON has no number
// for, keys in camel case or as in the .proto files, null for what is not set.

import { type RawFloat64, rawFloat64 } from '../../model/native-histogram.ts';
import { NORMAL_NAN_HIGH, NORMAL_NAN_LOW } from '../../model/stale.ts';
import type { JsonReader } from '../json-reader.ts';
import type { Count } from './model.ts';

const INTEGER = /^-?\d{1,20}$/;
const DECIMAL = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

const MAX_UINT64 = 2n ** 64n - 1n;
const MAX_INT64 = 2n ** 63n - 1n;
const NORMAL_NAN: RawFloat64 = { low: NORMAL_NAN_LOW, high: NORMAL_NAN_HIGH };

/** Calls back before the value of each member that is not null; a value that is not taken is passed over. */
export function forEachField(reader: JsonReader, take: (key: string) => boolean): void {
  reader.beginObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
    if (!reader.takeNull() && !take(camelCase(key))) reader.skip();
  }
}

/** Calls back before each item, which must be read. */
export function forEachItem(reader: JsonReader, read: () => void): void {
  reader.beginArray();
  while (reader.nextItem()) read();
}

function camelCase(key: string): string {
  if (!key.includes('_')) return key;
  return key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Passes over a value; where it starts. */
export function skipped(reader: JsonReader): number {
  reader.kind();
  const { position } = reader;
  reader.skip();
  return position;
}

/** A number, or a text that may be one. */
function digits(reader: JsonReader): string {
  return reader.kind() === 'string' ? (reader.string() ?? '') : reader.number();
}

/** The digits of an integer, with a sign if it is negative. */
function integer(reader: JsonReader): string {
  const text = digits(reader);
  if (INTEGER.test(text)) return text;
  const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
  if (!Number.isInteger(value)) reader.fail('an integer is expected');
  return BigInt(value).toString();
}

export function readInt32(reader: JsonReader): number {
  const value = Number(integer(reader));
  if (value !== (value | 0)) reader.fail('the integer is out of range');
  return value;
}

export function readUint32(reader: JsonReader): number {
  const value = Number(integer(reader));
  if (value !== value >>> 0) reader.fail('the integer is out of range');
  return value;
}

export function readCount(reader: JsonReader): Count {
  const text = integer(reader);
  const value = Number(text);
  if (value >= 0 && Number.isSafeInteger(value)) return value;
  const exact = BigInt(text);
  if (exact < 0n || exact > MAX_UINT64) reader.fail('the integer is out of range');
  return exact;
}

export interface ReadInteger {
  /** The nearest double. */
  readonly value: number;
  /** True if it is not the same. */
  readonly isRounded: boolean;
  /** As int64 in decimal. */
  readonly text: string;
}

export function readInt64(reader: JsonReader): ReadInteger {
  const text = integer(reader);
  const value = Number(text);
  if (Number.isSafeInteger(value)) return { value, isRounded: false, text: String(value + 0) };
  const exact = BigInt(text);
  if (exact > MAX_INT64 || exact < -MAX_INT64 - 1n) reader.fail('the integer is out of range');
  return { value, isRounded: BigInt(value) !== exact, text: exact.toString() };
}

export interface ReadTime {
  /** ms */
  readonly t: number;
  /** True if nanoseconds were cut off. */
  readonly isCut: boolean;
}

/** Digits of a millisecond in nanoseconds. */
const MS_DIGITS = 6;

export function readTime(reader: JsonReader): ReadTime {
  const text = integer(reader);
  if (text.startsWith('-') || BigInt.asUintN(64, BigInt(text)) !== BigInt(text)) {
    reader.fail('the time is out of range');
  }
  return {
    t: Number(text.slice(0, -MS_DIGITS)),
    isCut: /[1-9]/.test(text.slice(-MS_DIGITS)),
  };
}

export function readDouble(reader: JsonReader): number {
  const text = digits(reader);
  switch (text) {
    case 'NaN':
      return Number.NaN;
    case 'Infinity':
      return Number.POSITIVE_INFINITY;
    case '-Infinity':
      return Number.NEGATIVE_INFINITY;
    default:
      if (!DECIMAL.test(text)) reader.fail('a number is expected');
      return Number(text);
  }
}

/** The same as bits. */
export function readBits(reader: JsonReader): RawFloat64 {
  const value = readDouble(reader);
  return Number.isNaN(value) ? NORMAL_NAN : rawFloat64(value);
}

/** Numbers, but no more than `max`. */
export function readList<T>(reader: JsonReader, max: number, read: (from: JsonReader) => T): T[] {
  const list: T[] = [];
  forEachItem(reader, () => {
    const value = read(reader);
    if (list.length < max) list.push(value);
  });
  return list;
}
