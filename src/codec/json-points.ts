// Points of a Prometheus matrix as JSON bytes, written by the kernel (kernel/json-points.ts): what most
// bytes of big answers are.

import { DECIMAL_POWERS_BYTES, writeDecimalPowers } from './decimal-powers.ts';
import { kernelAddress, type ThreadKernel, threadKernel } from './thread-kernel.ts';

/** A point takes some 40 bytes, so this is a series of a day at one minute. */
const OUTPUT_BYTES = 64 * 1024;
/** Steps whose values are taken into the kernel's memory at a time. */
const BLOCK_STEPS = 4096;
/** Room for the text of a step. */
const TEXT_BYTES = 32;

interface Room {
  readonly thread: ThreadKernel;
  readonly tenPowers: number;
  readonly values: Float64Array;
  readonly present: Uint8Array;
  readonly texts: Uint8Array;
  readonly output: Uint8Array;
  readonly next: Uint32Array;
  /** Whose texts are in `texts`, and from which step on. */
  textsOf: PointTimes | undefined;
  textsFrom: number;
}

let room: Room | undefined;

function threadRoom(): Room {
  room ??= newRoom();
  return room;
}

function newRoom(): Room {
  const thread = threadKernel();
  const { buffer } = thread;
  const tenPowers = thread.take(DECIMAL_POWERS_BYTES);
  writeDecimalPowers(buffer, tenPowers);
  return {
    thread,
    tenPowers,
    values: new Float64Array(buffer, thread.take(BLOCK_STEPS * 8), BLOCK_STEPS),
    present: new Uint8Array(buffer, thread.take(BLOCK_STEPS), BLOCK_STEPS),
    texts: new Uint8Array(buffer, thread.take(BLOCK_STEPS * TEXT_BYTES), BLOCK_STEPS * TEXT_BYTES),
    output: new Uint8Array(buffer, thread.take(OUTPUT_BYTES), OUTPUT_BYTES),
    next: new Uint32Array(buffer, thread.take(4), 1),
    textsOf: undefined,
    textsFrom: 0,
  };
}

/** startT, startT + stepMs, …: `count` of them, integers in ms within ±2^53. */
export interface PointTimes {
  readonly startT: number;
  readonly stepMs: number;
  readonly count: number;
}

/** Writes the floats of series that share their steps. */
export class PointsWriter {
  readonly #times: PointTimes;
  #values: Float64Array = new Float64Array(0);
  #present: Uint8Array = new Uint8Array(0);
  #step = 0;

  constructor(times: PointTimes) {
    this.#times = times;
  }

  /** Begins a series: where `present` is 1, there is a value. Columns may be longer than the steps. */
  start(values: Float64Array, present: Uint8Array): void {
    this.#values = values;
    this.#present = present;
    this.#step = 0;
  }

  /**
   * The next `,[<seconds>,"<value>"]` of the series as bytes, at most 64 KiB, each with its comma; empty when there are
   * no more. Seconds have three decimals where they are not whole. Valid until the next call for any writer of the thread.
   */
  next(): Uint8Array {
    const { output } = threadRoom();
    let length = 0;
    while (length === 0 && this.#step < this.#times.count) length = this.#writeBlock();
    return output.subarray(0, length);
  }

  /** Writes from the current step to the end of its block or of the room. */
  #writeBlock(): number {
    const { thread, tenPowers, values, present, texts, output, next } = threadRoom();
    const from = this.#step;
    const to = Math.min(from + BLOCK_STEPS, this.#times.count);
    this.#useTexts(from, to);
    const length = thread.kernel.writePoints(
      inRoom(this.#values, from, to, values),
      inRoom(this.#present, from, to, present),
      to - from,
      texts.byteOffset,
      tenPowers,
      output.byteOffset,
      output.length,
      next.byteOffset,
    );
    this.#step = from + next[0]!;
    return length;
  }

  /** Most series have the steps of the one before. */
  #useTexts(from: number, to: number): void {
    const current = threadRoom();
    if (current.textsOf === this.#times && current.textsFrom === from) return;
    const { startT, stepMs } = this.#times;
    const address = current.texts.byteOffset;
    current.thread.kernel.writeStepTexts(address, startT + from * stepMs, stepMs, to - from);
    current.textsOf = this.#times;
    current.textsFrom = from;
  }
}

/** Address of a part of a column, which is copied to `place` unless it is in kernel memory. */
function inRoom<T extends Float64Array | Uint8Array>(
  column: T,
  from: number,
  to: number,
  place: T,
): number {
  const address = kernelAddress(column);
  if (address >= 0) return address + from * column.BYTES_PER_ELEMENT;
  place.set(column.subarray(from, to));
  return place.byteOffset;
}
