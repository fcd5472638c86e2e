// Histograms as the HTTP API shows them.

import type { FloatHistogram } from './float-histogram.ts';

/** How a bucket's bounds belong to it: neither, one or both. */
export const BucketBounds = { openLeft: 0, openRight: 1, openBoth: 2, closedBoth: 3 } as const;
export type BucketBounds = (typeof BucketBounds)[keyof typeof BucketBounds];

/** The JSON form; numbers are strings. `buckets` is missing if there are none. */
export interface HistogramJson {
  readonly count: string;
  readonly sum: string;
  /** Only buckets that are not empty, ascending. */
  readonly buckets?: readonly (readonly [BucketBounds, string, string, string])[];
}

/** `formatValue` prints numbers as the API prints sample values. */
export function histogramJson(
  h: FloatHistogram,
  formatValue: (value: number) => string,
): HistogramJson {
  const totals = { count: formatValue(h.count), sum: formatValue(h.sum) };
  const buckets = h
    .buckets()
    .map(
      ({ lower, upper, lowerInclusive, upperInclusive, count }) =>
        [
          boundsOf(lowerInclusive, upperInclusive),
          formatValue(lower),
          formatValue(upper),
          formatValue(count),
        ] as const,
    );
  return buckets.length === 0 ? totals : { ...totals, buckets };
}

function boundsOf(lowerInclusive: boolean, upperInclusive: boolean): BucketBounds {
  if (lowerInclusive) {
    return upperInclusive ? BucketBounds.closedBoth : BucketBounds.openRight;
  }
  return upperInclusive ? BucketBounds.openLeft : BucketBounds.openBoth;
}
