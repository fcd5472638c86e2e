// What a series' slot says at one moment, although another thread may be appending. Everything that a
// slot leads to (blocks, side records) never changes once it can be reached, so that a copy of the slot
// and of its unsealed rows is all that must be taken at once.

import { AppError } from '../../runtime/error.ts';
import { LOCK_WORDS, LOCKS, RAW_ROW_WORDS, RAW_ROWS, SlotWord } from './layout.ts';
import type { HeadSlots } from './slots.ts';

/** Attempts before the reader goes to sleep: the writer holds a lock for some ten stores. */
const SPINS = 1000;
/** Longest sleep, in ms, until the next attempts; and how many: the writer's thread may be descheduled. */
const SLEEP_MS = 1;
const MAX_SLEEPS = 10_000;

export class SlotSnapshot {
  /** Unsealed rows: `rawRows` of them in `raw`, from `baseT` on, all with this start timestamp. */
  readonly raw: Uint32Array = new Uint32Array(RAW_ROWS * RAW_ROW_WORDS);
  rawRows = 0;
  baseT = 0;
  startT = 0;
  /** Address of the newest block. */
  lastBlock = 0;
  /** Address of the newest side record, and how many there are. */
  side = 0;
  sides = 0;
  readonly #slots: HeadSlots;
  readonly #locks: Int32Array;
  readonly #fence = new Int32Array(new SharedArrayBuffer(4));

  constructor(slots: HeadSlots) {
    this.#slots = slots;
    this.#locks = new Int32Array(slots.words.buffer, LOCKS, LOCK_WORDS);
  }

  /** Takes a series' slot, whose first word is `slot`. Throws TSDB_HEAD_LOCKED if the writer has died. */
  take(ref: number, slot: number): void {
    const lock = ref & (LOCK_WORDS - 1);
    for (let sleeps = 0; sleeps < MAX_SLEEPS; sleeps++) {
      for (let spins = 0; spins < SPINS; spins++) {
        const before = Atomics.load(this.#locks, lock);
        if ((before & 1) !== 0) continue;
        this.#copy(slot);
        // A write, for a mere load would let the loads above be done after it where memory is weakly ordered.
        Atomics.add(this.#fence, 0, 1);
        if (Atomics.load(this.#locks, lock) === before) return;
      }
      const now = Atomics.load(this.#locks, lock);
      if ((now & 1) !== 0) Atomics.wait(this.#locks, lock, now, SLEEP_MS);
    }
    throw new AppError('internal', 'TSDB_HEAD_LOCKED', `the lock of series ${ref} stays taken`);
  }

  #copy(slot: number): void {
    const { words, floats } = this.#slots;
    // First, and such that nothing is read before it: the rows that the count shows were written before.
    this.rawRows = (Atomics.load(words, slot + SlotWord.counts) >>> 16) & 0xff;
    this.lastBlock = words[slot + SlotWord.lastBlock]!;
    this.side = words[slot + SlotWord.side]!;
    this.sides = words[slot + SlotWord.sides]!;
    this.baseT = floats[(slot + SlotWord.baseT) >>> 1]!;
    this.startT = floats[(slot + SlotWord.startT) >>> 1]!;
    const from = words[slot + SlotWord.raw]! >>> 2;
    const count = this.rawRows * RAW_ROW_WORDS;
    for (let i = 0; i < count; i++) this.raw[i] = words[from + i]!;
  }
}
