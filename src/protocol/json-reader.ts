// Reads JSON in the order it comes, without building anything: what nobody asks for costs no memory, and numbers
// keep all their digits. Nothing is taken on trust; nesting has a bound.

import { jsonMalformed } from './errors.ts';
import { StringCache } from './string-cache.ts';

/** Deeper nesting is refused, also in what is passed over. */
const MAX_DEPTH = 512;

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null';

const strings = new StringCache(8192);

/**
 * A cursor that stands before a value, or between the members of an object or array. All reads throw
 * JSON_MALFORMED on bytes that are no JSON.
 */
export class JsonReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** True once a value of the object or array at hand has been read: a comma or its end must follow. */
  #isBehindValue = false;

  /** Reads `bytes`; a byte order mark is passed over. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.#at = 3;
  }

  /** Where the cursor is, for {@link seek}. */
  get position(): number {
    return this.#at;
  }

  /** Goes back to, or on to, a value. */
  seek(position: number): void {
    this.#at = position;
    this.#isBehindValue = false;
  }

  /** Goes on behind a value that ends at `position`. */
  seekBehind(position: number): void {
    this.#at = position;
    this.#isBehindValue = true;
  }

  fail(what: string): never {
    throw jsonMalformed(this.#at, what);
  }

  /** What the value at hand is. */
  kind(): JsonKind {
    switch (this.#nextByte()) {
      case OPEN_BRACE:
        return 'object';
      case OPEN_BRACKET:
        return 'array';
      case QUOTE:
        return 'string';
      case 0x74:
        return 'true';
      case 0x66:
        return 'false';
      case 0x6e:
        return 'null';
      default:
        return 'number';
    }
  }

  /** Enters an object. */
  beginObject(): void {
    this.#expect(OPEN_BRACE, 'an object');
    this.#isBehindValue = false;
  }

  /** The next key, standing before its value; undefined behind the end of the object. */
  nextKey(): string | undefined {
    if (this.#isEnd(CLOSE_BRACE)) return undefined;
    const key = this.string();
    this.#expect(COLON, "':'");
    this.#isBehindValue = false;
    return key ?? this.fail('a key is not valid UTF-8');
  }

  /** Enters an array. */
  beginArray(): void {
    this.#expect(OPEN_BRACKET, 'an array');
    this.#isBehindValue = false;
  }

  /** True before the next item, false behind the end of the array. */
  nextItem(): boolean {
    return !this.#isEnd(CLOSE_BRACKET);
  }

  /** A string; undefined if it is not valid Unicode. */
  string(): string | undefined {
    this.#expect(QUOTE, 'a string');
    const start = this.#at;
    const hasEscapes = this.#passString();
    const end = this.#at - 1;
    return hasEscapes ? this.#unescape(start, end) : strings.decode(this.#bytes, start, end);
  }

  /** A number as it is written. */
  number(): string {
    this.#skipSpace();
    const start = this.#at;
    let at = start;
    while (isOfNumber(this.#bytes[at])) at++;
    const text = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + start, at - start);
    const digits = text.toString('latin1');
    if (!NUMBER.test(digits)) this.fail('a value is expected');
    this.#at = at;
    this.#isBehindValue = true;
    return digits;
  }

  bool(): boolean {
    const kind = this.kind();
    if (kind !== 'true' && kind !== 'false') this.fail('true or false is expected');
    this.#word(kind);
    return kind === 'true';
  }

  /** True if the value is null, and then passes over it. */
  takeNull(): boolean {
    if (this.kind() !== 'null') return false;
    this.#word('null');
    return true;
  }

  /** Passes over a value of any kind. */
  skip(): void {
    const open: ('object' | 'array')[] = [];
    for (;;) {
      const inner = open.at(-1);
      if (inner === 'object' && this.nextKey() === undefined) open.pop();
      else if (inner === 'array' && !this.nextItem()) open.pop();
      else {
        const opened = this.#skipOne();
        if (opened !== undefined) open.push(opened);
        if (open.length > MAX_DEPTH) this.fail(`nested deeper than ${MAX_DEPTH} levels`);
      }
      if (open.length === 0) return;
    }
  }

  /** Makes sure that nothing follows. */
  end(): void {
    this.#skipSpace();
    if (this.#at < this.#bytes.length) this.fail('something follows the value');
  }

  /** Passes over a scalar, or enters what is none. */
  #skipOne(): 'object' | 'array' | undefined {
    const kind = this.kind();
    switch (kind) {
      case 'object':
        this.beginObject();
        return kind;
      case 'array':
        this.beginArray();
        return kind;
      case 'string':
        this.#expect(QUOTE, 'a string');
        this.#passString();
        return undefined;
      case 'number':
        this.number();
        return undefined;
      default:
        this.#word(kind);
        return undefined;
    }
  }

  /** Goes behind a string that has been entered; true if it has escapes. */
  #passString(): boolean {
    const bytes = this.#bytes;
    let hasEscapes = false;
    for (let at = this.#at; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        this.#at = at + 1;
        this.#isBehindValue = true;
        return hasEscapes;
      }
      if (byte === BACKSLASH) {
        hasEscapes = true;
        at++;
      } else if (byte < SPACE) {
        this.#at = at;
        this.fail('a control character within a string');
      }
    }
    return this.fail('a string does not end');
  }

  /** True behind the end of the object or array at hand; otherwise stands before its next member. */
  #isEnd(close: number): boolean {
    const byte = this.#nextByte();
    if (byte === close) {
      this.#at++;
      this.#isBehindValue = true;
      return true;
    }
    if (!this.#isBehindValue) return false;
    if (byte !== COMMA) this.fail("',' or the end is expected");
    this.#at++;
    this.#isBehindValue = false;
    if (this.#nextByte() === close) this.fail('a value is expected');
    return false;
  }

  #word(word: string): void {
    for (let i = 0; i < word.length; i++) {
      if (this.#bytes[this.#at + i] !== word.charCodeAt(i)) this.fail('a value is expected');
    }
    this.#at += word.length;
    this.#isBehindValue = true;
  }

  #expect(byte: number, what: string): void {
    if (this.#nextByte() !== byte) this.fail(`${what} is expected`);
    this.#at++;
  }

  /** The next byte that is no space, without passing over it; -1 at the end. */
  #nextByte(): number {
    this.#skipSpace();
    return this.#bytes[this.#at] ?? -1;
  }

  #skipSpace(): void {
    const bytes = this.#bytes;
    for (;;) {
      const byte = bytes[this.#at];
      if (byte !== SPACE && byte !== LINE_FEED && byte !== TAB && byte !== CARRIAGE_RETURN) return;
      this.#at++;
    }
  }

  #unescape(start: number, end: number): string | undefined {
    const raw = strings.decode(this.#bytes, start, end);
    if (raw === undefined) return undefined;
    let text: string;
    try {
      text = JSON.parse(`"${raw}"`) as string;
    } catch {
      return this.fail('an unknown escape within a string');
    }
    return /\p{Surrogate}/u.test(text) ? undefined : text;
  }
}

/** Any byte that a number may have in it. */
function isOfNumber(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const isDigit = byte >= 0x30 && byte <= 0x39;
  // + - . E e
  return isDigit || byte === 0x2b || byte === 0x2d || byte === 0x2e || (byte | 0x20) === 0x65;
}
