// Histograms for tests, written down by their buckets.

import { CUSTOM_BUCKETS_SCHEMA, type ResetHint } from '../../model/native-histogram.ts';
import { FloatHistogram } from './float-histogram.ts';
import { bucketIndexes, sparseBuckets } from './spans.ts';

interface ExponentialShape {
  readonly schema?: number;
  readonly zeroThreshold?: number;
  readonly zeroCount?: number;
  /** Counts by bucket index. */
  readonly positive?: Readonly<Record<number, number>>;
  readonly negative?: Readonly<Record<number, number>>;
  /** What is in buckets if left out. */
  readonly count?: number;
  readonly sum?: number;
  readonly resetHint?: ResetHint;
}

export function exponential(shape: ExponentialShape): FloatHistogram {
  const positive = fromRecord(shape.positive ?? {});
  const negative = fromRecord(shape.negative ?? {});
  const zeroCount = shape.zeroCount ?? 0;
  return new FloatHistogram({
    schema: shape.schema ?? 0,
    zeroThreshold: shape.zeroThreshold ?? 0,
    zeroCount,
    count: shape.count ?? zeroCount + total(positive.counts) + total(negative.counts),
    sum: shape.sum ?? 0,
    positiveSpans: positive.spans,
    positiveBuckets: positive.counts,
    negativeSpans: negative.spans,
    negativeBuckets: negative.counts,
    ...(shape.resetHint === undefined ? {} : { resetHint: shape.resetHint }),
  });
}

/** Custom buckets up to `bounds` and +Inf; counts left out at the end are none. */
export function custom(
  bounds: readonly number[],
  counts: readonly number[],
  sum = 0,
): FloatHistogram {
  return new FloatHistogram({
    schema: CUSTOM_BUCKETS_SCHEMA,
    count: total(counts),
    sum,
    positiveSpans: [{ offset: 0, length: counts.length }],
    positiveBuckets: counts,
    customValues: bounds,
  });
}

/** The non-empty buckets of a side by index, as in {@link exponential}. */
export function bucketRecord(
  h: FloatHistogram,
  side: 'positive' | 'negative',
): Record<number, number> {
  const counts = side === 'positive' ? h.positiveBuckets : h.negativeBuckets;
  const indexes = bucketIndexes(side === 'positive' ? h.positiveSpans : h.negativeSpans);
  return Object.fromEntries(
    indexes.map((index, i) => [index, counts[i]!] as const).filter(([, count]) => count !== 0),
  );
}

function fromRecord(record: Readonly<Record<number, number>>): ReturnType<typeof sparseBuckets> {
  const indexes = Object.keys(record)
    .map(Number)
    .sort((a, b) => a - b);
  return sparseBuckets(
    indexes,
    indexes.map((index) => record[index]!),
  );
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
