// A histogram under way to a sum: every number with its compensation. Mutable, unlike FloatHistogram.

import { CUSTOM_BUCKETS_SCHEMA, ResetHint } from '../../model/native-histogram.ts';
import { CompensatedBuckets } from './compensated-buckets.ts';
import { commonBounds, sameBounds } from './custom-buckets.ts';
import { FloatHistogram } from './float-histogram.ts';
import { addCompensated } from './kahan.ts';
import { combineResetHints } from './reset-hints.ts';
import type { SparseBuckets } from './spans.ts';
import {
  bucketsWithin,
  clearThreshold,
  widenZeroBucket,
  withoutHidden,
  type ZeroAndBuckets,
} from './zero-bucket.ts';

/** Rows of the totals. */
const COUNT = 0;
const SUM = 1;
const ZERO_COUNT = 2;

export class CompensatedHistogram {
  #schema = 0;
  #zeroThreshold = 0;
  #customValues: readonly number[] = [];
  #resetHint: ResetHint = ResetHint.unknown;
  #totals: number[] = [0, 0, 0];
  #compensations: number[] = [0, 0, 0];
  #positive: CompensatedBuckets;
  #negative: CompensatedBuckets;

  private constructor(positive: CompensatedBuckets, negative: CompensatedBuckets) {
    this.#positive = positive;
    this.#negative = negative;
  }

  /** A sum that starts with `h`. */
  static of(h: FloatHistogram): CompensatedHistogram {
    const sum = new CompensatedHistogram(
      CompensatedBuckets.of({ spans: h.positiveSpans, counts: h.positiveBuckets }),
      CompensatedBuckets.of({ spans: h.negativeSpans, counts: h.negativeBuckets }),
    );
    sum.#schema = h.schema;
    sum.#zeroThreshold = h.zeroThreshold;
    sum.#customValues = h.customValues;
    sum.#resetHint = h.resetHint;
    sum.#totals = [h.count, h.sum, h.zeroCount];
    return sum;
  }

  copy(): CompensatedHistogram {
    const copy = new CompensatedHistogram(this.#positive.copy(), this.#negative.copy());
    copy.#schema = this.#schema;
    copy.#zeroThreshold = this.#zeroThreshold;
    copy.#customValues = this.#customValues;
    copy.#resetHint = this.#resetHint;
    copy.#totals = this.#totals.slice();
    copy.#compensations = this.#compensations.slice();
    return copy;
  }

  get usesCustomBuckets(): boolean {
    return this.#schema === CUSTOM_BUCKETS_SCHEMA;
  }

  /** Adds a histogram of the same kind of schema. Returns true if custom bounds had to be reconciled. */
  add(h: FloatHistogram): boolean {
    this.#resetHint = combineResetHints(this.#resetHint, h.resetHint);
    this.#addTotal(COUNT, h.count);
    this.#addTotal(SUM, h.sum);
    if (this.usesCustomBuckets) return this.#addCustom(h);
    this.#addExponential(h);
    return false;
  }

  #addTotal(row: number, value: number): void {
    addCompensated(this.#totals, this.#compensations, row, value);
  }

  #addCustom(h: FloatHistogram): boolean {
    const buckets = { spans: h.positiveSpans, counts: h.positiveBuckets };
    if (sameBounds(this.#customValues, h.customValues)) {
      this.#positive.addBuckets(buckets);
      return false;
    }
    const common = commonBounds(this.#customValues, h.customValues);
    this.#positive.mapToBounds(this.#customValues, common);
    const addend = CompensatedBuckets.of(buckets);
    addend.mapToBounds(h.customValues, common);
    this.#positive.addSums(addend);
    this.#customValues = common;
    return true;
  }

  #addExponential(h: FloatHistogram): void {
    const addend = this.#reconcileZeroBucket({
      schema: h.schema,
      zeroThreshold: h.zeroThreshold,
      zeroCount: h.zeroCount,
      positive: { spans: h.positiveSpans, counts: h.positiveBuckets },
      negative: { spans: h.negativeSpans, counts: h.negativeBuckets },
    });
    this.#addTotal(ZERO_COUNT, addend.zeroCount);
    if (h.schema < this.#schema) {
      this.#positive.reduceSchema(this.#schema - h.schema);
      this.#negative.reduceSchema(this.#schema - h.schema);
      this.#schema = h.schema;
    }
    this.#addSide(this.#positive, addend.positive, h.schema);
    this.#addSide(this.#negative, addend.negative, h.schema);
  }

  #addSide(side: CompensatedBuckets, buckets: SparseBuckets, schema: number): void {
    const visible = withoutHidden(buckets, schema, this.#zeroThreshold);
    if (schema === this.#schema) {
      side.addBuckets(visible);
      return;
    }
    const addend = CompensatedBuckets.of(visible);
    addend.reduceSchema(schema - this.#schema);
    side.addSums(addend);
  }

  /** Widens zero buckets, in turns, until both are equal; returns `h` as it is then. */
  #reconcileZeroBucket(h: ZeroAndBuckets): ZeroAndBuckets {
    let addend = h;
    // Not while they differ: a threshold that is NaN would do so for ever.
    for (;;) {
      if (this.#zeroThreshold < addend.zeroThreshold) this.#widenZeroBucket(addend.zeroThreshold);
      else if (this.#zeroThreshold > addend.zeroThreshold) {
        addend = widenZeroBucket(addend, this.#zeroThreshold);
      } else return addend;
    }
  }

  #widenZeroBucket(threshold: number): void {
    const positive = this.#positive.uncompensated();
    const negative = this.#negative.uncompensated();
    const schema = this.#schema;
    this.#zeroThreshold = clearThreshold({ schema, positive, negative }, threshold);
    const numPositive = bucketsWithin(positive.spans, schema, this.#zeroThreshold);
    const numNegative = bucketsWithin(negative.spans, schema, this.#zeroThreshold);
    this.#positive.moveFirst(numPositive, this.#totals, this.#compensations, ZERO_COUNT);
    this.#negative.moveFirst(numNegative, this.#totals, this.#compensations, ZERO_COUNT);
  }

  scale(factor: number): void {
    for (let row = 0; row < this.#totals.length; row++) {
      this.#totals[row]! *= factor;
      this.#compensations[row]! *= factor;
    }
    this.#positive.scale(factor);
    this.#negative.scale(factor);
  }

  divide(divisor: number): void {
    for (let row = 0; row < this.#totals.length; row++) {
      this.#totals[row]! /= divisor;
      this.#compensations[row]! /= divisor;
    }
    this.#positive.divide(divisor);
    this.#negative.divide(divisor);
  }

  /** True if a count or the sum is infinite. */
  hasInfinity(): boolean {
    for (const total of this.#totals) {
      if (total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) return true;
    }
    return this.#positive.hasInfinity() || this.#negative.hasInfinity();
  }

  /** The sum, compensations included, over `divisor`. */
  total(divisor: number): FloatHistogram {
    const [count, sum, zeroCount] = this.#totals.map(
      (total, row) => total / divisor + this.#compensations[row]! / divisor,
    ) as [number, number, number];
    const positive = this.#positive.total(divisor);
    const negative = this.#negative.total(divisor);
    return new FloatHistogram({
      schema: this.#schema,
      zeroThreshold: this.#zeroThreshold,
      zeroCount,
      count,
      sum,
      positiveSpans: positive.spans,
      positiveBuckets: positive.counts,
      negativeSpans: negative.spans,
      negativeBuckets: negative.counts,
      customValues: this.#customValues,
      resetHint: this.#resetHint,
    });
  }
}
