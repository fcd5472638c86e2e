// Values of request parameters as Prometheus reads them. Texts of refusals are its own, since people and
// programs know them.

import { parseDuration } from '../model/duration.ts';
import { quote } from '../model/go-text.ts';
import { MAX_TIME, MIN_TIME } from '../model/time-range.ts';

/** What Go's ParseFloat takes, but for hexadecimal forms and infinities. */
const FLOAT = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)([.,]\d+)?(?:Z|([+-])(\d\d):(\d\d))$/;

/** Go's extreme times, which Prometheus' own client sends for "everything". */
const EXTREMES: Readonly<Record<string, number>> = {
  '-292273086-05-16T16:47:06Z': MIN_TIME,
  '292277025-08-18T07:12:54.999999999Z': MAX_TIME,
};

/** Nanoseconds that Go's durations can hold. */
const MAX_DURATION_NS = 2 ** 63;

/** The value, or the reason why there is none. */
export type Parsed = number | { readonly why: string };

/** A point in time in ms: Unix seconds with or without fraction, or RFC 3339. Beyond what can be stored it is the bound. */
export function parseTime(text: string): Parsed {
  if (FLOAT.test(text)) {
    const ms = Number(text) * 1000;
    const t = Math.sign(ms) * Math.round(Math.abs(ms));
    return Math.min(MAX_TIME, Math.max(MIN_TIME, t)) + 0;
  }
  const t = EXTREMES[text] ?? parseDate(text);
  return t ?? { why: `cannot parse ${quote(text)} to a valid timestamp` };
}

function parseDate(text: string): number | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, sign, zoneHour, zoneMinute] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) {
    return undefined;
  }
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (Number(zoneHour ?? 0) > 24 || Number(zoneMinute ?? 0) > 59) return undefined;
  const zoneMinutes = Number(zoneHour ?? 0) * 60 + Number(zoneMinute ?? 0);
  const timeOfDay = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  const offset = (sign === '-' ? -1 : 1) * zoneMinutes * 60;
  const milliseconds = Math.floor(Number((fraction ?? '0').replace(',', '.')) * 1000);
  return date.getTime() + (timeOfDay - offset) * 1000 + milliseconds;
}

/** A duration in ms, with fractions cut off at nanoseconds: seconds as a number, or `1h30m`. */
export function parseDurationParam(text: string): Parsed {
  const quoted = quote(text);
  if (FLOAT.test(text)) {
    const ns = Number(text) * 1e9;
    if (Math.abs(ns) <= MAX_DURATION_NS) return Math.trunc(ns) / 1e6;
    return { why: `cannot parse ${quoted} to a valid duration. It overflows int64` };
  }
  return parseDuration(text) ?? { why: `cannot parse ${quoted} to a valid duration` };
}

/** A whole number that fits 64 bits. Past 2^53 it is no longer exact, which no limit minds. */
export function parseInteger(text: string): Parsed {
  const quoted = quote(text);
  if (!/^[+-]?\d+$/.test(text)) return { why: `strconv.Atoi: parsing ${quoted}: invalid syntax` };
  const value = BigInt(text.replace('+', ''));
  if (BigInt.asIntN(64, value) === value) return Number(value);
  return { why: `strconv.Atoi: parsing ${quoted}: value out of range` };
}

/** What Go takes for a truth value; undefined for anything else. */
export function parseBoolean(text: string): boolean | undefined {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false;
  return undefined;
}
