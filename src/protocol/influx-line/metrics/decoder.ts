// Line protocol as metrics: one series for each field of a measurement, as VictoriaMetrics has them. Unlike the
// InfluxDB face it keeps no types of fields. A line of known series and plain numbers takes one pass over its bytes.

import type { RowSeries } from '../../../storage/rows.ts';
import { DecimalReader } from '../../decimal.ts';
import type { RowCollector } from '../../row-collector.ts';
import { SeriesCursor } from '../../series-cursor.ts';
import { hashKey, viewOf } from '../../series-table.ts';
import { LineStreamDecoder } from '../../stream-decoder.ts';
import { parseBoolean } from '../number.ts';
import { fieldNamesOf, LineFields } from './line-fields.ts';
import { decodePart, findPlain, findUnquoted, parseKey, quote, skipSpaces } from './line-parts.ts';
import { LineTime } from './line-time.ts';
import type { LineMetricsOptions } from './options.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const HASH = 0x23;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const LOWER_I = 0x69;
const LOWER_U = 0x75;

/** Fields of one line: more are decoded by the exact way, which has no such limit. */
const MAX_PLAIN_FIELDS = 1024;

/** What a field's value is. */
const Value = { number: 0, boolean: 1, string: 2 } as const;
type Value = (typeof Value)[keyof typeof Value];

export class LineMetricsDecoder extends LineStreamDecoder {
  readonly #options: LineMetricsOptions;
  readonly #cursor: SeriesCursor<LineFields>;
  readonly #value = new DecimalReader();
  readonly #time: LineTime;
  /** Samples of the line at hand, whose time comes last. */
  readonly #series: RowSeries[] = [];
  readonly #values = new Float64Array(MAX_PLAIN_FIELDS);

  constructor(collector: RowCollector, maxLineBytes: number, options: LineMetricsOptions) {
    super(collector, maxLineBytes);
    this.#options = options;
    this.#cursor = new SeriesCursor(options.seriesTable);
    this.#time = new LineTime(options.precision, options.now);
  }

  /** Decodes a line with nothing unusual in it; answers where the next one begins, or 0. */
  protected override plainLine(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): number {
    let i = this.#cursor.endOfExpected(view, start);
    let fields: LineFields | undefined;
    if (i >= 0 && i < end && bytes[i] === SPACE) fields = this.#cursor.takeExpected();
    else {
      i = plainKeyEnd(bytes, start, end);
      if (i === end || bytes[start] === HASH) return 0;
      fields = this.#cursor.find(view, start, i);
      if (fields === undefined) return 0;
    }
    let count = 0;
    let rounded = 0;
    let place = -1;
    do {
      const nameStart = i + 1;
      i = nameStart;
      while (i < end && bytes[i] !== EQUALS && bytes[i]! > SPACE) i++;
      if (i === end || bytes[i] !== EQUALS || count === MAX_PLAIN_FIELDS) return 0;
      place = fields.names.find(bytes, nameStart, i, place + 1);
      if (place < 0) return 0;
      i = this.#value.read(bytes, i + 1, end);
      if (i < 0) return 0;
      if (i < end && (bytes[i] === LOWER_I || bytes[i] === LOWER_U)) {
        if (!this.#value.isInteger) return 0;
        i++;
      }
      if (this.#value.isRounded) rounded++;
      this.#series[count] = fields.seriesAt(place, this.collector);
      this.#values[count++] = this.#value.value;
    } while (i < end && bytes[i] === COMMA);
    if (count === 1 && this.#options.naming.skipsSingleField) return 0;
    i = this.#plainTime(bytes, i, end);
    if (i === 0) return 0;
    if (rounded > 0) this.collector.losses.integer_rounded += rounded;
    if (this.#time.isCut) this.collector.losses.time_below_millisecond += count;
    const { t } = this.#time;
    for (let n = 0; n < count; n++) this.collector.add(this.#series[n]!, t, this.#values[n]!);
    return i;
  }

  /** Reads the rest of a line; answers where the next one begins, or 0. */
  #plainTime(bytes: Uint8Array, start: number, end: number): number {
    let i = start;
    if (i < end && bytes[i] === SPACE) {
      i = this.#time.read(bytes, i + 1, end);
      if (i < 0) return 0;
    } else this.#time.setNow();
    if (i < end && bytes[i] === CARRIAGE_RETURN) i++;
    if (i === end) return end;
    return bytes[i] === LINE_FEED ? i + 1 : 0;
  }

  protected override decodeLine(bytes: Uint8Array, start: number, end: number): string | undefined {
    if (bytes[start] === HASH) return undefined;
    const keyEnd = findPlain(bytes, SPACE, start, end);
    if (keyEnd === end) return `no fields: ${quote(bytes, start, end)}`;
    const fields = this.#fieldsOf(bytes, start, keyEnd);
    if (typeof fields === 'string') return fields;
    const fieldsAt = skipSpaces(bytes, keyEnd, end);
    const fieldsEnd = findUnquoted(bytes, SPACE, fieldsAt, end);
    if (fieldsEnd < 0) return `quotes are not closed: ${quote(bytes, fieldsAt, end)}`;
    // Before the fields: a line whose time is wrong has no samples.
    const problem = this.#readTime(bytes, fieldsEnd, end);
    return problem ?? this.#decodeFields(bytes, fieldsAt, fieldsEnd, fields);
  }

  #fieldsOf(bytes: Uint8Array, start: number, end: number): LineFields | string {
    const { seriesTable, naming } = this.#options;
    const view = viewOf(bytes);
    const hash = hashKey(view, start, end);
    const known = seriesTable.find(view, start, end, hash);
    if (known !== undefined) return known;
    const key = parseKey(bytes, start, end);
    if (typeof key === 'string') return key;
    const names = fieldNamesOf(seriesTable, key.measurement, naming);
    const fields = new LineFields(names, key.tags);
    seriesTable.add(view, start, end, hash, fields);
    return fields;
  }

  #readTime(bytes: Uint8Array, start: number, end: number): string | undefined {
    const at = skipSpaces(bytes, start, end);
    if (at === end) {
      this.#time.setNow();
      return undefined;
    }
    const timeEnd = this.#time.read(bytes, at, end);
    if (timeEnd >= 0 && skipSpaces(bytes, timeEnd, end) === end) return undefined;
    return `bad timestamp ${quote(bytes, at, end)}`;
  }

  /** All fields are looked at before any is stored. */
  #decodeFields(
    bytes: Uint8Array,
    start: number,
    end: number,
    fields: LineFields,
  ): string | undefined {
    const found: { readonly series: RowSeries; readonly kind: Value; readonly value: number }[] =
      [];
    let rounded = 0;
    const isSingle = findUnquoted(bytes, COMMA, start, end) === end;
    for (let at = start; at <= end; ) {
      const fieldEnd = findUnquoted(bytes, COMMA, at, end);
      const equals = findPlain(bytes, EQUALS, at, fieldEnd);
      if (equals === fieldEnd) return `field without a value: ${quote(bytes, at, fieldEnd)}`;
      const name = decodePart(bytes, at, equals);
      if (name === undefined) return 'not valid UTF-8';
      if (name === '') return `value without a field: ${quote(bytes, at, fieldEnd)}`;
      const kind = this.#readValue(bytes, equals + 1, fieldEnd);
      if (kind === undefined)
        return `bad value of field ${name}: ${quote(bytes, equals + 1, fieldEnd)}`;
      if (this.#value.isRounded && kind !== Value.string) rounded++;
      const { naming, strings } = this.#options;
      if (kind === Value.string && strings === 'reject') return `field ${name} is a string`;
      const isAlone = isSingle && naming.skipsSingleField;
      const place = isAlone ? -1 : fields.names.placeOf(name, bytes.subarray(at, equals));
      const series =
        place >= 0
          ? fields.seriesAt(place, this.collector)
          : this.collector.seriesOf(fields.labelsWith(fields.names.metricOf(name, isAlone)));
      found.push({ series, kind, value: this.#value.value });
      at = fieldEnd + 1;
    }
    const { losses } = this.collector;
    losses.integer_rounded += rounded;
    for (const { series, kind, value } of found) {
      if (kind === Value.boolean) losses.boolean_as_number++;
      if (kind === Value.string && this.#options.strings === 'drop') {
        losses.string_dropped++;
        continue;
      }
      if (kind === Value.string) losses.string_as_zero++;
      if (this.#time.isCut) losses.time_below_millisecond++;
      this.collector.add(series, this.#time.t, value);
    }
    return undefined;
  }

  /** Reads a value into `#value`; its kind, or undefined if it is none. */
  #readValue(bytes: Uint8Array, start: number, end: number): Value | undefined {
    const value = this.#value;
    if (start === end) return undefined;
    if (bytes[start] === QUOTE) {
      if (end - start < 2 || bytes[end - 1] !== QUOTE) return undefined;
      // Some agents write numbers as texts.
      if (value.readWhole(bytes, start + 1, end - 1) && !Number.isNaN(value.value)) {
        return Value.number;
      }
      value.value = 0;
      return Value.string;
    }
    const boolean = parseBoolean(bytes, start, end);
    if (boolean !== undefined) {
      value.value = Number(boolean);
      value.isRounded = false;
      return Value.boolean;
    }
    const last = bytes[end - 1];
    if (last === LOWER_I || last === LOWER_U) {
      const isWhole = value.read(bytes, start, end) === end - 1;
      return isWhole && value.isInteger ? Value.number : undefined;
    }
    return value.readWhole(bytes, start, end) ? Value.number : undefined;
  }
}

/** Where the key ends that begins at `start`, at a space; `end` if there is anything unusual in it. */
function plainKeyEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === SPACE) return i;
    if (byte < SPACE || byte === BACKSLASH) return end;
  }
  return end;
}
