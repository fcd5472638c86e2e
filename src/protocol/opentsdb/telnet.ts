// The protocol that OpenTSDB calls telnet: lines of `put metric timestamp value tag=value…`, answered only when
// something is wrong with one, and a few commands that clients look with whether somebody is there.

import type { RowSeries } from '../../storage/rows.ts';
import { DecimalReader } from '../decimal.ts';
import type { RowCollector } from '../row-collector.ts';
import { mixHash, type SeriesTable } from '../series-table.ts';
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
  readonly #key = new Uint8Array(MAX_KEY_BYTES);
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
    this.#client = client;
  }

  protected override decodeFast(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    let lines = 0;
    while (at < end && !this.#hasLeft) {
      const next = this.#plainPut(bytes, at, end);
      if (next === 0) break;
      at = next;
      lines++;
    }
    this.passLines(lines);
    return at;
  }

  /** A `put` with single blanks of a series that is known: where the next line begins, or 0. */
  #plainPut(bytes: Uint8Array, start: number, end: number): number {
    if (!isPut(bytes, start, end)) return 0;
    const key = this.#key;
    let hash = 0x811c9dc5;
    let length = 0;
    let i = start + 4;
    for (; i < end && bytes[i]! > SPACE; i++) {
      if (length === MAX_KEY_BYTES) return 0;
      hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
      key[length++] = bytes[i]!;
    }
    if (length === 0 || bytes[i] !== SPACE) return 0;
    i = this.#time.read(bytes, i + 1, end, MS_FROM);
    if (i < 0 || bytes[i] !== SPACE || this.#time.t <= 0) return 0;
    i = this.#value.read(bytes, i + 1, end);
    if (i < 0) return 0;
    for (; i < end && bytes[i]! >= SPACE; i++) {
      if (length === MAX_KEY_BYTES) return 0;
      hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
      key[length++] = bytes[i]!;
    }
    if (i < end && bytes[i] === CARRIAGE_RETURN) i++;
    if (i < end && bytes[i] !== LINE_FEED) return 0;
    const series = this.#table.find(key, 0, length, mixHash(hash));
    if (series === undefined) return 0;
    this.#add(series);
    return i === end ? end : i + 1;
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
    const key = this.#key;
    const metricLength = metric.end - metric.start;
    const length = metricLength + end - tagsAt;
    if (length > MAX_KEY_BYTES) return;
    key.set(bytes.subarray(metric.start, metric.end));
    key.set(bytes.subarray(tagsAt, end), metricLength);
    let hash = 0x811c9dc5;
    for (let i = 0; i < length; i++) hash = Math.imul(hash ^ key[i]!, 0x01000193);
    const mixed = mixHash(hash);
    if (this.#table.find(key, 0, length, mixed) !== undefined) return;
    this.#table.add(key, 0, length, mixed, series);
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
