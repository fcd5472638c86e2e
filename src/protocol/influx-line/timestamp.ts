// The third part of a line: an integer in the request's precision.

import type { LinePoint } from './point.ts';
import { asciiText, Byte, isDigit, skipBlanks } from './scan.ts';

const NS_PER_MS = 1_000_000n;
export type Precision = 'n' | 'u' | 'ms' | 's' | 'm' | 'h';

const UNITS: Readonly<Record<Precision, bigint>> = {
  n: 1n,
  u: 1_000n,
  ms: NS_PER_MS,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const MIN_TIME_NS = -(2n ** 63n) + 2n;
const MAX_TIME_NS = 2n ** 63n - 2n;

/** `precision=` of /write and /api/v2/write; empty is nanoseconds, undefined an unknown one. */
export function parsePrecision(text: string): Precision | undefined {
  if (text === '' || text === 'ns') return 'n';
  if (text === 'us' || text === 'µ') return 'u';
  return Object.hasOwn(UNITS, text) ? (text as Precision) : undefined;
}

/** A time for lines that have none: the request's, rounded down to its precision. */
export function defaultTime(nowNs: bigint, precision: Precision): bigint {
  return nowNs - mod(nowNs, UNITS[precision]);
}

/** Reads [start, end), which has the rest of a line. Answers what is wrong with it. */
export function decodeTimestamp(
  bytes: Uint8Array,
  start: number,
  end: number,
  precision: Precision,
  fallbackNs: bigint,
  point: LinePoint,
): string | undefined {
  const first = skipBlanks(bytes, start, end);
  let i = first;
  if (i < end && bytes[i] === Byte.minus) i++;
  while (i < end && isDigit(bytes[i]!)) i++;
  if (i < end && bytes[i] !== Byte.space && bytes[i] !== Byte.newline) return 'bad timestamp';
  if (i === first) {
    setTime(point, fallbackNs);
    return undefined;
  }
  const text = asciiText(bytes, first, i);
  if (text === '-') return 'strconv.ParseInt: parsing "-": invalid syntax';
  const count = BigInt(text);
  if (BigInt.asIntN(64, count) !== count) {
    return `strconv.ParseInt: parsing "${text}": value out of range`;
  }
  const ns = count * UNITS[precision];
  if (ns < MIN_TIME_NS || ns > MAX_TIME_NS) {
    return `time outside range ${MIN_TIME_NS} - ${MAX_TIME_NS}`;
  }
  for (; i < end; i++) if (bytes[i] !== Byte.space) return 'point is invalid';
  setTime(point, ns);
  return undefined;
}

export function splitTime(ns: bigint): { readonly timeMs: number; readonly restNs: number } {
  const rest = mod(ns, NS_PER_MS);
  return { timeMs: Number((ns - rest) / NS_PER_MS), restNs: Number(rest) };
}

function setTime(point: LinePoint, ns: bigint): void {
  const { timeMs, restNs } = splitTime(ns);
  point.timeMs = timeMs;
  point.restNs = restNs;
}

function mod(value: bigint, size: bigint): bigint {
  const rest = value % size;
  return rest < 0n ? rest + size : rest;
}
