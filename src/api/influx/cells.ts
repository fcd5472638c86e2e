// Values of answers as texts.

import { type Cell, type CellType, nsOf, type Time } from '../../influxql/index.ts';
import { offsetAt, printTime } from '../../protocol/influxql/index.ts';

/** How times are written: as texts, or as whole numbers of a unit. */
export type Epoch = 'text' | 'n' | 'u' | 'ms' | 's' | 'm' | 'h';

/** What `epoch` asks for: '' is texts, anything unknown nanoseconds. */
export function parseEpoch(text: string): Epoch {
  switch (text) {
    case '':
      return 'text';
    case 'u':
    case 'ms':
    case 's':
    case 'm':
    case 'h':
      return text;
    default:
      return 'n';
  }
}

const DIVISORS: Readonly<Record<Exclude<Epoch, 'text'>, bigint>> = {
  n: 1n,
  u: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** Nanoseconds of a unit. */
export function divisorOf(epoch: Exclude<Epoch, 'text'>): bigint {
  return DIVISORS[epoch];
}

/** A whole number. */
export function printEpoch(time: Time, epoch: Exclude<Epoch, 'text'>): string {
  if (typeof time === 'number') {
    switch (epoch) {
      case 'n':
        return time === 0 ? '0' : `${time}000000`;
      case 'u':
        return time === 0 ? '0' : `${time}000`;
      case 'ms':
        return String(time);
      case 's':
        return String(Math.trunc(time / 1000) + 0);
      default:
    }
  }
  return (nsOf(time) / DIVISORS[epoch]).toString();
}

/** RFC 3339, in UTC unless there is a zone. */
export function printRfc3339(time: Time, timeZone: string | undefined): string {
  const ms = typeof time === 'number' ? time : Number(time / 1_000_000n);
  const offsetMs = timeZone === undefined || timeZone === 'UTC' ? 0 : offsetAt(ms, timeZone);
  if (offsetMs === 0) return printUtc(time);
  const local = printUtc(
    typeof time === 'number' ? time + offsetMs : time + BigInt(offsetMs) * 1_000_000n,
  );
  const minutes = Math.abs(Math.trunc(offsetMs / 60_000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const sign = offsetMs < 0 ? '-' : '+';
  return `${local.slice(0, -1)}${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

const MAX_DATE_MS = 253_402_300_800_000;

function printUtc(time: Time): string {
  if (typeof time !== 'number' || time < 0 || time >= MAX_DATE_MS) return printTime(nsOf(time));
  const text = new Date(time).toISOString();
  if (time % 1000 === 0) return `${text.slice(0, 19)}Z`;
  return text.replace(/0+Z$/, 'Z');
}

/** A number as JSON has it; undefined for what it cannot say. */
export function printNumber(value: number, type: CellType): string | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (Object.is(value, -0)) return type === 'integer' ? '0' : '-0';
  if (type === 'integer' && !Number.isSafeInteger(value))
    return BigInt(Math.trunc(value)).toString();
  return String(value);
}

/** The same without an exponent. */
export function printPlainNumber(value: number, type: CellType): string | undefined {
  const text = printNumber(value, type);
  const match = text === undefined ? null : /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (match === null) return text;
  const [, sign = '', first, fraction = '', exponentText] = match;
  const exponent = Number(exponentText);
  const digits = `${first}${fraction}`;
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  return `${sign}${digits}${'0'.repeat(exponent - fraction.length)}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** A JSON string as Go writes it. */
export function printString(text: string): string {
  const json = JSON.stringify(text);
  if (!/[<>&\u2028\u2029\b\f]/.test(text)) return json;
  return json
    .replaceAll(/[<>&\u2028\u2029]/g, (character) => ESCAPES[character]!)
    .replaceAll(/(?<!\\)((?:\\\\)*)\\b/g, '$1\\u0008')
    .replaceAll(/(?<!\\)((?:\\\\)*)\\f/g, '$1\\u000c');
}

/** One value as JSON. */
export function printCell(
  cell: Cell,
  type: CellType,
  epoch: Epoch,
  timeZone: string | undefined,
): string {
  if (cell === undefined) return 'null';
  if (type === 'time') {
    const time = cell as Time;
    return epoch === 'text' ? `"${printRfc3339(time, timeZone)}"` : printEpoch(time, epoch);
  }
  switch (typeof cell) {
    case 'string':
      return printString(cell);
    case 'number':
      return printNumber(cell, type) ?? 'null';
    default:
      return String(cell);
  }
}
