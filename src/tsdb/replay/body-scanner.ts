// The side of the thread that scans ahead: takes bodies that replay has not come to, and hands over their rows. It
// knows no registry and takes no verdicts: it numbers series by the bytes of their labels, in its own way, and the
// replaying thread finds out what the numbers mean (scan-ahead.ts).

import {
  RemoteWriteScanner,
  type ScanLimits,
  type ScannedWrite,
  type ScannerOptions,
  SLOW_TIME_SERIES,
} from '../ingest/scanner.ts';
import {
  ControlWord,
  ENTRY_WORDS,
  EntryState,
  EntryWord,
  type ScanJob,
  type ScanSlots,
  SLOT_ROWS,
  SLOTS,
} from './scan-job.ts';

/**
 * Where replay has caught up, so many bodies are left to it at once: both threads have work then, and neither waits
 * for the other.
 */
const LEAP_BODIES = 8;
/** Replay is not to arrive at a body just when its scan has begun. */
const MIN_LEAD_BODIES = 2;
/** Numbers given to series; bodies with new ones are left to replay then. As many as the alias table holds. */
export const MAX_SERIES_NUMBERS: number = 8 << 20;

export class BodyScanner {
  readonly #scanner: RemoteWriteScanner;
  readonly #slots: ScanSlots;
  #seriesNumbers = 0;
  /** Slots filled so far. */
  #filled = 0;

  constructor(limits: ScanLimits, slots: ScanSlots, options?: ScannerOptions) {
    this.#scanner = new RemoteWriteScanner(limits, options);
    this.#slots = slots;
  }

  /**
   * Scans what replay leaves of a job; returns when all of it has been taken. `waitForSlot` is called while no slot is
   * free: false ends the job.
   */
  run(job: ScanJob, waitForSlot: () => boolean): void {
    const { table } = job;
    const entries = table.length / ENTRY_WORDS;
    for (let i = 0; i < entries; ) {
      const front = Atomics.load(this.#slots.control, ControlWord.front);
      if (i < front + MIN_LEAD_BODIES) {
        i = front + LEAP_BODIES;
        continue;
      }
      while (!this.#hasSlot()) if (!waitForSlot()) return;
      const state = i * ENTRY_WORDS + EntryWord.state;
      const { free, scanning } = EntryState;
      if (Atomics.compareExchange(table, state, free, scanning) === free) {
        Atomics.store(table, state, this.#handOver(job, i * ENTRY_WORDS));
        Atomics.notify(table, state);
      }
      i++;
    }
  }

  #hasSlot(): boolean {
    return this.#filled - Atomics.load(this.#slots.control, ControlWord.freed) < SLOTS;
  }

  /** The state that the entry at `entry` has from now on. */
  #handOver({ bytes, table }: ScanJob, entry: number): number {
    const offset = table[entry + EntryWord.offset]!;
    const body = bytes.subarray(offset, offset + table[entry + EntryWord.length]!);
    const scan = this.#scan(table[entry + EntryWord.dbId]!, body);
    if (scan === undefined || scan.rows > SLOT_ROWS) return EntryState.left;
    const slot = this.#filled++ % SLOTS;
    const { series, t, v } = this.#slots;
    series.set(scan.refs, slot * SLOT_ROWS);
    t.set(scan.t, slot * SLOT_ROWS);
    v.set(scan.v, slot * SLOT_ROWS);
    table[entry + EntryWord.rows] = scan.rows;
    table[entry + EntryWord.slot] = slot;
    return EntryState.scanned;
  }

  /** The rows of a body, new series numbered; undefined if it is not rows alone. */
  #scan(dbId: number, body: Uint8Array): ScannedWrite | undefined {
    try {
      const first = this.#scanner.scan(dbId, body);
      if (first.slow === 0) return first;
      if (this.#seriesNumbers + first.slow > MAX_SERIES_NUMBERS) return undefined;
      if (first.slowField.some((field) => field !== SLOW_TIME_SERIES)) return undefined;
      for (let i = 0; i < first.slow; i++) {
        this.#scanner.learn(dbId, i, this.#seriesNumbers++);
      }
      const second = this.#scanner.scan(dbId, body);
      return second.slow === 0 ? second : undefined;
    } catch {
      // Replay comes upon the same and says so.
      return undefined;
    }
  }
}
