// Interned strings outside the V8 heap. A key is (owner, text): label names have owner 0, label
// values have the id of their name. Ids are dense and never reused.

import { GrowableBytes, GrowableU32 } from './growable.ts';

/** What another thread needs to read a table as it was. */
export interface FrozenStringTable {
  readonly count: number;
  readonly bytes: Uint8Array;
  /** Where each text ends; it starts where the one before ends. */
  readonly ends: Uint32Array;
  readonly owners: Uint32Array;
}

/** Hashes are mixed with a seed, so that a sender cannot prepare collisions, and cut by a mask. */
export interface HashOptions {
  readonly seed: number;
  /** All ones, or 0 in tests to prove that nothing relies on hashes being distinct. */
  readonly mask: number;
}

const INITIAL_SLOTS = 64;
const FNV_PRIME = 0x01000193;

export class StringTable {
  readonly #hash: HashOptions;
  readonly #bytes = new GrowableBytes(1024);
  readonly #ends = new GrowableU32(32);
  readonly #owners = new GrowableU32(32);
  readonly #hashes = new GrowableU32(32);
  /** Open addressing with linear probing: id + 1, 0 = free. */
  #slots: Uint32Array = new Uint32Array(INITIAL_SLOTS);
  /** UTF-8 of the text at hand if it is not ASCII. */
  #encoded: Buffer | undefined;

  constructor(hash: HashOptions) {
    this.#hash = hash;
  }

  get count(): number {
    return this.#ends.length;
  }

  get bytes(): number {
    const columns = this.#ends.bytes + this.#owners.bytes + this.#hashes.bytes;
    return this.#bytes.bytes + columns + this.#slots.byteLength;
  }

  /** Id of a text, -1 if it is not there. Texts must be well-formed UTF-16. */
  find(owner: number, text: string): number {
    const id = this.#slots[this.#probe(owner, text, this.#hashOf(owner, text))]! - 1;
    return id;
  }

  /** Id of a text, which is added if it is new. */
  intern(owner: number, text: string): number {
    const hash = this.#hashOf(owner, text);
    const slot = this.#probe(owner, text, hash);
    const found = this.#slots[slot]! - 1;
    return found >= 0 ? found : this.#add(owner, text, hash, slot);
  }

  text(id: number): string {
    return textAt(this.#bytes.data, this.#ends.data, id);
  }

  owner(id: number): number {
    return this.#owners.data[id]!;
  }

  freeze(): FrozenStringTable {
    return {
      count: this.count,
      bytes: this.#bytes.data,
      ends: this.#ends.data,
      owners: this.#owners.data,
    };
  }

  /** Hashes UTF-16 units; on the way finds out whether the text is ASCII. */
  #hashOf(owner: number, text: string): number {
    let hash = Math.imul(this.#hash.seed ^ owner, 0x9e3779b1);
    let all = 0;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      all |= unit;
      hash = Math.imul(hash ^ unit, FNV_PRIME);
    }
    this.#encoded = all < 0x80 ? undefined : Buffer.from(text, 'utf8');
    return finish(hash) & this.#hash.mask;
  }

  /** The slot that holds the text or, if it is new, the free slot where it belongs. */
  #probe(owner: number, text: string, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const hashes = this.#hashes.data;
    let slot = hash & mask;
    for (;;) {
      const id = slots[slot]! - 1;
      if (id < 0) return slot;
      if (hashes[id]! === hash >>> 0 && this.#isAt(id, owner, text)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #isAt(id: number, owner: number, text: string): boolean {
    if (this.#owners.data[id] !== owner) return false;
    const ends = this.#ends.data;
    const start = id === 0 ? 0 : ends[id - 1]!;
    const length = ends[id]! - start;
    const bytes = this.#bytes.data;
    const encoded = this.#encoded;
    if (encoded !== undefined) {
      if (encoded.length !== length) return false;
      for (let i = 0; i < length; i++) if (bytes[start + i] !== encoded[i]) return false;
      return true;
    }
    if (text.length !== length) return false;
    for (let i = 0; i < length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  #add(owner: number, text: string, hash: number, slot: number): number {
    const id = this.count;
    const encoded = this.#encoded;
    const length = encoded?.length ?? text.length;
    this.#bytes.reserve(length);
    const start = this.#bytes.length;
    const bytes = this.#bytes.data;
    if (encoded !== undefined) bytes.set(encoded, start);
    else for (let i = 0; i < length; i++) bytes[start + i] = text.charCodeAt(i);
    this.#bytes.length = start + length;
    this.#ends.push(start + length);
    this.#owners.push(owner);
    this.#hashes.push(hash);
    this.#slots[slot] = id + 1;
    if (this.count * 3 > this.#slots.length * 2) this.#slots = rehash(this.#slots, this.#hashes);
    return id;
  }
}

/** Text number `id` of a table's columns. */
export function textAt(bytes: Uint8Array, ends: Uint32Array, id: number): string {
  const start = id === 0 ? 0 : ends[id - 1]!;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'utf8',
    start,
    ends[id]!,
  );
}

/** A table twice as large. `hashes` are those of the ids 0, 1, 2…, which are what the slots hold. */
export function rehash(slots: Uint32Array, hashes: GrowableU32): Uint32Array {
  const grown = new Uint32Array(slots.length * 2);
  const mask = grown.length - 1;
  for (let id = 0; id < hashes.length; id++) {
    let slot = hashes.data[id]! & mask;
    while (grown[slot] !== 0) slot = (slot + 1) & mask;
    grown[slot] = id + 1;
  }
  return grown;
}

/** Spreads entropy to the low bits, which choose the slot (the finaliser of MurmurHash3). */
export function finish(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
