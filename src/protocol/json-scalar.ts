// Values of JSON that senders write now as one kind, now as another: numbers as strings, texts as numbers.

import { isRoundedInteger } from './decimal.ts';
import type { JsonReader } from './json-reader.ts';

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const SPECIAL = /^([+-]?)(?:(inf(?:inity)?)|nan)$/i;

const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;

/** A number as it was written. */
export interface WrittenNumber {
  readonly value: number;
  /** True if it was written as an integer that no double is. */
  readonly isRounded: boolean;
}

const NOT_A_NUMBER: WrittenNumber = { value: Number.NaN, isRounded: false };

/** Text of a string, number or truth value; anything else is passed over and undefined. */
export function readText(reader: JsonReader): string | undefined {
  switch (reader.kind()) {
    case 'string':
      return reader.string();
    case 'number':
      return reader.number();
    case 'true':
    case 'false':
      return String(reader.bool());
    default:
      reader.skip();
      return undefined;
  }
}

/** The number at hand, be it one or a text that is one, null as NaN; anything else is passed over and undefined. */
export function readNumber(reader: JsonReader): WrittenNumber | undefined {
  if (reader.takeNull()) return NOT_A_NUMBER;
  const kind = reader.kind();
  if (kind !== 'number' && kind !== 'string') {
    reader.skip();
    return undefined;
  }
  const text = kind === 'number' ? reader.number() : reader.string();
  return text === undefined ? undefined : numberOf(text);
}

/** The number that a text is; undefined if it is none. */
export function numberOf(text: string): WrittenNumber | undefined {
  if (DECIMAL.test(text)) {
    const value = Number(text);
    return { value, isRounded: /^[+-]?\d{16,800}$/.test(text) && isRoundedInteger(text, value) };
  }
  const special = SPECIAL.exec(text);
  if (special === null) return undefined;
  const value = special[2] === undefined ? Number.NaN : Number.POSITIVE_INFINITY;
  return { value: special[1] === '-' ? -value : value, isRounded: false };
}

/** True if a number that `DecimalReader` has read is one of JSON's, which knows fewer. */
export function isJsonNumber(
  bytes: Uint8Array,
  start: number,
  end: number,
  isInteger: boolean,
): boolean {
  const first = bytes[start] === MINUS ? start + 1 : start;
  const digit = bytes[first]!;
  if (digit < ZERO || digit > ZERO + 9) return false;
  const second = bytes[first + 1]!;
  if (digit === ZERO && second >= ZERO && second <= ZERO + 9) return false;
  if (isInteger) return true;
  for (let i = first; i < end; i++) {
    if (bytes[i] !== DOT) continue;
    const next = bytes[i + 1]!;
    return i + 1 < end && next >= ZERO && next <= ZERO + 9;
  }
  return true;
}
