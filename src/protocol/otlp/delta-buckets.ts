// Exponential buckets added up: brought to one scale, and to a coarser one where they would become too many.

import { addCounts } from './counts.ts';
import type { Count, ExponentialBuckets, ExponentialPoint } from './model.ts';

/** On one side; as many as SDKs keep. Past it the scale is made coarser. */
const MAX_BUCKETS = 160;

export interface ExponentialState {
  readonly kind: 'exponential';
  readonly count: Count;
  readonly sum: number | undefined;
  readonly scale: number;
  readonly zeroCount: Count;
  readonly zeroThreshold: number;
  readonly positive: ExponentialBuckets;
  readonly negative: ExponentialBuckets;
}

/** The state with a point added; of its sum the caller takes care. */
export function addExponentialBuckets(
  state: ExponentialState | undefined,
  point: ExponentialPoint,
  sum: number | undefined,
): ExponentialState {
  const scale = Math.min(state?.scale ?? point.scale, point.scale);
  const [positives, negatives] = [[point.positive], [point.negative]];
  const scales = [point.scale];
  if (state !== undefined) {
    positives.push(state.positive);
    negatives.push(state.negative);
    scales.push(state.scale);
  }
  const down = Math.max(shiftOf(positives, scales, scale), shiftOf(negatives, scales, scale));
  const merged = (sides: readonly ExponentialBuckets[]): ExponentialBuckets =>
    merge(
      sides,
      scales.map((one) => one - scale + down),
    );
  return {
    kind: 'exponential',
    count: addCounts(state?.count ?? 0, point.count),
    sum,
    scale: scale - down,
    zeroCount: addCounts(state?.zeroCount ?? 0, point.zeroCount),
    zeroThreshold: Math.max(state?.zeroThreshold ?? 0, point.zeroThreshold),
    positive: merged(positives),
    negative: merged(negatives),
  };
}

/** First and last index that is used; undefined if none is. */
function usedRange({ offset, counts }: ExponentialBuckets): [number, number] | undefined {
  const isUsed = (count: Count): boolean => Number(count) !== 0;
  const first = counts.findIndex(isUsed);
  return first < 0 ? undefined : [offset + first, offset + counts.findLastIndex(isUsed)];
}

function reduced(index: number, shift: number): number {
  return Math.floor(index / 2 ** Math.min(shift, 32));
}

/** How much coarser than `scale` the buckets must be so that they are not too many. */
function shiftOf(
  sides: readonly ExponentialBuckets[],
  scales: readonly number[],
  scale: number,
): number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  sides.forEach((side, i) => {
    const range = usedRange(side);
    if (range === undefined) return;
    low = Math.min(low, reduced(range[0], scales[i]! - scale));
    high = Math.max(high, reduced(range[1], scales[i]! - scale));
  });
  let shift = 0;
  while (reduced(high, shift) - reduced(low, shift) >= MAX_BUCKETS) shift++;
  return shift;
}

/** All sides as one, side i made coarser by `shifts[i]`. */
function merge(
  sides: readonly ExponentialBuckets[],
  shifts: readonly number[],
): ExponentialBuckets {
  const counts = new Map<number, Count>();
  sides.forEach((side, i) => {
    side.counts.forEach((count, at) => {
      if (Number(count) === 0) return;
      const index = reduced(side.offset + at, shifts[i]!);
      counts.set(index, addCounts(counts.get(index) ?? 0, count));
    });
  });
  if (counts.size === 0) return { offset: 0, counts: [] };
  const offset = Math.min(...counts.keys());
  const length = Math.max(...counts.keys()) - offset + 1;
  return { offset, counts: Array.from({ length }, (_, i) => counts.get(offset + i) ?? 0) };
}
