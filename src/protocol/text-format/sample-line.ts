// One line of the Prometheus text format or of OpenMetrics, taken apart exactly: where its series, its numbers and
// its exemplar are. As lenient as VictoriaMetrics, which takes what other software believes to be this format.

import type { Label } from '../../model/labels.ts';
import { METRIC_NAME } from '../../model/labels.ts';
import { labelStrings } from '../string-cache.ts';

const TAB = 0x09;
const SPACE = 0x20;
const QUOTE = 0x22;
const HASH = 0x23;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Characters of a line quoted in a message. */
const MAX_QUOTED = 100;

/** A part of a line: bytes [start, end). Empty if there is none. */
export interface Part {
  start: number;
  end: number;
}

/** Where the parts of a line are; overwritten by the next one. */
export class SampleLine {
  /** Name and labels as written. */
  readonly series: Part = { start: 0, end: 0 };
  readonly value: Part = { start: 0, end: 0 };
  readonly timestamp: Part = { start: 0, end: 0 };
  /** From the `#` on. */
  readonly comment: Part = { start: 0, end: 0 };

  /** Finds the parts of the line [start, end); answers what is wrong with it. */
  scan(bytes: Uint8Array, start: number, end: number): string | undefined {
    const from = skipBlanks(bytes, start, end);
    const seriesEnd = scanSeries(bytes, from, end);
    if (typeof seriesEnd === 'string') return seriesEnd;
    setPart(this.series, from, seriesEnd);
    const valueAt = skipBlanks(bytes, seriesEnd, end);
    const comment = bytes.indexOf(HASH, valueAt);
    const wordsEnd = comment < 0 || comment >= end ? end : comment;
    setPart(this.comment, wordsEnd, end);
    const valueEnd = wordEnd(bytes, valueAt, wordsEnd);
    if (valueEnd === valueAt) return `no value: ${quote(bytes, start, end)}`;
    setPart(this.value, valueAt, valueEnd);
    const timeAt = skipBlanks(bytes, valueEnd, wordsEnd);
    const timeEnd = trimBlanks(bytes, timeAt, wordsEnd);
    setPart(this.timestamp, timeAt, timeEnd);
    return undefined;
  }
}

/** Where name and labels end, or what is wrong with them. There may be blanks between the two. */
function scanSeries(bytes: Uint8Array, start: number, end: number): number | string {
  let nameEnd = start;
  while (nameEnd < end && bytes[nameEnd] !== OPEN && !isBlank(bytes[nameEnd]!)) nameEnd++;
  const open = skipBlanks(bytes, nameEnd, end);
  if (open === end) return `no value: ${quote(bytes, start, end)}`;
  if (bytes[open] !== OPEN) return nameEnd;
  const close = findClose(bytes, open + 1, end);
  return close < 0 ? `no closing brace: ${quote(bytes, start, end)}` : close + 1;
}

/** The brace that closes labels, or -1. */
export function findClose(bytes: Uint8Array, start: number, end: number): number {
  let isQuoted = false;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (byte === BACKSLASH && isQuoted) i++;
    else if (byte === CLOSE && !isQuoted) return i;
  }
  return -1;
}

/** The labels of a series as written in [start, end), the name among them; a text says what is wrong. */
export function parseSeries(bytes: Uint8Array, start: number, end: number): Label[] | string {
  const open = bytes.indexOf(OPEN, start);
  if (open < 0 || open >= end) {
    const name = labelStrings.decode(bytes, start, end);
    if (name === undefined) return 'not valid UTF-8';
    return name === '' ? 'no metric name' : [{ name: METRIC_NAME, value: name }];
  }
  const before = labelStrings.decode(bytes, start, trimBlanks(bytes, start, open));
  if (before === undefined) return 'not valid UTF-8';
  const inside = parseBraces(bytes, open, end);
  if (typeof inside === 'string') return inside;
  const { labels, name } = inside;
  if (name !== undefined && before !== '') return `two metric names: ${before} and ${name}`;
  const metric = name ?? before;
  if (metric === '') return 'no metric name';
  return [{ name: METRIC_NAME, value: metric }, ...labels];
}

interface Braces {
  readonly labels: readonly Label[];
  /** The metric's, if it is quoted among the labels. */
  readonly name: string | undefined;
}

/** Reads `{…}` at [open, end), whose closing brace is the last byte; a text says what is wrong. */
export function parseBraces(bytes: Uint8Array, open: number, end: number): Braces | string {
  const close = end - 1;
  const labels: Label[] = [];
  let metric: string | undefined;
  let i = skipBlanks(bytes, open + 1, close);
  while (i < close) {
    const isQuoted = bytes[i] === QUOTE;
    const nameEnd = isQuoted ? quoteEnd(bytes, i, close) : findEquals(bytes, i, close);
    if (nameEnd < 0) return `label without a value: ${quote(bytes, i, close)}`;
    const name = isQuoted
      ? unquote(bytes, i, nameEnd)
      : labelStrings.decode(bytes, i, trimBlanks(bytes, i, nameEnd));
    if (name === undefined) return 'not valid UTF-8';
    i = skipBlanks(bytes, nameEnd, close);
    if (i < close && bytes[i] === EQUALS) {
      i = skipBlanks(bytes, i + 1, close);
      const valueEnd = i < close && bytes[i] === QUOTE ? quoteEnd(bytes, i, close) : -1;
      if (valueEnd < 0) return `value of label ${JSON.stringify(name)} is not quoted`;
      const value = unquote(bytes, i, valueEnd);
      if (value === undefined) return 'not valid UTF-8';
      if (name !== '') labels.push({ name, value });
      i = skipBlanks(bytes, valueEnd, close);
    } else if (!isQuoted) return `label without a value: ${quote(bytes, i, close)}`;
    else if (metric !== undefined) return `two metric names: ${metric} and ${name}`;
    else metric = name;
    if (i === close) break;
    if (bytes[i] !== COMMA) return `no comma before ${quote(bytes, i, close)}`;
    i = skipBlanks(bytes, i + 1, close);
  }
  return { labels, name: metric };
}

/** Where the quoted text at `start` ends, behind its quote; -1 if it does not. */
export function quoteEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start + 1; i < end; i++) {
    if (bytes[i] === BACKSLASH) i++;
    else if (bytes[i] === QUOTE) return i + 1;
  }
  return -1;
}

/** The text between the quotes at [start, end). */
export function unquote(bytes: Uint8Array, start: number, end: number): string | undefined {
  const text = labelStrings.decode(bytes, start + 1, end - 1);
  return text === undefined ? undefined : unescapeText(text);
}

/** Backslash, quote and line feed are escaped; a backslash before anything else is itself. */
export function unescapeText(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(/\\([\\"n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}

function findEquals(bytes: Uint8Array, start: number, end: number): number {
  const at = bytes.indexOf(EQUALS, start);
  return at < end ? at : -1;
}

function setPart(part: Part, start: number, end: number): void {
  part.start = start;
  part.end = end;
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

export function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && isBlank(bytes[i]!)) i++;
  return i;
}

function trimBlanks(bytes: Uint8Array, start: number, end: number): number {
  let i = end;
  while (i > start && isBlank(bytes[i - 1]!)) i--;
  return i;
}

export function wordEnd(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && !isBlank(bytes[i]!)) i++;
  return i;
}

/** The beginning of a part, for a message. */
export function quote(bytes: Uint8Array, start: number, end: number): string {
  const cut = bytes.slice(start, Math.min(end, start + MAX_QUOTED));
  return JSON.stringify(new TextDecoder().decode(cut)) + (end - start > MAX_QUOTED ? '…' : '');
}
