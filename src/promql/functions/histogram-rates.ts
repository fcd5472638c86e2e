// rate, increase and delta of native histograms.

import { ResetHint } from '../../model/native-histogram.ts';
import { type StepSeries, setHistogram } from '../eval/step-series.ts';
import { addHistograms, subtractHistograms } from '../histogram/arithmetic.ts';
import { FloatHistogram } from '../histogram/float-histogram.ts';
import { HistogramResets } from './counter-resets.ts';
import {
  durationSeconds,
  extrapolationFactor,
  extrapolationFactorFromZero,
  type RateKind,
} from './extrapolation.ts';
import { type HistogramNotes, isGauge } from './histogram-notes.ts';
import type { FunctionCall, RangeSeries, WindowFrame } from './interface.ts';
import { type HistogramPoints, notesOf } from './points.ts';
import { noteStartTimeOverlaps } from './start-time-overlaps.ts';
import { type WindowRows, windowEndT } from './windows.ts';

/** Windows that hold histograms only, found in `rows`. */
export function histogramRates(
  call: FunctionCall,
  frame: WindowFrame,
  input: RangeSeries,
  points: HistogramPoints,
  startT: Float64Array | undefined,
  rows: WindowRows,
  kind: RateKind,
  out: StepSeries,
): void {
  const { t, h } = points;
  const { rangeMs } = frame;
  const notes = notesOf(call, input);
  const resets = new HistogramResets(t, h, startT);
  const divisor = kind.isRate ? durationSeconds(rangeMs) : 1;
  for (let i = 0; i < frame.count; i++) {
    const first = rows.from[i]!;
    const last = rows.to[i]! - 1;
    if (last < first) continue;
    const endT = windowEndT(frame, i);
    const zeroT = startT === undefined ? 0 : startT[first]!;
    const startsInside = zeroT !== 0 && zeroT > endT - rangeMs && zeroT < t[first]!;
    if (last === first && !startsInside) continue;

    let result: FloatHistogram | undefined;
    if (last > first) {
      result = kind.isCounter
        ? histogramIncrease(h, first, last, resets, notes)
        : histogramDelta(h[first]!, h[last]!, notes);
      if (result === undefined) continue;
    }
    let factor: number;
    if (startsInside) {
      result =
        result === undefined ? h[first]! : notes.take(addHistograms(result, h[first]!), 'addition');
      if (result === undefined) continue;
      factor = extrapolationFactorFromZero(zeroT, endT, t[first]!, t[last]!, last - first + 1);
    } else {
      factor = extrapolationFactor(
        endT - rangeMs,
        endT,
        t[first]!,
        t[last]!,
        last - first + 1,
        kind.isCounter,
        h[first]!.count,
        result!.count,
      );
    }
    setHistogram(out, i, result!.scale(factor / divisor));
  }
  if (startT !== undefined) noteStartTimeOverlaps(call, frame, input, points, startT, rows);
}

/** Last less first, for gauges. */
function histogramDelta(
  first: FloatHistogram,
  last: FloatHistogram,
  notes: HistogramNotes,
): FloatHistogram | undefined {
  if (first.usesCustomBuckets !== last.usesCustomBuckets) {
    notes.mixedSchemas();
    return undefined;
  }
  if (!isGauge(first) || !isGauge(last)) notes.notGauge();
  return notes.take(subtractHistograms(last, first), 'subtraction')?.withResetHint(ResetHint.gauge);
}

/** Last less first plus what was there before each reset. Rows first < last. */
function histogramIncrease(
  h: readonly FloatHistogram[],
  first: number,
  last: number,
  resets: HistogramResets,
  notes: HistogramNotes,
): FloatHistogram | undefined {
  // After a reset right behind it, the first histogram does not matter, nor does its layout.
  const baseline = resets.before(first + 1) ? emptyLike(h[first + 1]!) : h[first]!;
  const isCustom = baseline.usesCustomBuckets;
  let schema = baseline.schema;
  let gauges = false;
  for (let j = first; j <= last; j++) {
    gauges ||= isGauge(h[j]!);
    if (j === first) continue;
    if (h[j]!.usesCustomBuckets !== isCustom) {
      notes.mixedSchemas();
      return undefined;
    }
    schema = Math.min(schema, h[j]!.schema);
  }
  if (gauges) notes.notCounter();

  let result: FloatHistogram | undefined = atSchema(h[last]!, schema);
  result = notes.take(subtractHistograms(result, baseline), 'subtraction');
  for (let j = first + 2; j <= last && result !== undefined; j++) {
    if (resets.before(j)) result = notes.take(addHistograms(result, h[j - 1]!), 'addition');
  }
  return result?.withResetHint(ResetHint.gauge);
}

/** No observations, in the buckets of another. */
function emptyLike(h: FloatHistogram): FloatHistogram {
  return new FloatHistogram({ schema: h.schema, customValues: h.customValues });
}

/** With at most this resolution. A sum has the lower of two, so adding nothing will do. */
function atSchema(h: FloatHistogram, schema: number): FloatHistogram {
  return h.schema <= schema ? h : addHistograms(h, new FloatHistogram({ schema })).histogram!;
}
