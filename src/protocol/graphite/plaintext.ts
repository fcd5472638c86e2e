// Lines of `path value [timestamp]`, as carbon takes them on port 2003.

import type { RowSeries } from '../../storage/rows.ts';
import { DecimalReader } from '../decimal.ts';
import type { RowCollector } from '../row-collector.ts';
import { SeriesCursor } from '../series-cursor.ts';
import { LineStreamDecoder } from '../stream-decoder.ts';
import { UnixTimeReader } from '../unix-time.ts';
import { type GraphiteOptions, MS_FROM } from './options.ts';
import { seriesOfPath } from './series.ts';

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const UPPER_N = 0x4e;

/** Characters of a line quoted in a message. */
const MAX_QUOTED = 100;

/**
 * Words are separated by blanks or tabs. The last two are value and timestamp, what is before them is the path,
 * blanks in it included, as VictoriaMetrics has it. With one word behind the path there is no timestamp: then, and
 * for -1 and N, it is now. A value that is no number is left out and counted.
 */
export class GraphitePlaintextDecoder extends LineStreamDecoder {
  readonly #options: GraphiteOptions;
  readonly #cursor: SeriesCursor;
  readonly #value = new DecimalReader();
  readonly #time = new UnixTimeReader();
  #now = 0;

  constructor(collector: RowCollector, maxLineBytes: number, options: GraphiteOptions) {
    super(collector, maxLineBytes);
    this.#options = options;
    this.#cursor = new SeriesCursor(options.seriesTable);
  }

  override push(bytes: Uint8Array): void {
    this.#now = this.#options.now();
    super.push(bytes);
  }

  /** A line of three words, one blank between them, of a path that is known: where the next begins, or 0. */
  protected override plainLine(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): number {
    let i = this.#cursor.endOfExpected(view, start);
    let series: RowSeries | undefined;
    if (i >= 0 && i < end && bytes[i] === SPACE) series = this.#cursor.takeExpected();
    else {
      i = start;
      while (i < end && bytes[i]! > SPACE) i++;
      if (i === end || bytes[i] !== SPACE) return 0;
      series = this.#cursor.find(view, start, i);
      if (series === undefined) return 0;
    }
    const valueEnd = this.#value.read(bytes, i + 1, end);
    if (valueEnd < 0 || valueEnd === end || bytes[valueEnd] !== SPACE) return 0;
    // A sign is left to the exact way: -1 has a meaning of its own.
    let next = this.#time.read(bytes, valueEnd + 1, end, MS_FROM);
    if (next < 0 || this.#time.t < 0) return 0;
    if (next < end && bytes[next] === CARRIAGE_RETURN) next++;
    if (next < end && bytes[next] !== LINE_FEED) return 0;
    this.#add(series);
    return next === end ? end : next + 1;
  }

  protected override decodeLine(bytes: Uint8Array, start: number, end: number): string | undefined {
    const from = skipBlanks(bytes, start, end);
    let to = trimBlanks(bytes, from, end);
    if (from === to) return undefined;
    const lastWord = wordStart(bytes, from, to);
    if (lastWord === from) return `no value: ${quote(bytes, from, to)}`;
    const beforeLast = trimBlanks(bytes, from, lastWord);
    const middleWord = wordStart(bytes, from, beforeLast);
    const hasTime = middleWord > from;
    const valueAt = hasTime ? middleWord : lastWord;
    const valueEnd = hasTime ? beforeLast : to;
    if (hasTime && !this.#readTime(bytes, lastWord, to)) {
      return `bad timestamp ${quote(bytes, lastWord, to)}`;
    }
    if (!hasTime) this.#setNow();
    if (!this.#value.readWhole(bytes, valueAt, valueEnd)) {
      return `bad value ${quote(bytes, valueAt, valueEnd)}`;
    }
    to = trimBlanks(bytes, from, valueAt);
    const series = seriesOfPath(bytes, from, to, this.collector, this.#options);
    if (typeof series === 'string') return series;
    this.#add(series);
    return undefined;
  }

  #readTime(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start === 1 && bytes[start] === UPPER_N) {
      this.#setNow();
      return true;
    }
    if (this.#time.read(bytes, start, end, MS_FROM) !== end) return false;
    // As carbon does: whatever is -1 once its fraction is dropped.
    if (this.#time.t < 0 && Math.trunc(this.#time.t / 1000) === -1) this.#setNow();
    return true;
  }

  #setNow(): void {
    this.#time.t = this.#now;
    this.#time.isCut = false;
  }

  #add(series: RowSeries): void {
    const { collector } = this;
    const { value, isRounded } = this.#value;
    if (Number.isNaN(value)) {
      collector.losses.nan_dropped++;
      return;
    }
    if (isRounded) collector.losses.integer_rounded++;
    if (this.#time.isCut) collector.losses.time_below_millisecond++;
    collector.add(series, this.#time.t, value);
  }
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && isBlank(bytes[i]!)) i++;
  return i;
}

function trimBlanks(bytes: Uint8Array, start: number, end: number): number {
  let i = end;
  while (i > start && isBlank(bytes[i - 1]!)) i--;
  return i;
}

/** Where the word begins that ends at `end`. */
function wordStart(bytes: Uint8Array, start: number, end: number): number {
  let i = end;
  while (i > start && !isBlank(bytes[i - 1]!)) i--;
  return i;
}

function quote(bytes: Uint8Array, start: number, end: number): string {
  const cut = bytes.slice(start, Math.min(end, start + MAX_QUOTED));
  return JSON.stringify(new TextDecoder().decode(cut)) + (end - start > MAX_QUOTED ? '…' : '');
}
