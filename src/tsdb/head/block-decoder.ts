// Decodes blocks of a head in a small private memory: a fault in a block can hurt nobody else.

import type { Kernel } from '../../codec/kernel.ts';
import { instantiateKernel, KERNEL_RESERVED_BYTES, reserveMemory } from '../../codec/kernel.ts';
import {
  BLOCK_HAS_START,
  BLOCK_RAW,
  BlockWord,
  MAX_BLOCK_BYTES,
  RAW_ROW_WORDS,
  RAW_ROWS,
} from './layout.ts';

const BLOCKS = 256;
const ROWS = BLOCKS * RAW_ROWS;
const INPUT = KERNEL_RESERVED_BYTES;
/** Decoding may read 8 bytes past its input. */
const INPUT_BYTES = BLOCKS * MAX_BLOCK_BYTES + 64;
const T = INPUT + INPUT_BYTES;
const V = T + ROWS * 8;
const START_T = V + ROWS * 8;
const END = START_T + ROWS * 8;

/** Takes blocks in order of time, as many as fit, then decodes them in one call. One per thread. */
export class BlockDecoder {
  /** The columns of the last {@link decode}. */
  readonly t: Float64Array;
  readonly v: Float64Array;
  readonly startT: Float64Array;
  readonly #kernel: Kernel;
  readonly #words: Uint32Array;
  readonly #floats: Float64Array;
  #blocks = 0;
  #nextWord = INPUT >>> 2;
  #hasStartT = false;

  constructor() {
    const memory = reserveMemory(END);
    this.#kernel = instantiateKernel(memory);
    this.#words = new Uint32Array(memory.buffer);
    this.#floats = new Float64Array(memory.buffer);
    this.t = new Float64Array(memory.buffer, T, ROWS);
    this.v = new Float64Array(memory.buffer, V, ROWS);
    this.startT = new Float64Array(memory.buffer, START_T, ROWS);
  }

  isFull(): boolean {
    return this.#blocks === BLOCKS;
  }

  isEmpty(): boolean {
    return this.#blocks === 0;
  }

  /** True if a block taken since the last {@link decode} has a start timestamp. */
  hasStartT(): boolean {
    return this.#hasStartT;
  }

  /** Copies the block at word index `block` of a head memory. Must not be full. */
  addBlock(from: Uint32Array, block: number): void {
    const hasStart = ((from[block + BlockWord.shape]! >>> 16) & BLOCK_HAS_START) !== 0;
    const sizes = from[block + BlockWord.sizes]!;
    const bodyBytes = (sizes & 0xffff) + (sizes >>> 16);
    const words = BlockWord.body + (hasStart ? 2 : 0) + ((bodyBytes + 3) >>> 2);
    copyWords(this.#words, this.#nextWord, from, block, words);
    this.#took(words, hasStart);
  }

  /** Copies unsealed rows: `count` of them at word index `raw`. Must not be full. */
  addRaw(from: Uint32Array, raw: number, count: number, baseT: number, startT: number): void {
    const to = this.#nextWord;
    const hasStart = startT !== 0;
    const flags = BLOCK_RAW | (hasStart ? BLOCK_HAS_START : 0);
    const rawWords = count * RAW_ROW_WORDS;
    this.#words[to + BlockWord.shape] = count | (flags << 16);
    this.#floats[(to + BlockWord.minT) >>> 1] = baseT;
    this.#words[to + BlockWord.sizes] = (rawWords * 4) << 16;
    let body = to + BlockWord.body;
    if (hasStart) {
      this.#floats[body >>> 1] = startT;
      body += 2;
    }
    copyWords(this.#words, body, from, raw, rawWords);
    this.#took(body - to + rawWords, hasStart);
  }

  /**
   * Decodes what was taken, clipped to [minT, maxT], and starts anew. Returns the number of rows at
   * the front of the columns; `startT` is filled only if {@link hasStartT} was true.
   */
  decode(minT: number, maxT: number): number {
    const bytes = this.#nextWord * 4 - INPUT;
    const startT = this.#hasStartT ? START_T : 0;
    this.#blocks = 0;
    this.#nextWord = INPUT >>> 2;
    this.#hasStartT = false;
    const rows = this.#kernel.headDecode(INPUT, bytes, minT, maxT, T, V, startT, ROWS);
    if (rows < 0) throw new Error(`a block of the head cannot be decoded (code ${rows})`);
    return rows;
  }

  /** Blocks start at multiples of 8 bytes. */
  #took(words: number, hasStart: boolean): void {
    this.#nextWord = (this.#nextWord + words + 1) & ~1;
    this.#blocks++;
    if (hasStart) this.#hasStartT = true;
  }
}

// A loop, for these runs are too short to be worth the two views that `set` would need.
function copyWords(
  to: Uint32Array,
  toWord: number,
  from: Uint32Array,
  fromWord: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) to[toWord + i] = from[fromWord + i]!;
}

let decoder: BlockDecoder | undefined;

/** This thread's decoder. Empty between the calls of its users, who must not yield in between. */
export function threadDecoder(): BlockDecoder {
  decoder ??= new BlockDecoder();
  return decoder;
}
