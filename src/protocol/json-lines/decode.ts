// Reads JSON lines as they stream in. A bad line is reported with its number; the good ones are kept.
// Form: docs/formats/json-lines.md.

import { isUtf8 } from 'node:buffer';
import type { Exemplar } from '../../model/exemplar.ts';
import type { Label } from '../../model/labels.ts';
import { METRIC_TYPES, type MetricMetadata } from '../../model/metadata.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { MAX_TIME, MIN_TIME } from '../../model/time-range.ts';
import type { BatchSeries } from '../../storage/interface.ts';
import type { RowCollector } from '../row-collector.ts';
import type { SeriesTable } from '../series-table.ts';
import { LineStreamDecoder } from '../stream-decoder.ts';
import { isObject, parseHistogram } from './histogram.ts';
import { PlainJsonLine } from './plain-line.ts';
import { parseNumber, parseRaw } from './value.ts';

/** Longest line that is accepted by default, as in VictoriaMetrics. */
export const MAX_LINE_BYTES: number = 10 << 20;

/** The format nests five deep; far deeper input only costs the parser time. */
const MAX_DEPTH = 32;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Decodes lines of which the bytes come in pieces of any size. */
export class JsonLinesDecoder extends LineStreamDecoder {
  readonly #plain: PlainJsonLine | undefined;

  /** Without a table every line is read the exact way. */
  constructor(
    collector: RowCollector,
    maxLineBytes: number = MAX_LINE_BYTES,
    seriesTable?: SeriesTable,
  ) {
    super(collector, maxLineBytes);
    this.#plain = seriesTable && new PlainJsonLine(seriesTable, collector);
  }

  protected override plainLine(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): number {
    return this.#plain?.decode(bytes, view, start, end) ?? 0;
  }

  protected override decodeLine(bytes: Uint8Array, start: number, end: number): string | undefined {
    const json = parseLine(bytes.subarray(start, end));
    if (typeof json === 'string') return json;
    if (json.metric === undefined && json.metadata !== undefined) {
      const metadata = parseMetadata(json.metadata);
      if (typeof metadata === 'string') return metadata;
      this.collector.addMetadata(metadata);
      return undefined;
    }
    const series = parseSeries(json);
    if (typeof series === 'string') return series;
    if (this.#plain === undefined || !isPlain(series)) this.collector.addSeries(series);
    else
      this.collector.addColumns(
        this.#plain.seriesOf(bytes, start, end, series.labels),
        series.samples,
      );
    return undefined;
  }
}

/** True if there is nothing but floats. */
function isPlain({ samples, exemplars }: BatchSeries): boolean {
  const { startT, histograms } = samples;
  return startT === undefined && histograms === undefined && exemplars.length === 0;
}

/** The series of one line; a string says what is wrong with it. */
export function decodeJsonLine(line: Uint8Array): BatchSeries | string {
  const json = parseLine(line);
  return typeof json === 'string' ? json : parseSeries(json);
}

function parseLine(line: Uint8Array): Record<string, unknown> | string {
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
  return isObject(json) ? json : 'not a JSON object';
}

function parseSeries(json: Record<string, unknown>): BatchSeries | string {
  const labels = parseLabels(json.metric);
  if (!labels) return '"metric" is not an object of strings';
  const samples = parseSamples(json);
  if (typeof samples === 'string') return samples;
  const exemplars = parseExemplars(json.exemplars);
  if (!exemplars) return '"exemplars" is not a list of {"labels","value","timestamp"}';
  return { labels, samples, exemplars };
}

/** Help and unit may be left out. */
function parseMetadata(json: unknown): MetricMetadata | string {
  if (!isObject(json)) return '"metadata" is not an object';
  const { metric, type, help = '', unit = '' } = json;
  if (typeof metric !== 'string' || typeof help !== 'string' || typeof unit !== 'string') {
    return '"metadata" has no metric, or one of metric, help and unit is not a string';
  }
  const known = METRIC_TYPES.find((one) => one === type);
  if (known === undefined)
    return `"metadata" has a type that is none of ${METRIC_TYPES.join(', ')}`;
  return { metric, type: known, help, unit };
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
