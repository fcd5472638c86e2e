// Reads JSON lines as they stream in. A bad line is reported with its number; the good ones are kept.
// Form: docs/formats/json-lines.md.

import { isUtf8 } from 'node:buffer';
import type { Exemplar } from '../../model/exemplar.ts';
import type { Label } from '../../model/labels.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { MAX_TIME, MIN_TIME } from '../../model/time-range.ts';
import type { BatchSeries } from '../../storage/interface.ts';
import { isObject, parseHistogram } from './histogram.ts';
import { parseNumber, parseRaw } from './value.ts';

/** Longest line that is accepted by default, as in VictoriaMetrics. */
export const MAX_LINE_BYTES: number = 10 << 20;

/** Bad lines past this many are only counted. */
const MAX_LISTED_ERRORS = 100;

/** The format nests five deep; far deeper input only costs the parser time. */
const MAX_DEPTH = 32;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export interface JsonLineError {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** Decodes lines of which the bytes come in pieces of any size. */
export class JsonLinesDecoder {
  readonly #maxLineBytes: number;
  /** The beginning of a line whose end has not come yet. */
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  /** True while the rest of a line that is too long is passed over. */
  #isSkipping = false;
  #line = 0;
  #badLines = 0;
  readonly #errors: JsonLineError[] = [];

  constructor(maxLineBytes: number = MAX_LINE_BYTES) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** Lines refused so far. */
  get badLines(): number {
    return this.#badLines;
  }

  /** What was wrong with the first 100 of them. */
  get errors(): readonly JsonLineError[] {
    return this.#errors;
  }

  /** Series of the lines that end in this piece. `bytes` may be reused afterwards. */
  push(bytes: Uint8Array): BatchSeries[] {
    const series: BatchSeries[] = [];
    let at = 0;
    for (;;) {
      const end = bytes.indexOf(LINE_FEED, at);
      if (end < 0) break;
      this.#finishLine(bytes.subarray(at, end), series);
      at = end + 1;
    }
    this.#keep(bytes.subarray(at));
    return series;
  }

  /** The series of a last line without line feed. The decoder is done then. */
  end(): BatchSeries[] {
    const series: BatchSeries[] = [];
    if (this.#pieceBytes > 0 || this.#isSkipping) this.#finishLine(new Uint8Array(0), series);
    return series;
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#isSkipping) return;
    this.#pieceBytes += bytes.length;
    if (this.#pieceBytes > this.#maxLineBytes) {
      this.#dropPieces();
      this.#isSkipping = true;
    } else this.#pieces.push(new Uint8Array(bytes));
  }

  #finishLine(rest: Uint8Array, series: BatchSeries[]): void {
    this.#line++;
    const length = this.#pieceBytes + rest.length;
    if (this.#isSkipping || length > this.#maxLineBytes) {
      this.#isSkipping = false;
      this.#dropPieces();
      this.#refuse(`longer than ${this.#maxLineBytes} bytes; write fewer samples in one line`);
      return;
    }
    const line = this.#pieces.length === 0 ? rest : Buffer.concat([...this.#pieces, rest]);
    this.#dropPieces();
    const end = line.length - (line.at(-1) === CARRIAGE_RETURN ? 1 : 0);
    if (end === 0) return;
    const decoded = decodeJsonLine(line.subarray(0, end));
    if (typeof decoded === 'string') this.#refuse(decoded);
    else series.push(decoded);
  }

  #dropPieces(): void {
    this.#pieces = [];
    this.#pieceBytes = 0;
  }

  #refuse(message: string): void {
    this.#badLines++;
    if (this.#errors.length < MAX_LISTED_ERRORS) this.#errors.push({ line: this.#line, message });
  }
}

/** The series of one line; a string says what is wrong with it. */
export function decodeJsonLine(line: Uint8Array): BatchSeries | string {
  // A copy, because isUtf8 refuses shared memory.
  const bytes = Buffer.from(line);
  if (!isUtf8(bytes)) return 'not valid UTF-8';
  if (isTooDeep(bytes)) return `nested more than ${MAX_DEPTH} deep`;
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    return `not valid JSON: ${(error as Error).message.slice(0, 200)}`;
  }
  if (!isObject(json)) return 'not a JSON object';
  const labels = parseLabels(json.metric);
  if (!labels) return '"metric" is not an object of strings';
  const samples = parseSamples(json);
  if (typeof samples === 'string') return samples;
  const exemplars = parseExemplars(json.exemplars);
  if (!exemplars) return '"exemplars" is not a list of {"labels","value","timestamp"}';
  return { labels, samples, exemplars };
}

function isTooDeep(bytes: Uint8Array): boolean {
  let depth = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === QUOTE) {
      for (i++; i < bytes.length && bytes[i] !== QUOTE; i++) if (bytes[i] === BACKSLASH) i++;
    } else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > MAX_DEPTH) return true;
    } else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return false;
}

function parseLabels(json: unknown): Label[] | undefined {
  if (!isObject(json)) return undefined;
  const labels: Label[] = [];
  for (const [name, value] of Object.entries(json)) {
    if (typeof value !== 'string') return undefined;
    labels.push({ name, value });
  }
  return labels;
}

/** Rows of floats in their order, then those of histograms. */
function parseSamples(json: Record<string, unknown>): SampleColumns | string {
  const values = parseRows(json, 'values', 'timestamps', 'startTimestamps');
  if (typeof values === 'string') return values;
  const histograms = parseRows(
    json,
    'histograms',
    'histogramTimestamps',
    'histogramStartTimestamps',
  );
  if (typeof histograms === 'string') return histograms;

  const floats = values.items.length;
  const length = floats + histograms.items.length;
  const v = new Float64Array(length);
  const bad = fillValues(v, values.items);
  if (bad >= 0) return `"values"[${bad}] is neither a number nor one of the known words`;
  const column: (NativeHistogram | undefined)[] = new Array<undefined>(floats).fill(undefined);
  for (const item of histograms.items) {
    const histogram = parseHistogram(item);
    if (typeof histogram === 'string')
      return `"histograms"[${column.length - floats}]: ${histogram}`;
    column.push(histogram);
  }
  return {
    length,
    t: joined(values.t, floats, histograms.t, length - floats),
    v,
    startT:
      values.startT || histograms.startT
        ? joined(values.startT, floats, histograms.startT, length - floats)
        : undefined,
    histograms: length > floats ? column : undefined,
  };
}

interface Rows {
  readonly items: readonly unknown[];
  readonly t: readonly number[];
  readonly startT: readonly number[] | undefined;
}

/** Items with their times: lists of equal length, all absent or the first two present. */
function parseRows(
  json: Record<string, unknown>,
  itemsKey: string,
  timesKey: string,
  startsKey: string,
): Rows | string {
  const items = json[itemsKey] ?? [];
  if (!Array.isArray(items)) return `"${itemsKey}" is not a list`;
  const t = json[timesKey] ?? [];
  if (!isTimes(t)) return `"${timesKey}" is not a list of whole milliseconds`;
  if (t.length !== items.length) {
    return `${items.length} "${itemsKey}", but ${t.length} "${timesKey}"`;
  }
  const startT = json[startsKey];
  if (startT === undefined) return { items, t, startT };
  if (!isTimes(startT)) return `"${startsKey}" is not a list of whole milliseconds`;
  if (startT.length !== items.length) {
    return `${items.length} "${itemsKey}", but ${startT.length} "${startsKey}"`;
  }
  return { items, t, startT };
}

function isTimes(json: unknown): json is number[] {
  return Array.isArray(json) && json.every(isTime);
}

function isTime(json: unknown): json is number {
  return Number.isInteger(json) && (json as number) >= MIN_TIME && (json as number) <= MAX_TIME;
}

/** Fills a column; the index of an item that is no value, or -1. */
function fillValues(v: Float64Array<ArrayBuffer>, items: readonly unknown[]): number {
  const halves = new Uint32Array(v.buffer);
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (typeof item === 'number') {
      v[i] = item;
      continue;
    }
    const raw = parseRaw(item);
    if (!raw) return i;
    halves[2 * i] = raw.low;
    halves[2 * i + 1] = raw.high;
  }
  return -1;
}

/** Two columns, one after the other; an absent one is all zeros. */
function joined(
  first: readonly number[] | undefined,
  firstLength: number,
  second: readonly number[] | undefined,
  secondLength: number,
): Float64Array {
  const column = new Float64Array(firstLength + secondLength);
  if (first) column.set(first);
  if (second) column.set(second, firstLength);
  return column;
}

function parseExemplars(json: unknown): Exemplar[] | undefined {
  if (json === undefined) return [];
  if (!Array.isArray(json)) return undefined;
  const exemplars: Exemplar[] = [];
  for (const item of json as unknown[]) {
    if (!isObject(item)) return undefined;
    const labels = parseLabels(item.labels ?? {});
    const value = parseNumber(item.value);
    if (!labels || value === undefined || !isTime(item.timestamp)) return undefined;
    exemplars.push({ labels, value, t: item.timestamp });
  }
  return exemplars;
}
