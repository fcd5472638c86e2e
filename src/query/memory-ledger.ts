// How much memory queries hold, each and all together, over all threads.

import { queryMemoryExceeded, totalMemoryExceeded } from './errors.ts';

const KiB = 1024;
/** An account tells the ledger only of changes this large: others' look at it costs a walk over the threads. */
const GRAIN_KIB = 64;

/** KiB held by each thread's queries, in shared memory. Who makes one gives its buffer to the threads. */
export class MemoryLedger {
  readonly buffer: SharedArrayBuffer;
  readonly #heldKiB: Int32Array;

  /** Of a number of slots, one a thread, or of another ledger's buffer. */
  constructor(slotsOrBuffer: number | SharedArrayBuffer) {
    this.buffer =
      typeof slotsOrBuffer === 'number' ? new SharedArrayBuffer(4 * slotsOrBuffer) : slotsOrBuffer;
    this.#heldKiB = new Int32Array(this.buffer);
  }

  get heldBytes(): number {
    let sum = 0;
    for (let i = 0; i < this.#heldKiB.length; i++) sum += Atomics.load(this.#heldKiB, i);
    return sum * KiB;
  }

  add(slot: number, kib: number): void {
    Atomics.add(this.#heldKiB, slot, kib);
  }

  /** The slot's thread is gone with all it held. */
  clear(slot: number): void {
    Atomics.store(this.#heldKiB, slot, 0);
  }
}

/** Most bytes a query may hold, and all queries together. */
export interface MemoryLimits {
  readonly maxBytes: number;
  readonly maxTotalBytes: number;
}

/** What one query holds. */
export class MemoryAccount {
  readonly #ledger: MemoryLedger;
  readonly #slot: number;
  readonly #limits: MemoryLimits;
  #bytes = 0;
  #peakBytes = 0;
  #bookedKiB = 0;

  constructor(ledger: MemoryLedger, slot: number, limits: MemoryLimits) {
    this.#ledger = ledger;
    this.#slot = slot;
    this.#limits = limits;
  }

  get peakBytes(): number {
    return this.#peakBytes;
  }

  /**
   * Holds `bytes` more, or fewer if negative. Throws QUERY_MEMORY or QUERY_TOTAL_MEMORY; what was to be held is
   * booked all the same until {@link close}.
   */
  hold(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#peakBytes) this.#peakBytes = this.#bytes;
    const { maxBytes, maxTotalBytes } = this.#limits;
    if (this.#bytes > maxBytes) throw queryMemoryExceeded(maxBytes);
    const change = Math.ceil(this.#bytes / KiB) - this.#bookedKiB;
    if (change < GRAIN_KIB && change > -GRAIN_KIB) return;
    this.#ledger.add(this.#slot, change);
    this.#bookedKiB += change;
    if (change > 0 && this.#ledger.heldBytes > maxTotalBytes) {
      throw totalMemoryExceeded(maxTotalBytes);
    }
  }

  /** Gives everything back. Idempotent. */
  close(): void {
    this.#ledger.add(this.#slot, -this.#bookedKiB);
    this.#bookedKiB = 0;
    this.#bytes = 0;
  }
}
