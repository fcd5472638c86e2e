// Where a counter started anew: it went down, or its start timestamp says so.

import type { FloatHistogram } from '../histogram/float-histogram.ts';
import type { FloatPoints } from './points.ts';

/**
 * True if the start timestamp of a sample says that the counter was reset after the sample before it.
 * All in ms; 0: no start timestamp.
 */
export function isStartTimeReset(
  previousStartT: number,
  previousT: number,
  startT: number,
  t: number,
): boolean {
  // Unset, later than the sample itself, or equal to it, which is how OpenTelemetry says "unknown".
  if (startT === 0 || startT >= t) return false;
  if (startT !== previousT) return startT > previousT;
  // It points at the sample before. That is the rule for deltas, each of which is a new start, and
  // happens to counters of unknown start, which go on: their first start is the sample's own time.
  return previousStartT !== 0 && previousStartT < previousT;
}

/** True if a sample claims to have started before the sample ahead of it, though not together with it. */
function isStartTimeOverlap(previousStartT: number, previousT: number, startT: number): boolean {
  return startT !== 0 && startT < previousT && startT !== previousStartT;
}

/** Rows j > 0 with a reset between j − 1 and j, ascending. Without start timestamps only drops count. */
export function floatResets(points: FloatPoints, startT: Float64Array | undefined): number[] {
  const { t, v, length } = points;
  const resets: number[] = [];
  if (startT === undefined) {
    for (let j = 1; j < length; j++) if (v[j]! < v[j - 1]!) resets.push(j);
    return resets;
  }
  for (let j = 1; j < length; j++) {
    if (v[j]! < v[j - 1]! || isStartTimeReset(startT[j - 1]!, t[j - 1]!, startT[j]!, t[j]!)) {
      resets.push(j);
    }
  }
  return resets;
}

/** Rows j > 0 whose start time overlaps row j − 1, ascending. */
export function startTimeOverlaps(
  t: Float64Array,
  startT: Float64Array | undefined,
  length: number,
): number[] {
  const overlaps: number[] = [];
  if (startT === undefined) return overlaps;
  for (let j = 1; j < length; j++) {
    if (isStartTimeOverlap(startT[j - 1]!, t[j - 1]!, startT[j]!)) overlaps.push(j);
  }
  return overlaps;
}

/** Windows hold many of the same neighbours: each pair of histograms is compared once. */
export class HistogramResets {
  readonly #t: Float64Array;
  readonly #h: readonly FloatHistogram[];
  readonly #startT: Float64Array | undefined;
  /** By row: 0 not yet compared with the row before, 1 no reset, 2 reset. */
  readonly #known: Uint8Array;

  constructor(
    t: Float64Array,
    histograms: readonly FloatHistogram[],
    startT: Float64Array | undefined,
  ) {
    this.#t = t;
    this.#h = histograms;
    this.#startT = startT;
    this.#known = new Uint8Array(histograms.length);
  }

  /** True if there was a reset between rows j − 1 and j; j ≥ 1. */
  before(j: number): boolean {
    if (this.#known[j] === 0) this.#known[j] = this.#compare(j) ? 2 : 1;
    return this.#known[j] === 2;
  }

  #compare(j: number): boolean {
    const [t, startT] = [this.#t, this.#startT];
    return (
      (startT !== undefined && isStartTimeReset(startT[j - 1]!, t[j - 1]!, startT[j]!, t[j]!)) ||
      this.#h[j]!.detectReset(this.#h[j - 1]!)
    );
  }
}
