// The buckets of one side of a histogram in sparse form: spans say which are there, counts follow in
// their order. Everything here is immutable and returns its input where nothing changes.

import type { BucketSpan } from '../../model/native-histogram.ts';

/** Counts of the buckets that `spans` name, in their order; as many as the spans' lengths add up to. */
export interface SparseBuckets {
  readonly spans: readonly BucketSpan[];
  readonly counts: readonly number[];
}

/** The indexes of the buckets, ascending. */
export function bucketIndexes(spans: readonly BucketSpan[]): number[] {
  const indexes: number[] = [];
  let index = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (const end = index + length; index < end; index++) indexes.push(index);
  }
  return indexes;
}

/** Buckets with these indexes, which must be strictly ascending, and counts. Keeps `counts`. */
export function sparseBuckets(
  indexes: readonly number[],
  counts: readonly number[],
): SparseBuckets {
  const spans: BucketSpan[] = [];
  let end = 0;
  for (let i = 0; i < indexes.length; ) {
    const start = i;
    const first = indexes[start]!;
    while (i < indexes.length && indexes[i]! - first === i - start) i++;
    spans.push({ offset: first - end, length: i - start });
    end = first + (i - start);
  }
  return { spans, counts };
}

/** True if the lists are the same span by span. */
export function sameSpans(a: readonly BucketSpan[], b: readonly BucketSpan[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i]!.offset !== b[i]!.offset || a[i]!.length !== b[i]!.length) return false;
  }
  return true;
}

/** Without empty buckets and empty or adjoining spans: equal buckets then have equal form. */
export function compactBuckets(buckets: SparseBuckets): SparseBuckets {
  if (isCompact(buckets)) return buckets;
  const indexes: number[] = [];
  const counts: number[] = [];
  let index = 0;
  let i = 0;
  for (const { offset, length } of buckets.spans) {
    index += offset;
    for (const end = i + length; i < end; i++, index++) {
      const count = buckets.counts[i]!;
      if (count === 0) continue;
      indexes.push(index);
      counts.push(count);
    }
  }
  return sparseBuckets(indexes, counts);
}

function isCompact({ spans, counts }: SparseBuckets): boolean {
  for (let i = 0; i < counts.length; i++) if (counts[i] === 0) return false;
  for (let i = 0; i < spans.length; i++) {
    const { offset, length } = spans[i]!;
    if (length === 0 || (i > 0 && offset === 0)) return false;
  }
  return true;
}

/** a + sign × b, bucket by bucket. May hold empty buckets. */
export function mergeBuckets(a: SparseBuckets, b: SparseBuckets, sign: 1 | -1): SparseBuckets {
  if (b.counts.length === 0) return a;
  if (sameSpans(a.spans, b.spans)) {
    const counts = a.counts.slice();
    for (let i = 0; i < counts.length; i++) counts[i]! += sign * b.counts[i]!;
    return { spans: a.spans, counts };
  }
  const aIndexes = bucketIndexes(a.spans);
  const bIndexes = bucketIndexes(b.spans);
  const indexes: number[] = [];
  const counts: number[] = [];
  for (let i = 0, j = 0; i < aIndexes.length || j < bIndexes.length; ) {
    const aIndex = aIndexes[i] ?? Number.POSITIVE_INFINITY;
    const bIndex = bIndexes[j] ?? Number.POSITIVE_INFINITY;
    indexes.push(Math.min(aIndex, bIndex));
    if (aIndex < bIndex) counts.push(a.counts[i++]!);
    else if (bIndex < aIndex) counts.push(sign * b.counts[j++]!);
    else counts.push(a.counts[i++]! + sign * b.counts[j++]!);
  }
  return sparseBuckets(indexes, counts);
}

/** Every count times `factor`. */
export function scaleCounts(counts: readonly number[], factor: number): readonly number[] {
  const scaled = counts.slice();
  for (let i = 0; i < scaled.length; i++) scaled[i]! *= factor;
  return scaled;
}

/** Every count over `divisor`. */
export function divideCounts(counts: readonly number[], divisor: number): readonly number[] {
  const divided = counts.slice();
  for (let i = 0; i < divided.length; i++) divided[i]! /= divisor;
  return divided;
}
