// A line of line protocol taken apart as VictoriaMetrics does it: more lenient than InfluxDB, and without its peculiar
// ways with backslashes.

import type { Label } from '../../../model/labels.ts';
import { decodeUtf8 } from '../../string-cache.ts';

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;

/** Characters of a line quoted in a message. */
const MAX_QUOTED = 100;

export interface LineKey {
  readonly measurement: string;
  /** Without those that have no name or no value. */
  readonly tags: readonly Label[];
}

/** The measurement and tags in [start, end); a text says what is wrong with them. The measurement may be empty. */
export function parseKey(bytes: Uint8Array, start: number, end: number): LineKey | string {
  const nameEnd = findPlain(bytes, COMMA, start, end);
  const measurement = decodePart(bytes, start, nameEnd);
  if (measurement === undefined) return 'not valid UTF-8';
  const tags: Label[] = [];
  for (let at = nameEnd + 1; at <= end && nameEnd < end; ) {
    const tagEnd = findPlain(bytes, COMMA, at, end);
    const equals = findPlain(bytes, EQUALS, at, tagEnd);
    if (equals === tagEnd) return `tag without a value: ${quote(bytes, at, tagEnd)}`;
    const name = decodePart(bytes, at, equals);
    const value = decodePart(bytes, equals + 1, tagEnd);
    if (name === undefined || value === undefined) return 'not valid UTF-8';
    if (name !== '' && value !== '') tags.push({ name, value });
    at = tagEnd + 1;
  }
  return { measurement, tags };
}

/** Where the next of these bytes is that no backslash stands before; `end` if there is none. */
export function findPlain(bytes: Uint8Array, byte: number, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    if (bytes[i] === BACKSLASH) i++;
    else if (bytes[i] === byte) return i;
  }
  return end;
}

/** The same outside of double quotes; -1 if quotes are not closed. */
export function findUnquoted(bytes: Uint8Array, byte: number, start: number, end: number): number {
  let isQuoted = false;
  for (let i = start; i < end; i++) {
    if (bytes[i] === BACKSLASH) i++;
    else if (bytes[i] === QUOTE) isQuoted = !isQuoted;
    else if (bytes[i] === byte && !isQuoted) return i;
  }
  return isQuoted ? -1 : end;
}

/** Text without its backslashes before blanks, commas, equals signs and backslashes; undefined if it is not UTF-8. */
export function decodePart(bytes: Uint8Array, start: number, end: number): string | undefined {
  const text = decodeUtf8(bytes, start, end);
  return text?.includes('\\') ? text.replaceAll(/\\([ ,=\\])/g, '$1') : text;
}

export function skipSpaces(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && bytes[i] === SPACE) i++;
  return i;
}

/** The beginning of a part, for a message. */
export function quote(bytes: Uint8Array, start: number, end: number): string {
  const cut = bytes.slice(start, Math.min(end, start + MAX_QUOTED));
  return JSON.stringify(new TextDecoder().decode(cut)) + (end - start > MAX_QUOTED ? '…' : '');
}
