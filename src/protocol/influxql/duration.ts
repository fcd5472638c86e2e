// Durations of InfluxQL (`1w`, `90m`, `1h30m`, `10u`) and Go's way to print them (`168h0m0s`). Nanoseconds.

import { MAX_INT64, wrapInt64 } from './int64.ts';

const UNITS: readonly (readonly [unit: string, ns: bigint])[] = [
  ['w', 604_800_000_000_000n],
  ['d', 86_400_000_000_000n],
  ['h', 3_600_000_000_000n],
  ['m', 60_000_000_000n],
  ['s', 1_000_000_000n],
  ['ms', 1_000_000n],
  ['u', 1_000n],
  ['ns', 1n],
];
const NANOSECONDS: ReadonlyMap<string, bigint> = new Map([...UNITS, ['µ', 1_000n]]);

/** A duration's nanoseconds, or the message of what is wrong with it. Only bound values have a sign. */
export function parseDuration(text: string): bigint | string {
  if (text.startsWith('-')) {
    const opposite = parseDuration(text.slice(1));
    return typeof opposite === 'string' ? opposite : wrapInt64(-opposite);
  }
  const part = /(\d+)(ns|ms|[uµmshdw])/y;
  let total = 0n;
  let last = '';
  while (part.lastIndex < text.length) {
    const match = part.exec(text);
    if (match === null) return 'invalid duration';
    const count = BigInt(match[1]!);
    if (count > MAX_INT64) return 'invalid duration';
    total = wrapInt64(total + wrapInt64(count * NANOSECONDS.get(match[2]!)!));
    last = `${count}${match[2]}`;
  }
  if (total < 0n) return `overflowed duration ${last}: choose a smaller duration or INF`;
  return last === '' ? 'invalid duration' : total;
}

/** In the largest unit that divides it: `90m`, `1w`, `0s`. */
export function printDuration(ns: bigint): string {
  if (ns === 0n) return '0s';
  const [unit, size] = UNITS.find(([, candidate]) => ns % candidate === 0n)!;
  return `${ns / size}${unit}`;
}

/** As Go prints it: `168h0m0s`, `1.5s`, `2ms`, `0s`. */
export function printGoDuration(ns: bigint): string {
  if (ns === 0n) return '0s';
  const sign = ns < 0n ? '-' : '';
  const size = ns < 0n ? -ns : ns;
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 3)}µs`;
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 6)}ms`;
  const seconds = decimal(size % 60_000_000_000n, 9);
  const minutes = size / 60_000_000_000n;
  if (minutes === 0n) return `${sign}${seconds}s`;
  const hours = minutes / 60n;
  return hours === 0n
    ? `${sign}${minutes}m${seconds}s`
    : `${sign}${hours}h${minutes % 60n}m${seconds}s`;
}

/** value / 10^places without trailing zeros. */
function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  const whole = digits.slice(0, -places);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
