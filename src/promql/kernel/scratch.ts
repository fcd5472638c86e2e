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
  /** Address of the windows found last; one u64 per step and one more. */
  readonly windows: number;
  /** The same as pairs of u32, offsets in bytes: first row, row after the last. */
  readonly windowOffsets: Uint32Array;
  /** The same as float64: behind the last window is the number of rows of the largest. */
  readonly windowFigures: Float64Array;
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
  const { buffer } = thread.memory;
  const windows = thread.take((MAX_STEPS + 1) * 8);
  return {
    thread,
    t: new Float64Array(buffer, thread.take(MAX_ROWS * 8), MAX_ROWS),
    v: new Float64Array(buffer, thread.take(MAX_ROWS * 8), MAX_ROWS),
    values: new Float64Array(buffer, thread.take(MAX_STEPS * 8), MAX_STEPS),
    present: new Uint8Array(buffer, thread.take(MAX_STEPS), MAX_STEPS),
    windows,
    windowOffsets: new Uint32Array(buffer, windows, MAX_STEPS * 2),
    windowFigures: new Float64Array(buffer, windows, MAX_STEPS + 1),
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
