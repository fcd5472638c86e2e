// Snappy block format in plain TypeScript (google/snappy, format_description.txt): for cold paths,
// for compressing answers, and as the oracle of kernel/snappy.ts.

import { snappyCorrupt, snappyTooLarge } from './errors.ts';

const MAX_PREAMBLE_BYTES = 5;

/** Input is compressed in pieces of this size, so that positions in one fit 16 bits. */
const PIECE_BYTES = 65_536;
/** No match is looked for in the last bytes of a piece: loads there would pass its end. */
const MARGIN_BYTES = 15;
const MIN_TABLE_BITS = 8;
const MAX_TABLE_BITS = 14;
/** From the reference implementation: spreads four bytes over the high bits. */
const HASH_FACTOR = 0x1e35a7bd;

/** The decoded length that a block claims, 0…2^32-1. Throws CODEC_SNAPPY_CORRUPT. */
export function snappyDeclaredLength(bytes: Uint8Array): number {
  return readPreamble(bytes).length;
}

function readPreamble(bytes: Uint8Array): { length: number; next: number } {
  let length = 0;
  for (let i = 0; i < MAX_PREAMBLE_BYTES && i < bytes.length; i++) {
    const byte = bytes[i]!;
    length += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) {
      if (length > 0xffffffff) break;
      return { length, next: i + 1 };
    }
  }
  throw snappyCorrupt(0, 'no sound length in front');
}

/**
 * Decodes a whole block. The declared size is checked before anything is allocated: throws
 * CODEC_SNAPPY_TOO_LARGE, or CODEC_SNAPPY_CORRUPT.
 */
export function snappyDecode(bytes: Uint8Array, maxDecodedBytes: number): Uint8Array {
  const { length, next } = readPreamble(bytes);
  if (length > maxDecodedBytes) throw snappyTooLarge(length, maxDecodedBytes);
  const target = new Uint8Array(length);
  let p = next;
  let d = 0;
  while (p < bytes.length) {
    const at = p;
    const tag = bytes[p++]!;
    const kind = tag & 3;
    let size = (tag >> 2) + 1;
    if (kind === 0) {
      if (size > 60) {
        const extra = size - 60;
        size = littleEndian(bytes, p, extra) + 1;
        p += extra;
      }
      if (size > bytes.length - p) throw snappyCorrupt(at, 'literal passes the end of the input');
      if (size > length - d) throw snappyCorrupt(at, 'literal passes the declared length');
      target.set(bytes.subarray(p, p + size), d);
      p += size;
    } else {
      let offset: number;
      if (kind === 1) {
        size = ((tag >> 2) & 7) + 4;
        offset = (tag >> 5) * 256 + littleEndian(bytes, p, 1);
        p += 1;
      } else {
        const width = kind === 2 ? 2 : 4;
        offset = littleEndian(bytes, p, width);
        p += width;
      }
      if (offset === 0 || offset > d) throw snappyCorrupt(at, 'copy from before the output');
      if (size > length - d) throw snappyCorrupt(at, 'copy passes the declared length');
      // Byte by byte: a copy may repeat what it has itself just written.
      for (let from = d - offset, end = from + size, to = d; from < end; ) {
        target[to++] = target[from++]!;
      }
    }
    d += size;
  }
  if (d !== length) throw snappyCorrupt(bytes.length, `${d} bytes decoded, ${length} declared`);
  return target;
}

function littleEndian(bytes: Uint8Array, at: number, width: number): number {
  if (width > bytes.length - at) throw snappyCorrupt(at, 'the input ends inside an element');
  let value = 0;
  for (let k = width - 1; k >= 0; k--) value = value * 256 + bytes[at + k]!;
  return value;
}

/** Compresses up to 2^32 - 1 bytes into a new block, at most a sixth larger than the input. */
export function snappyEncode(bytes: Uint8Array): Uint8Array {
  const encoder = new Encoder(bytes);
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
    encoder.encodePiece(from, Math.min(from + PIECE_BYTES, bytes.length));
  }
  return encoder.finish();
}

/** One run of the compressor: finds repeats of four bytes and more by a hash table of positions. */
class Encoder {
  readonly #source: Uint8Array;
  readonly #words: DataView;
  readonly #target: Uint8Array;
  readonly #table = new Uint16Array(1 << MAX_TABLE_BITS);
  #at = 0;

  constructor(source: Uint8Array) {
    this.#source = source;
    this.#words = new DataView(source.buffer, source.byteOffset, source.byteLength);
    // The reference's bound: preamble, and the worst mix of literals and copies.
    this.#target = new Uint8Array(32 + source.length + Math.floor(source.length / 6));
    let rest = source.length;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.#put((rest % 128) | 128);
    this.#put(rest);
  }

  finish(): Uint8Array {
    return this.#target.slice(0, this.#at);
  }

  encodePiece(from: number, end: number): void {
    const words = this.#words;
    const table = this.#table;
    let tableBits = MIN_TABLE_BITS;
    while (tableBits < MAX_TABLE_BITS && 1 << tableBits < end - from) tableBits++;
    table.fill(0, 0, 1 << tableBits);
    const hashShift = 32 - tableBits;

    const limit = end - MARGIN_BYTES;
    let emitted = from;
    // Steps grow by one every 32 misses, so that incompressible data is passed over fast.
    let misses = 32;
    let s = from + 1;
    while (s < limit) {
      const word = words.getUint32(s, true);
      const slot = Math.imul(word, HASH_FACTOR) >>> hashShift;
      const candidate = from + table[slot]!;
      table[slot] = s - from;
      if (words.getUint32(candidate, true) !== word) {
        s += misses++ >> 5;
        continue;
      }
      misses = 32;
      this.#putLiteral(emitted, s);
      const length = this.#matchLength(candidate, s, end);
      this.#putCopy(s - candidate, length);
      s += length;
      emitted = s;
      if (s < limit) {
        const before = words.getUint32(s - 1, true);
        table[Math.imul(before, HASH_FACTOR) >>> hashShift] = s - 1 - from;
      }
    }
    if (emitted < end) this.#putLiteral(emitted, end);
  }

  #matchLength(candidate: number, s: number, end: number): number {
    const source = this.#source;
    let length = 4;
    while (s + length < end && source[candidate + length] === source[s + length]) length++;
    return length;
  }

  #put(byte: number): void {
    this.#target[this.#at++] = byte;
  }

  /** A literal of source[from, end), 0 to 64 KiB. */
  #putLiteral(from: number, end: number): void {
    const last = end - from - 1;
    if (last < 0) return;
    if (last < 60) this.#put(last << 2);
    else if (last < 256) {
      this.#put(60 << 2);
      this.#put(last);
    } else {
      this.#put(61 << 2);
      this.#put(last & 255);
      this.#put(last >> 8);
    }
    this.#target.set(this.#source.subarray(from, end), this.#at);
    this.#at += end - from;
  }

  /** A repeat of 4 bytes and more from 1…65535 bytes back. */
  #putCopy(offset: number, length: number): void {
    let rest = length;
    // Leaves at least 4 for the last one, the least that the short form can say.
    while (rest >= 68) {
      this.#putLongCopy(offset, 64);
      rest -= 64;
    }
    if (rest > 64) {
      this.#putLongCopy(offset, 60);
      rest -= 60;
    }
    if (rest >= 12 || offset >= 2048) {
      this.#putLongCopy(offset, rest);
    } else {
      this.#put(((offset >> 8) << 5) | ((rest - 4) << 2) | 1);
      this.#put(offset & 255);
    }
  }

  #putLongCopy(offset: number, length: number): void {
    this.#put(((length - 1) << 2) | 2);
    this.#put(offset & 255);
    this.#put(offset >> 8);
  }
}
