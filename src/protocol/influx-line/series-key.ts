// The first part of a line: measurement and tags; also printed, as SHOW SERIES shows it.

import { compareStrings } from '../../model/labels.ts';
import { decodeUtf8, type StringCache } from '../string-cache.ts';
import type { LineSeries } from './point.ts';
import { Byte, isEscaped } from './scan.ts';

/** Longest series key in bytes as written, with or without a field's name behind it. */
export const MAX_KEY_BYTES = 65_535;

/** Where a series key ends, or what is wrong with it. */
export type KeyScan = { readonly end: number; readonly tagsAt: readonly number[] } | string;

/** Finds the end of the key that begins at `start`, and where its tags begin. */
export function scanKey(bytes: Uint8Array, start: number, end: number): KeyScan {
  if (start >= end || bytes[start] === Byte.comma) return 'missing measurement';
  let i = start;
  for (;;) {
    i++;
    if (i >= end) return 'missing fields';
    if (isEscaped(bytes, i)) continue;
    if (bytes[i] === Byte.space) return { end: i, tagsAt: [] };
    if (bytes[i] === Byte.comma) return scanTags(bytes, i + 1, end);
  }
}

function scanTags(bytes: Uint8Array, start: number, end: number): KeyScan {
  const tagsAt: number[] = [];
  let i = start;
  for (;;) {
    tagsAt.push(i);
    if (i >= end || isDelimiter(bytes[i]!) || bytes[i] === Byte.equals) return 'missing tag key';
    do {
      i++;
      if (i >= end || (isDelimiter(bytes[i]!) && !isEscaped(bytes, i))) return 'missing tag value';
    } while (bytes[i] !== Byte.equals || isEscaped(bytes, i));
    i++;
    if (i >= end || isDelimiter(bytes[i]!)) return 'missing tag value';
    do {
      i++;
      if (i >= end) return 'missing fields';
      if (bytes[i] === Byte.equals && !isEscaped(bytes, i)) return 'invalid tag format';
    } while (!isDelimiter(bytes[i]!) || isEscaped(bytes, i));
    if (bytes[i] === Byte.space) return { end: i, tagsAt };
    i++;
  }
}

function isDelimiter(byte: number): boolean {
  return byte === Byte.comma || byte === Byte.space;
}

/** The series of a scanned key, or what is wrong with it. */
export function decodeKey(
  bytes: Uint8Array,
  start: number,
  { end, tagsAt }: Exclude<KeyScan, string>,
  strings: StringCache,
): LineSeries | string {
  const nameEnd = tagsAt.length === 0 ? end : tagsAt[0]! - 1;
  const measurement = decodePart(bytes, start, nameEnd, strings, unescapeMeasurement);
  const tags: { readonly key: string; readonly value: string }[] = [];
  for (const [n, at] of tagsAt.entries()) {
    const tagEnd = n + 1 < tagsAt.length ? tagsAt[n + 1]! - 1 : end;
    let equals = at;
    while (bytes[equals] !== Byte.equals || isEscaped(bytes, equals)) equals++;
    const key = decodePart(bytes, at, equals, strings, unescapeTag);
    const value = decodePart(bytes, equals + 1, tagEnd, strings, unescapeTag);
    if (key === undefined || value === undefined) return 'invalid UTF-8';
    tags.push({ key, value });
  }
  if (measurement === undefined) return 'invalid UTF-8';
  for (let i = 1; i < tags.length; i++) {
    if (compareStrings(tags[i - 1]!.key, tags[i]!.key) < 0) continue;
    tags.sort((a, b) => compareStrings(a.key, b.key));
    break;
  }
  for (let i = 1; i < tags.length; i++) {
    if (tags[i - 1]!.key === tags[i]!.key) return 'duplicate tags';
  }
  if (end - start > MAX_KEY_BYTES) return keyTooLong(end - start);
  return { measurement, tags };
}

export function keyTooLong(length: number): string {
  return `max key length exceeded: ${length} > ${MAX_KEY_BYTES}`;
}

/** The text between two places; undefined if it is not UTF-8. */
export function decodePart(
  bytes: Uint8Array,
  start: number,
  end: number,
  strings: StringCache,
  unescaped: (text: string) => string,
): string | undefined {
  const text = strings.decode(bytes, start, end);
  return text?.includes('\\') ? unescaped(text) : text;
}

function unescapeMeasurement(text: string): string {
  return text.replaceAll(/\\([, ])/g, '$1');
}

function unescapeTag(text: string): string {
  return text.replaceAll(/\\([, =])/g, '$1');
}

/** Names of fields. */
export function unescapeFieldKey(text: string): string {
  return text.replaceAll(/\\([, ="])/g, '$1');
}

/** `cpu,host=a\ b`: a series as it is written in a line. */
export function printSeriesKey({ measurement, tags }: LineSeries): string {
  let key = measurement.replaceAll(/[, ]/g, '\\$&');
  for (const tag of tags) key += `,${escapeTag(tag.key)}=${escapeTag(tag.value)}`;
  return key;
}

export function escapeTag(text: string): string {
  return text.replaceAll(/[, =]/g, '\\$&');
}

/** Lossy text of a line for messages. */
export function lineText(bytes: Uint8Array, start: number, end: number): string {
  return decodeUtf8(bytes, start, end) ?? new TextDecoder().decode(bytes.slice(start, end));
}
