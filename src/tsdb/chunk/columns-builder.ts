// Growable sample columns. All copies move bits, so NaN payloads survive.

import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { SampleColumns } from '../../model/sample.ts';

const INITIAL_ROWS = 512;

/** Columns of equal length that a builder fills first, such as those in a thread's kernel memory. */
export interface HomeColumns {
  readonly t: Float64Array;
  readonly v: Float64Array;
  /** All zero. */
  readonly startT: Float64Array;
}

/**
 * Collects samples of one series. Decoders write rows `length…length+n-1` of `t`, `v` (and of
 * `startT`, `histograms` after asking for them) following `reserve(n)`, then call `advance(n)`.
 */
export class ColumnsBuilder {
  readonly #home: HomeColumns | undefined;
  #length = 0;
  #t: Float64Array;
  #v: Float64Array;
  #bits: Uint32Array;
  // Kept once allocated; used only while the flag is set, and zero from `length` on.
  #startT: Float64Array | undefined;
  #hasStartT = false;
  #histograms: (NativeHistogram | undefined)[] | undefined;

  /** What does not fit the columns of `home` goes to the V8 heap, until the next reset. */
  constructor(home?: HomeColumns) {
    this.#home = home;
    this.#t = home?.t ?? new Float64Array(INITIAL_ROWS);
    this.#v = home?.v ?? new Float64Array(INITIAL_ROWS);
    this.#bits = bitsOf(this.#v);
    this.#startT = home?.startT;
  }

  get length(): number {
    return this.#length;
  }

  /** The time column, at least as long as was reserved; replaced when it grows. */
  get t(): Float64Array {
    return this.#t;
  }

  /** The value column, likewise. */
  get v(): Float64Array {
    return this.#v;
  }

  /** The bits of the value column: low and high halves in turn. */
  get bits(): Uint32Array {
    return this.#bits;
  }

  /** True while the columns are those of `home`. */
  get isHome(): boolean {
    return this.#t === this.#home?.t;
  }

  /** True if so many rows more fit the present columns. */
  fits(rows: number): boolean {
    return this.#length + rows <= this.#t.length;
  }

  /** True if rows have start timestamps; then {@link startColumn} has them. */
  get hasStartT(): boolean {
    return this.#hasStartT;
  }

  /** Forgets all rows and keeps the memory. */
  reset(): void {
    if (this.#hasStartT) this.#startT!.fill(0, 0, this.#length);
    this.#length = 0;
    this.#hasStartT = false;
    this.#histograms = undefined;
    if (this.#home !== undefined && this.#t !== this.#home.t) {
      this.#t = this.#home.t;
      this.#v = this.#home.v;
      this.#bits = bitsOf(this.#v);
      this.#startT = this.#home.startT;
    }
  }

  /** Makes room for `rows` more. */
  reserve(rows: number): void {
    const needed = this.#length + rows;
    if (needed <= this.#t.length) return;
    const size = Math.max(needed, this.#t.length * 2);
    const startT = this.#startT;
    const isHome = this.isHome;
    this.#t = grown(this.#t, this.#length, size);
    this.#v = grown(this.#v, this.#length, size);
    this.#bits = bitsOf(this.#v);
    if (startT === undefined) return;
    this.#startT = grown(startT, this.#hasStartT ? this.#length : 0, size);
    if (isHome && this.#hasStartT) startT.fill(0, 0, this.#length);
  }

  /** The column of start timestamps, made present: rows not written are 0. */
  startColumn(): Float64Array {
    this.#startT ??= new Float64Array(this.#t.length);
    this.#hasStartT = true;
    return this.#startT;
  }

  /** The column of histograms, made present: rows not written are floats. */
  histogramColumn(): (NativeHistogram | undefined)[] {
    this.#histograms ??= new Array<NativeHistogram | undefined>(this.#length).fill(undefined);
    return this.#histograms;
  }

  /** Declares the next `rows` rows written. */
  advance(rows: number): void {
    this.#length += rows;
    const histograms = this.#histograms;
    if (histograms !== undefined)
      while (histograms.length < this.#length) histograms.push(undefined);
  }

  /** Appends rows `from…to-1` of other columns. */
  append(source: SampleColumns, from = 0, to: number = source.length): void {
    const rows = to - from;
    if (rows <= 0) return;
    this.reserve(rows);
    const at = this.#length;
    this.#t.set(source.t.subarray(from, to), at);
    this.#v.set(source.v.subarray(from, to), at);
    if (source.startT !== undefined) this.startColumn().set(source.startT.subarray(from, to), at);
    if (source.histograms !== undefined) {
      const histograms = this.histogramColumn();
      for (let i = from; i < to; i++) histograms[at + i - from] = source.histograms[i];
    }
    this.advance(rows);
  }

  /** Keeps rows `from…to-1` of those appended since there were `base` rows, moved down to `base`. */
  clip(base: number, from: number, to: number): void {
    const end = this.#length;
    const length = base + Math.max(0, to - from);
    this.#t.copyWithin(base, from, to);
    this.#v.copyWithin(base, from, to);
    if (this.#hasStartT) {
      this.#startT!.copyWithin(base, from, to);
      this.#startT!.fill(0, length, end);
    }
    const histograms = this.#histograms;
    if (histograms !== undefined) {
      for (let i = from; i < to; i++) histograms[base + i - from] = histograms[i];
      histograms.length = length;
    }
    this.#length = length;
  }

  /** Removes the first `rows` rows. */
  dropFirst(rows: number): void {
    this.clip(0, rows, this.#length);
  }

  /** What was collected, in arrays that may be longer: valid until the next change of the builder. */
  columns(): SampleColumns {
    return {
      length: this.#length,
      t: this.#t,
      v: this.#v,
      startT: this.#hasStartT ? this.#startT : undefined,
      histograms: this.#histograms,
    };
  }

  /** Rows `from…to-1` likewise, as views. */
  slice(from: number, to: number): SampleColumns {
    return {
      length: to - from,
      t: this.#t.subarray(from, to),
      v: this.#v.subarray(from, to),
      startT: this.#hasStartT ? this.#startT!.subarray(from, to) : undefined,
      histograms: this.#histograms?.slice(from, to),
    };
  }

  /** All rows as a copy of its own. */
  copy(): SampleColumns {
    const n = this.#length;
    return {
      length: n,
      t: this.#t.slice(0, n),
      v: this.#v.slice(0, n),
      startT: this.#hasStartT ? this.#startT!.slice(0, n) : undefined,
      histograms: this.#histograms?.slice(),
    };
  }
}

function bitsOf(v: Float64Array): Uint32Array {
  return new Uint32Array(v.buffer, v.byteOffset, v.length * 2);
}

function grown(old: Float64Array, used: number, size: number): Float64Array {
  const column = new Float64Array(size);
  column.set(old.subarray(0, used));
  return column;
}
