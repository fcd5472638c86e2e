// Turns UTF-8 bytes into strings. Label names and values repeat endlessly, so short ASCII strings are
// remembered: a hit costs one pass over the bytes and allocates nothing.

import { isUtf8 } from 'node:buffer';

/** Longer strings rarely repeat and would make the cache's memory large. */
const MAX_CACHED_BYTES = 128;

/** A direct-mapped cache of strings; holds at most `slots` × 128 characters. */
export class StringCache {
  readonly #slots: (string | undefined)[];
  readonly #mask: number;

  /** `slots` must be a power of two. */
  constructor(slots: number) {
    this.#slots = new Array<string | undefined>(slots).fill(undefined);
    this.#mask = slots - 1;
  }

  /** The string of bytes [start, end), or undefined if they are not valid UTF-8. The bytes may be shared memory. */
  decode(bytes: Uint8Array, start: number, end: number): string | undefined {
    if (start === end) return '';
    const length = end - start;
    if (length > MAX_CACHED_BYTES) return decodeUtf8(bytes, start, end);
    let hash = 0x811c9dc5;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    const slot = (hash ^ (hash >>> 15)) & this.#mask;
    const known = this.#slots[slot];
    if (known !== undefined && known.length === length && equalsAscii(known, bytes, start)) {
      return known;
    }
    const fresh = decodeUtf8(bytes, start, end);
    // Only ASCII has as many characters as bytes.
    if (fresh !== undefined && fresh.length === length) this.#slots[slot] = fresh;
    return fresh;
  }
}

/** Names and values of labels, for all decoders of a thread that have no cache of their own. */
export const labelStrings: StringCache = new StringCache(16_384);

function equalsAscii(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) !== bytes[start + i]) return false;
  }
  return true;
}

/** Decodes without a cache; undefined if the bytes are not valid UTF-8. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  let anyHighBit = 0;
  for (let i = start; i < end; i++) anyHighBit |= bytes[i]!;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  if (anyHighBit < 0x80) return view.toString('latin1');
  // isUtf8 refuses shared memory and must see the same bytes that are decoded: copy.
  const copy = Buffer.from(view);
  return isUtf8(copy) ? copy.toString('utf8') : undefined;
}
