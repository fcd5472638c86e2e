// The second part of a line, exactly as InfluxDB reads it: first a check from end to end, then a cut into
// names and values. Both have their own idea of what a backslash escapes.

import { decodeUtf8, type StringCache } from '../string-cache.ts';
import { LOWER_I, parseBoolean, scanBoolean, scanNumber } from './number.ts';
import { FieldKind, type LinePoint } from './point.ts';
import { asciiText, Byte, isDigit, isEscaped } from './scan.ts';
import { decodePart, keyTooLong, MAX_KEY_BYTES, unescapeFieldKey } from './series-key.ts';

/** InfluxDB's storage puts this much between a series key and a field's name. */
const KEY_SEPARATOR_BYTES = 4;

/** Where the fields that begin at `start` end, or what is wrong with them. */
export function scanFields(bytes: Uint8Array, start: number, end: number): number | string {
  let isQuoted = false;
  let equals = 0;
  let commas = 0;
  let i = start;
  while (i < end) {
    const byte = bytes[i]!;
    if (byte === Byte.backslash && i + 1 < end) {
      i += 2;
      continue;
    }
    if (byte === Byte.quote && equals > commas) {
      isQuoted = !isQuoted;
    } else if (!isQuoted) {
      if (byte === Byte.space) break;
      if (byte === Byte.comma) commas++;
      if (byte === Byte.equals) {
        equals++;
        const valueEnd = scanValue(bytes, i, end);
        if (typeof valueEnd === 'string') return valueEnd;
        if (valueEnd > i) {
          i = valueEnd;
          continue;
        }
      }
    }
    i++;
  }
  if (isQuoted) return 'unbalanced quotes';
  return equals === 0 || commas !== equals - 1 ? 'invalid field format' : i;
}

/** Where a number or boolean behind the equals sign ends; the sign itself before a string. */
function scanValue(bytes: Uint8Array, equals: number, end: number): number | string {
  const before = bytes[equals - 1];
  if ((before === Byte.space || before === Byte.comma) && bytes[equals - 2] !== Byte.backslash) {
    return 'missing field key';
  }
  const at = equals + 1;
  if (at >= end) return 'missing field value';
  const first = bytes[at]!;
  if (first === Byte.comma || first === Byte.space) return 'missing field value';
  if (first === Byte.quote) return equals;
  return startsNumber(first) ? scanNumber(bytes, at, end) : scanBoolean(bytes, at, end);
}

/** `N` for NaN, which is then refused. */
function startsNumber(byte: number): boolean {
  return (
    isDigit(byte) || byte === Byte.dot || byte === Byte.minus || byte === 0x4e || byte === 0x6e
  );
}

/** Cuts scanned fields and adds them to the point; what is wrong with them, if anything is. */
export function decodeFields(
  bytes: Uint8Array,
  start: number,
  end: number,
  keyBytes: number,
  point: LinePoint,
  strings: StringCache,
): string | undefined {
  let i = start;
  while (i < end) {
    const keyStart = i;
    while (i < end && (bytes[i] !== Byte.equals || (i > keyStart && isEscaped(bytes, i)))) i++;
    if (i > end - 2) {
      return `invalid value: field-key=${asciiText(bytes, keyStart, Math.min(i, end))}`;
    }
    const size = keyBytes + KEY_SEPARATOR_BYTES + (i - keyStart);
    if (size > MAX_KEY_BYTES) return keyTooLong(size);
    const name = decodePart(bytes, keyStart, i, strings, unescapeFieldKey);
    if (name === undefined) return 'invalid UTF-8';
    if (name === '') return 'missing field key';
    const valueStart = i + 1;
    i = findValueEnd(bytes, valueStart, end);
    const problem = setValue(bytes, valueStart, i, name, point);
    if (problem !== undefined) return problem;
    i++;
  }
  return point.fieldCount === 0 ? 'missing fields' : undefined;
}

function findValueEnd(bytes: Uint8Array, start: number, end: number): number {
  let isQuoted = false;
  let i = start;
  while (i < end) {
    const byte = bytes[i];
    const next = bytes[i + 1];
    if (
      byte === Byte.backslash &&
      i + 1 < end &&
      (next === Byte.quote || next === Byte.backslash)
    ) {
      i += 2;
      continue;
    }
    if (byte === Byte.quote) isQuoted = !isQuoted;
    else if (byte === Byte.comma && !isQuoted) break;
    i++;
  }
  return Math.min(i, end);
}

function setValue(
  bytes: Uint8Array,
  start: number,
  end: number,
  name: string,
  point: LinePoint,
): string | undefined {
  if (bytes[start] === Byte.quote) {
    const text = end - start < 2 ? '' : decodeUtf8(bytes, start + 1, end - 1);
    if (text === undefined) return 'invalid UTF-8';
    point.setField(name, FieldKind.string, 0, undefined, unescapeString(text));
    return undefined;
  }
  if (end > start && startsNumber(bytes[start]!)) {
    if (bytes[end - 1] !== LOWER_I) {
      const value = Number(asciiText(bytes, start, end));
      if (Number.isNaN(value)) return 'invalid number';
      point.setField(name, FieldKind.float, value, undefined, '');
      return undefined;
    }
    const text = asciiText(bytes, start, end - 1);
    if (!/^-?\d+$/.test(text)) return 'invalid number';
    const value = Number(text);
    const exact = Number.isSafeInteger(value) ? undefined : BigInt(text);
    // An integer has no negative zero.
    point.setField(name, FieldKind.integer, value + 0, exact, '');
    return undefined;
  }
  const value = parseBoolean(bytes, start, end);
  if (value === undefined) return 'invalid boolean';
  point.setField(name, FieldKind.boolean, Number(value), undefined, '');
  return undefined;
}

/** Only quotes and backslashes are escaped in strings. */
function unescapeString(text: string): string {
  return text.includes('\\') ? text.replaceAll(/\\(["\\])/g, '$1') : text;
}
