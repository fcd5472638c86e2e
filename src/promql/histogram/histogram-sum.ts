// Sums and means of many histograms: `sum`, `avg`, `sum_over_time`, `avg_over_time`.

import { ResetHint } from '../../model/native-histogram.ts';
import { CompensatedHistogram } from './compensated-histogram.ts';
import type { FloatHistogram } from './float-histogram.ts';

/**
 * Adds up histograms one by one, every bucket with compensation of rounding errors. A mean is the sum
 * over the number, except that once a sum would be infinite it goes on as a running mean.
 */
export class HistogramSum {
  readonly #isMean: boolean;
  #added = 0;
  #first: FloatHistogram | undefined;
  /** The sum; the mean once `#isRunningMean`. Undefined while there is only the first. */
  #sum: CompensatedHistogram | undefined;
  #isRunningMean = false;
  /** No number of the sum can be larger than this (in absolute terms). */
  #limit = 0;
  #resetSeen = false;
  #noResetSeen = false;
  #boundsReconciled = false;
  #isIncompatible = false;

  constructor(result: 'sum' | 'mean') {
    this.#isMean = result === 'mean';
  }

  /** Exponential and custom buckets met: there is no result, whatever else comes. */
  get isIncompatible(): boolean {
    return this.#isIncompatible;
  }

  /** One histogram said that the counter was reset, another that it was not. */
  get counterResetCollision(): boolean {
    return this.#resetSeen && this.#noResetSeen;
  }

  /** Custom bounds differed; the result has those all have in common. */
  get boundsReconciled(): boolean {
    return this.#boundsReconciled;
  }

  /** Adds a histogram. Returns false if it is incompatible with those before. */
  add(h: FloatHistogram): boolean {
    if (h.resetHint === ResetHint.yes) this.#resetSeen = true;
    if (h.resetHint === ResetHint.no) this.#noResetSeen = true;
    this.#added++;
    if (this.#first === undefined) {
      this.#first = h;
      this.#limit = magnitude(h);
      return true;
    }
    if (this.#first.usesCustomBuckets !== h.usesCustomBuckets) {
      this.#isIncompatible = true;
      return false;
    }
    this.#sum ??= CompensatedHistogram.of(this.#first);
    if (this.#isRunningMean) this.#addToMean(this.#sum, h);
    else this.#addToSum(this.#sum, h);
    return true;
  }

  #addToSum(sum: CompensatedHistogram, h: FloatHistogram): void {
    this.#limit += magnitude(h);
    if (!this.#isMean || this.#limit <= Number.MAX_VALUE) {
      if (sum.add(h)) this.#boundsReconciled = true;
      return;
    }
    // It may become infinite, and then must not have been added.
    const attempt = sum.copy();
    if (attempt.add(h)) this.#boundsReconciled = true;
    if (!attempt.hasInfinity()) {
      this.#sum = attempt;
      return;
    }
    this.#isRunningMean = true;
    sum.divide(this.#added - 1);
    this.#addToMean(sum, h);
  }

  #addToMean(mean: CompensatedHistogram, h: FloatHistogram): void {
    mean.scale((this.#added - 1) / this.#added);
    if (mean.add(h.divide(this.#added))) this.#boundsReconciled = true;
  }

  /** The sum or mean so far, compact; undefined if nothing was added or not all fit together. */
  result(): FloatHistogram | undefined {
    if (this.#isIncompatible) return undefined;
    if (this.#sum === undefined) return this.#first?.compact();
    return this.#sum.total(this.#isMean && !this.#isRunningMean ? this.#added : 1);
  }
}

/** No number that adding up the histogram's numbers gives can be larger. NaN if one of them is. */
function magnitude(h: FloatHistogram): number {
  let buckets = Math.abs(h.zeroCount);
  for (const count of h.positiveBuckets) buckets += Math.abs(count);
  for (const count of h.negativeBuckets) buckets += Math.abs(count);
  return Math.max(buckets, Math.abs(h.count), Math.abs(h.sum));
}
