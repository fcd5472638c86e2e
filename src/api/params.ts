// Request parameters: those of the URL and of a form in the body together.

import { quote } from '../model/go-text.ts';
import { ALL_TIME, type TimeRange } from '../model/time-range.ts';
import type { FormPart } from '../protocol/multipart-form.ts';
import { badRequest, invalidParameter } from './errors.ts';
import {
  type Parsed,
  parseBoolean,
  parseDurationParam,
  parseInteger,
  parseTime,
} from './param-values.ts';

export class RequestParams {
  readonly #url: URLSearchParams;
  readonly #form: URLSearchParams | undefined;
  readonly #parts: readonly FormPart[];

  constructor(url: URLSearchParams, form?: URLSearchParams, parts: readonly FormPart[] = []) {
    this.#url = url;
    this.#form = form;
    this.#parts = parts;
  }

  /** One value; a form wins over the URL, and that over parts. Undefined where absent. */
  value(name: string): string | undefined {
    return this.#form?.get(name) ?? this.urlValue(name) ?? this.#partValues(name)[0];
  }

  /** The content of a file that a part of the body is. Undefined where absent. */
  file(name: string): string | undefined {
    return this.#parts.find((part) => part.isFile && part.name === name)?.content;
  }

  /** One value of the URL alone. */
  urlValue(name: string): string | undefined {
    return this.#url.get(name) ?? undefined;
  }

  /** All values, in the order in which they count. */
  values(name: string): string[] {
    const form = this.#form?.getAll(name) ?? [];
    return [...form, ...this.#url.getAll(name), ...this.#partValues(name)];
  }

  #partValues(name: string): string[] {
    const named = this.#parts.filter((part) => !part.isFile && part.name === name);
    return named.map(({ content }) => content);
  }

  /** `1` or `true`. */
  flag(name: string): boolean {
    const value = this.value(name);
    return value === '1' || value === 'true';
  }

  /** A truth value as Go reads it. Absent or '' → fallback. */
  boolean(name: string, fallback: boolean): boolean {
    const text = this.value(name) ?? '';
    if (text === '') return fallback;
    const value = parseBoolean(text);
    if (value !== undefined) return value;
    throw badRequest(`invalid ${name} ${quote(text)}: must be boolean`);
  }

  /**
   * A point in time in ms: Unix seconds, perhaps with a fraction, or RFC 3339. Absent or '' → fallback.
   * `refuse` makes the error, where it is not the usual one.
   */
  time(
    name: string,
    fallback: number,
    refuse: (name: string, why: string) => Error = invalidParameter,
  ): number {
    const text = this.value(name) ?? '';
    if (text === '') return fallback;
    const t = parseTime(text);
    if (typeof t === 'number') return t;
    throw refuse(name, `invalid time value for '${name}': ${t.why}`);
  }

  /** The same where there must be one. */
  requiredTime(name: string): number {
    return this.#parsed(name, parseTime);
  }

  /** A duration in ms, with a fraction perhaps. Absent or '' → undefined. */
  duration(name: string): number | undefined {
    return this.value(name) ? this.#parsed(name, parseDurationParam) : undefined;
  }

  /** The same where there must be one. */
  requiredDuration(name: string): number {
    return this.#parsed(name, parseDurationParam);
  }

  #parsed(name: string, parse: (text: string) => Parsed): number {
    const parsed = parse(this.value(name) ?? '');
    if (typeof parsed === 'number') return parsed;
    throw invalidParameter(name, parsed.why);
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

  /** A whole number from 0; absent or '' → undefined. */
  count(name: string): number | undefined {
    const text = this.value(name) ?? '';
    if (text === '') return undefined;
    const count = parseInteger(text);
    if (typeof count !== 'number') throw invalidParameter(name, count.why);
    if (count < 0) throw invalidParameter(name, `${name} must be non-negative`);
    return count;
  }

  /** `limit`, with 0 meaning none. */
  limit(): number | undefined {
    return this.count('limit') || undefined;
  }
}
