// Interned strings outside the V8 heap. A key is (owner, text): label names have owner 0, label
// values have the id of their name. Ids are dense and never reused.

import { GrowableBytes, GrowableU32 } from './growable.ts';

/** Hashes are mixed with a seed, so that a sender cannot prepare collisions, and cut by a mask. */
export interface HashOptions {
  readonly seed: number;
  /** All ones, or 0 in tests to prove that nothing relies on hashes being distinct. */
  readonly mask: number;
}

/**
 * A table as another thread reads it: shared buffers, and how much of them counts. What is added later
 * lies behind that, or in buffers that took the place of these.
 */
export interface StringColumns {
  readonly count: number;
  readonly bytes: Uint8Array;
  /** Where each text ends; it starts where the one before ends. */
  readonly ends: Uint32Array;
  readonly owners: Uint32Array;
  readonly hashes: Uint32Array;
  /** Open addressing with linear probing: id + 1, 0 = free. Only free slots are ever filled. */
  readonly slots: Uint32Array;
  readonly hash: HashOptions;
}

const INITIAL_SLOTS = 64;
const FNV_PRIME = 0x01000193;

export class StringTable {
  readonly #hash: HashOptions;
  readonly #bytes = new GrowableBytes(1024);
  readonly #ends = new GrowableU32(32);
  readonly #owners = new GrowableU32(32);
  readonly #hashes = new GrowableU32(32);
  #columns: StringColumns;

  constructor(hash: HashOptions) {
    this.#hash = hash;
    this.#columns = this.#current(newSlots(INITIAL_SLOTS));
  }

  /** The table as it is now: an object that later changes do not touch. */
  get columns(): StringColumns {
    return this.#columns;
  }

  get count(): number {
    return this.#ends.length;
  }

  get bytes(): number {
    const columns = this.#ends.bytes + this.#owners.bytes + this.#hashes.bytes;
    return this.#bytes.bytes + columns + this.#columns.slots.byteLength;
  }

  /** Id of a text, -1 if it is not there. Texts must be well-formed UTF-16. */
  find(owner: number, text: string): number {
    return findText(this.#columns, owner, text);
  }

  /** Id of a text, which is added if it is new. */
  intern(owner: number, text: string): number {
    const hash = hashOf(this.#hash, owner, text);
    const slot = probe(this.#columns, owner, text, hash);
    const found = this.#columns.slots[slot]! - 1;
    return found >= 0 ? found : this.#add(owner, text, hash, slot);
  }

  #add(owner: number, text: string, hash: number, slot: number): number {
    const id = this.count;
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
    let { slots } = this.#columns;
    slots[slot] = id + 1;
    if (this.count * 3 > slots.length * 2) {
      slots = newSlots(slots.length * 2);
      fillSlots(slots, this.#hashes);
    }
    this.#columns = this.#current(slots);
    return id;
  }

  #current(slots: Uint32Array): StringColumns {
    return {
      count: this.count,
      bytes: this.#bytes.data,
      ends: this.#ends.data,
      owners: this.#owners.data,
      hashes: this.#hashes.data,
      slots,
      hash: this.#hash,
    };
  }
}

/** Id of a text, -1 if it is not there. Texts must be well-formed UTF-16. */
export function findText(table: StringColumns, owner: number, text: string): number {
  const slot = probe(table, owner, text, hashOf(table.hash, owner, text));
  return table.slots[slot]! - 1;
}

/** Text number `id` of a table. */
export function textAt(table: StringColumns, id: number): string {
  return bufferOf(table.bytes).toString('utf8', textStart(table, id), textEnd(table, id));
}

/** Where the UTF-8 of text number `id` begins in the table's bytes. */
export function textStart({ ends }: StringColumns, id: number): number {
  return id === 0 ? 0 : ends[id - 1]!;
}

/** Where it ends. */
export function textEnd({ ends }: StringColumns, id: number): number {
  return ends[id]!;
}

/** Its length. */
export function textBytes(table: StringColumns, id: number): number {
  return textEnd(table, id) - textStart(table, id);
}

/** Making a Buffer costs more than decoding a text with it. */
const buffers = new WeakMap<Uint8Array, Buffer>();

function bufferOf(bytes: Uint8Array): Buffer {
  let buffer = buffers.get(bytes);
  if (buffer === undefined) {
    buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    buffers.set(bytes, buffer);
  }
  return buffer;
}

/** Fills slots that are all free with the ids 0, 1, 2…, whose hashes are given. */
export function fillSlots(slots: Uint32Array, hashes: GrowableU32): void {
  const mask = slots.length - 1;
  for (let id = 0; id < hashes.length; id++) {
    let slot = hashes.data[id]! & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = id + 1;
  }
}

function newSlots(count: number): Uint32Array {
  return new Uint32Array(new SharedArrayBuffer(count * 4));
}

/** UTF-8 of the text that was hashed last if it is not ASCII. */
let encoded: Buffer | undefined;

/** Hashes UTF-16 units; on the way finds out whether the text is ASCII. */
function hashOf({ seed, mask }: HashOptions, owner: number, text: string): number {
  let hash = Math.imul(seed ^ owner, 0x9e3779b1);
  let all = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    all |= unit;
    hash = Math.imul(hash ^ unit, FNV_PRIME);
  }
  encoded = all < 0x80 ? undefined : Buffer.from(text, 'utf8');
  return (finish(hash) & mask) >>> 0;
}

/** The slot that holds the text hashed last or, if it is new, the free slot where it belongs. */
function probe(table: StringColumns, owner: number, text: string, hash: number): number {
  const { slots, hashes, count } = table;
  const mask = slots.length - 1;
  let slot = hash & mask;
  for (;;) {
    const id = slots[slot]! - 1;
    if (id < 0) return slot;
    // Ids from `count` on came later than the columns were taken.
    if (id < count && hashes[id] === hash && isAt(table, id, owner, text)) return slot;
    slot = (slot + 1) & mask;
  }
}

function isAt(table: StringColumns, id: number, owner: number, text: string): boolean {
  const { owners, ends, bytes } = table;
  if (owners[id] !== owner) return false;
  const start = id === 0 ? 0 : ends[id - 1]!;
  const length = ends[id]! - start;
  if (encoded !== undefined) {
    if (encoded.length !== length) return false;
    for (let i = 0; i < length; i++) if (bytes[start + i] !== encoded[i]) return false;
    return true;
  }
  if (text.length !== length) return false;
  for (let i = 0; i < length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Spreads entropy to the low bits, which choose the slot (the finaliser of MurmurHash3). */
export function finish(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
