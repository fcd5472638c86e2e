// The head of the engine: appends samples to a head memory (docs/formats/head-memory.md). One thread
// writes; the header struct at `base` is the only state. The TypeScript owner is head-memory.ts.
//
// Other threads read meanwhile. A row is written before the count that shows it, and a record before
// the address that leads to it. Where several words of a slot change together (a block is sealed, a side
// record added) the series' lock word is odd: readers try again.

import { BAD_ARGUMENT } from './bits';
import {
  B_FLAGS,
  B_MIN_T,
  B_OLDER,
  B_ROWS,
  B_SPAN,
  B_TIMES_BYTES,
  B_VALUES_BYTES,
  BLOCK_EVEN,
  BLOCK_HAS_START,
  BLOCK_HEADER_BYTES,
  BLOCK_RAW,
  DIRECTORY_PAGES,
  E_OLDER,
  E_PAYLOAD,
  E_PAYLOAD_BYTES,
  E_T,
  H_ARENA_END,
  H_ARENA_NEXT,
  H_BLOCKS,
  H_CALL_DUPLICATES,
  H_CALL_OUT_OF_ORDER,
  H_CALL_STORED,
  H_DIRECTORY,
  H_EXEMPLARS,
  H_HIGH_WATER,
  H_LOCKS,
  H_MAX_EXEMPLARS,
  H_MAX_T,
  H_MIN_T,
  H_PAGE_COUNT,
  H_PAGE_LIMIT,
  H_SAMPLES,
  H_SCRATCH,
  H_SERIES,
  KIND_FLOAT,
  KIND_HISTOGRAM,
  LOCK_MASK,
  MAX_BYTES_PER_ROW,
  PAGE_ALIGN,
  PAGE_BYTES,
  PAGE_SLOTS_LOG2,
  R_FLAGS,
  R_KIND,
  R_OLDER,
  R_PAYLOAD,
  R_PAYLOAD_BYTES,
  R_START_T,
  R_T,
  RAW_BYTES,
  RAW_ROW_BYTES,
  RAW_ROWS,
  RECORD_IN_ORDER,
  RECORD_STALE,
  S_BASE_T,
  S_EXEMPLAR,
  S_EXEMPLAR_COUNT,
  S_FLAGS,
  S_FLOATS,
  S_LAST_BLOCK,
  S_LAST_T,
  S_MIN_T,
  S_RAW,
  S_RAW_COUNT,
  S_SIDE,
  S_SIDES,
  S_START_T,
  SLOT_CONTESTED,
  SLOT_LAST_IS_FLOAT,
  SLOT_LOG2,
  SLOT_USED,
} from './head-layout';
import { maxBlockBytes } from './residuals';
import { encodeTimes } from './times';
import { encodeValues } from './values';

/** Outcomes of one append; also in src/tsdb/head/head-memory.ts. */
const FULL: i32 = 0;
const STORED: i32 = 1;
const DUPLICATE: i32 = 2;
const OUT_OF_ORDER: i32 = 3;
const OVER_LIMIT: i32 = 4;

const STALE_BITS: u64 = 0x7ff0000000000002;
const MAX_OFFSET: f64 = 4_294_967_295;

/**
 * Appends n float rows given as columns: refs u32, t f64, v f64, startT f64 (address 0 = all unset).
 * Returns the number of rows taken, fewer than n when memory is full, or BAD_ARGUMENT at a ref
 * past the directory (rows before it are taken). The header's call counters say what became of the rows.
 */
export function headAppend(
  base: usize,
  refs: usize,
  t: usize,
  v: usize,
  startT: usize,
  n: u32,
): i32 {
  let stored: u32 = 0;
  let duplicates: u32 = 0;
  let outOfOrder: u32 = 0;
  let taken: u32 = 0;
  let failure: i32 = 0;
  for (; taken < n; taken++) {
    const at = (<usize>taken) << 3;
    const ref = load<u32>(refs + ((<usize>taken) << 2));
    const slot = openSlot(base, ref, MAX_BYTES_PER_ROW);
    if (slot == 0) {
      if (ref >> PAGE_SLOTS_LOG2 >= DIRECTORY_PAGES) failure = BAD_ARGUMENT;
      break;
    }
    const start: f64 = startT == 0 ? 0 : load<f64>(startT + at);
    const outcome = appendFloat(base, ref, slot, load<f64>(t + at), load<u64>(v + at), start);
    if (outcome == DUPLICATE) duplicates++;
    else stored++;
    if (outcome == OUT_OF_ORDER) outOfOrder++;
  }
  store<u32>(base, stored, H_CALL_STORED);
  store<u32>(base, duplicates, H_CALL_DUPLICATES);
  store<u32>(base, outOfOrder, H_CALL_OUT_OF_ORDER);
  return failure != 0 ? failure : <i32>taken;
}

/**
 * Makes room for one histogram or exemplar of a series and returns the address at which the caller
 * must put its payload before headAppendHistogram or headAppendExemplar; 0 when memory is full or
 * the ref is past the directory. Nothing is taken yet.
 */
export function headStage(base: usize, ref: u32, payloadBytes: u32): usize {
  if (openSlot(base, ref, roomFor(payloadBytes)) == 0) return 0;
  const address = load<u32>(base, H_ARENA_NEXT) + <u32>R_PAYLOAD;
  // If the payload turns out to be a duplicate, its bytes stay behind above the arena's end.
  const end = address + payloadBytes;
  if (end > load<u32>(base, H_HIGH_WATER)) store<u32>(base, end, H_HIGH_WATER);
  return address;
}

/** Appends the histogram whose payload was staged for this ref. Answers an outcome. */
export function headAppendHistogram(
  base: usize,
  ref: u32,
  t: f64,
  startT: f64,
  payloadBytes: u32,
  isStale: i32,
): i32 {
  const slot = openSlot(base, ref, roomFor(payloadBytes));
  if (slot == 0) return FULL;
  const staged = <usize>load<u32>(base, H_ARENA_NEXT) + R_PAYLOAD;
  const flags: u8 = isStale != 0 ? RECORD_STALE : 0;
  if (t > load<f64>(slot, S_LAST_T)) {
    addSide(base, ref, slot, KIND_HISTOGRAM, flags | RECORD_IN_ORDER, t, startT, payloadBytes);
    advance(slot, t, 0);
    return STORED;
  }
  const side = <usize>load<u32>(slot, S_SIDE);
  if (
    side != 0 &&
    load<f64>(side, R_T) == t &&
    load<u8>(side, R_KIND) == KIND_HISTOGRAM &&
    load<f64>(side, R_START_T) == startT &&
    load<u32>(side, R_PAYLOAD_BYTES) == payloadBytes &&
    memory.compare(side + R_PAYLOAD, staged, payloadBytes) == 0
  ) {
    return DUPLICATE;
  }
  addSide(base, ref, slot, KIND_HISTOGRAM, flags, t, startT, payloadBytes);
  contest(slot, t);
  return OUT_OF_ORDER;
}

/** Appends the exemplar whose payload was staged for this ref. Answers an outcome. */
export function headAppendExemplar(base: usize, ref: u32, t: f64, payloadBytes: u32): i32 {
  const slot = openSlot(base, ref, roomFor(payloadBytes));
  if (slot == 0) return FULL;
  const staged = <usize>load<u32>(base, H_ARENA_NEXT) + R_PAYLOAD;
  const newest = <usize>load<u32>(slot, S_EXEMPLAR);
  if (
    newest != 0 &&
    load<f64>(newest, E_T) == t &&
    load<u32>(newest, E_PAYLOAD_BYTES) == payloadBytes &&
    memory.compare(newest + E_PAYLOAD, staged, payloadBytes) == 0
  ) {
    return DUPLICATE;
  }
  const count = <u32>load<u16>(slot, S_EXEMPLAR_COUNT);
  if (count >= load<u32>(base, H_MAX_EXEMPLARS)) return OVER_LIMIT;
  const record = take(base, <u32>E_PAYLOAD + payloadBytes);
  memory.copy(record + E_PAYLOAD, staged, payloadBytes);
  store<u32>(record, <u32>newest, E_OLDER);
  store<u32>(record, payloadBytes, E_PAYLOAD_BYTES);
  store<f64>(record, t, E_T);
  atomic.store<u32>(slot, <u32>record, S_EXEMPLAR);
  store<u16>(slot, <u16>(count + 1), S_EXEMPLAR_COUNT);
  markUsed(base, slot);
  bump(base, H_EXEMPLARS);
  return STORED;
}

// ---- slots ----------------------------------------------------------------------------------

/**
 * The series' slot, its page allocated if need be; 0 unless `bytes` are free behind it. The slot may
 * be unused still, but its times are initialised.
 */
function openSlot(base: usize, ref: u32, bytes: u32): usize {
  const pageIndex = ref >> PAGE_SLOTS_LOG2;
  if (pageIndex >= DIRECTORY_PAGES) return 0;
  const entry = <usize>load<u32>(base, H_DIRECTORY) + ((<usize>pageIndex) << 2);
  let page = <usize>load<u32>(entry);
  const free = load<u32>(base, H_ARENA_END) - load<u32>(base, H_ARENA_NEXT);
  if (bytes > free) return 0;
  if (page == 0) {
    if (PAGE_BYTES + PAGE_ALIGN > free - bytes) return 0;
    page = newPage(base);
    atomic.store<u32>(entry, <u32>page);
    if (pageIndex >= load<u32>(base, H_PAGE_LIMIT)) store<u32>(base, pageIndex + 1, H_PAGE_LIMIT);
    bump(base, H_PAGE_COUNT);
  }
  const slot = page + ((<usize>(ref & ((1 << PAGE_SLOTS_LOG2) - 1))) << SLOT_LOG2);
  if ((load<u8>(slot, S_FLAGS) & SLOT_USED) == 0) {
    store<f64>(slot, -Infinity, S_LAST_T);
    store<f64>(slot, Infinity, S_MIN_T);
  }
  return slot;
}

/** Bytes to ask for before a record with a payload; more than there can be if the sum would wrap. */
function roomFor(payloadBytes: u32): u32 {
  return payloadBytes > <u32>i32.MAX_VALUE ? u32.MAX_VALUE : MAX_BYTES_PER_ROW + payloadBytes;
}

/** Bytes past the high-water mark have never been written, so they need no zeroing. */
function newPage(base: usize): usize {
  const next = load<u32>(base, H_ARENA_NEXT);
  const page = (next + (PAGE_ALIGN - 1)) & ~(PAGE_ALIGN - 1);
  const end = page + PAGE_BYTES;
  store<u32>(base, end, H_ARENA_NEXT);
  const dirty = load<u32>(base, H_HIGH_WATER);
  if (dirty > page) memory.fill(page, 0, (dirty < end ? dirty : end) - page);
  return page;
}

function markUsed(base: usize, slot: usize): void {
  const flags = load<u8>(slot, S_FLAGS);
  if ((flags & SLOT_USED) != 0) return;
  store<u8>(slot, flags | SLOT_USED, S_FLAGS);
  bump(base, H_SERIES);
}

/** Notes that the row at t, the newest in order, has been stored. */
function advance(slot: usize, t: f64, lastIsFloat: u8): void {
  store<f64>(slot, t, S_LAST_T);
  store<u8>(slot, SLOT_USED | lastIsFloat, S_FLAGS);
}

/** Notes that an out-of-order row at t has been stored. */
function contest(slot: usize, t: f64): void {
  if (t == load<f64>(slot, S_LAST_T)) {
    store<u8>(slot, load<u8>(slot, S_FLAGS) | SLOT_CONTESTED, S_FLAGS);
  }
}

/** Counts one stored sample of the series and widens the bounds of time. */
function countSample(base: usize, slot: usize, t: f64): void {
  markUsed(base, slot);
  bump(base, H_SAMPLES);
  if (t < load<f64>(slot, S_MIN_T)) store<f64>(slot, t, S_MIN_T);
  if (t < load<f64>(base, H_MIN_T)) store<f64>(base, t, H_MIN_T);
  if (t > load<f64>(base, H_MAX_T)) store<f64>(base, t, H_MAX_T);
}

function bump(base: usize, counter: usize): void {
  store<u32>(base + counter, load<u32>(base + counter) + 1);
}

/** Takes bytes from the arena, rounded up to 8. The caller has checked that they are free. */
function take(base: usize, bytes: u32): usize {
  const address = load<u32>(base, H_ARENA_NEXT);
  store<u32>(base, address + ((bytes + 7) & ~7), H_ARENA_NEXT);
  return address;
}

// ---- readers on other threads ---------------------------------------------------------------

/** Turns readers of the series away until {@link unlock}. Returns the lock word's address. */
function lock(base: usize, ref: u32): usize {
  const word = <usize>load<u32>(base, H_LOCKS) + ((<usize>(ref & LOCK_MASK)) << 2);
  // Read and write in one: a mere store would let later ones pass it where memory is weakly ordered.
  atomic.add<u32>(word, 1);
  return word;
}

function unlock(word: usize): void {
  atomic.add<u32>(word, 1);
}

// ---- floats ---------------------------------------------------------------------------------

function appendFloat(base: usize, ref: u32, slot: usize, t: f64, bits: u64, startT: f64): i32 {
  const lastT = load<f64>(slot, S_LAST_T);
  if (t > lastT) {
    pushRaw(base, ref, slot, t, bits, startT);
    countSample(base, slot, t);
    advance(slot, t, SLOT_LAST_IS_FLOAT);
    return STORED;
  }
  if (isRepeat(slot, t, bits, startT)) return DUPLICATE;
  store<u64>(<usize>load<u32>(base, H_ARENA_NEXT) + R_PAYLOAD, bits);
  addSide(base, ref, slot, KIND_FLOAT, bits == STALE_BITS ? RECORD_STALE : 0, t, startT, 8);
  contest(slot, t);
  return OUT_OF_ORDER;
}

/**
 * True if this very write is known to be the newest at its t. Only the newest side record and the
 * newest in-order row are looked at: a repeat that is missed here is found when reading.
 */
function isRepeat(slot: usize, t: f64, bits: u64, startT: f64): bool {
  const side = <usize>load<u32>(slot, S_SIDE);
  if (side != 0 && load<f64>(side, R_T) == t) {
    return (
      load<u8>(side, R_KIND) == KIND_FLOAT &&
      load<u64>(side, R_PAYLOAD) == bits &&
      load<f64>(side, R_START_T) == startT
    );
  }
  if (t != load<f64>(slot, S_LAST_T)) return false;
  const flags = load<u8>(slot, S_FLAGS);
  if ((flags & (SLOT_LAST_IS_FLOAT | SLOT_CONTESTED)) != SLOT_LAST_IS_FLOAT) return false;
  const newest = <usize>load<u8>(slot, S_RAW_COUNT) - 1;
  const row = <usize>load<u32>(slot, S_RAW) + newest * RAW_ROW_BYTES;
  return load<u64>(row, 4) == bits && load<f64>(slot, S_START_T) == startT;
}

function pushRaw(base: usize, ref: u32, slot: usize, t: f64, bits: u64, startT: f64): void {
  let raw = <usize>load<u32>(slot, S_RAW);
  const count = <u32>load<u8>(slot, S_RAW_COUNT);
  if (count != 0) {
    const isFull =
      count == RAW_ROWS ||
      load<f64>(slot, S_START_T) != startT ||
      t - load<f64>(slot, S_BASE_T) > MAX_OFFSET;
    if (isFull) {
      const block = seal(base, slot, raw, count);
      const locked = lock(base, ref);
      store<u32>(slot, <u32>block, S_LAST_BLOCK);
      beginRaw(slot, raw, t, bits, startT);
      unlock(locked);
    } else {
      const row = raw + <usize>(count * RAW_ROW_BYTES);
      store<u32>(row, <u32>(t - load<f64>(slot, S_BASE_T)));
      store<u64>(row, bits, 4);
      publishCount(slot, count + 1);
    }
  } else {
    if (raw == 0) {
      raw = take(base, RAW_BYTES);
      store<u32>(slot, <u32>raw, S_RAW);
    }
    beginRaw(slot, raw, t, bits, startT);
  }
  store<u32>(slot, load<u32>(slot, S_FLOATS) + 1, S_FLOATS);
}

/** Makes a row the first and only one of the raw buffer. */
function beginRaw(slot: usize, raw: usize, t: f64, bits: u64, startT: f64): void {
  store<f64>(slot, t, S_BASE_T);
  store<f64>(slot, startT, S_START_T);
  store<u32>(raw, 0);
  store<u64>(raw, bits, 4);
  publishCount(slot, 1);
}

/** Shows the row that has been written before: the store keeps what precedes it in place. */
function publishCount(slot: usize, count: u32): void {
  atomic.store<u8>(slot, <u8>count, S_RAW_COUNT);
}

/** Turns the raw rows (at least one) into a block of its own and returns it. */
function seal(base: usize, slot: usize, raw: usize, count: u32): usize {
  const block = <usize>load<u32>(base, H_ARENA_NEXT);
  const startT = load<f64>(slot, S_START_T);
  const span = load<u32>(raw + <usize>((count - 1) * RAW_ROW_BYTES));
  let flags: u8 = 0;
  let body = block + BLOCK_HEADER_BYTES;
  if (startT != 0) {
    store<f64>(body, startT);
    body += 8;
    flags |= BLOCK_HAS_START;
  }
  store<u32>(block, load<u32>(slot, S_LAST_BLOCK), B_OLDER);
  store<u16>(block, <u16>count, B_ROWS);
  store<f64>(block, load<f64>(slot, S_BASE_T), B_MIN_T);
  store<u32>(block, span, B_SPAN);
  flags |= encodeBody(base, block, body, raw, count);
  store<u8>(block, flags, B_FLAGS);
  store<u8>(block, 0, B_FLAGS + 1);

  const bodyBytes = <u32>load<u16>(block, B_TIMES_BYTES) + <u32>load<u16>(block, B_VALUES_BYTES);
  take(base, <u32>(body - block) + bodyBytes);
  bump(base, H_BLOCKS);
  return block;
}

/**
 * Writes times and values of the raw rows at `body` and their sizes to the block's header; returns
 * the flags that describe them. Never longer than the raw rows: those are kept where coding does
 * not pay, which also bounds what a block can take.
 */
function encodeBody(base: usize, block: usize, body: usize, raw: usize, count: u32): u8 {
  const n = <i32>count;
  const capacity = maxBlockBytes(<i32>RAW_ROWS);
  const times = <usize>load<u32>(base, H_SCRATCH);
  const values = times + RAW_ROWS * 8;
  const codedTimes = values + RAW_ROWS * 8;
  const codedValues = codedTimes + <usize>capacity;
  const scratch = (codedValues + <usize>capacity + 7) & ~7;

  const isEven = splitRows(raw, count, times, values);
  const timesBytes = isEven ? 0 : encodeTimes(times, n, codedTimes, capacity, scratch);
  const valuesBytes = encodeValues(values, n, codedValues, capacity, scratch);
  const rawBytes = <i32>(count * RAW_ROW_BYTES);
  if (timesBytes < 0 || valuesBytes < 0 || timesBytes + valuesBytes >= rawBytes) {
    store<u16>(block, 0, B_TIMES_BYTES);
    store<u16>(block, <u16>rawBytes, B_VALUES_BYTES);
    memory.copy(body, raw, <usize>rawBytes);
    return BLOCK_RAW;
  }
  store<u16>(block, <u16>timesBytes, B_TIMES_BYTES);
  store<u16>(block, <u16>valuesBytes, B_VALUES_BYTES);
  memory.copy(body, codedTimes, <usize>timesBytes);
  memory.copy(body + <usize>timesBytes, codedValues, <usize>valuesBytes);
  return isEven ? BLOCK_EVEN : 0;
}

/** Splits raw rows into a column of offsets (f64) and one of value bits; true if evenly spaced. */
function splitRows(raw: usize, count: u32, times: usize, values: usize): bool {
  const step: u32 = count > 1 ? load<u32>(raw + RAW_ROW_BYTES) : 0;
  let expected: u32 = 0;
  let isEven = true;
  for (let i: u32 = 0; i < count; i++) {
    const row = raw + <usize>(i * RAW_ROW_BYTES);
    const offset = load<u32>(row);
    if (offset != expected) isEven = false;
    expected = offset + step;
    store<f64>(times + ((<usize>i) << 3), <f64>offset);
    store<u64>(values + ((<usize>i) << 3), load<u64>(row, 4));
  }
  return isEven;
}

// ---- side records ---------------------------------------------------------------------------

/** Puts a record before the series' side chain; its payload already stands in its place. */
function addSide(
  base: usize,
  ref: u32,
  slot: usize,
  kind: u8,
  flags: u8,
  t: f64,
  startT: f64,
  payloadBytes: u32,
): void {
  const record = take(base, <u32>R_PAYLOAD + payloadBytes);
  store<u32>(record, load<u32>(slot, S_SIDE), R_OLDER);
  store<u8>(record, kind, R_KIND);
  store<u8>(record, flags, R_FLAGS);
  store<u16>(record, 0, R_FLAGS + 1);
  store<f64>(record, t, R_T);
  store<f64>(record, startT, R_START_T);
  store<u32>(record, payloadBytes, R_PAYLOAD_BYTES);
  const locked = lock(base, ref);
  store<u32>(slot, <u32>record, S_SIDE);
  store<u32>(slot, load<u32>(slot, S_SIDES) + 1, S_SIDES);
  unlock(locked);
  countSample(base, slot, t);
}
