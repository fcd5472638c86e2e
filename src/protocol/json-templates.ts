// The short way through a list of JSON objects of which each names a series: an object whose bytes are those of an
// earlier one, but for its numbers, means the same but for them. Where it is not known the JSON reader reads it, and
// says what its numbers were.

import type { RowSeries } from '../storage/rows.ts';
import { DecimalReader } from './decimal.ts';
import type { JsonReader } from './json-reader.ts';
import { isJsonNumber } from './json-scalar.ts';
import { SeriesCursor } from './series-cursor.ts';
import { hashKey, type SeriesTable, viewOf } from './series-table.ts';

/** Longer objects rarely repeat. */
const MAX_KEY_BYTES = 4096;
/** Objects with more numbers are left to the JSON reader, too. */
const MAX_NUMBERS = 64;
/** In the place of a number; JSON has no such byte. */
const HOLE = 0;

const QUOTE = 0x22;
const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const BACKSLASH = 0x5c;
const LOWER_E = 0x65;
/** `[`, `{`, `]`, `}` with this bit set are one pair. */
const LOWER = 0x20;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** What objects with the same bytes around their numbers mean. */
export interface JsonTemplate {
  readonly series: RowSeries;
  /** Where the numbers are in the key, which has one byte for each. */
  readonly holes: readonly number[];
  /** By number: its place in {@link JsonTemplates.values}, -1 for one that means nothing. */
  readonly slots: readonly number[];
  /** Numbers that mean something. */
  readonly slotCount: number;
}

/** Where the JSON reader has found the numbers of an object; filled by whoever reads it. */
export class NumberPlaces {
  /** By slot: where the number is in the body, -1 if it was none or not written as one. */
  readonly slots: number[] = [];
  /** Beginnings and ends, in turn, of what was passed over. */
  readonly skipped: number[] = [];

  clear(): void {
    this.slots.length = 0;
    this.skipped.length = 0;
  }

  /** Notes the value before which the reader stands as that of a slot; of a slot that is noted again the last counts. */
  note(reader: JsonReader, slot: number): void {
    this.slots[slot] = reader.kind() === 'number' ? reader.position : -1;
  }

  /** Passes over a value: its numbers mean nothing. */
  skip(reader: JsonReader): void {
    const from = reader.position;
    reader.skip();
    this.skipped.push(from, reader.position);
  }

  isSkipped(position: number): boolean {
    for (let i = 0; i < this.skipped.length; i += 2) {
      if (position >= this.skipped[i]! && position < this.skipped[i + 1]!) return true;
    }
    return false;
  }
}

/** Reads the objects of one body after another. */
export class JsonTemplates {
  /** By slot, of the object {@link read} last. */
  readonly values: Float64Array = new Float64Array(MAX_NUMBERS);
  /** By slot: 1 for an integer that no double is. */
  readonly areRounded: Uint8Array = new Uint8Array(MAX_NUMBERS);
  readonly #table: SeriesTable<JsonTemplate>;
  readonly #cursor: SeriesCursor<JsonTemplate>;
  readonly #number = new DecimalReader();
  readonly #key = new Uint8Array(MAX_KEY_BYTES);
  readonly #keyView = viewOf(this.#key);
  /** Of the object at hand, if {@link read} did not know it and it is one to remember; else 0. */
  #keyLength = 0;
  #count = 0;
  /** Of its numbers: where they are in the body, and in the key. */
  readonly #starts: number[] = [];
  readonly #holes: number[] = [];

  /** `table` is for one way to make series of objects, and one set of extra labels. */
  constructor(table: SeriesTable<JsonTemplate>) {
    this.#table = table;
    this.#cursor = new SeriesCursor(table);
  }

  /** Reads the value at `start`, if it is a known object: see {@link template}. Otherwise -1; else where it ends. */
  read(bytes: Uint8Array, view: DataView, start: number): number {
    this.#keyLength = 0;
    const end = this.#readExpected(bytes, view, start);
    if (end >= 0) {
      this.#cursor.takeExpected();
      return end;
    }
    return bytes[start] === OPEN ? this.#readKnown(bytes, start) : -1;
  }

  /** What the object {@link read} last is. */
  get template(): JsonTemplate {
    return this.#cursor.current;
  }

  /** True if the object that {@link read} did not know is one to {@link learn}. Every slot must have a number. */
  canLearn(places: NumberPlaces): boolean {
    return this.#keyLength > 0 && this.#slotsOf(places) !== undefined;
  }

  /** Remembers what such an object means. */
  learn(series: RowSeries, places: NumberPlaces): void {
    const slots = this.#slotsOf(places);
    if (slots === undefined || this.#keyLength === 0) return;
    const length = this.#keyLength;
    const hash = hashKey(this.#keyView, 0, length);
    const holes = this.#holes.slice(0, this.#count);
    this.#table.add(this.#keyView, 0, length, hash, {
      series,
      holes,
      slots,
      slotCount: places.slots.length,
    });
    this.#keyLength = 0;
  }

  #slotsOf(places: NumberPlaces): number[] | undefined {
    const slots: number[] = [];
    let found = 0;
    for (let n = 0; n < this.#count; n++) {
      const slot = places.slots.indexOf(this.#starts[n]!);
      if (slot >= 0) found++;
      else if (!places.isSkipped(this.#starts[n]!)) return undefined;
      slots.push(slot);
    }
    return found === places.slots.length ? slots : undefined;
  }

  /** Compares the object with the one that should come, without looking for its end. */
  #readExpected(bytes: Uint8Array, view: DataView, start: number): number {
    const { expected } = this.#cursor;
    if (expected < 0) return -1;
    const { holes, slots } = this.#table.at(expected);
    let i = start;
    let from = 0;
    for (let n = 0; n < holes.length; n++) {
      const to = holes[n]!;
      if (!this.#table.isAt(expected, from, to, view, i)) return -1;
      i = this.#readNumber(bytes, i + to - from, slots[n]!);
      if (i < 0) return -1;
      from = to + 1;
    }
    const length = this.#table.keyLength(expected);
    return this.#table.isAt(expected, from, length, view, i) ? i + length - from : -1;
  }

  #readKnown(bytes: Uint8Array, start: number): number {
    const end = this.#scan(bytes, start);
    if (end < 0) return -1;
    const template = this.#cursor.find(this.#keyView, 0, this.#keyLength);
    if (template === undefined) return -1;
    this.#keyLength = 0;
    // A byte of the body itself can look like a hole: then there are fewer numbers.
    if (template.holes.length !== this.#count) return -1;
    for (let n = 0; n < this.#count; n++) {
      const numberEnd = this.#readNumber(bytes, this.#starts[n]!, template.slots[n]!);
      if (numberEnd < 0 || isOfNumber(bytes[numberEnd]!)) return -1;
    }
    return end;
  }

  /** Reads a number of JSON; answers where it ends, or -1. */
  #readNumber(bytes: Uint8Array, start: number, slot: number): number {
    const number = this.#number;
    const end = number.read(bytes, start, bytes.length);
    if (end < 0 || !isJsonNumber(bytes, start, end, number.isInteger)) return -1;
    if (slot >= 0) {
      this.values[slot] = number.value;
      this.areRounded[slot] = number.isRounded ? 1 : 0;
    }
    return end;
  }

  /** Makes the key of the object at `start`, and finds its numbers; answers where it ends, or -1. */
  #scan(bytes: Uint8Array, start: number): number {
    const key = this.#key;
    let length = 0;
    let count = 0;
    let depth = 0;
    for (let i = start; i < bytes.length && length < MAX_KEY_BYTES; ) {
      const byte = bytes[i]!;
      if (byte === QUOTE) {
        const end = stringEnd(bytes, i);
        if (end < 0 || length + end - i > MAX_KEY_BYTES) return -1;
        while (i < end) key[length++] = bytes[i++]!;
        continue;
      }
      if (byte === MINUS || (byte >= ZERO && byte <= NINE)) {
        if (count === MAX_NUMBERS) return -1;
        this.#starts[count] = i;
        this.#holes[count++] = length;
        key[length++] = HOLE;
        do i++;
        while (i < bytes.length && isOfNumber(bytes[i]!));
        continue;
      }
      key[length++] = byte;
      i++;
      if ((byte | LOWER) === OPEN) depth++;
      else if ((byte | LOWER) === CLOSE) {
        depth--;
        if (depth > 0) continue;
        this.#keyLength = length;
        this.#count = count;
        return i;
      }
    }
    return -1;
  }
}

/** Behind the closing quote of the string that begins at `start`; -1 if there is none. */
function stringEnd(bytes: Uint8Array, start: number): number {
  for (let i = start + 1; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === BACKSLASH) i++;
    else if (byte === QUOTE) return i + 1;
  }
  return -1;
}

/** Any byte that a number may have in it; false behind the end. */
function isOfNumber(byte: number): boolean {
  if (byte >= ZERO && byte <= NINE) return true;
  return byte === PLUS || byte === MINUS || byte === DOT || (byte | LOWER) === LOWER_E;
}
