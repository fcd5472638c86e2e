// Times and durations as OpenTSDB writes them.

import { opentsdbRequest } from '../../errors.ts';

/** ms. A month has 30 days, a year 365. */
const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  n: 30 * 86_400_000,
  y: 365 * 86_400_000,
};

const MAX_TIME_MS = 8_640_000_000_000_000;

/** ms of `10s`, `1h`, `1d`; more than 0. Throws OPENTSDB_REQUEST. */
export function parseDuration(text: string): number {
  const match = /^(\d{1,15})(ms|[smhdwny])$/.exec(text);
  if (match === null) throw opentsdbRequest(`Invalid duration: ${text.slice(0, 100)}`);
  const ms = Number(match[1]) * UNITS[match[2]!]!;
  if (ms === 0) throw opentsdbRequest(`Zero or negative duration: ${text}`);
  if (ms > MAX_TIME_MS) throw opentsdbRequest(`Duration is too long: ${text}`);
  return ms;
}

/**
 * ms of seconds, milliseconds, `now`, `1h-ago`, or a date as `2024/01/31-23:59:59`, of which the time may be left out.
 * Dates are of UTC. Throws OPENTSDB_REQUEST.
 */
export function parseTime(text: string, now: number): number {
  const lower = text.toLowerCase();
  if (lower === 'now') return now;
  if (lower.endsWith('-ago')) return now - parseDuration(text.slice(0, -4));
  if (/[/:]/.test(text)) return parseDate(text);
  const ms = /^(\d{1,16})ms$/.exec(text)?.[1];
  if (ms !== undefined) return within(Number(ms), text);
  const match = /^(\d{1,16})(?:\.(\d{1,3}))?$/.exec(text);
  if (match === null || (match[2] !== undefined && match[1]!.length > 10)) {
    throw opentsdbRequest(`Invalid time: ${text.slice(0, 100)}`);
  }
  // Seconds have ten digits until the year 2286.
  const isSeconds = match[1]!.length <= 10;
  const fraction = Number((match[2] ?? '').padEnd(3, '0'));
  return within(isSeconds ? Number(match[1]) * 1000 + fraction : Number(match[1]), text);
}

function within(t: number, text: string): number {
  if (t > MAX_TIME_MS) throw opentsdbRequest(`Invalid time: ${text}`);
  return t;
}

function parseDate(text: string): number {
  const match = /^(\d{4})\/(\d\d)\/(\d\d)(?:[- ](\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text);
  if (match === null) throw opentsdbRequest(`Invalid absolute date: ${text.slice(0, 100)}`);
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0));
  return Date.UTC(year!, month! - 1, day, hour, minute, second);
}
