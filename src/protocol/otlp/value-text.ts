// Values of attributes as the texts that labels hold. Prometheus prints them with the OpenTelemetry Collector's
// library: scalars plainly, lists and maps as JSON in Go's manner. The same texts keep series the same.

import { compareStrings } from '../../model/labels.ts';

/** A double: shortest digits, exponents from 1e21 on and below 1e-6. */
export function doubleText(value: number): string {
  if (Object.is(value, -0)) return '-0';
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

/** A bound of a bucket or a quantile: shortest digits, never an exponent. */
export function boundText(value: number): string {
  const text = doubleText(value);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (match === null) return text;
  const [, sign, first, rest = '', exponentText] = match;
  const digits = `${first}${rest}`;
  const exponent = Number(exponentText);
  return exponent < 0
    ? `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
    : `${sign}${digits}${'0'.repeat(exponent - rest.length)}`;
}

/** A text in JSON; Go escapes the two separators that JavaScript once took for line ends. */
export function stringJson(text: string): string {
  return JSON.stringify(text).replace(
    /[\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** JSON has no numbers for what is not finite: those become texts. */
export function doubleJson(value: number): string {
  return Number.isFinite(value) ? doubleText(value) : `"${doubleText(value)}"`;
}

export function listJson(items: readonly string[]): string {
  return `[${items.join(',')}]`;
}

/** Keys sorted; of equal keys the last stays. */
export function mapJson(entries: readonly (readonly [key: string, json: string])[]): string {
  const sorted = [...new Map(entries)].sort(([a], [b]) => compareStrings(a, b));
  return `{${sorted.map(([key, json]) => `${stringJson(key)}:${json}`).join(',')}}`;
}
