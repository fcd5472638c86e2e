// The protocol that OpenTSDB calls telnet: lines of `put metric timestamp value tag=value…`, answered only when
// something is wrong with one, and a few commands that clients look with whether somebody is there.

import type { RowSeries } from '../../storage/rows.ts';
import { DecimalReader } from '../decimal.ts';
import type { RowCollector } from '../row-collector.ts';
import { SeriesCursor } from '../series-cursor.ts';
import { hashKey, type SeriesTable, viewOf } from '../series-table.ts';
import { LineStreamDecoder } from '../stream-decoder.ts';
import { decodeUtf8 } from '../string-cache.ts';
import { UnixTimeReader } from '../unix-time.ts';
import { labelsOf, MS_FROM, type PointRules, printTags, strictProblem } from './rules.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;

/** Longest metric with its tags that is remembered. */
const MAX_KEY_BYTES = 2048;

/** Commands that are known, as `help` lists them. */
const COMMANDS = 'exit help put stats version';

/** The other end, and what only the server knows. */
export interface TelnetClient {
  /** Text for the client, with its line feeds. */
  answer(text: string): void;
  /** Lines that answer `version`, and `stats`. */
  version(): string;
  stats(): string;
  /** The client wants to go. Lines behind are not read any more. */
  exit(): void;
}

export class OpentsdbTelnetDecoder extends LineStreamDecoder {
  readonly #rules: PointRules;
  readonly #table: SeriesTable;
  readonly #client: TelnetClient;
  readonly #value = new DecimalReader();
  readonly #time = new UnixTimeReader();
  readonly #cursor: SeriesCursor;
  readonly #key = new Uint8Array(MAX_KEY_BYTES);
  readonly #keyView = viewOf(this.#key);
  #hasLeft = false;

  /** `seriesTable` is for these `rules` and one set of extra labels. */
  constructor(
    collector: RowCollector,
    maxLineBytes: number,
    rules: PointRules,
    seriesTable: SeriesTable,
    client: TelnetClient,
  ) {
    super(collector, maxLineBytes);
    this.#rules = rules;
    this.#table = seriesTable;
    this.#cursor = new SeriesCursor(seriesTable);
    this.#client = client;
  }

  /** A `put` with single blanks of a series that is known: where the next line begins, or 0. */
  protected override plainLine(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): number {
    if (this.#hasLeft) return 0;
    if (!isPut(bytes, start, end)) return 0;
    const metricAt = start + 4;
    let i = metricAt;
    while (i < end && bytes[i]! > SPACE) i++;
    const metricEnd = i;
    if (metricEnd === metricAt || bytes[i] !== SPACE) return 0;
    i = this.#time.read(bytes, i + 1, end, MS_FROM);
    if (i < 0 || bytes[i] !== SPACE || this.#time.t <= 0) return 0;
    const tagsAt = this.#value.read(bytes, i + 1, end);
    // What stands at once behind a number belongs to a value that is none.
    if (tagsAt < 0 || (tagsAt < end && bytes[tagsAt]! > SPACE)) return 0;
    if (!Number.isFinite(this.#value.value)) return 0;
    i = this.#endOfExpected(view, metricAt, metricEnd, tagsAt);
    let series: RowSeries | undefined;
    if (i >= 0 && (i >= end || bytes[i]! < SPACE)) series = this.#cursor.takeExpected();
    else {
      i = tagsAt;
      while (i < end && bytes[i]! >= SPACE) i++;
      const length = this.#writeKey(bytes, metricAt, metricEnd, tagsAt, i);
      series = length === 0 ? undefined : this.#cursor.find(this.#keyView, 0, length);
      if (series === undefined) return 0;
    }
    if (i < end && bytes[i] === CARRIAGE_RETURN) i++;
    if (i < end && bytes[i] !== LINE_FEED) return 0;
    this.#add(series);
    return i === end ? end : i + 1;
  }

  /** Where the tags at `tagsAt` end, if they and the metric are those of the series that should come; otherwise -1. */
  #endOfExpected(view: DataView, metricAt: number, metricEnd: number, tagsAt: number): number {
    const { expected } = this.#cursor;
    if (expected < 0) return -1;
    const metricLength = metricEnd - metricAt;
    const length = this.#table.keyLength(expected);
    const isExpected =
      length >= metricLength &&
      this.#table.isAt(expected, 0, metricLength, view, metricAt) &&
      this.#table.isAt(expected, metricLength, length, view, tagsAt);
    return isExpected ? tagsAt + length - metricLength : -1;
  }

  /** Joins the metric and everything behind the value; answers their length, 0 if that is too much. */
  #writeKey(
    bytes: Uint8Array,
    metricAt: number,
    metricEnd: number,
    tagsAt: number,
    end: number,
  ): number {
    const metricLength = metricEnd - metricAt;
    const length = metricLength + end - tagsAt;
    if (length > MAX_KEY_BYTES) return 0;
    this.#key.set(bytes.subarray(metricAt, metricEnd));
    this.#key.set(bytes.subarray(tagsAt, end), metricLength);
    return length;
  }

  protected override decodeLine(bytes: Uint8Array, start: number, end: number): string | undefined {
    if (this.#hasLeft) return undefined;
    const words = wordsOf(bytes, start, end);
    const [command] = words;
    if (command === undefined) return undefined;
    const name = textOf(bytes, command) ?? '';
    switch (name) {
      case 'put':
        return this.#put(bytes, words.slice(1), end);
      case 'version':
        this.#client.answer(this.#client.version());
        return undefined;
      case 'stats':
        this.#client.answer(this.#client.stats());
        return undefined;
      case 'help':
        this.#client.answer(`available commands: ${COMMANDS} \n`);
        return undefined;
      case 'exit':
        this.#hasLeft = true;
        this.#client.exit();
        return undefined;
      default: {
        const shown = name.slice(0, 100);
        this.#client.answer(`unknown command: ${shown}.  Try \`help'.\n`);
        return `unknown command ${JSON.stringify(shown)}`;
      }
    }
  }

  #put(bytes: Uint8Array, words: readonly Word[], end: number): string | undefined {
    const problem = this.#putProblem(bytes, words, end);
    if (problem !== undefined) this.#client.answer(`put: ${problem}\n`);
    return problem;
  }

  #putProblem(bytes: Uint8Array, words: readonly Word[], end: number): string | undefined {
    const [metric, time, value, ...tags] = words;
    const least = this.#rules.isStrict ? 4 : 3;
    if (metric === undefined || time === undefined || value === undefined || words.length < least) {
      return `illegal argument: not enough arguments (need least ${least}, got ${words.length})`;
    }
    if (this.#time.read(bytes, time.start, time.end, MS_FROM) !== time.end) {
      return `invalid value: bad timestamp ${quote(bytes, time)}`;
    }
    if (this.#time.t <= 0) return `illegal argument: invalid timestamp: ${textOf(bytes, time)}`;
    if (!this.#value.readWhole(bytes, value.start, value.end)) {
      return `invalid value: not a number: ${quote(bytes, value)}`;
    }
    if (!Number.isFinite(this.#value.value)) {
      return `illegal argument: value is NaN or Infinite: ${quote(bytes, value)}`;
    }
    const series = this.#makeSeries(bytes, metric, tags);
    if (typeof series === 'string') return `illegal argument: ${series}`;
    this.#remember(bytes, metric, value.end, end, series);
    this.#add(series);
    return undefined;
  }

  #makeSeries(bytes: Uint8Array, metric: Word, words: readonly Word[]): RowSeries | string {
    const name = textOf(bytes, metric);
    if (name === undefined) return 'metric name is not valid UTF-8';
    const tags = new Map<string, string>();
    for (const word of words) {
      const text = textOf(bytes, word);
      if (text === undefined) return 'tag is not valid UTF-8';
      const problem = this.#addTag(tags, text);
      if (problem !== undefined) return problem;
    }
    const problem = this.#rules.isStrict ? strictProblem(name, tags) : undefined;
    return problem ?? this.collector.seriesOf(labelsOf(name, tags));
  }

  #addTag(tags: Map<string, string>, text: string): string | undefined {
    const equals = text.indexOf('=');
    if (equals < 0) return `invalid tag: ${text}`;
    const key = text.slice(0, equals);
    const value = text.slice(equals + 1);
    if (this.#rules.isStrict && (key === '' || value === '' || value.includes('='))) {
      return `invalid tag: ${text}`;
    }
    // An empty value is no tag.
    if (key === '' || value === '') return undefined;
    const other = tags.get(key);
    if (other !== undefined && other !== value) {
      return `duplicate tag: ${text}, tags=${printTags(tags)}`;
    }
    tags.set(key, value);
    return undefined;
  }

  /** Makes the line's series one that {@link #plainPut} knows: by the metric and everything behind the value. */
  #remember(bytes: Uint8Array, metric: Word, tagsAt: number, end: number, series: RowSeries): void {
    const length = this.#writeKey(bytes, metric.start, metric.end, tagsAt, end);
    if (length === 0) return;
    const hash = hashKey(this.#keyView, 0, length);
    if (this.#table.find(this.#keyView, 0, length, hash) !== undefined) return;
    this.#table.add(this.#keyView, 0, length, hash, series);
  }

  #add(series: RowSeries): void {
    const { losses } = this.collector;
    if (this.#value.isRounded) losses.integer_rounded++;
    if (this.#time.isCut) losses.time_below_millisecond++;
    this.collector.add(series, this.#time.t, this.#value.value);
  }
}

/** `put` and a blank. */
function isPut(bytes: Uint8Array, at: number, end: number): boolean {
  return (
    at + 4 <= end &&
    bytes[at] === 0x70 &&
    bytes[at + 1] === 0x75 &&
    bytes[at + 2] === 0x74 &&
    bytes[at + 3] === SPACE
  );
}

interface Word {
  readonly start: number;
  readonly end: number;
}

function wordsOf(bytes: Uint8Array, start: number, end: number): Word[] {
  const words: Word[] = [];
  for (let i = start; i < end; ) {
    if (bytes[i] === SPACE) {
      i++;
      continue;
    }
    const from = i;
    while (i < end && bytes[i] !== SPACE) i++;
    words.push({ start: from, end: i });
  }
  return words;
}

function textOf(bytes: Uint8Array, { start, end }: Word): string | undefined {
  return decodeUtf8(bytes, start, end);
}

function quote(bytes: Uint8Array, { start, end }: Word): string {
  return JSON.stringify(new TextDecoder().decode(bytes.slice(start, Math.min(end, start + 100))));
}
