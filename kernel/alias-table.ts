// Alias table: (database id, what names a series on the wire) → series ref. A cache: it may be
// cleared at any time and is learned again. Open addressing with linear probing; entries and keys are
// only appended. Every match compares database and bytes in full; the hash is there for speed alone.
//
// A database's *root* is its entry with the empty key: the prediction of a request's first series hangs
// on it. No series can be found under that key, since the scanner leaves series without labels alone.
//
// Keys of remote write 1.0 are the bytes of label fields, which begin with 0x0a; those of 2.0 are words of which the
// first is 0 (write-request-v2.ts). So neither can be taken for the other. Symbols of 2.0 are entries of SYMBOLS_DATABASE.

import {
  ENTRY_BYTES,
  ENTRY_DATABASE,
  ENTRY_HASH,
  ENTRY_KEY,
  ENTRY_KEY_LENGTH,
  ENTRY_METRIC,
  ENTRY_NEXT,
  ENTRY_REF,
  INITIAL_SLOTS,
  STATE_ENTRIES,
  STATE_ENTRY_COUNT,
  STATE_HASH_MASK,
  STATE_KEY_BYTES,
  STATE_KEYS,
  STATE_MAX_ENTRIES,
  STATE_MAX_KEY_BYTES,
  STATE_MAX_SLOTS,
  STATE_SLOT_MASK,
  STATE_SLOTS,
} from './write-request-layout';
import { xxh64 } from './xxh64';

/** Forgets everything. Must be called once before the table is used. */
export function aliasClear(state: usize): void {
  store<u32>(state, 0, STATE_ENTRY_COUNT);
  store<u32>(state, 0, STATE_KEY_BYTES);
  useSlots(state, min<u32>(INITIAL_SLOTS, load<u32>(state, STATE_MAX_SLOTS)));
}

/**
 * Remembers `length` bytes at `key` → `ref`; a known key gets the new ref. False, with nothing
 * changed, if the limit of entries or key bytes does not allow it.
 */
export function aliasInsert(state: usize, database: u32, key: usize, length: u32, ref: u32): bool {
  const entry = aliasAdd(state, database, key, length);
  if (entry == 0) return false;
  store<u32>(entry, ref, ENTRY_REF);
  return true;
}

/**
 * The entry of these bytes in this database, made (with ref 0) if need be; 0, with nothing changed, if the
 * limit of entries or key bytes does not allow it.
 */
export function aliasAdd(state: usize, database: u32, key: usize, length: u32): usize {
  const hash = aliasHash(state, database, key, length);
  const entry = find(state, hash, database, key, length);
  return entry != 0 ? entry : append(state, hash, database, key, length);
}

/** The entry of these bytes in this database, or 0. */
export function aliasFind(state: usize, database: u32, key: usize, length: u32): usize {
  return find(state, aliasHash(state, database, key, length), database, key, length);
}

/**
 * The same, tried first where the entry at `previous` (an address in the state) expects it. If it is found,
 * that entry is told, and `previous` becomes the one found.
 */
export function aliasFollow(
  state: usize,
  previous: usize,
  database: u32,
  key: usize,
  length: u32,
): usize {
  const before = <usize>load<u32>(previous);
  let entry = aliasPredict(before, database, key, length);
  if (entry == 0 || load<u32>(entry, ENTRY_KEY_LENGTH) != length) {
    entry = aliasFind(state, database, key, length);
    if (entry == 0) return 0;
    if (before != 0) store<u32>(before, <u32>entry, ENTRY_NEXT);
  }
  store<u32>(previous, <u32>entry);
  return entry;
}

/** The root of a database, made if need be; 0 if the table is full. */
export function aliasRoot(state: usize, database: u32): usize {
  return aliasAdd(state, database, 0, 0);
}

/**
 * The entry predicted to follow `previous` (an entry or 0), if it belongs to this database and its key
 * is what the bytes at `key` begin with; else 0. At most `available` bytes may be compared. Links never
 * lead into another database, but a wrong tenant would be too bad to rest on that.
 */
export function aliasPredict(previous: usize, database: u32, key: usize, available: u32): usize {
  if (previous == 0) return 0;
  const entry = <usize>load<u32>(previous, ENTRY_NEXT);
  if (entry == 0 || load<u32>(entry, ENTRY_DATABASE) != database) return 0;
  const length = load<u32>(entry, ENTRY_KEY_LENGTH);
  if (length > available) return 0;
  return equalBytes(load<u32>(entry, ENTRY_KEY), key, length) ? entry : 0;
}

function aliasHash(state: usize, database: u32, key: usize, length: u32): u64 {
  return xxh64(key, length, database) & load<u64>(state, STATE_HASH_MASK);
}

function find(state: usize, hash: u64, database: u32, key: usize, length: u32): usize {
  const slots = <usize>load<u32>(state, STATE_SLOTS);
  const mask = load<u32>(state, STATE_SLOT_MASK);
  let slot = <u32>hash & mask;
  // Ends: at most half of the slots are taken.
  while (true) {
    const entry = <usize>load<u32>(slots + ((<usize>slot) << 2));
    if (entry == 0) return 0;
    if (
      load<u64>(entry, ENTRY_HASH) == hash &&
      load<u32>(entry, ENTRY_DATABASE) == database &&
      load<u32>(entry, ENTRY_KEY_LENGTH) == length &&
      equalBytes(load<u32>(entry, ENTRY_KEY), key, length)
    ) {
      return entry;
    }
    slot = (slot + 1) & mask;
  }
}

/** Adds an entry that is not there yet, with ref 0; 0 if a limit does not allow it. */
function append(state: usize, hash: u64, database: u32, key: usize, length: u32): usize {
  const count = load<u32>(state, STATE_ENTRY_COUNT);
  const keyBytes = load<u32>(state, STATE_KEY_BYTES);
  if (count >= load<u32>(state, STATE_MAX_ENTRIES)) return 0;
  if (length > load<u32>(state, STATE_MAX_KEY_BYTES) - keyBytes) return 0;

  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  const entry = entries + <usize>count * ENTRY_BYTES;
  const ownKey = <usize>load<u32>(state, STATE_KEYS) + keyBytes;
  memory.copy(ownKey, key, length);
  store<u64>(entry, hash, ENTRY_HASH);
  store<u32>(entry, database, ENTRY_DATABASE);
  store<u32>(entry, 0, ENTRY_REF);
  store<u32>(entry, <u32>ownKey, ENTRY_KEY);
  store<u32>(entry, length, ENTRY_KEY_LENGTH);
  store<u32>(entry, 0, ENTRY_NEXT);
  store<u32>(entry, 0, ENTRY_METRIC);
  store<u32>(state, count + 1, STATE_ENTRY_COUNT);
  store<u32>(state, keyBytes + length, STATE_KEY_BYTES);

  const slotCount = load<u32>(state, STATE_SLOT_MASK) + 1;
  if ((count + 1) << 1 > slotCount) {
    useSlots(state, slotCount << 1);
    for (let i: u32 = 0; i <= count; i++) link(state, entries + <usize>i * ENTRY_BYTES);
  } else {
    link(state, entry);
  }
  return entry;
}

/** Makes the table `count` free slots large. */
function useSlots(state: usize, count: u32): void {
  store<u32>(state, count - 1, STATE_SLOT_MASK);
  memory.fill(load<u32>(state, STATE_SLOTS), 0, (<usize>count) << 2);
}

/** Puts an entry into the first free slot from its hash on. */
function link(state: usize, entry: usize): void {
  const slots = <usize>load<u32>(state, STATE_SLOTS);
  const mask = load<u32>(state, STATE_SLOT_MASK);
  let slot = <u32>load<u64>(entry, ENTRY_HASH) & mask;
  while (load<u32>(slots + ((<usize>slot) << 2)) != 0) slot = (slot + 1) & mask;
  store<u32>(slots + ((<usize>slot) << 2), <u32>entry);
}

function equalBytes(a: usize, b: usize, length: u32): bool {
  if (length < 16) {
    for (let i: usize = 0; i < length; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false;
    return true;
  }
  // The last 16 bytes overlap those before, so that nothing past the end is read.
  const last = <usize>length - 16;
  for (let i: usize = 0; i < last; i += 16) {
    if (v128.any_true(v128.xor(v128.load(a + i), v128.load(b + i)))) return false;
  }
  return !v128.any_true(v128.xor(v128.load(a + last), v128.load(b + last)));
}
