// The side of replay: gives bodies to a thread that scans them ahead, and takes the rows it finds there. Whatever
// the thread has not had, or is not sure of, replay does itself, in the one way there is; so is what it learns from:
// a body that brings numbers of series which it does not know is replayed as if there were no thread, and the refs of
// its rows are what the numbers mean. A number always means the same bytes of labels in the same database.

import type { Worker } from 'node:worker_threads';
import { errorMessage } from '../../runtime/error.ts';
import { startWorker } from '../../runtime/workers.ts';
import type { SeriesRegistry } from '../index/series-registry.ts';
import type { ScanLimits } from '../ingest/scanner.ts';
import type { WriteColumns } from '../ingest/write-columns.ts';
import type { ScannedBodies } from '../ingest/write-path.ts';
import {
  type BodyPlace,
  ControlWord,
  ENTRY_WORDS,
  EntryState,
  EntryWord,
  newScanJob,
  newScanSlots,
  type ScanJob,
  type ScanSlots,
  SLOT_ROWS,
} from './scan-job.ts';
import type { ScanWorkerData } from './scan-worker.ts';

/** A scan takes less than a millisecond: a thread that takes this long is dead or stopped. */
const GIVE_UP_MS = 5000;
/** The thread waits only where all slots are filled; for one at a time it need not be woken. Divides their number. */
const WAKE_AT_SLOTS = 8;
const UNKNOWN = 0xffff_ffff;

/** Whoever scans; a test may do so in the same thread. */
export interface ScanThread {
  readonly slots: ScanSlots;
  post(job: ScanJob): void;
  close(): Promise<void>;
}

export class ScanAhead implements ScannedBodies {
  readonly #thread: ScanThread;
  readonly #giveUpMs: number;
  #job: ScanJob | undefined;
  /** The first entry of the job that has not been settled. */
  #next = 0;
  /** By the scanner's number of a series: its ref in `#registry`. */
  #refs: Uint32Array = new Uint32Array(1024).fill(UNKNOWN);
  #registry: SeriesRegistry | undefined;
  /** Numbers of the rows of the last body, if there were unknown ones. */
  #asked: Uint32Array = new Uint32Array(0);
  #isGivenUp = false;
  /** Bodies whose rows were taken from the thread. */
  taken = 0;

  constructor(thread: ScanThread, giveUpMs: number = GIVE_UP_MS) {
    this.#thread = thread;
    this.#giveUpMs = giveUpMs;
  }

  /** Hands over the bodies of a segment, ascending; its memory is shared, and stays as it is until {@link end}. */
  begin(bytes: Uint8Array, places: readonly BodyPlace[]): void {
    if (this.#isGivenUp) return;
    this.#job = newScanJob(bytes, places);
    this.#next = 0;
    Atomics.store(this.#thread.slots.control, ControlWord.front, 0);
    this.#thread.post(this.#job);
  }

  addRows(body: Uint8Array, columns: WriteColumns, registry: SeriesRegistry): boolean {
    this.#asked = this.#asked.subarray(0, 0);
    const { byteOffset } = body;
    this.#settleUpTo(byteOffset);
    const table = this.#job?.table;
    const entry = this.#next * ENTRY_WORDS;
    if (table === undefined || table[entry + EntryWord.offset] !== byteOffset) return false;
    Atomics.store(this.#thread.slots.control, ControlWord.front, this.#next);
    this.#next++;
    if (this.#settle(table, entry) !== EntryState.scanned) return false;
    const isKnown = this.#takeRows(table, entry, columns, registry);
    this.#freeSlot();
    return isKnown;
  }

  learn({ rows, refs, extras }: WriteColumns): void {
    // Otherwise the body was more than those rows, or some were refused.
    if (rows !== this.#asked.length || extras.length > 0) return;
    for (const [row, number] of this.#asked.entries()) this.#remember(number, refs[row]!);
  }

  /** The thread looks at the segment no more. */
  end(): void {
    this.#settleUpTo(Number.POSITIVE_INFINITY);
    this.#job = undefined;
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    this.#isGivenUp = true;
    this.#job = undefined;
    await this.#thread.close();
  }

  #takeRows(
    table: Int32Array,
    entry: number,
    columns: WriteColumns,
    registry: SeriesRegistry,
  ): boolean {
    if (registry !== this.#registry) {
      // The refs were those of another.
      this.#refs.fill(UNKNOWN);
      this.#registry = registry;
    }
    const rows = table[entry + EntryWord.rows]!;
    const from = table[entry + EntryWord.slot]! * SLOT_ROWS;
    const { series, t, v } = this.#thread.slots;
    const numbers = series.subarray(from, from + rows);
    const refs = this.#refs;
    for (let row = 0; row < rows; row++) {
      if ((refs[numbers[row]!] ?? UNKNOWN) !== UNKNOWN) continue;
      this.#asked = numbers.slice();
      return false;
    }
    for (let row = 0; row < rows; row++) numbers[row] = refs[numbers[row]!]!;
    const to = from + rows;
    columns.addRows(series, t, v, from, to);
    this.taken++;
    return true;
  }

  #remember(number: number, ref: number): void {
    if (number >= this.#refs.length) {
      const larger = new Uint32Array(Math.max(number + 1, this.#refs.length * 2)).fill(UNKNOWN);
      larger.set(this.#refs);
      this.#refs = larger;
    }
    this.#refs[number] = ref;
  }

  /** Drops what the thread has of bodies before `offset`: they were damaged, or replay did not want them. */
  #settleUpTo(offset: number): void {
    const table = this.#job?.table;
    if (table === undefined) return;
    const entries = table.length / ENTRY_WORDS;
    for (; this.#next < entries; this.#next++) {
      const entry = this.#next * ENTRY_WORDS;
      if (table[entry + EntryWord.offset]! >= offset) return;
      if (this.#settle(table, entry) === EntryState.scanned) this.#freeSlot();
      if (this.#isGivenUp) return;
    }
  }

  /** The state of an entry that the thread does not work on (any more). */
  #settle(table: Int32Array, entry: number): number {
    const at = entry + EntryWord.state;
    const { free, replaying, scanning } = EntryState;
    if (Atomics.compareExchange(table, at, free, replaying) === free) return replaying;
    while (Atomics.load(table, at) === scanning) {
      if (Atomics.wait(table, at, scanning, this.#giveUpMs) !== 'timed-out') continue;
      // Its slots may still be written to: nothing of it is looked at again.
      this.#isGivenUp = true;
      this.#job = undefined;
      return replaying;
    }
    return Atomics.load(table, at);
  }

  #freeSlot(): void {
    const { control } = this.#thread.slots;
    const freed = Atomics.add(control, ControlWord.freed, 1) + 1;
    if (freed % WAKE_AT_SLOTS === 0) Atomics.notify(control, ControlWord.freed);
  }
}

/** Starts a thread that scans. `onError` hears of its end by itself: replay goes on without. */
export function startScanThread(
  limits: ScanLimits,
  onError: (message: string) => void,
): ScanThread {
  const slots = newScanSlots();
  const data: ScanWorkerData = { limits, slots };
  const worker: Worker = startWorker('./scan-worker.ts', import.meta.url, { workerData: data });
  worker.on('error', (error) => onError(errorMessage(error)));
  return {
    slots,
    post: (job) => worker.postMessage(job),
    close: async () => {
      await worker.terminate();
    },
  };
}
