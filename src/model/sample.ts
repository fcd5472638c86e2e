// Samples travel as columns: one array per property, row i of each belongs together. Times are
// integer milliseconds since 1970, kept as float64 (exact to ±2^53).

import type { NativeHistogram } from './native-histogram.ts';

/**
 * A run of samples of one series. Arrays may be longer than `length`; rows past it mean nothing.
 * Copy values between columns by `set`/`subarray` or as raw 32-bit halves, never through a
 * JavaScript number: a NaN's payload (the stale marker) must survive.
 */
export interface SampleColumns {
  readonly length: number;
  /** Timestamps in ms. */
  readonly t: Float64Array;
  /** Values; the row of a histogram holds nothing meaningful. */
  readonly v: Float64Array;
  /** Start timestamps in ms, 0 = unset; undefined if unset everywhere. */
  readonly startT: Float64Array | undefined;
  /** Row i is a histogram iff `histograms[i]` is defined; undefined if all rows are floats. */
  readonly histograms: readonly (NativeHistogram | undefined)[] | undefined;
}

export const NO_SAMPLES: SampleColumns = {
  length: 0,
  t: new Float64Array(0),
  v: new Float64Array(0),
  startT: undefined,
  histograms: undefined,
};

/** Columns of float samples without start timestamps; takes the arrays over. */
export function floatColumns(t: Float64Array, v: Float64Array): SampleColumns {
  return { length: t.length, t, v, startT: undefined, histograms: undefined };
}

/** The same rows in arrays of their own, bit for bit; histograms are shared. */
export function copyColumns({ length, t, v, startT, histograms }: SampleColumns): SampleColumns {
  return {
    length,
    t: t.slice(0, length),
    v: v.slice(0, length),
    startT: startT?.slice(0, length),
    histograms: histograms?.slice(0, length),
  };
}
