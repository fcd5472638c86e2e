// irate and idelta: the last two samples of a window.

import { ResetHint } from '../../model/native-histogram.ts';
import { setFloat, setHistogram } from '../eval/step-series.ts';
import { subtractHistograms } from '../histogram/arithmetic.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { isStartTimeReset } from './counter-resets.ts';
import { type HistogramNotes, isGauge } from './histogram-notes.ts';
import type { RangeFunction } from './interface.ts';
import { noteMixed, notesOf } from './points.ts';
import { WindowRows } from './windows.ts';

const rows = new WindowRows();

/** Counters: per second, and a reset leaves the last value as it is. */
export const irate: RangeFunction = lastTwo(true);

/** Gauges: the plain difference. */
export const idelta: RangeFunction = lastTwo(false);

function lastTwo(isRate: boolean): RangeFunction {
  return (call, frame, input, out) => {
    const { samples } = input;
    const { t, v, histograms } = samples;
    const startT = isRate && call.options.useStartTimestamps ? samples.startT : undefined;
    const notes = histograms === undefined ? undefined : notesOf(call, input);
    rows.find(samples, frame);
    for (let i = 0; i < frame.count; i++) {
      const last = rows.to[i]! - 1;
      const before = last - 1;
      if (before < rows.from[i]!) continue;
      const started =
        startT !== undefined &&
        isStartTimeReset(startT[before]!, t[before]!, startT[last]!, t[last]!);
      const seconds = (t[last]! - t[before]!) / 1000;
      const from = histograms?.[before];
      const to = histograms?.[last];
      if (from === undefined && to === undefined) {
        const isReset = isRate && (started || v[last]! < v[before]!);
        const difference = isReset ? v[last]! : v[last]! - v[before]!;
        setFloat(out, i, isRate ? difference / seconds : difference);
      } else if (from !== undefined && to !== undefined) {
        const difference = histogramDifference(from, to, isRate, started, notes!);
        if (difference === undefined) continue;
        setHistogram(out, i, isRate ? difference.divide(seconds) : difference);
      } else {
        noteMixed(call, input);
      }
    }
  };
}

function histogramDifference(
  from: FloatHistogram,
  to: FloatHistogram,
  isRate: boolean,
  started: boolean,
  notes: HistogramNotes,
): FloatHistogram | undefined {
  if (isRate && (isGauge(from) || isGauge(to))) notes.notCounter();
  if (!isRate && !(isGauge(from) && isGauge(to))) notes.notGauge();
  const isReset = isRate && (started || to.detectReset(from));
  const difference = isReset ? to : notes.take(subtractHistograms(to, from), 'subtraction');
  return difference?.withResetHint(ResetHint.gauge).compact();
}
