// Classic histograms as native ones with custom buckets (NHCB).

import { formatG } from '../../model/go-text.ts';
import { CUSTOM_BUCKETS_SCHEMA } from '../../model/native-histogram.ts';
import { FloatHistogram } from './float-histogram.ts';
import { compactBuckets } from './spans.ts';

interface CumulativeBucket {
  /** Upper bound; of the last +Inf. */
  readonly upperBound: number;
  /** Observations up to it. */
  readonly count: number;
}

/**
 * Gathers the series of one classic histogram at one time, in any order, and converts them. The first
 * thing that makes no sense is kept as `problem`; all that comes after it is ignored.
 */
export class ClassicHistogram {
  readonly #buckets: CumulativeBucket[] = [];
  #count: number | undefined;
  #sum = 0;
  #problem: string | undefined;

  /** Why there is no histogram. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** A sample of `_bucket`. A bound that came before is ignored. */
  setBucket(upperBound: number, count: number): void {
    if (this.#problem !== undefined) return;
    if (Number.isNaN(upperBound)) {
      this.#problem = 'bucket boundary must not be NaN';
      return;
    }
    if (count < 0) {
      this.#problem = `bucket count must be non-negative: le=${formatG(upperBound)}, count=${formatG(count)}`;
      return;
    }
    const found = this.#buckets.findIndex((bucket) => bucket.upperBound >= upperBound);
    const at = found < 0 ? this.#buckets.length : found;
    const next = this.#buckets[at];
    if (next?.upperBound === upperBound) return;
    const previous = this.#buckets[at - 1];
    if (previous !== undefined && count < previous.count) {
      this.#problem = `count is not cumulative: ${formatG(count)} < ${formatG(previous.count)}`;
    } else if (next !== undefined && count > next.count) {
      this.#problem = `count is not cumulative: ${formatG(count)} > ${formatG(next.count)}`;
    } else {
      this.#buckets.splice(at, 0, { upperBound, count });
    }
  }

  /** A sample of `_count`. */
  setCount(count: number): void {
    if (this.#problem !== undefined) return;
    if (count < 0) this.#problem = `count must be non-negative: count=${formatG(count)}`;
    else this.#count = count;
  }

  /** A sample of `_sum`. */
  setSum(sum: number): void {
    if (this.#problem === undefined) this.#sum = sum;
  }

  /**
   * The native histogram, compact; undefined if there is a `problem`. Without `_count` the highest bucket
   * gives the count, without a +Inf bucket the count gives it.
   */
  convert(): FloatHistogram | undefined {
    if (this.#problem !== undefined) return undefined;
    const buckets = this.#buckets.slice();
    const count = this.#count ?? buckets.at(-1)?.count ?? 0;
    if (buckets.at(-1)?.upperBound !== Number.POSITIVE_INFINITY) {
      buckets.push({ upperBound: Number.POSITIVE_INFINITY, count });
    }
    const last = buckets.at(-1)!;
    if (last.count !== count) {
      this.#problem = `count mismatch: count=${formatG(count)} != le=+Inf count=${formatG(last.count)}`;
      return undefined;
    }
    const counts = buckets.map((bucket, i) => bucket.count - (buckets[i - 1]?.count ?? 0));
    const compact = compactBuckets({ spans: [{ offset: 0, length: counts.length }], counts });
    return new FloatHistogram({
      schema: CUSTOM_BUCKETS_SCHEMA,
      count,
      sum: this.#sum,
      positiveSpans: compact.spans,
      positiveBuckets: compact.counts,
      customValues: buckets.slice(0, -1).map((bucket) => bucket.upperBound),
    });
  }
}

const SUFFIXES = ['_bucket', '_sum', '_count'] as const;

/** Which series of a classic histogram a metric name is, by its suffix, and the name without it. */
export function splitClassicName(
  name: string,
): { readonly base: string; readonly part: 'bucket' | 'sum' | 'count' } | undefined {
  const suffix = SUFFIXES.find((candidate) => name.endsWith(candidate));
  if (suffix === undefined) return undefined;
  const part = suffix.slice(1) as 'bucket' | 'sum' | 'count';
  return { base: name.slice(0, -suffix.length), part };
}
