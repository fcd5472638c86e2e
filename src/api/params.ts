// Request parameters: those of the URL and of a form body together.

import { ALL_TIME, MAX_TIME, MIN_TIME, type TimeRange } from '../model/time-range.ts';
import { invalidParameter } from './errors.ts';

export class RequestParams {
  readonly #url: URLSearchParams;
  readonly #form: URLSearchParams | undefined;

  constructor(url: URLSearchParams, form?: URLSearchParams) {
    this.#url = url;
    this.#form = form;
  }

  /** One value; the body wins. Undefined where absent. */
  value(name: string): string | undefined {
    return this.#form?.get(name) ?? this.urlValue(name);
  }

  /** One value of the URL alone. */
  urlValue(name: string): string | undefined {
    return this.#url.get(name) ?? undefined;
  }

  /** All values, those of the body first. */
  values(name: string): string[] {
    return [...(this.#form?.getAll(name) ?? []), ...this.#url.getAll(name)];
  }

  /** `1` or `true`. */
  flag(name: string): boolean {
    const value = this.value(name);
    return value === '1' || value === 'true';
  }

  /** A point in time in ms: Unix seconds, perhaps with a fraction, or RFC 3339. Absent or '' → fallback. */
  time(name: string, fallback: number): number {
    const text = this.value(name);
    if (text === undefined || text === '') return fallback;
    const t = parseTime(text);
    if (t === undefined) {
      throw invalidParameter(name, `cannot parse ${JSON.stringify(text)} to a valid timestamp`);
    }
    return t;
  }

  /** `start` and `end`, everything by default; undefined if the end lies before the start. */
  timeRange(): TimeRange | undefined {
    const minT = this.time('start', ALL_TIME.minT);
    const maxT = this.time('end', ALL_TIME.maxT);
    return minT <= maxT ? { minT, maxT } : undefined;
  }

  /** As {@link timeRange}, but a reversed range is an error. */
  orderedTimeRange(): TimeRange {
    const range = this.timeRange();
    if (range === undefined) {
      throw invalidParameter('end', 'end timestamp must not be before start time');
    }
    return range;
  }

  /** A whole number from 0; absent or '' → undefined. `message` replaces the usual error text. */
  count(name: string, message?: string): number | undefined {
    const text = this.value(name);
    if (text === undefined || text === '') return undefined;
    const count = /^\d{1,15}$/.test(text) ? Number(text) : undefined;
    if (count !== undefined) return count;
    throw invalidParameter(
      name,
      message ?? `cannot parse ${JSON.stringify(text)} to a non-negative whole number`,
    );
  }

  /** `limit`, with 0 meaning none. */
  limit(): number | undefined {
    return this.count('limit') || undefined;
  }
}

const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** Go's extreme times, which Prometheus' own client sends for "everything". */
const EXTREMES: Readonly<Record<string, number>> = {
  '-292273086-05-16T16:47:06Z': MIN_TIME,
  '292277025-08-18T07:12:54.999999999Z': MAX_TIME,
};

/** Times outside of what can be stored are moved to the bound. */
export function parseTime(text: string): number | undefined {
  const extreme = EXTREMES[text];
  if (extreme !== undefined) return extreme;
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) {
    return clampTime(Math.round(Number(text) * 1000));
  }
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, sign, zoneHour, zoneMinute] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) {
    return undefined;
  }
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const zoneMinutes = Number(zoneHour ?? 0) * 60 + Number(zoneMinute ?? 0);
  const timeOfDay = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  const offset = (sign === '-' ? -1 : 1) * zoneMinutes * 60;
  const milliseconds = Math.floor(Number(fraction ?? 0) * 1000);
  return date.getTime() + (timeOfDay - offset) * 1000 + milliseconds;
}

function clampTime(t: number): number {
  return Math.min(MAX_TIME, Math.max(MIN_TIME, t));
}
