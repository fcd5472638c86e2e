// The one-pass way through a plain line. Whatever it does not know for certain it leaves to the exact way.

import { SeriesCursor } from '../series-cursor.ts';
import { hashKey, type SeriesTable } from '../series-table.ts';
import type { StringCache } from '../string-cache.ts';
import { LONG_FLOAT_BYTES, LOWER_I } from './number.ts';
import { FieldKind, type LinePoint, type LineSeries } from './point.ts';
import { asciiText, Byte } from './scan.ts';
import { decodeKey, MAX_KEY_BYTES, scanKey } from './series-key.ts';
import { type Precision, splitTime } from './timestamp.ts';

/** Digits that a double holds exactly. */
const MAX_EXACT_DIGITS = 15;

/** Lines with more fields have names looked up. */
const MAX_EXPECTED = 1024;

const POWERS_OF_TEN: readonly number[] = Array.from({ length: 23 }, (_, i) => 10 ** i);

/** Of a timestamp: its last digits that are less than a millisecond, and milliseconds of the rest's unit. */
const SCALES: Readonly<
  Record<Precision, { readonly restDigits: number; readonly unitMs: number }>
> = {
  n: { restDigits: 6, unitMs: 1 },
  u: { restDigits: 3, unitMs: 1 },
  ms: { restDigits: 0, unitMs: 1 },
  s: { restDigits: 0, unitMs: 1_000 },
  m: { restDigits: 0, unitMs: 60_000 },
  h: { restDigits: 0, unitMs: 3_600_000 },
};

/** Within int64 nanoseconds whatever follows. */
const MAX_SAFE_TIME_MS = 9_223_372_036_853;

export class FastLine {
  readonly #names: StringCache;
  readonly #cache: SeriesTable<LineSeries>;
  readonly #cursor: SeriesCursor<LineSeries>;
  #restDigits = 0;
  #restScale = 1;
  #unitMs = 1;
  #fallbackMs = 0;
  #fallbackRestNs = 0;
  /** By place: the name of the field that a line had there last, '' if it is not ASCII; looked for before any other. */
  readonly #expectedNames: string[] = [];
  /** Set by #number. */
  #value = 0;
  #isInteger = false;

  constructor(names: StringCache, cache: SeriesTable<LineSeries>) {
    this.#names = names;
    this.#cache = cache;
    this.#cursor = new SeriesCursor(cache);
  }

  begin(precision: Precision, fallbackNs: bigint): void {
    const { restDigits, unitMs } = SCALES[precision];
    this.#restDigits = restDigits;
    this.#restScale = 10 ** (6 - restDigits);
    this.#unitMs = unitMs;
    const { timeMs, restNs } = splitTime(fallbackNs);
    this.#fallbackMs = timeMs;
    this.#fallbackRestNs = restNs;
  }

  /** Decodes the line at `start`; answers where the next begins, or 0 if the line is not a plain one. */
  decode(bytes: Uint8Array, view: DataView, start: number, end: number, point: LinePoint): number {
    let i = this.#cursor.endOfExpected(view, start);
    let series: LineSeries | undefined;
    if (i >= 0 && i < end && bytes[i] === Byte.space) series = this.#cursor.takeExpected();
    else {
      i = plainKeyEnd(bytes, start, end);
      if (i === start || i === end || bytes[start] === Byte.hash) return 0;
      series = this.#seriesOf(bytes, view, start, i);
      if (series === undefined) return 0;
    }
    point.begin(series);
    const room = MAX_KEY_BYTES - 4 - (i - start);
    do {
      i = this.#field(bytes, i + 1, end, room, point);
      if (i === 0) return 0;
    } while (i < end && bytes[i] === Byte.comma);
    return this.#time(bytes, i, end, point);
  }

  #seriesOf(bytes: Uint8Array, view: DataView, start: number, end: number): LineSeries | undefined {
    const known = this.#cursor.find(view, start, end);
    if (known !== undefined) return known;
    // The space behind the key is part of what is scanned.
    const scan = scanKey(bytes, start, end + 1);
    if (typeof scan === 'string') return undefined;
    const series = decodeKey(bytes, start, scan, this.#names);
    if (typeof series === 'string') return undefined;
    this.#cache.add(view, start, end, hashKey(view, start, end), series);
    return series;
  }

  /** Adds the field at `start`; answers where it ends, 0 if it is not plain. */
  #field(bytes: Uint8Array, start: number, end: number, room: number, point: LinePoint): number {
    const place = point.fieldCount;
    let name: string | undefined = this.#expectedNames[place] ?? '';
    let i = endOfName(bytes, start, end, name);
    if (i < 0) {
      i = plainNameEnd(bytes, start, end);
      if (i < 0) return 0;
      name = this.#names.decode(bytes, start, i);
      if (name === undefined) return 0;
      // Only ASCII has as many characters as bytes.
      if (place < MAX_EXPECTED) this.#expectedNames[place] = name.length === i - start ? name : '';
    }
    if (i - start > room || i + 1 >= end) return 0;
    i++;
    const first = bytes[i]!;
    if (first === 0x74 || first === 0x66 || first === 0x54 || first === 0x46) {
      // t, f, T, F by themselves.
      i++;
      if (i < end && bytes[i] !== Byte.comma && bytes[i]! > Byte.space) return 0;
      const value = first === 0x74 || first === 0x54 ? 1 : 0;
      point.setField(name, FieldKind.boolean, value, undefined, '');
      return i;
    }
    i = this.#number(bytes, i, end);
    if (i === 0) return 0;
    const kind = this.#isInteger ? FieldKind.integer : FieldKind.float;
    point.setField(name, kind, this.#value, undefined, '');
    return i;
  }

  /** Reads a number without an exponent; answers where it ends, or 0. */
  #number(bytes: Uint8Array, start: number, end: number): number {
    const isNegative = bytes[start] === Byte.minus;
    let i = isNegative ? start + 1 : start;
    const firstDigit = i;
    let mantissa = 0;
    let decimals = 0;
    let dots = 0;
    for (; i < end; i++) {
      const digit = bytes[i]! - Byte.zero;
      if (digit >= 0 && digit <= 9) {
        mantissa = mantissa * 10 + digit;
        decimals += dots;
      } else if (digit === Byte.dot - Byte.zero && dots === 0) {
        dots = 1;
      } else {
        break;
      }
    }
    const numberEnd = i;
    const digits = i - firstDigit - dots;
    if (digits === 0) return 0;
    this.#isInteger = i < end && bytes[i] === LOWER_I;
    if (this.#isInteger) {
      if (dots > 0 || digits > MAX_EXACT_DIGITS) return 0;
      i++;
    }
    // A control character may end the line, or may not.
    if (i < end && bytes[i] !== Byte.comma && bytes[i]! > Byte.space) return 0;
    if (digits > MAX_EXACT_DIGITS) {
      if (numberEnd - start >= LONG_FLOAT_BYTES) return 0;
      this.#value = Number(asciiText(bytes, start, numberEnd));
      return i;
    }
    // One division of two exact numbers is rounded once, as the text itself would be.
    const value = decimals === 0 ? mantissa : mantissa / POWERS_OF_TEN[decimals]!;
    this.#value = isNegative && !(this.#isInteger && value === 0) ? -value : value;
    return i;
  }

  /** Reads the timestamp and the line's end; answers where the next line begins, or 0. */
  #time(bytes: Uint8Array, start: number, end: number, point: LinePoint): number {
    let i = start;
    while (i < end && bytes[i] === Byte.space) i++;
    const isNegative = i < end && bytes[i] === Byte.minus;
    if (isNegative) i++;
    const first = i;
    while (i < end && bytes[i]! >= Byte.zero && bytes[i]! <= Byte.nine) i++;
    const digits = i - first;
    if (digits === 0) {
      if (isNegative) return 0;
      point.timeMs = this.#fallbackMs;
      point.restNs = this.#fallbackRestNs;
    } else if (!this.#setTime(bytes, first, digits, isNegative, point)) {
      return 0;
    }
    while (i < end && bytes[i] === Byte.space) i++;
    if (i < end && bytes[i] === Byte.carriageReturn) i++;
    if (i === end) return end;
    return bytes[i] === Byte.newline ? i + 1 : 0;
  }

  #setTime(
    bytes: Uint8Array,
    first: number,
    digits: number,
    isNegative: boolean,
    point: LinePoint,
  ): boolean {
    const wholeDigits = digits - this.#restDigits;
    if (wholeDigits > MAX_EXACT_DIGITS) return false;
    const split = first + Math.max(wholeDigits, 0);
    let whole = 0;
    for (let i = first; i < split; i++) whole = whole * 10 + (bytes[i]! - Byte.zero);
    let rest = 0;
    for (let i = split; i < first + digits; i++) rest = rest * 10 + (bytes[i]! - Byte.zero);
    whole *= this.#unitMs;
    rest *= this.#restScale;
    if (whole > MAX_SAFE_TIME_MS) return false;
    if (isNegative) {
      // Rounded down, with the rest counted up from there.
      point.timeMs = rest === 0 ? 0 - whole : -whole - 1;
      point.restNs = rest === 0 ? 0 : 1_000_000 - rest;
    } else {
      point.timeMs = whole;
      point.restNs = rest;
    }
    return true;
  }
}

/** Where the name of a field ends, at its equals sign; -1 if it is empty or there is anything unusual in it. */
function plainNameEnd(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  for (; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === Byte.equals) break;
    if (byte <= Byte.quote || byte === Byte.comma || byte === Byte.backslash) return -1;
  }
  return i === start ? -1 : i;
}

/** The same if the name is this one, which is ASCII; else -1. */
function endOfName(bytes: Uint8Array, start: number, end: number, name: string): number {
  const nameEnd = start + name.length;
  if (nameEnd === start || nameEnd >= end || bytes[nameEnd] !== Byte.equals) return -1;
  for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name.charCodeAt(i)) return -1;
  return nameEnd;
}

/** Where the key ends that begins at `start`, at a space; `end` if there is anything unusual in it. */
function plainKeyEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === Byte.space) return i;
    if (byte < Byte.space || byte === Byte.backslash) return end;
  }
  return end;
}
