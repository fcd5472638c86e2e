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
 */
export class SeriesTable<T = RowSeries> {
  readonly #limits: SeriesTableLimits;
  /** Open addressing with linear probing: number + 1, 0 = free. */
  #slots = new Uint32Array(INITIAL_SLOTS);
  #hashes = new Int32Array(INITIAL_SLOTS);
  readonly #series: T[] = [];
  /** By number: where its key ends in `#keys`; it begins where the one before ends. */
  #ends = new Uint32Array(INITIAL_SLOTS);
  #keys = new Uint8Array(INITIAL_SLOTS * 64);
  #keyBytes = 0;

  constructor(limits: SeriesTableLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#series.length;
  }

  /** Memory of keys and places; series are the caller's. */
  get bytes(): number {
    return this.#keys.length + 4 * (this.#slots.length + this.#hashes.length + this.#ends.length);
  }

  /** The series whose key is bytes [start, end), or undefined. `hash` is {@link hashKey} of them. */
  find(bytes: Uint8Array, start: number, end: number, hash: number): T | undefined {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = this.#slots[slot]! - 1;
      if (number < 0) return undefined;
      if (this.#hashes[number] === hash && this.#isKey(number, bytes, start, end)) {
        return this.#series[number];
      }
    }
  }

  /** Remembers a series that {@link find} did not. */
  add(bytes: Uint8Array, start: number, end: number, hash: number, series: T): void {
    const length = end - start;
    if (length > MAX_KEY_BYTES) return;
    const { maxSeries, maxKeyBytes } = this.#limits;
    if (this.#series.length >= maxSeries || this.#keyBytes + length > maxKeyBytes) this.clear();
    const number = this.#series.length;
    this.#reserve(number, length);
    for (let i = 0; i < length; i++) this.#keys[this.#keyBytes + i] = bytes[start + i]!;
    this.#keyBytes += length;
    this.#ends[number] = this.#keyBytes;
    this.#hashes[number] = hash;
    this.#series.push(series);
    this.#place(number);
  }

  clear(): void {
    this.#slots.fill(0);
    this.#series.length = 0;
    this.#keyBytes = 0;
  }

  #isKey(number: number, bytes: Uint8Array, start: number, end: number): boolean {
    const at = number === 0 ? 0 : this.#ends[number - 1]!;
    const length = end - start;
    if (this.#ends[number]! - at !== length) return false;
    const keys = this.#keys;
    for (let i = 0; i < length; i++) if (keys[at + i] !== bytes[start + i]) return false;
    return true;
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
    }
    if (number < this.#ends.length / 2) return;
    const size = this.#slots.length * 2;
    const [ends, hashes] = [new Uint32Array(size), new Int32Array(size)];
    ends.set(this.#ends);
    hashes.set(this.#hashes);
    this.#ends = ends;
    this.#hashes = hashes;
    this.#slots = new Uint32Array(size);
    for (let n = 0; n < number; n++) this.#place(n);
  }
}

/** Hash of bytes [start, end) for {@link SeriesTable}. */
export function hashKey(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return mixHash(hash);
}

/** The last step of {@link hashKey}, for decoders that hash while they scan. */
export function mixHash(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}
