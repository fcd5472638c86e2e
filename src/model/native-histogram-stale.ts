// The stale marker among native histograms: one whose sum has the marker's bits. All else in it means
// nothing.

import { type NativeHistogram, ResetHint } from './native-histogram.ts';
import { isStaleBits, STALE_NAN_HIGH, STALE_NAN_LOW } from './stale.ts';

export function isStaleHistogram({ sum }: NativeHistogram): boolean {
  return isStaleBits(sum.high, sum.low);
}

/** A marker without buckets. */
export function staleHistogram(kind: NativeHistogram['kind']): NativeHistogram {
  const layout = {
    resetHint: ResetHint.unknown,
    schema: 0,
    zeroThreshold: 0,
    sum: { low: STALE_NAN_LOW, high: STALE_NAN_HIGH },
    positiveSpans: [],
    negativeSpans: [],
    customValues: [],
    positiveCounts: [],
    negativeCounts: [],
  };
  return kind === 'integer'
    ? { ...layout, kind, count: 0n, zeroCount: 0n }
    : { ...layout, kind, count: 0, zeroCount: 0 };
}
