// Data points while they are read, in either encoding. Classes, because objects that are put together from parts
// have no fixed shape, and cost many times as much to fill.

import type { RawFloat64 } from '../../model/native-histogram.ts';
import { MAX_BUCKETS } from './limits.ts';
import type {
  Attribute,
  Count,
  ExponentialBuckets,
  ExponentialPoint,
  HistogramPoint,
  NumberPoint,
  OtlpExemplar,
  Point,
  Quantile,
  SummaryPoint,
} from './model.ts';

/** Of `flags`: there is no value any more. */
export const NO_RECORDED_VALUE = 1;

export const ZERO: RawFloat64 = { low: 0, high: 0 };

const NO_BUCKETS: ExponentialBuckets = { offset: 0, counts: [] };

/** Most points have none; see {@link PointDraft.ownExemplars}. */
const NO_EXEMPLARS: readonly OtlpExemplar[] = [];

export class PointDraft implements Point {
  readonly attributes: Attribute[] = [];
  startT = 0;
  t = 0;
  isTimeCut = false;
  isStale = false;
  problem: string | undefined = undefined;
  exemplars: readonly OtlpExemplar[] = NO_EXEMPLARS;

  /** A list to add exemplars to. */
  ownExemplars(): OtlpExemplar[] {
    if (this.exemplars === NO_EXEMPLARS) this.exemplars = [];
    return this.exemplars as OtlpExemplar[];
  }
}

export class NumberDraft extends PointDraft implements NumberPoint {
  value: RawFloat64 = ZERO;
  isRounded = false;
}

export class HistogramDraft extends PointDraft implements HistogramPoint {
  count: Count = 0;
  sum: RawFloat64 | undefined = undefined;
  bucketCounts: Count[] = [];
  bounds: number[] = [];

  /** Readers keep one bucket more than may be, and so know that there were too many. */
  finish(): this {
    this.problem = bucketProblem(this.bucketCounts.length);
    return this;
  }
}

export class ExponentialDraft extends PointDraft implements ExponentialPoint {
  count: Count = 0;
  sum: RawFloat64 | undefined = undefined;
  scale = 0;
  zeroCount: Count = 0;
  zeroThreshold = 0;
  positive: ExponentialBuckets = NO_BUCKETS;
  negative: ExponentialBuckets = NO_BUCKETS;

  /** See {@link HistogramDraft.finish}. */
  finish(): this {
    const { positive, negative } = this;
    this.problem = bucketProblem(Math.max(positive.counts.length, negative.counts.length));
    return this;
  }
}

export class SummaryDraft extends PointDraft implements SummaryPoint {
  count: Count = 0;
  sum: RawFloat64 = ZERO;
  quantiles: Quantile[] = [];

  /** See {@link HistogramDraft.finish}. */
  finish(): this {
    this.problem = bucketProblem(this.quantiles.length);
    return this;
  }
}

function bucketProblem(number: number): string | undefined {
  return number > MAX_BUCKETS ? `it has more than ${MAX_BUCKETS} buckets` : undefined;
}
