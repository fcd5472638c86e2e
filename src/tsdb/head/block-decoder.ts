// Decodes blocks of a head in this thread's kernel memory: they are gathered there, so that a fault in
// a block can hurt nobody else, and come out as columns in the same memory.

import type { Kernel } from '../../codec/kernel.ts';
import { kernelAddress, threadKernel } from '../../codec/thread-kernel.ts';
import type { ColumnsBuilder } from '../chunk/columns-builder.ts';
import { readCounts } from '../read-counts.ts';
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
/** Decoding may read 8 bytes past its input. */
const INPUT_BYTES = BLOCKS * MAX_BLOCK_BYTES + 64;

/** Takes blocks in order of time, as many as fit, then decodes them in one call. One per thread. */
export class BlockDecoder {
  readonly #kernel: Kernel;
  readonly #memory: WebAssembly.Memory;
  readonly #words: Uint32Array;
  readonly #floats: Float64Array;
  readonly #input: number;
  /** Where rows go that cannot be decoded in their place, made when first needed. */
  #detour:
    | { readonly t: Float64Array; readonly v: Float64Array; readonly startT: Float64Array }
    | undefined;
  #blocks = 0;
  #rows = 0;
  #nextWord: number;
  #hasStartT = false;

  constructor() {
    const { kernel, memory, take } = threadKernel();
    this.#kernel = kernel;
    this.#memory = memory;
    this.#input = take(INPUT_BYTES);
    this.#words = new Uint32Array(memory.buffer);
    this.#floats = new Float64Array(memory.buffer);
    this.#nextWord = this.#input >>> 2;
  }

  isFull(): boolean {
    return this.#blocks === BLOCKS;
  }

  isEmpty(): boolean {
    return this.#blocks === 0;
  }

  /** Copies the block at word index `block` of a head memory. Must not be full. */
  addBlock(from: Uint32Array, block: number): void {
    const shape = from[block + BlockWord.shape]!;
    const hasStart = ((shape >>> 16) & BLOCK_HAS_START) !== 0;
    const sizes = from[block + BlockWord.sizes]!;
    const bodyBytes = (sizes & 0xffff) + (sizes >>> 16);
    const words = BlockWord.body + (hasStart ? 2 : 0) + ((bodyBytes + 3) >>> 2);
    copyWords(this.#words, this.#nextWord, from, block, words);
    this.#took(words, shape & 0xffff, hasStart);
  }

  /** Copies unsealed rows: `count` of them at the start of `raw`. Must not be full. */
  addRaw(raw: Uint32Array, count: number, baseT: number, startT: number): void {
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
    copyWords(this.#words, body, raw, 0, rawWords);
    this.#took(body - to + rawWords, count, hasStart);
  }

  /** Decodes what was taken, clipped to [minT, maxT], appends it to `out` and starts anew. */
  decode(minT: number, maxT: number, out: ColumnsBuilder): void {
    const bytes = this.#nextWord * 4 - this.#input;
    const most = this.#rows;
    const hasStartT = this.#hasStartT;
    readCounts.chunks += this.#blocks;
    this.#blocks = 0;
    this.#rows = 0;
    this.#nextWord = this.#input >>> 2;
    this.#hasStartT = false;
    out.reserve(most);
    const startT = hasStartT ? out.startColumn() : undefined;
    const isDirect = kernelAddress(out.t) >= 0;
    const to = isDirect ? { t: out.t, v: out.v, startT } : this.#detourColumns();
    const skip = isDirect ? out.length * 8 : 0;
    const rows = this.#kernel.headDecode(
      this.#input,
      bytes,
      minT,
      maxT,
      to.t.byteOffset + skip,
      to.v.byteOffset + skip,
      hasStartT ? to.startT!.byteOffset + skip : 0,
      most,
    );
    if (rows < 0) throw new Error(`a block of the head cannot be decoded (code ${rows})`);
    if (!isDirect) {
      out.t.set(to.t.subarray(0, rows), out.length);
      out.v.set(to.v.subarray(0, rows), out.length);
      if (hasStartT) startT!.set(to.startT!.subarray(0, rows), out.length);
    }
    out.advance(rows);
  }

  #detourColumns(): { t: Float64Array; v: Float64Array; startT: Float64Array } {
    const column = (): Float64Array =>
      new Float64Array(this.#memory.buffer, threadKernel().take(ROWS * 8), ROWS);
    this.#detour ??= { t: column(), v: column(), startT: column() };
    return this.#detour;
  }

  /** Blocks start at multiples of 8 bytes. */
  #took(words: number, rows: number, hasStart: boolean): void {
    this.#nextWord = (this.#nextWord + words + 1) & ~1;
    this.#blocks++;
    this.#rows += rows;
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
