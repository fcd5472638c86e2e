// The value between two samples, on the straight line from one to the other.

import { addHistograms, subtractHistograms } from '../histogram/arithmetic.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import type { HistogramNotes } from './histogram-notes.ts';
import type { FloatPoints, HistogramPoints } from './points.ts';

/** Value at `time` between rows j and j + 1. A counter that was reset between them starts at 0. */
export function interpolateFloat(
  points: FloatPoints,
  j: number,
  time: number,
  isCounter: boolean,
): number {
  const { t, v } = points;
  const to = v[j + 1]!;
  const from = isCounter && to < v[j]! ? 0 : v[j]!;
  return from + ((to - from) * (time - t[j]!)) / (t[j + 1]! - t[j]!);
}

/** The same of histograms; undefined, with a remark, if one is exponential and the other custom. */
export function interpolateHistogram(
  points: HistogramPoints,
  j: number,
  time: number,
  isCounter: boolean,
  notes: HistogramNotes,
): FloatHistogram | undefined {
  const { t, h } = points;
  const [from, to] = [h[j]!, h[j + 1]!];
  if (time === t[j]) return from;
  if (time === t[j + 1]) return to;
  const fraction = (time - t[j]!) / (t[j + 1]! - t[j]!);
  if (isCounter && to.detectReset(from)) return to.scale(fraction);
  const change = notes.take(subtractHistograms(to, from), 'subtraction');
  if (change === undefined) return undefined;
  return notes.take(addHistograms(change.scale(fraction), from), 'addition');
}
