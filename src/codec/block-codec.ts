// Encodes and decodes blocks of samples one at a time, in a small memory of its own. Loops over many
// blocks belong into the kernel; this is for the places that handle them one by one.

import { blockCorrupt, blockRange, KernelCode } from './errors.ts';
import { instantiateKernel, KERNEL_RESERVED_BYTES, type Kernel, reserveMemory } from './kernel.ts';
import {
  BLOCK_SLACK_BYTES,
  encodeScratchBytes,
  MAX_BLOCK_SAMPLES,
  maxBlockBytes,
} from './kernel-scratch.ts';

// The memory: | constants | samples | block + slack | scratch |
const SAMPLES_AT = KERNEL_RESERVED_BYTES;
const BLOCK_AT = SAMPLES_AT + 8 * MAX_BLOCK_SAMPLES;
const BLOCK_CAPACITY = align8(maxBlockBytes(MAX_BLOCK_SAMPLES) + BLOCK_SLACK_BYTES);
const SCRATCH_AT = BLOCK_AT + BLOCK_CAPACITY;
const MEMORY_BYTES = SCRATCH_AT + encodeScratchBytes(MAX_BLOCK_SAMPLES);

function align8(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

/** One per thread is enough. Not reentrant: a result of `encode…` is valid until the next call of any method. */
export class BlockCodec {
  readonly #kernel: Kernel;
  readonly #samples: Float64Array;
  readonly #block: Uint8Array;

  constructor() {
    const memory = reserveMemory(MEMORY_BYTES);
    this.#kernel = instantiateKernel(memory);
    this.#samples = new Float64Array(memory.buffer, SAMPLES_AT, MAX_BLOCK_SAMPLES);
    this.#block = new Uint8Array(memory.buffer, BLOCK_AT, BLOCK_CAPACITY);
  }

  /** The time block of t[from, from + n), as a view. Throws CODEC_BLOCK_RANGE for n outside 1…8192 or times that are not integers within ±2^53. */
  encodeTimes(t: Float64Array, from: number, n: number): Uint8Array {
    this.#loadSamples(t, from, n);
    const kernel = this.#kernel;
    const length = kernel.encodeTimes(SAMPLES_AT, n, BLOCK_AT, BLOCK_CAPACITY, SCRATCH_AT);
    return this.#encoded(length);
  }

  /** The value block of v[from, from + n), as a view. Throws CODEC_BLOCK_RANGE for n outside 1…8192. */
  encodeValues(v: Float64Array, from: number, n: number): Uint8Array {
    this.#loadSamples(v, from, n);
    const kernel = this.#kernel;
    const length = kernel.encodeValues(SAMPLES_AT, n, BLOCK_AT, BLOCK_CAPACITY, SCRATCH_AT);
    return this.#encoded(length);
  }

  /**
   * Decodes the time block of `n` samples that `bytes` starts with into out[at, at + n) and returns how
   * many bytes it took; more may follow. Throws CODEC_BLOCK_CORRUPT and leaves `out` alone.
   */
  decodeTimes(bytes: Uint8Array, n: number, out: Float64Array, at: number): number {
    const length = this.#loadBlock(bytes, n, out, at);
    const taken = this.#kernel.decodeTimes(BLOCK_AT, length, n, SAMPLES_AT);
    if (taken < 0) throw blockCorrupt('time', n, bytes.length);
    out.set(this.#samples.subarray(0, n), at);
    return taken;
  }

  /** The same for a value block; values come back bit by bit. */
  decodeValues(bytes: Uint8Array, n: number, out: Float64Array, at: number): number {
    const length = this.#loadBlock(bytes, n, out, at);
    const taken = this.#kernel.decodeValues(BLOCK_AT, length, n, SAMPLES_AT);
    if (taken < 0) throw blockCorrupt('value', n, bytes.length);
    // `set` between arrays of one type copies bytes, so NaN payloads survive.
    out.set(this.#samples.subarray(0, n), at);
    return taken;
  }

  #loadSamples(column: Float64Array, from: number, n: number): void {
    checkRange(column, from, n);
    this.#samples.set(column.subarray(from, from + n));
  }

  #loadBlock(bytes: Uint8Array, n: number, out: Float64Array, at: number): number {
    checkRange(out, at, n);
    const length = Math.min(bytes.length, maxBlockBytes(n));
    this.#block.set(bytes.subarray(0, length));
    return length;
  }

  #encoded(length: number): Uint8Array {
    if (length === KernelCode.badArgument) {
      throw blockRange('a time block holds integers within ±2^53 only');
    }
    if (length < 0) throw blockRange(`block encoder answered ${length}`);
    return this.#block.subarray(0, length);
  }
}

function checkRange(column: Float64Array, from: number, n: number): void {
  const isSound = Number.isInteger(from) && Number.isInteger(n) && from >= 0;
  if (isSound && n >= 1 && n <= MAX_BLOCK_SAMPLES && n <= column.length - from) return;
  throw blockRange(
    `rows ${from}+${n} of ${column.length}: a block holds 1 to ${MAX_BLOCK_SAMPLES}`,
  );
}
