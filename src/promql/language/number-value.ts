// Values of number and duration literals, as Go's strconv and Prometheus' ParseDuration give them.

import { quote } from '../../model/go-text.ts';

/** What is wrong with a literal. */
export interface LiteralError {
  readonly why: string;
}

const INTEGER = /^(?:0[xX]_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|0(?:_?[0-7])*|[1-9][0-9]*(?:_[0-9]+)*)$/;
const FLOAT =
  /^(?:[0-9]+(?:_[0-9]+)*(?:\.(?:[0-9]+(?:_[0-9]+)*)?)?|\.[0-9]+(?:_[0-9]+)*)(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/;
const MAX_INT64 = 2n ** 63n - 1n;

/** Value of a number token: an integer in Go's notation (`0755` is octal) or a float, Inf, NaN. */
export function numberValue(text: string): number | LiteralError {
  const word = text.toLowerCase();
  if (word === 'inf') return Number.POSITIVE_INFINITY;
  if (word === 'nan') return Number.NaN;
  if (INTEGER.test(text)) {
    const digits = text.replaceAll('_', '');
    const isOctal = /^0[0-9]/.test(digits);
    const value = BigInt(isOctal ? `0o${digits.slice(1)}` : digits);
    if (value <= MAX_INT64) return Number(value);
  }
  if (!FLOAT.test(text)) return floatError(text, 'invalid syntax');
  const value = Number(text.replaceAll('_', ''));
  return Number.isFinite(value) ? value : floatError(text, 'value out of range');
}

function floatError(text: string, why: string): LiteralError {
  return { why: `error parsing number: strconv.ParseFloat: parsing ${quote(text)}: ${why}` };
}

const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['y', 365 * 86_400_000],
  ['w', 7 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
]);

/** 2^63 − 1 ns, the longest duration of Go, in ms. */
const MAX_DURATION_MS = 9_223_372_036_854;

/** Value of a duration token (`1h30m`) in ms: units from big to small, each at most once. */
export function durationValue(text: string): number | LiteralError {
  let totalMs = 0;
  let lastMs = Number.POSITIVE_INFINITY;
  let rest = text;
  while (rest !== '') {
    const [part, digits, unit] = /^([0-9]*)([^0-9]*)/.exec(rest) as unknown as [
      string,
      string,
      string,
    ];
    if (digits === '' || unit === '') return { why: `not a valid duration string: ${quote(text)}` };
    const unitMs = UNITS_MS.get(unit);
    if (unitMs === undefined) {
      return { why: `unknown unit ${quote(unit)} in duration ${quote(text)}` };
    }
    // Not a number of 64 bits.
    if (Number(digits) >= 2 ** 64 || unitMs >= lastMs) {
      return { why: `not a valid duration string: ${quote(text)}` };
    }
    totalMs += Number(digits) * unitMs;
    if (totalMs > MAX_DURATION_MS) return { why: 'duration out of range' };
    lastMs = unitMs;
    rest = rest.slice(part.length);
  }
  return totalMs;
}
