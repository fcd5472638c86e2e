// The head: one in-memory generation of samples, outside of the V8 heap, in a WebAssembly memory of
// its own (docs/formats/head-memory.md). One thread appends, any thread may read meanwhile.

import type { Kernel } from '../../codec/kernel.ts';
import { instantiateKernel, reserveMemory } from '../../codec/kernel.ts';
import { HeadReader } from './head-reader.ts';
import {
  ARENA,
  COLUMN_REFS,
  COLUMN_ROWS,
  COLUMN_START_T,
  COLUMN_T,
  COLUMN_V,
  DIRECTORY,
  HEAD_MAGIC,
  HEADER,
  HeaderWord,
  LOCKS,
  MAX_BYTES_PER_PAGE,
  MAX_BYTES_PER_ROW,
  MAX_REFS,
  PAGE_SLOTS,
  SEAL_SCRATCH,
} from './layout.ts';
import { HeadSlots } from './slots.ts';

export interface HeadMemoryOptions {
  /** Size of the memory in bytes, at most 4 GiB less 64 KiB (the default), at least 1 MiB. */
  readonly maxBytes?: number;
  /** Exemplars kept per series of this generation, at most 65,535. Default 100. */
  readonly maxExemplarsPerSeries?: number;
}

/** What became of a column of float rows. */
export interface AppendCounts {
  /** Rows dealt with: `stored + duplicates`. Fewer than asked for only if the memory is full. */
  readonly taken: number;
  /** Rows kept, those out of order included. */
  readonly stored: number;
  /** Rows dropped as they repeat the newest write at their t, bit by bit. */
  readonly duplicates: number;
  /** Rows kept whose t is not past the series' last. */
  readonly outOfOrder: number;
}

/** `limit`: the series has its full number of exemplars; `full`: the memory has no room. */
export type AppendOutcome = 'stored' | 'duplicate' | 'outOfOrder' | 'limit' | 'full';

/** By the kernel's number. */
const OUTCOMES: readonly AppendOutcome[] = ['full', 'stored', 'duplicate', 'outOfOrder', 'limit'];

const MIN_BYTES = 1024 * 1024;
const DEFAULT_MAX_EXEMPLARS = 100;

let lastId = 0;

/** See the file's header. Times are integer ms within MIN_TIME…MAX_TIME, checked by the caller. */
export class HeadMemory {
  /** A number that no other head of the process has; stays through {@link clear}. */
  readonly id: number = ++lastId;
  readonly memory: WebAssembly.Memory;
  readonly #kernel: Kernel;
  readonly #slots: HeadSlots;
  readonly #refs: Uint32Array;
  readonly #t: Float64Array;
  readonly #v: Float64Array;
  readonly #startT: Float64Array;
  /** For this thread. */
  readonly reader: HeadReader;
  #isFrozen = false;

  constructor(options: HeadMemoryOptions = {}) {
    const maxExemplars = options.maxExemplarsPerSeries ?? DEFAULT_MAX_EXEMPLARS;
    if (!(maxExemplars >= 0 && maxExemplars <= 65_535)) {
      throw new RangeError(`maxExemplarsPerSeries is ${maxExemplars}, must be 0 to 65535`);
    }
    this.memory = reserveMemory(Math.max(MIN_BYTES, options.maxBytes ?? Number.MAX_SAFE_INTEGER));
    this.#kernel = instantiateKernel(this.memory);
    writeHeader(this.memory, maxExemplars);
    this.#slots = new HeadSlots(this.memory);
    this.reader = new HeadReader(this.memory);
    const { buffer } = this.memory;
    this.#refs = new Uint32Array(buffer, COLUMN_REFS, COLUMN_ROWS);
    this.#t = new Float64Array(buffer, COLUMN_T, COLUMN_ROWS);
    this.#v = new Float64Array(buffer, COLUMN_V, COLUMN_ROWS);
    this.#startT = new Float64Array(buffer, COLUMN_START_T, COLUMN_ROWS);
  }

  /**
   * Appends rows [from, to) of float samples; `startT` 0 or undefined = unset. Copies what it needs.
   * Refs are below {@link MAX_REFS}. The caller has asked {@link canTake}: rows past `taken` are lost.
   */
  appendFloats(
    refs: Uint32Array,
    t: Float64Array,
    v: Float64Array,
    startT: Float64Array | undefined,
    from: number,
    to: number,
  ): AppendCounts {
    this.#checkNotFrozen();
    let taken = 0;
    let stored = 0;
    let duplicates = 0;
    let outOfOrder = 0;
    for (let row = from; row < to; ) {
      const end = Math.min(row + COLUMN_ROWS, to);
      this.#refs.set(refs.subarray(row, end));
      this.#t.set(t.subarray(row, end));
      this.#v.set(v.subarray(row, end));
      if (startT !== undefined) this.#startT.set(startT.subarray(row, end));
      const startColumn = startT === undefined ? 0 : COLUMN_START_T;
      const done = this.#kernel.headAppend(
        HEADER,
        COLUMN_REFS,
        COLUMN_T,
        COLUMN_V,
        startColumn,
        end - row,
      );
      if (done < 0) throw new RangeError(`a series ref is not below ${MAX_REFS}`);
      taken += done;
      stored += this.#slots.header(HeaderWord.callStored);
      duplicates += this.#slots.header(HeaderWord.callDuplicates);
      outOfOrder += this.#slots.header(HeaderWord.callOutOfOrder);
      if (done < end - row) break;
      row = end;
    }
    return { taken, stored, duplicates, outOfOrder };
  }

  /**
   * Appends a native histogram; the payload is opaque and copied. `isStale`: it is a stale marker,
   * which never replaces a number.
   */
  appendHistogram(
    ref: number,
    t: number,
    startT: number,
    payload: Uint8Array,
    isStale: boolean,
  ): Exclude<AppendOutcome, 'limit'> {
    if (!this.#stage(ref, payload)) return 'full';
    const { length } = payload;
    const stale = isStale ? 1 : 0;
    const code = this.#kernel.headAppendHistogram(HEADER, ref, t, startT, length, stale);
    return OUTCOMES[code] as Exclude<AppendOutcome, 'limit'>;
  }

  /** Appends an exemplar; the payload is opaque and copied. A repeat of the newest is a duplicate. */
  appendExemplar(
    ref: number,
    t: number,
    payload: Uint8Array,
  ): Exclude<AppendOutcome, 'outOfOrder'> {
    if (!this.#stage(ref, payload)) return 'full';
    const code = this.#kernel.headAppendExemplar(HEADER, ref, t, payload.length);
    return OUTCOMES[code] as Exclude<AppendOutcome, 'outOfOrder'>;
  }

  /**
   * True if a write of `rows` (floats, histograms and exemplars) whose payloads sum up to
   * `payloadBytes` fits for certain. `refLimit` is the number of refs given out so far: it bounds how
   * many new series pages the rows can touch, without it one a row is assumed.
   */
  canTake(rows: number, payloadBytes: number, refLimit: number = MAX_REFS): boolean {
    const allPages = Math.ceil(Math.min(refLimit, MAX_REFS) / PAGE_SLOTS);
    const absentPages = Math.max(0, allPages - this.#slots.header(HeaderWord.pageCount));
    const pageBytes = Math.min(rows, absentPages) * MAX_BYTES_PER_PAGE;
    return rows * MAX_BYTES_PER_ROW + payloadBytes + pageBytes <= this.freeBytes();
  }

  /** Bytes not yet given out. */
  freeBytes(): number {
    return this.#slots.header(HeaderWord.arenaEnd) - this.#slots.header(HeaderWord.arenaNext);
  }

  /** Bytes of the memory in use, fixed parts included. */
  usedBytes(): number {
    return this.#slots.header(HeaderWord.arenaNext);
  }

  /** Samples stored: floats and histograms, overwritten ones included. */
  sampleCount(): number {
    return this.#slots.header(HeaderWord.sampleCount);
  }

  exemplarCount(): number {
    return this.#slots.header(HeaderWord.exemplarCount);
  }

  /** Series that have at least one sample or exemplar. */
  seriesCount(): number {
    return this.#slots.header(HeaderWord.seriesCount);
  }

  /** Smallest t of all samples; +Infinity if there are none. */
  get minT(): number {
    return this.#slots.headerFloat(HeaderWord.minT);
  }

  /** Largest t of all samples; -Infinity if there are none. */
  get maxT(): number {
    return this.#slots.headerFloat(HeaderWord.maxT);
  }

  /** True if the series has a sample or an exemplar here. */
  has(ref: number): boolean {
    return this.#slots.find(ref) !== 0;
  }

  hasSamples(ref: number): boolean {
    return this.#slots.maxT(ref) !== Number.NEGATIVE_INFINITY;
  }

  hasExemplars(ref: number): boolean {
    return this.#slots.hasExemplars(ref);
  }

  /** Smallest t of the series' samples; +Infinity if it has none. */
  seriesMinT(ref: number): number {
    return this.#slots.minT(ref);
  }

  /** Largest t of the series' samples; -Infinity if it has none. */
  seriesMaxT(ref: number): number {
    return this.#slots.maxT(ref);
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** Ends appending until {@link clear}. Idempotent. */
  freeze(): void {
    this.#isFrozen = true;
  }

  /** Forgets everything and thaws, for the next generation. No reader may be at work. */
  clear(): void {
    const { words } = this.#slots;
    const pages = this.#slots.header(HeaderWord.pageLimit);
    words.fill(0, DIRECTORY >>> 2, (DIRECTORY >>> 2) + pages);
    resetHeader(this.memory);
    this.#isFrozen = false;
  }

  /** Puts a payload where the kernel expects it; false if there is no room. */
  #stage(ref: number, payload: Uint8Array): boolean {
    this.#checkNotFrozen();
    if (!(ref < MAX_REFS)) throw new RangeError(`series ref ${ref} is not below ${MAX_REFS}`);
    if (payload.length > this.freeBytes()) return false;
    // The kernel's addresses come as signed 32-bit numbers.
    const address = this.#kernel.headStage(HEADER, ref, payload.length) >>> 0;
    if (address === 0) return false;
    this.#slots.bytes.set(payload, address);
    return true;
  }

  #checkNotFrozen(): void {
    if (this.#isFrozen) throw new Error('the head is frozen');
  }
}

function writeHeader(memory: WebAssembly.Memory, maxExemplars: number): void {
  const words = new Uint32Array(memory.buffer, HEADER, HeaderWord.locks + 1);
  words[HeaderWord.magic] = HEAD_MAGIC;
  words[HeaderWord.locks] = LOCKS;
  words[HeaderWord.directory] = DIRECTORY;
  words[HeaderWord.scratch] = SEAL_SCRATCH;
  words[HeaderWord.maxExemplars] = maxExemplars;
  words[HeaderWord.arenaStart] = ARENA;
  words[HeaderWord.arenaNext] = ARENA;
  words[HeaderWord.arenaEnd] = memory.buffer.byteLength;
  resetHeader(memory);
}

/** Empties the arena and the counts. What has been written stays below the high-water mark. */
function resetHeader(memory: WebAssembly.Memory): void {
  const words = new Uint32Array(memory.buffer, HEADER, HeaderWord.callOutOfOrder + 1);
  const floats = new Float64Array(memory.buffer, HEADER, (HeaderWord.maxT >>> 1) + 1);
  const used = words[HeaderWord.arenaNext]!;
  words[HeaderWord.highWater] = Math.max(words[HeaderWord.highWater]!, used);
  words[HeaderWord.arenaNext] = words[HeaderWord.arenaStart]!;
  words.fill(0, HeaderWord.pageLimit, HeaderWord.blockCount + 1);
  floats[HeaderWord.minT >>> 1] = Number.POSITIVE_INFINITY;
  floats[HeaderWord.maxT >>> 1] = Number.NEGATIVE_INFINITY;
}
