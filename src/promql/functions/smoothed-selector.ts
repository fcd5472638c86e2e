// An instant selector that is `smoothed`: the value between the samples before and after each step.

import { type Labels, labelValue, METRIC_NAME } from '../../model/labels.ts';
import { ResetHint } from '../../model/native-histogram.ts';
import { mixedFloatsHistograms } from '../annotation-texts.ts';
import type { Annotations } from '../annotations.ts';
import { type StepSeries, setFloat, setHistogram } from '../eval/step-series.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { HistogramNotes, isGauge } from './histogram-notes.ts';
import type { RangeSamples, WindowFrame } from './interface.ts';
import { interpolateFloat, interpolateHistogram } from './interpolation.ts';
import { type HistogramPoints, splitPoints } from './points.ts';
import { firstNotBefore, WindowRows, windowEndT } from './windows.ts';

const floatRows = new WindowRows();
const histogramRows = new WindowRows();

/**
 * Fills `out` with the values of one series at the steps of `frame`, whose `rangeMs` is 0: the sample at
 * that very time, else the value interpolated between the samples before and after it, else that of the
 * one before. Samples less than `lookbackMs` before or up to `lookbackMs` after count. `position` is that
 * of the selector in the query.
 */
export function smoothedSelector(
  samples: RangeSamples,
  labels: Labels,
  frame: WindowFrame,
  lookbackMs: number,
  annotations: Annotations,
  position: number,
  out: StepSeries,
): void {
  const { floats, histograms } = splitPoints(samples);
  const name = labelValue(labels, METRIC_NAME);
  const notes = new HistogramNotes(annotations, position, name);
  floatRows.find(floats, frame, lookbackMs, lookbackMs);
  if (histograms !== undefined) histogramRows.find(histograms, frame, lookbackMs, lookbackMs);
  for (let i = 0; i < frame.count; i++) {
    const time = windowEndT(frame, i);
    const from = floatRows.from[i]!;
    const to = floatRows.to[i]!;
    if (histograms !== undefined && histogramRows.from[i]! < histogramRows.to[i]!) {
      if (from < to) {
        annotations.warn(mixedFloatsHistograms(name), position);
        continue;
      }
      const { from: first, to: end } = histogramRows;
      const value = histogramAt(histograms, first[i]!, end[i]!, time, notes);
      if (value !== undefined) setHistogram(out, i, value);
      continue;
    }
    const after = firstNotBefore(floats.t, from, to, time);
    if (after < to && floats.t[after] === time) setFloat(out, i, floats.v[after]!);
    else if (after > from && after < to) {
      setFloat(out, i, interpolateFloat(floats, after - 1, time, false));
    } else if (after > from) setFloat(out, i, floats.v[after - 1]!);
  }
}

function histogramAt(
  points: HistogramPoints,
  from: number,
  to: number,
  time: number,
  notes: HistogramNotes,
): FloatHistogram | undefined {
  const { t, h } = points;
  const after = firstNotBefore(t, from, to, time);
  if (after < to && t[after] === time) return h[after];
  if (after === from) return undefined;
  // A hint tells about a sample and the one before it, and this is a repetition.
  if (after === to) return h[after - 1]!.withResetHint(ResetHint.unknown);
  if (h[after - 1]!.usesCustomBuckets !== h[after]!.usesCustomBuckets) {
    notes.mixedSchemas();
    return undefined;
  }
  const isCounter = !(isGauge(h[after - 1]!) && isGauge(h[after]!));
  return interpolateHistogram(points, after - 1, time, isCounter, notes);
}
