// Fixed places in this thread's kernel memory for what lies elsewhere and a kernel is to work on.

import { kernelAddress, type ThreadKernel, threadKernel } from '../../codec/thread-kernel.ts';

/** Rows of a series that fit: half a year at 15 s. */
const MAX_ROWS = 2 ** 20;
/** Steps of a result that fit. */
const MAX_STEPS = 2 ** 17;

export interface Scratch {
  readonly thread: ThreadKernel;
  readonly t: Float64Array;
  readonly v: Float64Array;
  readonly values: Float64Array;
  readonly present: Uint8Array;
  /** The windows found last, per step u32 offsets in bytes of first row and row after the last, and one u32 more. */
  readonly windows: Uint32Array;
  /** Address of one u32 per row. */
  readonly perRow: number;
}

let scratch: Scratch | undefined;

export function threadScratch(): Scratch {
  scratch ??= newScratch();
  return scratch;
}

function newScratch(): Scratch {
  const thread = threadKernel();
  const { buffer } = thread;
  return {
    thread,
    t: new Float64Array(buffer, thread.take(MAX_ROWS * 8), MAX_ROWS),
    v: new Float64Array(buffer, thread.take(MAX_ROWS * 8), MAX_ROWS),
    values: new Float64Array(buffer, thread.take(MAX_STEPS * 8), MAX_STEPS),
    present: new Uint8Array(buffer, thread.take(MAX_STEPS), MAX_STEPS),
    windows: new Uint32Array(buffer, thread.take(MAX_STEPS * 8 + 4), MAX_STEPS * 2 + 1),
    perRow: thread.take(MAX_ROWS * 4),
  };
}

/** True if a series of `rows` rows can be turned into `steps` steps. */
export function fitsScratch(rows: number, steps: number): boolean {
  return rows <= MAX_ROWS && steps <= MAX_STEPS;
}

/** Address of the first `length` rows of a column, which is copied to `place` unless it is in kernel memory. */
export function inKernel(column: Float64Array, length: number, place: Float64Array): number {
  const address = kernelAddress(column);
  if (address >= 0) return address;
  place.set(column.length === length ? column : column.subarray(0, length));
  return place.byteOffset;
}
