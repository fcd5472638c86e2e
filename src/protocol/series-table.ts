// Finds a series again by the bytes that named it, whatever the protocol: labels are parsed once.

import type { RowSeries } from '../storage/rows.ts';

/** Longer keys rarely repeat. */
const MAX_KEY_BYTES = 4096;
const INITIAL_SLOTS = 1024;

export interface SeriesTableLimits {
  /** Past either of them everything is forgotten and the table fills anew. */
  readonly maxSeries: number;
  readonly maxKeyBytes: number;
}

/**
 * Series by their keys as sent. One table serves one meaning of keys: one protocol with one set of parameters.
 * Series that were found stay usable when the table has forgotten them. Of protocols that name several series by
 * one key, an entry is something that holds them.
 *
 * Series have numbers from 0 in the order in which they came, valid until the table forgets; -1 is none. Senders name
 * their series in the same order again and again: the table remembers which one came after which, so that a decoder
 * can compare a key instead of looking for it. See `SeriesCursor`.
 */
export class SeriesTable<T = RowSeries> {
  readonly #limits: SeriesTableLimits;
  /** Open addressing with linear probing: number + 1, 0 = free. */
  #slots = new Uint32Array(INITIAL_SLOTS);
  #hashes = new Int32Array(INITIAL_SLOTS);
  readonly #series: T[] = [];
  /** By number: where its key ends in `#keys`; it begins where the one before ends. */
  #ends = new Uint32Array(INITIAL_SLOTS);
  /** By number: the one that came after it last time. */
  #successors = new Uint32Array(INITIAL_SLOTS);
  #keys = new Uint8Array(INITIAL_SLOTS * 64);
  #keyView = viewOf(this.#keys);
  #keyBytes = 0;

  constructor(limits: SeriesTableLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#series.length;
  }

  /** Memory of keys and places; series are the caller's. */
  get bytes(): number {
    const numbers = this.#slots.length + this.#hashes.length + this.#ends.length;
    return this.#keys.length + 4 * (numbers + this.#successors.length);
  }

  /** The series whose key is bytes [start, end), or undefined. `hash` is {@link hashKey} of them. */
  find(bytes: DataView, start: number, end: number, hash: number): T | undefined {
    const number = this.numberOf(bytes, start, end, hash);
    return number < 0 ? undefined : this.#series[number];
  }

  /** The same as a number. */
  numberOf(bytes: DataView, start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = this.#slots[slot]! - 1;
      if (number < 0) return -1;
      if (this.#hashes[number] === hash && this.keyLength(number) === end - start) {
        if (this.isAt(number, 0, end - start, bytes, start)) return number;
      }
    }
  }

  at(number: number): T {
    return this.#series[number]!;
  }

  /** Bytes of a series' key. */
  keyLength(number: number): number {
    return this.#ends[number]! - this.#keyStart(number);
  }

  /** True if bytes [from, to) of a series' key are those that begin at `start`. */
  isAt(number: number, from: number, to: number, bytes: DataView, start: number): boolean {
    if (start + to - from > bytes.byteLength) return false;
    const keys = this.#keyView;
    let at = this.#keyStart(number) + from;
    let i = start;
    const end = start + to - from;
    // Four words at once: a third faster than one by one.
    for (; i <= end - 16; i += 16, at += 16) {
      const difference =
        (keys.getInt32(at, true) ^ bytes.getInt32(i, true)) |
        (keys.getInt32(at + 4, true) ^ bytes.getInt32(i + 4, true)) |
        (keys.getInt32(at + 8, true) ^ bytes.getInt32(i + 8, true)) |
        (keys.getInt32(at + 12, true) ^ bytes.getInt32(i + 12, true));
      if (difference !== 0) return false;
    }
    for (; i <= end - 4; i += 4, at += 4) {
      if (keys.getInt32(at, true) !== bytes.getInt32(i, true)) return false;
    }
    for (; i < end; i++, at++) if (keys.getUint8(at) !== bytes.getUint8(i)) return false;
    return true;
  }

  /** The series that came after this one when last noted, at first the one that was added after it; -1 if there is none. */
  successorOf(number: number): number {
    const successor = this.#successors[number]!;
    return successor < this.#series.length ? successor : -1;
  }

  noteSuccessor(number: number, successor: number): void {
    if (number < this.#series.length) this.#successors[number] = successor;
  }

  /** Remembers a series that {@link find} did not; its number, or -1 for a key that is too long. */
  add(bytes: DataView, start: number, end: number, hash: number, series: T): number {
    const length = end - start;
    if (length > MAX_KEY_BYTES) return -1;
    const { maxSeries, maxKeyBytes } = this.#limits;
    if (this.#series.length >= maxSeries || this.#keyBytes + length > maxKeyBytes) this.clear();
    const number = this.#series.length;
    this.#reserve(number, length);
    for (let i = 0; i < length; i++) this.#keys[this.#keyBytes + i] = bytes.getUint8(start + i);
    this.#keyBytes += length;
    this.#ends[number] = this.#keyBytes;
    this.#successors[number] = number + 1;
    this.#hashes[number] = hash;
    this.#series.push(series);
    this.#place(number);
    return number;
  }

  clear(): void {
    this.#slots.fill(0);
    this.#series.length = 0;
    this.#keyBytes = 0;
  }

  #keyStart(number: number): number {
    return number === 0 ? 0 : this.#ends[number - 1]!;
  }

  #place(number: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hashes[number]! & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = number + 1;
  }

  #reserve(number: number, length: number): void {
    if (this.#keyBytes + length > this.#keys.length) {
      const larger = new Uint8Array(Math.max(this.#keys.length * 2, this.#keyBytes + length));
      larger.set(this.#keys.subarray(0, this.#keyBytes));
      this.#keys = larger;
      this.#keyView = viewOf(larger);
    }
    if (number < this.#ends.length / 2) return;
    const size = this.#slots.length * 2;
    const [ends, successors, hashes] = [
      new Uint32Array(size),
      new Uint32Array(size),
      new Int32Array(size),
    ];
    ends.set(this.#ends);
    successors.set(this.#successors);
    hashes.set(this.#hashes);
    this.#ends = ends;
    this.#successors = successors;
    this.#hashes = hashes;
    this.#slots = new Uint32Array(size);
    for (let n = 0; n < number; n++) this.#place(n);
  }
}

/** Bytes to be read in words, which is a multiple faster than one by one. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Hash of bytes [start, end) for {@link SeriesTable}: MurmurHash3 with 32 bits. */
export function hashKey(bytes: DataView, start: number, end: number): number {
  let hash = 0;
  let i = start;
  for (; i <= end - 4; i += 4) {
    hash ^= scrambled(bytes.getInt32(i, true));
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let shift = 0; i < end; i++, shift += 8) rest |= bytes.getUint8(i) << shift;
  hash ^= scrambled(rest) ^ (end - start);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function scrambled(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}
