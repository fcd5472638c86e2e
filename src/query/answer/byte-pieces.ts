// JSON as bytes, gathered into pieces.

/** Most bytes of one piece: it stays in the processor's cache while it is written and sent. */
export const PIECE_BYTES: number = 2 ** 18;

/** Most that a caller may reserve at once. */
const MAX_RESERVED = 4096;

const QUOTE = 34;
const BACKSLASH = 92;
const FIRST_PRINTABLE = 32;
const LAST_PRINTABLE = 126;

const encoder = new TextEncoder();

/**
 * A growing text of bytes. The writer of hot loops asks for room, writes into `bytes` at `at` itself
 * and moves `at`.
 */
export class BytePieces {
  /** Where the next byte goes. */
  bytes: Uint8Array;
  at: number = 0;
  readonly #newBytes: () => Uint8Array;
  #full: Uint8Array[] = [];

  /** `newBytes` gives the memory of each piece: {@link PIECE_BYTES}, or at least {@link MAX_RESERVED}. */
  constructor(newBytes: () => Uint8Array) {
    this.#newBytes = newBytes;
    this.bytes = newBytes();
  }

  /** True if {@link takeFull} has something. */
  get hasFull(): boolean {
    return this.#full.length > 0;
  }

  /** Makes sure that `count` ≤ {@link MAX_RESERVED} bytes fit at `at`. */
  reserve(count: number): void {
    if (this.at + count > this.bytes.length) this.#next();
  }

  /** Text known to be ASCII, of at most 4096 characters. */
  ascii(text: string): void {
    this.reserve(text.length);
    const { bytes, at } = this;
    for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
    this.at = at + text.length;
  }

  /**
   * A text in quotes, if it is one that JSON has as it is: short, of printable ASCII, without quotes and backslashes.
   * False, and nothing is written, for any other.
   */
  plainString(text: string): boolean {
    const { length } = text;
    if (length + 2 > MAX_RESERVED) return false;
    this.reserve(length + 2);
    const { bytes } = this;
    let { at } = this;
    bytes[at++] = QUOTE;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code < FIRST_PRINTABLE || code > LAST_PRINTABLE) return false;
      if (code === QUOTE || code === BACKSLASH) return false;
      bytes[at++] = code;
    }
    bytes[at++] = QUOTE;
    this.at = at;
    return true;
  }

  /** Any text, as UTF-8. */
  text(text: string): void {
    let rest = text;
    for (;;) {
      const { read, written } = encoder.encodeInto(rest, this.bytes.subarray(this.at));
      this.at += written;
      if (read === rest.length) return;
      rest = rest.slice(read);
      this.#next();
    }
  }

  /** Bytes of any number; copied. */
  raw(bytes: Uint8Array): void {
    let from = 0;
    while (from < bytes.length) {
      if (this.at === this.bytes.length) this.#next();
      const part = bytes.subarray(from, from + this.bytes.length - this.at);
      this.bytes.set(part, this.at);
      this.at += part.length;
      from += part.length;
    }
  }

  /** The oldest finished piece, given away, or undefined. */
  takeFull(): Uint8Array | undefined {
    return this.#full.shift();
  }

  /** What is left, given away; the writer is of no use after. */
  takeRest(): Uint8Array {
    const rest = this.bytes.subarray(0, this.at);
    this.bytes = new Uint8Array(0);
    this.at = 0;
    return rest;
  }

  #next(): void {
    if (this.at > 0) this.#full.push(this.bytes.subarray(0, this.at));
    this.bytes = this.#newBytes();
    this.at = 0;
  }
}
