// The histogram of PromQL: float counts, absolute per bucket. Immutable: operations return new ones,
// which may share lists with their inputs.

import { formatG } from '../../model/go-text.ts';
import {
  type BucketSpan,
  CUSTOM_BUCKETS_SCHEMA,
  floatOfRaw,
  type FloatHistogram as ModelFloatHistogram,
  type NativeHistogram,
  ResetHint,
  rawFloat64,
} from '../../model/native-histogram.ts';
import { ascendingBuckets, type Bucket, bucketsOfSide, printBucket } from './buckets.ts';
import { detectReset } from './reset.ts';
import { compactBuckets, divideCounts, sameSpans, scaleCounts } from './spans.ts';

/** What a {@link FloatHistogram} is made of; left out means 0, empty, unknown. */
export interface FloatHistogramFields {
  readonly schema?: number;
  readonly zeroThreshold?: number;
  readonly zeroCount?: number;
  readonly count?: number;
  readonly sum?: number;
  readonly positiveSpans?: readonly BucketSpan[];
  readonly negativeSpans?: readonly BucketSpan[];
  readonly positiveBuckets?: readonly number[];
  readonly negativeBuckets?: readonly number[];
  readonly customValues?: readonly number[];
  readonly resetHint?: ResetHint;
}

const NO_SPANS: readonly BucketSpan[] = [];
const NO_NUMBERS: readonly number[] = [];

/**
 * A native histogram as PromQL computes with it. Counts may be fractional, and negative after a
 * subtraction. Arithmetic on two histograms is in `arithmetic.ts`. Histograms that were computed are
 * compact (no empty buckets); those from storage are as they were ingested.
 */
export class FloatHistogram {
  /** −4…8 exponential, −53 custom buckets. */
  readonly schema: number;
  /** Upper end of the zero bucket, which is [−zeroThreshold, zeroThreshold]. */
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  /** All observations; more than in buckets if some were NaN. */
  readonly count: number;
  readonly sum: number;
  readonly positiveSpans: readonly BucketSpan[];
  readonly negativeSpans: readonly BucketSpan[];
  /** Absolute counts, in the order of `positiveSpans`. */
  readonly positiveBuckets: readonly number[];
  /** Absolute counts, in the order of `negativeSpans`: away from zero. */
  readonly negativeBuckets: readonly number[];
  /** Upper bounds of custom buckets, ascending, without +Inf. Empty for exponential schemas. */
  readonly customValues: readonly number[];
  readonly resetHint: ResetHint;

  /** Keeps the lists given: the caller must not change them afterwards. Nothing is validated. */
  constructor(fields: FloatHistogramFields) {
    this.schema = fields.schema ?? 0;
    this.zeroThreshold = fields.zeroThreshold ?? 0;
    this.zeroCount = fields.zeroCount ?? 0;
    this.count = fields.count ?? 0;
    this.sum = fields.sum ?? 0;
    this.positiveSpans = fields.positiveSpans ?? NO_SPANS;
    this.negativeSpans = fields.negativeSpans ?? NO_SPANS;
    this.positiveBuckets = fields.positiveBuckets ?? NO_NUMBERS;
    this.negativeBuckets = fields.negativeBuckets ?? NO_NUMBERS;
    this.customValues = fields.customValues ?? NO_NUMBERS;
    this.resetHint = fields.resetHint ?? ResetHint.unknown;
  }

  /** Integer counts beyond 2^53 are rounded. The stale marker must have been taken out before. */
  static fromNative(h: NativeHistogram): FloatHistogram {
    return new FloatHistogram({
      schema: h.schema,
      zeroThreshold: h.zeroThreshold,
      zeroCount: Number(h.zeroCount),
      count: Number(h.count),
      sum: floatOfRaw(h.sum),
      positiveSpans: h.positiveSpans,
      negativeSpans: h.negativeSpans,
      positiveBuckets: h.kind === 'float' ? h.positiveCounts : h.positiveCounts.map(Number),
      negativeBuckets: h.kind === 'float' ? h.negativeCounts : h.negativeCounts.map(Number),
      customValues: h.customValues,
      resetHint: h.resetHint,
    });
  }

  /** The same as the model has it, of kind float. */
  toNative(): ModelFloatHistogram {
    return {
      kind: 'float',
      resetHint: this.resetHint,
      schema: this.schema,
      zeroThreshold: this.zeroThreshold,
      sum: rawFloat64(this.sum),
      positiveSpans: this.positiveSpans,
      negativeSpans: this.negativeSpans,
      customValues: this.customValues,
      count: this.count,
      zeroCount: this.zeroCount,
      positiveCounts: this.positiveBuckets,
      negativeCounts: this.negativeBuckets,
    };
  }

  get usesCustomBuckets(): boolean {
    return this.schema === CUSTOM_BUCKETS_SCHEMA;
  }

  withResetHint(resetHint: ResetHint): FloatHistogram {
    return resetHint === this.resetHint ? this : new FloatHistogram({ ...this, resetHint });
  }

  /** All counts and the sum times `factor`, compact. A negative factor makes a gauge. */
  scale(factor: number): FloatHistogram {
    return new FloatHistogram({
      ...this,
      zeroCount: this.zeroCount * factor,
      count: this.count * factor,
      sum: this.sum * factor,
      positiveBuckets: scaleCounts(this.positiveBuckets, factor),
      negativeBuckets: scaleCounts(this.negativeBuckets, factor),
      resetHint: factor < 0 ? ResetHint.gauge : this.resetHint,
    }).compact();
  }

  /** All counts and the sum over `divisor`, compact. A negative divisor makes a gauge; 0 leaves no buckets. */
  divide(divisor: number): FloatHistogram {
    const hasBuckets = divisor !== 0;
    return new FloatHistogram({
      ...this,
      zeroCount: this.zeroCount / divisor,
      count: this.count / divisor,
      sum: this.sum / divisor,
      positiveSpans: hasBuckets ? this.positiveSpans : NO_SPANS,
      negativeSpans: hasBuckets ? this.negativeSpans : NO_SPANS,
      positiveBuckets: hasBuckets ? divideCounts(this.positiveBuckets, divisor) : NO_NUMBERS,
      negativeBuckets: hasBuckets ? divideCounts(this.negativeBuckets, divisor) : NO_NUMBERS,
      resetHint: divisor < 0 ? ResetHint.gauge : this.resetHint,
    }).compact();
  }

  /** Without empty buckets, spans as few as can be; this one itself if it is so already. */
  compact(): FloatHistogram {
    const positive = { spans: this.positiveSpans, counts: this.positiveBuckets };
    const negative = { spans: this.negativeSpans, counts: this.negativeBuckets };
    const compactPositive = compactBuckets(positive);
    const compactNegative = compactBuckets(negative);
    if (compactPositive === positive && compactNegative === negative) return this;
    return new FloatHistogram({
      ...this,
      positiveSpans: compactPositive.spans,
      positiveBuckets: compactPositive.counts,
      negativeSpans: compactNegative.spans,
      negativeBuckets: compactNegative.counts,
    });
  }

  /**
   * True if both hold the same data once compacted: schema, bounds, counts and sum, in which NaN equals
   * NaN and 0 differs from −0. Reset hints do not matter.
   */
  equals(other: FloatHistogram): boolean {
    if (this === other) return true;
    if (
      this.schema !== other.schema ||
      !Object.is(this.count, other.count) ||
      !Object.is(this.sum, other.sum) ||
      this.zeroThreshold !== other.zeroThreshold ||
      !Object.is(this.zeroCount, other.zeroCount) ||
      (this.usesCustomBuckets && !sameNumbers(this.customValues, other.customValues))
    ) {
      return false;
    }
    const a = this.compact();
    const b = other.compact();
    return (
      sameSpans(a.positiveSpans, b.positiveSpans) &&
      sameSpans(a.negativeSpans, b.negativeSpans) &&
      sameNumbers(a.positiveBuckets, b.positiveBuckets) &&
      sameNumbers(a.negativeBuckets, b.negativeBuckets)
    );
  }

  /** True if between `previous` and this one the counter was reset: by the hint, else by what shrank. */
  detectReset(previous: FloatHistogram): boolean {
    return detectReset(this, previous);
  }

  /** What Prometheus counts for it; queries are limited by these bytes, not by ours. */
  sizeBytes(): number {
    return (
      168 +
      8 *
        (this.positiveSpans.length +
          this.negativeSpans.length +
          this.positiveBuckets.length +
          this.negativeBuckets.length +
          this.customValues.length)
    );
  }

  /** The buckets that are not empty, in ascending order. Where the zero bucket reaches into a bucket, that one is cut. */
  buckets(): Bucket[] {
    return ascendingBuckets(this);
  }

  /** `{count:3, sum:1.5, [-1,-0.5):1, (0.5,1]:2}`, as Prometheus prints it. */
  toString(): string {
    const parts = [`count:${formatG(this.count)}`, `sum:${formatG(this.sum)}`];
    for (const bucket of bucketsOfSide(this, 'negative').reverse()) parts.push(printBucket(bucket));
    if (this.zeroCount !== 0 && !this.usesCustomBuckets) {
      const bound = formatG(this.zeroThreshold);
      parts.push(`[${formatG(-this.zeroThreshold)},${bound}]:${formatG(this.zeroCount)}`);
    }
    for (const bucket of bucketsOfSide(this, 'positive')) parts.push(printBucket(bucket));
    return `{${parts.join(', ')}}`;
  }
}

/** NaN equals NaN, 0 differs from −0. */
function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
