// Custom buckets with different bounds: they meet on the bounds they have in common.

import { type SparseBuckets, sparseBuckets } from './spans.ts';

export function sameBounds(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The bounds that are in both lists, which are ascending. */
export function commonBounds(a: readonly number[], b: readonly number[]): number[] {
  const common: number[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const difference = a[i]! - b[j]!;
    if (difference === 0) common.push(a[i]!);
    if (difference <= 0) i++;
    if (difference >= 0) j++;
  }
  return common;
}

/**
 * For each of the buckets `spans` name under `bounds`, in order, the bucket under `target` that it
 * falls into; `target` is a subset of `bounds`.
 */
export function bucketTargets(
  spans: SparseBuckets['spans'],
  bounds: readonly number[],
  target: readonly number[],
): number[] {
  const targets: number[] = [];
  let index = 0;
  let at = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (const end = index + length; index < end; index++) {
      const upper = bounds[index] ?? Number.POSITIVE_INFINITY;
      while (at < target.length && target[at]! < upper) at++;
      targets.push(at);
    }
  }
  return targets;
}

/** Buckets under `bounds` as buckets under `target`, a subset of them. */
export function mapToBounds(
  buckets: SparseBuckets,
  bounds: readonly number[],
  target: readonly number[],
): SparseBuckets {
  if (bounds.length === target.length) return buckets;
  const targets = bucketTargets(buckets.spans, bounds, target);
  const indexes: number[] = [];
  const counts: number[] = [];
  for (let i = 0; i < targets.length; i++) {
    const last = indexes.length - 1;
    if (last >= 0 && indexes[last] === targets[i]) counts[last]! += buckets.counts[i]!;
    else {
      indexes.push(targets[i]!);
      counts.push(buckets.counts[i]!);
    }
  }
  return sparseBuckets(indexes, counts);
}
