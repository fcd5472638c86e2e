// Values of fields that are numbers or booleans: what InfluxDB accepts, to the byte.

import { asciiText, Byte, isDigit } from './scan.ts';

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

const LOWER_E = 0x65;
const UPPER_E = 0x45;
/** Ends an integer. */
export const LOWER_I = 0x69;

/** Longer floats are checked against their range, like all with an exponent. */
export const LONG_FLOAT_BYTES = 25;
/** int64 has 19 digits. */
const LONG_INTEGER_BYTES = 19;

/** Where the number that begins at `start` ends, or what is wrong with it. */
export function scanNumber(bytes: Uint8Array, start: number, end: number): number | string {
  let i = start;
  if (bytes[i] === Byte.minus) {
    i++;
    if (i === end) return 'invalid number';
  }
  let isInteger = false;
  let isDecimal = false;
  let isScientific = false;
  for (; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === Byte.comma || byte === Byte.space) break;
    if (isDigit(byte)) continue;
    if (byte === LOWER_I && i > start && !isInteger) isInteger = true;
    else if (byte === Byte.dot && !isDecimal) isDecimal = true;
    else if ((byte === LOWER_E || byte === UPPER_E) && i > start) isScientific = true;
    else if (!isSignOfExponent(bytes, i)) return 'invalid number';
  }
  if (isInteger && (isDecimal || isScientific)) return 'invalid number';
  const isNegative = bytes[start] === Byte.minus;
  const digits = i - start - Number(isInteger) - Number(isDecimal) - Number(isNegative);
  if (digits === 0) return 'invalid number';
  if (isInteger) {
    if (bytes[i - 1] !== LOWER_I) return 'invalid number';
    return integerProblem(bytes, start, i - 1) ?? i;
  }
  if (isScientific || i - start >= LONG_FLOAT_BYTES) {
    if (!Number.isFinite(Number(asciiText(bytes, start, i)))) return 'invalid float';
  }
  return i;
}

function isSignOfExponent(bytes: Uint8Array, at: number): boolean {
  const before = bytes[at - 1];
  return (
    (bytes[at] === Byte.minus || bytes[at] === 0x2b) && (before === LOWER_E || before === UPPER_E)
  );
}

function integerProblem(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start < LONG_INTEGER_BYTES) return undefined;
  const text = asciiText(bytes, start, end);
  const value = BigInt(text);
  return value >= MIN_INT64 && value <= MAX_INT64
    ? undefined
    : `unable to parse integer ${text}: strconv.ParseInt: parsing "${text}": value out of range`;
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['t', true],
  ['T', true],
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['f', false],
  ['F', false],
  ['false', false],
  ['False', false],
  ['FALSE', false],
]);

/** Where the boolean that begins at `start` ends, or what is wrong with it. */
export function scanBoolean(bytes: Uint8Array, start: number, end: number): number | string {
  let i = start;
  while (i < end && bytes[i] !== Byte.comma && bytes[i] !== Byte.space) i++;
  return parseBoolean(bytes, start, i) === undefined ? 'invalid boolean' : i;
}

export function parseBoolean(bytes: Uint8Array, start: number, end: number): boolean | undefined {
  return end - start > 5 ? undefined : BOOLEANS.get(asciiText(bytes, start, end));
}
