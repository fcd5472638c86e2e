// Rows and columns of one evaluation in this thread's kernel memory, so that kernels write and add them
// where they lie. Where that memory is used up they come from the heap, and everything still works.

import { threadKernel } from '../../codec/thread-kernel.ts';
import type { Labels } from '../../model/labels.ts';
import { newStepSeries, type StepSeries } from '../eval/step-series.ts';

/** Room for rows of all open evaluations of a thread: 15,000 groups of 241 steps. Untouched pages are free. */
const ROOM_BYTES = 2 ** 26;
const ALIGN = 8;

/** The room of this thread. It is given out from the bottom and is all free once nobody uses it. */
interface Room {
  readonly buffer: ArrayBufferLike;
  /** All bytes of the memory. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  next: number;
  users: number;
}

/** Columns of equal length that lie together. */
export interface KernelColumns {
  readonly numbers: readonly Float64Array[];
  readonly bytes: Uint8Array;
}

let room: Room | undefined;

function threadRoom(): Room {
  if (room === undefined) {
    const thread = threadKernel();
    const start = thread.take(ROOM_BYTES);
    const { buffer } = thread;
    const bytes = new Uint8Array(buffer);
    room = { buffer, bytes, start, end: start + ROOM_BYTES, next: start, users: 0 };
  }
  return room;
}

/**
 * Columns for one evaluation; close it when nothing of them is needed any more. They share memory with
 * everything else of the thread: copy what goes to another thread or stays longer (`slice`, `keep`).
 */
export class KernelRows {
  /** Length of every column. */
  readonly steps: number;
  readonly #room: Room;
  #isOpen = true;

  constructor(steps: number) {
    this.steps = steps;
    this.#room = threadRoom();
    this.#room.users++;
  }

  /** A series with nothing at any step. Valid until `close`. */
  row(labels: Labels): StepSeries {
    const columns = this.columns(1);
    if (columns === undefined) return newStepSeries(labels, this.steps);
    const values = columns.numbers[0]!;
    return { labels, dropName: false, present: columns.bytes, values, histograms: undefined };
  }

  /**
   * All or none of the columns of a group: `numbers` columns of zeros and one of zero bytes. Valid until
   * `close`. Undefined if there is no room: then take them from the heap.
   */
  columns(numbers: number): KernelColumns | undefined {
    const { steps } = this;
    const address = this.#place(numbers * steps * 8 + steps);
    if (address === 0) return undefined;
    const { buffer, bytes } = this.#room;
    bytes.fill(0, address, address + numbers * steps * 8 + steps);
    const columns: Float64Array[] = [];
    for (let i = 0; i < numbers; i++) {
      columns.push(new Float64Array(buffer, address + i * steps * 8, steps));
    }
    return {
      numbers: columns,
      bytes: new Uint8Array(buffer, address + numbers * steps * 8, steps),
    };
  }

  /** Gives everything back. Idempotent. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (--this.#room.users === 0) this.#room.next = this.#room.start;
  }

  /** Address of `bytes` free bytes, or 0. */
  #place(bytes: number): number {
    if (!this.#isOpen) return 0;
    const address = this.#room.next;
    const next = address + Math.ceil(bytes / ALIGN) * ALIGN;
    if (next > this.#room.end) return 0;
    this.#room.next = next;
    return address;
  }
}
