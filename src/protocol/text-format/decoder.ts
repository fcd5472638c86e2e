// The Prometheus text format and OpenMetrics: bytes → samples. A line of a series that is known and with nothing
// unusual in it takes one pass over its bytes; every other is read by the exact way.

import type { LabelSource, RowSeries } from '../../storage/rows.ts';
import { DecimalReader } from '../decimal.ts';
import type { RowCollector } from '../row-collector.ts';
import { SeriesCursor } from '../series-cursor.ts';
import { hashKey, type SeriesTable, viewOf } from '../series-table.ts';
import { LineStreamDecoder } from '../stream-decoder.ts';
import { UnixTimeReader } from '../unix-time.ts';
import { parseExemplar, type TextExemplar } from './exemplar.ts';
import { MetadataLines } from './metadata-lines.ts';
import { parseSeries, quote, SampleLine, skipBlanks } from './sample-line.ts';
import { OpenMetricsSeries, StartTimes } from './start-times.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const HASH = 0x23;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/**
 * In the text format a timestamp is in milliseconds, but senders exist that write seconds: below this it is taken for
 * seconds, as VictoriaMetrics does. In milliseconds that is January 1970.
 */
const MS_FROM = 2 ** 31;

export interface TextFormatOptions {
  /** OpenMetrics: timestamps are seconds, comments behind samples are exemplars, `_created` is a start time. */
  readonly isOpenMetrics: boolean;
  /** ms: of samples without a timestamp. */
  readonly now: number;
  /** Not to be shared between the two formats. */
  readonly seriesTable: SeriesTable;
}

export class TextFormatDecoder extends LineStreamDecoder {
  readonly #options: TextFormatOptions;
  readonly #cursor: SeriesCursor;
  readonly #msFrom: number;
  readonly #value = new DecimalReader();
  readonly #time = new UnixTimeReader();
  readonly #line = new SampleLine();
  readonly #metadata: MetadataLines;
  readonly #startTimes: StartTimes;

  constructor(collector: RowCollector, maxLineBytes: number, options: TextFormatOptions) {
    super(collector, maxLineBytes);
    this.#options = options;
    this.#cursor = new SeriesCursor(options.seriesTable);
    this.#msFrom = options.isOpenMetrics ? Number.POSITIVE_INFINITY : MS_FROM;
    this.#metadata = new MetadataLines(collector);
    this.#startTimes = new StartTimes(collector, (family) => this.#metadata.typeOf(family));
  }

  override end(): void {
    super.end();
    this.#startTimes.flush();
    this.#metadata.end();
  }

  /** Decodes `name{labels} value [timestamp]` of a known series; answers where the next line begins, or 0. */
  protected override plainLine(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): number {
    // Where a sample may have to wait for its start time, or comes too late, there is no short way.
    if (this.#options.isOpenMetrics) return 0;
    let i = this.#cursor.endOfExpected(view, start);
    let series: RowSeries | undefined;
    if (i >= 0 && i < end && bytes[i] === SPACE) series = this.#cursor.takeExpected();
    else {
      i = plainSeriesEnd(bytes, start, end);
      if (i >= end || bytes[i] !== SPACE || bytes[start] === HASH) return 0;
      series = this.#cursor.find(view, start, i);
      if (series === undefined) return 0;
    }
    const valueEnd = this.#value.read(bytes, i + 1, end);
    if (valueEnd < 0) return 0;
    let next = valueEnd;
    let t = this.#options.now;
    if (next < end && bytes[next] === SPACE) {
      next = this.#time.read(bytes, next + 1, end, MS_FROM);
      // Zero and what lies before it have meanings of their own.
      if (next < 0 || this.#time.t <= 0) return 0;
      t = this.#time.t;
    } else this.#time.isCut = false;
    if (next < end && bytes[next] === CARRIAGE_RETURN) next++;
    if (next < end && bytes[next] !== LINE_FEED) return 0;
    this.#count();
    this.collector.add(series, t, this.#value.value);
    return next === end ? end : next + 1;
  }

  protected override decodeLine(bytes: Uint8Array, start: number, end: number): string | undefined {
    const from = skipBlanks(bytes, start, end);
    if (from === end) return undefined;
    if (this.#metadata.isAtEnd && this.#options.isOpenMetrics) return 'data after # EOF';
    if (bytes[from] === HASH) return this.#metadata.read(bytes, from, end);
    const line = this.#line;
    const problem = line.scan(bytes, from, end) ?? this.#readNumbers(bytes, line);
    if (problem !== undefined) return problem;
    const exemplar = this.#exemplarOf(bytes, line);
    if (typeof exemplar === 'string') return exemplar;
    const series = this.#seriesOf(bytes, line.series.start, line.series.end);
    if (typeof series === 'string') return series;
    this.#count();
    const { t } = this.#time;
    const { value } = this.#value;
    if (series instanceof OpenMetricsSeries) this.#startTimes.add(series, t, value, exemplar);
    else this.collector.add(series, t, value);
    return undefined;
  }

  #readNumbers(bytes: Uint8Array, { value, timestamp }: SampleLine): string | undefined {
    if (!this.#value.readWhole(bytes, value.start, value.end)) {
      return `bad value ${quote(bytes, value.start, value.end)}`;
    }
    const time = this.#time;
    const { start, end } = timestamp;
    if (start === end) return this.#setNow();
    if (time.read(bytes, start, end, this.#msFrom) !== end) {
      return `bad timestamp ${quote(bytes, start, end)}`;
    }
    if (this.#options.isOpenMetrics) return undefined;
    if (time.t === 0) return this.#setNow();
    // Seconds came out as milliseconds; so far back they were milliseconds.
    if (time.t < -MS_FROM * 1000) time.set(time.t / 1000, Number.NEGATIVE_INFINITY);
    return undefined;
  }

  #setNow(): undefined {
    this.#time.t = this.#options.now;
    this.#time.isCut = false;
  }

  /** The exemplar behind a sample, if there is one. */
  #exemplarOf(bytes: Uint8Array, { comment }: SampleLine): TextExemplar | string | undefined {
    if (comment.start === comment.end || !this.#options.isOpenMetrics) return undefined;
    return parseExemplar(bytes, comment.start, comment.end);
  }

  #seriesOf(bytes: Uint8Array, start: number, end: number): RowSeries | string {
    const { seriesTable, isOpenMetrics } = this.#options;
    const view = viewOf(bytes);
    const hash = hashKey(view, start, end);
    const known = seriesTable.find(view, start, end, hash);
    if (known !== undefined) return known;
    const labels = parseSeries(bytes, start, end);
    if (typeof labels === 'string') return labels;
    const series = isOpenMetrics
      ? new OpenMetricsSeries(this.collector.withExtraLabels(labels))
      : this.collector.keyedSeriesOf(WRITTEN_SERIES, latin1Text(bytes, start, end), labels);
    seriesTable.add(view, start, end, hash, series);
    return series;
  }

  /** Counts what the numbers at hand have lost. */
  #count(): void {
    const { losses } = this.collector;
    if (this.#value.isRounded) losses.integer_rounded++;
    if (this.#time.isCut) losses.time_below_millisecond++;
  }
}

/** Series as they are written, a character for each byte. */
const WRITTEN_SERIES: LabelSource<string> = {
  labelsOf: (written) => {
    const bytes = Buffer.from(written, 'latin1');
    const labels = parseSeries(bytes, 0, bytes.length);
    if (typeof labels === 'string') throw new Error(`${labels}, though they have been read before`);
    return labels;
  },
};

function latin1Text(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}

/** Where name and labels end that begin at `start`; `end` or past it if there is anything unusual in them. */
function plainSeriesEnd(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && bytes[i]! > SPACE && bytes[i] !== OPEN) i++;
  if (i === end || bytes[i] !== OPEN) return i;
  let isQuoted = false;
  for (; i < end; i++) {
    const byte = bytes[i]!;
    if (byte < SPACE || byte === BACKSLASH) return end;
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (byte === CLOSE && !isQuoted) break;
  }
  return i + 1;
}
