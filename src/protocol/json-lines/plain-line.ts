// The one-pass way through lines as VictoriaMetrics writes them, of series that came before: metric, values,
// timestamps, in this order and without blanks. Whatever it does not know for certain it leaves to the exact way.

import type { Label } from '../../model/labels.ts';
import type { RowSeries } from '../../storage/rows.ts';
import { DecimalReader } from '../decimal.ts';
import { isJsonNumber } from '../json-scalar.ts';
import type { RowCollector } from '../row-collector.ts';
import { SeriesCursor } from '../series-cursor.ts';
import { hashKey, type SeriesTable, viewOf } from '../series-table.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const ZERO = 0x30;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const CLOSE = 0x7d;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Digits of a time in ms that a double holds exactly. */
const MAX_TIME_DIGITS = 15;

const METRIC = Buffer.from('{"metric":');
const VALUES = Buffer.from(',"values":[');
const TIMESTAMPS = Buffer.from('],"timestamps":[');

export class PlainJsonLine {
  readonly #table: SeriesTable;
  readonly #cursor: SeriesCursor;
  readonly #collector: RowCollector;
  readonly #value = new DecimalReader();
  #values = new Float64Array(1024);
  #times = new Float64Array(1024);
  /** Of the list read last. */
  #count = 0;

  constructor(table: SeriesTable, collector: RowCollector) {
    this.#table = table;
    this.#cursor = new SeriesCursor(table);
    this.#collector = collector;
  }

  /** Decodes the line at `start`; answers where the next one begins, or 0 if it is not a plain one. */
  decode(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    if (!isAt(bytes, start, end, METRIC)) return 0;
    const keyAt = start + METRIC.length;
    let keyEnd = this.#cursor.endOfExpected(view, keyAt);
    let series: RowSeries | undefined;
    if (keyEnd >= 0) series = this.#cursor.takeExpected();
    else {
      keyEnd = labelsEnd(bytes, keyAt, end);
      if (keyEnd < 0) return 0;
      series = this.#cursor.find(view, keyAt, keyEnd);
      if (series === undefined) return 0;
    }
    if (!isAt(bytes, keyEnd, end, VALUES)) return 0;
    const valuesEnd = this.#readValues(bytes, keyEnd + VALUES.length, end);
    if (valuesEnd === 0 || !isAt(bytes, valuesEnd, end, TIMESTAMPS)) return 0;
    const count = this.#count;
    const timesEnd = this.#readTimes(bytes, valuesEnd + TIMESTAMPS.length, end);
    if (timesEnd === 0 || this.#count !== count) return 0;
    let i = timesEnd + 1;
    if (i >= end || bytes[i] !== CLOSE) return 0;
    i++;
    if (i < end && bytes[i] === CARRIAGE_RETURN) i++;
    if (i < end && bytes[i] !== LINE_FEED) return 0;
    this.#add(series, count);
    return Math.min(i + 1, end);
  }

  /** The series of a line that is read the exact way, remembered if its key is where a plain line has it. */
  seriesOf(bytes: Uint8Array, start: number, end: number, labels: readonly Label[]): RowSeries {
    const keyAt = start + METRIC.length;
    const keyEnd = isAt(bytes, start, end, METRIC) ? labelsEnd(bytes, keyAt, end) : -1;
    if (keyEnd < 0) return this.#collector.seriesOf(labels);
    const view = viewOf(bytes);
    const hash = hashKey(view, keyAt, keyEnd);
    const known = this.#table.find(view, keyAt, keyEnd, hash);
    if (known !== undefined) return known;
    const series = this.#collector.seriesOf(labels);
    this.#table.add(view, keyAt, keyEnd, hash, series);
    return series;
  }

  /** Reads numbers up to the end of their list; answers where its bracket is, or 0. */
  #readValues(bytes: Uint8Array, start: number, end: number): number {
    const value = this.#value;
    let i = start;
    let count = 0;
    for (;;) {
      const next = value.read(bytes, i, end);
      if (next < 0 || next === end || !isJsonNumber(bytes, i, next, value.isInteger)) return 0;
      if (count === this.#values.length) this.#values = doubled(this.#values);
      this.#values[count++] = value.value;
      if (bytes[next] === CLOSE_LIST) {
        this.#count = count;
        return next;
      }
      if (bytes[next] !== COMMA) return 0;
      i = next + 1;
    }
  }

  #readTimes(bytes: Uint8Array, start: number, end: number): number {
    let i = start;
    let count = 0;
    for (;;) {
      const first = i;
      let t = 0;
      for (; i < end; i++) {
        const digit = bytes[i]! - ZERO;
        if (!(digit >= 0 && digit <= 9)) break;
        t = t * 10 + digit;
      }
      const digits = i - first;
      if (digits === 0 || digits > MAX_TIME_DIGITS || i === end) return 0;
      // JSON has no zeros in front.
      if (digits > 1 && bytes[first] === ZERO) return 0;
      if (count === this.#times.length) this.#times = doubled(this.#times);
      this.#times[count++] = t;
      if (bytes[i] === CLOSE_LIST) {
        this.#count = count;
        return i;
      }
      if (bytes[i] !== COMMA) return 0;
      i++;
    }
  }

  #add(series: RowSeries, count: number): void {
    const [values, times] = [this.#values, this.#times];
    for (let n = 0; n < count; n++) this.#collector.add(series, times[n]!, values[n]!);
  }
}

/** Behind the brace that closes the labels at `start`; -1 if there is anything unusual in them. */
function labelsEnd(bytes: Uint8Array, start: number, end: number): number {
  let isQuoted = false;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === BACKSLASH || byte === LINE_FEED) return -1;
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (byte === CLOSE && !isQuoted) return i + 1;
  }
  return -1;
}

function isAt(bytes: Uint8Array, at: number, end: number, text: Uint8Array): boolean {
  if (text.length > end - at) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
}

function doubled(old: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(old.length * 2);
  larger.set(old);
  return larger;
}
