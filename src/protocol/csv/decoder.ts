// CSV as samples: cells of a line are labels, values and a time, as columns say.

import { type Label, METRIC_NAME } from '../../model/labels.ts';
import type { RowSeries } from '../../storage/rows.ts';
import { DecimalReader } from '../decimal.ts';
import type { RowCollector } from '../row-collector.ts';
import { hashKey, type SeriesTable, viewOf } from '../series-table.ts';
import { LineStreamDecoder } from '../stream-decoder.ts';
import { decodeUtf8 } from '../string-cache.ts';
import { CellScanner } from './cell-scanner.ts';
import type { CsvColumns, CsvTimeFormat } from './import-columns.ts';
import { readTime } from './read-time.ts';

/** Characters of a cell quoted in a message. */
const MAX_QUOTED = 100;
/** Digits of a Unix time that a double holds exactly. */
const MAX_UNIX_DIGITS = 15;
const NS_DIGITS = 6;

export interface CsvOptions {
  readonly columns: CsvColumns;
  /** ms: of lines whose cell of time is empty or 0, or that have none. */
  readonly now: number;
  /** By the label cells of a line as written: a series for each metric. Not to be shared between different columns. */
  readonly seriesTable: SeriesTable<readonly RowSeries[]>;
}

/**
 * A first line of which a value or time cannot be read is a header. Empty cells are as if they were not there. A line
 * with anything wrong has no samples.
 */
export class CsvDecoder extends LineStreamDecoder {
  readonly #options: CsvOptions;
  readonly #cells: CellScanner;
  readonly #value = new DecimalReader();
  readonly #values: Float64Array;
  /** Metrics, by number, that the line at hand has. */
  readonly #present: Uint32Array;
  #t = 0;
  #isTimeCut = false;
  /** Label cells of the line at hand, with commas between them. */
  #key = new Uint8Array(256);
  #keyView = viewOf(this.#key);

  constructor(collector: RowCollector, maxLineBytes: number, options: CsvOptions) {
    super(collector, maxLineBytes);
    this.#options = options;
    const { columns } = options;
    this.#cells = new CellScanner(columns.count);
    this.#values = new Float64Array(columns.metrics.length);
    this.#present = new Uint32Array(columns.metrics.length);
  }

  protected override decodeLine(bytes: Uint8Array, start: number, end: number): string | undefined {
    const isFirst = this.line === 1;
    const from = isFirst ? skipMark(bytes, start, end) : start;
    const problem = this.#cells.scan(bytes, from, end) ?? this.#readLine(bytes);
    if (problem === undefined) return undefined;
    return isFirst && this.#isHeader(bytes) ? undefined : problem;
  }

  #readLine(bytes: Uint8Array): string | undefined {
    const timeProblem = this.#readTime(bytes);
    if (timeProblem !== undefined) return timeProblem;
    const { metrics } = this.#options.columns;
    let count = 0;
    let rounded = 0;
    for (let n = 0; n < metrics.length; n++) {
      const { position, name } = metrics[n]!;
      const cell = this.#cells.at(bytes, position);
      if (cell.start === cell.end) continue;
      if (!this.#value.readWhole(cell.bytes, cell.start, cell.end)) {
        return `bad value of ${name}: ${quote(cell.bytes, cell.start, cell.end)}`;
      }
      if (this.#value.isRounded) rounded++;
      this.#present[count] = n;
      this.#values[count++] = this.#value.value;
    }
    if (count === 0) return undefined;
    const series = this.#seriesOf(bytes);
    if (typeof series === 'string') return series;
    const { collector } = this;
    collector.losses.integer_rounded += rounded;
    if (this.#isTimeCut) collector.losses.time_below_millisecond += count;
    for (let i = 0; i < count; i++) {
      collector.add(series[this.#present[i]!]!, this.#t, this.#values[i]!);
    }
    return undefined;
  }

  /** True if a value or the time of the line scanned last cannot be read. */
  #isHeader(bytes: Uint8Array): boolean {
    const { metrics, time } = this.#options.columns;
    if (time !== undefined && time.position < this.#cells.count && this.#readTime(bytes)) {
      return true;
    }
    return metrics.some(({ position }) => {
      if (position >= this.#cells.count) return false;
      const { bytes: source, start, end } = this.#cells.at(bytes, position);
      return start < end && !this.#value.readWhole(source, start, end);
    });
  }

  #readTime(bytes: Uint8Array): string | undefined {
    const { columns, now } = this.#options;
    this.#t = now;
    this.#isTimeCut = false;
    if (columns.time === undefined) return undefined;
    const { position, format } = columns.time;
    const cell = this.#cells.at(bytes, position);
    if (cell.start === cell.end) return undefined;
    if (!this.#parseTime(cell.bytes, cell.start, cell.end, format)) {
      return `bad time ${quote(cell.bytes, cell.start, cell.end)}`;
    }
    if (this.#t === 0 && !this.#isTimeCut) this.#t = now;
    return undefined;
  }

  #parseTime(bytes: Uint8Array, start: number, end: number, format: CsvTimeFormat): boolean {
    if (format === 'unix_s') return this.#parseUnix(bytes, start, end, 1000);
    if (format === 'unix_ms') return this.#parseUnix(bytes, start, end, 1);
    if (format === 'unix_ns') return this.#parseNanoseconds(bytes, start, end);
    const text = decodeUtf8(bytes, start, end);
    const read = text === undefined ? undefined : readTime(format, text);
    if (read === undefined) return false;
    this.#t = read.t;
    this.#isTimeCut = read.isCut;
    return true;
  }

  #parseUnix(bytes: Uint8Array, start: number, end: number, unitMs: number): boolean {
    const value = this.#value;
    if (value.read(bytes, start, end) !== end || !value.isInteger) return false;
    this.#t = value.value * unitMs;
    return Number.isSafeInteger(this.#t);
  }

  #parseNanoseconds(bytes: Uint8Array, start: number, end: number): boolean {
    const split = end - NS_DIGITS;
    const first = bytes[start] === 0x2d ? start + 1 : start;
    if (split <= first) {
      // Less than a millisecond.
      if (!this.#parseUnix(bytes, start, end, 1)) return false;
      this.#isTimeCut = this.#t !== 0;
      this.#t = 0;
      return true;
    }
    if (end - first > MAX_UNIX_DIGITS + NS_DIGITS) return false;
    let rest = 0;
    for (let i = split; i < end; i++) {
      const digit = bytes[i]! - 0x30;
      if (!(digit >= 0 && digit <= 9)) return false;
      rest |= digit;
    }
    if (!this.#parseUnix(bytes, start, split, 1)) return false;
    this.#isTimeCut = rest !== 0;
    return true;
  }

  #seriesOf(bytes: Uint8Array): readonly RowSeries[] | string {
    const { seriesTable } = this.#options;
    const length = this.#buildKey(bytes);
    const hash = hashKey(this.#keyView, 0, length);
    const known = seriesTable.find(this.#keyView, 0, length, hash);
    if (known !== undefined) return known;
    const labels = this.#labels(bytes);
    if (typeof labels === 'string') return labels;
    const series = this.#options.columns.metrics.map(({ name }) =>
      this.collector.seriesOf([{ name: METRIC_NAME, value: name }, ...labels]),
    );
    seriesTable.add(this.#keyView, 0, length, hash, series);
    return series;
  }

  /** Joins the label cells as they are written; answers their length. */
  #buildKey(bytes: Uint8Array): number {
    const { labels } = this.#options.columns;
    const cells = this.#cells;
    let length = 0;
    for (let n = 0; n < labels.length; n++) {
      const { position } = labels[n]!;
      const start = cells.rawStart(position);
      const size = cells.rawEnd(position) - start;
      if (length + size + 1 > this.#key.length) {
        this.#key = grown(this.#key, length + size + 1);
        this.#keyView = viewOf(this.#key);
      }
      for (let i = 0; i < size; i++) this.#key[length++] = bytes[start + i]!;
      this.#key[length++] = 0x2c;
    }
    return length;
  }

  #labels(bytes: Uint8Array): Label[] | string {
    const labels: Label[] = [];
    for (const { position, name } of this.#options.columns.labels) {
      const cell = this.#cells.at(bytes, position);
      const value = decodeUtf8(cell.bytes, cell.start, cell.end);
      if (value === undefined) return `label ${name} is not valid UTF-8`;
      if (value !== '') labels.push({ name, value });
    }
    return labels;
  }
}

/** Behind the byte order mark that some programs put in front of text. */
function skipMark(bytes: Uint8Array, start: number, end: number): number {
  const isMark = end - start >= 3 && bytes[start] === 0xef && bytes[start + 1] === 0xbb;
  return isMark && bytes[start + 2] === 0xbf ? start + 3 : start;
}

function grown(old: Uint8Array, need: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(need, old.length * 2));
  larger.set(old);
  return larger;
}

function quote(bytes: Uint8Array, start: number, end: number): string {
  const cut = bytes.slice(start, Math.min(end, start + MAX_QUOTED));
  return JSON.stringify(new TextDecoder().decode(cut)) + (end - start > MAX_QUOTED ? '…' : '');
}
