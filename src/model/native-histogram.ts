// Native histograms: the sparse histograms of Prometheus, with integer or float counts, exponential
// or custom buckets. Semantics: Prometheus' native histogram specification.

/** Schema number of histograms with custom bucket bounds. */
export const CUSTOM_BUCKETS_SCHEMA = -53;

export const ResetHint = { unknown: 0, yes: 1, no: 2, gauge: 3 } as const;
export type ResetHint = (typeof ResetHint)[keyof typeof ResetHint];

/** A run of neighbouring buckets: `offset` empty ones after the previous span, then `length` used ones. */
export interface BucketSpan {
  readonly offset: number;
  readonly length: number;
}

interface HistogramLayout {
  readonly resetHint: ResetHint;
  /** -4…8 exponential, {@link CUSTOM_BUCKETS_SCHEMA} custom. */
  readonly schema: number;
  readonly zeroThreshold: number;
  /** Sum of observations as its 64 raw bits, little-endian halves: the stale marker must survive. */
  readonly sum: RawFloat64;
  readonly positiveSpans: readonly BucketSpan[];
  readonly negativeSpans: readonly BucketSpan[];
  /** Upper bounds of custom buckets, ascending, +Inf left out. Empty for exponential schemas. */
  readonly customValues: readonly number[];
}

/** Integer counts, as clients expose them. Counts may pass 2^53, hence bigint. */
export interface IntegerHistogram extends HistogramLayout {
  readonly kind: 'integer';
  readonly count: bigint;
  readonly zeroCount: bigint;
  /** Absolute bucket counts (not deltas), in span order. */
  readonly positiveCounts: readonly bigint[];
  readonly negativeCounts: readonly bigint[];
}

/** Float counts, as rules and queries produce them. */
export interface FloatHistogram extends HistogramLayout {
  readonly kind: 'float';
  readonly count: number;
  readonly zeroCount: number;
  readonly positiveCounts: readonly number[];
  readonly negativeCounts: readonly number[];
}

export type NativeHistogram = IntegerHistogram | FloatHistogram;

/** The 64 bits of a float, so that a NaN keeps its payload whatever carries it. */
export interface RawFloat64 {
  readonly low: number;
  readonly high: number;
}

const scratch = new DataView(new ArrayBuffer(8));

export function rawFloat64(value: number): RawFloat64 {
  scratch.setFloat64(0, value, true);
  return { low: scratch.getUint32(0, true), high: scratch.getUint32(4, true) };
}

export function floatOfRaw(raw: RawFloat64): number {
  scratch.setUint32(0, raw.low, true);
  scratch.setUint32(4, raw.high, true);
  return scratch.getFloat64(0, true);
}
