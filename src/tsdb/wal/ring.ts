// The way from the main thread to the log's writer: a ring of shared memory that holds entries back
// to back, so that the writer hands whole stretches of it to `write` without another copy. One
// thread puts, one takes.
//
//   control   Int32Array  [head, tail]   positions in units of 8 bytes, counted modulo 2^32
//   bytes     Uint8Array  2^n            entry: a laid-out record, or 64 bytes of a command, or a skip

import { RECORD_HEADER_BYTES } from './record.ts';

const HEAD = 0;
const TAIL = 1;
const UNIT = 8;

/** Past this an empty ring begins again at 0: a log that keeps up touches little memory. */
const RESTART_BYTES = 2 * 1024 * 1024;

// An entry's length lies where a record's checksum will be written, its type where the record's
// payload checksum will be: both are filled in by the writer only after the entry has been taken.
const ENTRY_BYTES = 0;
const ENTRY_TYPE = 8;

export const EntryType = { record: 1, truncate: 2, roll: 3, close: 4, skip: 5 } as const;
export type EntryType = (typeof EntryType)[keyof typeof EntryType];

/** The memory of a ring, which may be posted to a worker. */
export interface RingMemory {
  readonly control: SharedArrayBuffer;
  readonly bytes: SharedArrayBuffer;
}

/** `sizeBytes` is a power of two; pages that have never been used cost nothing. */
export function newRingMemory(sizeBytes: number): RingMemory {
  return { control: new SharedArrayBuffer(8), bytes: new SharedArrayBuffer(sizeBytes) };
}

class RingSide {
  protected readonly control: Int32Array;
  protected readonly bytes: Uint8Array;
  protected readonly view: DataView;
  protected readonly mask: number;

  constructor(memory: RingMemory) {
    this.control = new Int32Array(memory.control);
    this.bytes = new Uint8Array(memory.bytes);
    this.view = new DataView(memory.bytes);
    this.mask = memory.bytes.byteLength / UNIT - 1;
  }

  protected offset(position: number): number {
    return (position & this.mask) * UNIT;
  }
}

/** The putting side. */
export class RingProducer extends RingSide {
  /** Where the next entry begins; visible to the other side only after `publish`. */
  #head = 0;
  #reserved = 0;
  readonly #restartAt = Math.min(RESTART_BYTES, this.bytes.length / 8);

  /** Longest entry: one that fits even if the ring's end is in the way. */
  get maxEntryBytes(): number {
    return this.bytes.length / 2;
  }

  /**
   * Finds room for an entry of `length` bytes (a multiple of 8, at least 64, at most
   * `maxEntryBytes`). Answers its offset in `memory`, or -1 if the ring is too full.
   */
  reserve(length: number): number {
    const tail = Atomics.load(this.control, TAIL);
    const used = ((this.#head - tail) >>> 0) * UNIT;
    const offset = this.offset(this.#head);
    const toEnd = this.bytes.length - offset;
    const startsAgain = used === 0 && offset >= this.#restartAt && offset >= length;
    const skips = length > toEnd || startsAgain;
    const skipped = skips ? toEnd : 0;
    if (skipped + length > this.bytes.length - used) return -1;
    if (skips) {
      this.#mark(offset, EntryType.skip, toEnd);
      this.#head = (this.#head + toEnd / UNIT) | 0;
    }
    this.#reserved = length;
    return this.offset(this.#head);
  }

  /** The bytes that `reserve` points into. */
  get memory(): Uint8Array {
    return this.bytes;
  }

  /** Hands the entry just reserved (and filled) to the taker, and wakes it. */
  publish(type: EntryType): void {
    this.#mark(this.offset(this.#head), type, this.#reserved);
    this.#head = (this.#head + this.#reserved / UNIT) | 0;
    Atomics.store(this.control, HEAD, this.#head);
    Atomics.notify(this.control, HEAD);
  }

  /** Puts a command with one number; false if the ring is too full. */
  putCommand(type: EntryType, argument: number): boolean {
    const offset = this.reserve(RECORD_HEADER_BYTES);
    if (offset < 0) return false;
    this.view.setFloat64(offset + 16, argument, true);
    this.publish(type);
    return true;
  }

  // A skip may be as short as 8 bytes: then it is recognised by its length alone.
  #mark(offset: number, type: EntryType, length: number): void {
    this.view.setUint32(offset + ENTRY_BYTES, length, true);
    if (length >= RECORD_HEADER_BYTES) this.view.setUint32(offset + ENTRY_TYPE, type, true);
  }
}

export interface RingEntry {
  readonly type: EntryType;
  /** The entry's bytes in the ring; valid until it is released. */
  readonly bytes: Uint8Array;
}

/** The taking side. Entries are looked at in order and then released together. */
export class RingConsumer extends RingSide {
  #next = 0;
  #released = 0;

  /** Looks at the next entry; undefined if there is none. Skips are passed over. */
  peek(): RingEntry | undefined {
    while (this.#next !== Atomics.load(this.control, HEAD)) {
      const offset = this.offset(this.#next);
      const length = this.view.getUint32(offset + ENTRY_BYTES, true);
      const isSkip =
        length < RECORD_HEADER_BYTES ||
        this.view.getUint32(offset + ENTRY_TYPE, true) === EntryType.skip;
      if (!isSkip) {
        const type = this.view.getUint32(offset + ENTRY_TYPE, true) as EntryType;
        return { type, bytes: this.bytes.subarray(offset, offset + length) };
      }
      const nothingHeld = this.#next === this.#released;
      this.#next = (this.#next + length / UNIT) | 0;
      if (nothingHeld) this.release();
    }
    return undefined;
  }

  /** The number that came with a command. */
  argument(entry: RingEntry): number {
    return this.view.getFloat64(entry.bytes.byteOffset + 16, true);
  }

  /** Goes on to the entry after the one `peek` showed. */
  advance(entry: RingEntry): void {
    this.#next = (this.#next + entry.bytes.length / UNIT) | 0;
  }

  /** Gives everything passed so far back to the putting side. */
  release(): void {
    this.#released = this.#next;
    Atomics.store(this.control, TAIL, this.#next);
  }

  /** Sleeps until there is an entry, at most `timeoutMs`. Only in a worker. */
  wait(timeoutMs: number): void {
    Atomics.wait(this.control, HEAD, this.#next, timeoutMs);
  }
}
