// changes and resets: how often neighbours in a window differ. Whether two neighbours do is the same in
// every window, so they are counted from the start of the series once, and a window is a difference.

import { setFloat } from '../eval/step-series.ts';
import { isStartTimeReset } from './counter-resets.ts';
import type { FunctionCall, RangeFunction, RangeSamples } from './interface.ts';
import { matrixSelectorOf } from './points.ts';
import { WindowRows, windowEndT } from './windows.ts';

/** True if something happened between rows j − 1 and j. */
type Happened = (samples: RangeSamples, j: number, startT: Float64Array | undefined) => boolean;

const rows = new WindowRows();

/** Values that differ; NaN is equal to NaN. Between a float and a histogram is a change. */
export const changes: RangeFunction = countBetween(isChange);

/** Counters that started anew. Between a float and a histogram is a reset. */
export const resets: RangeFunction = countBetween(isReset);

function countBetween(happened: Happened): RangeFunction {
  return (call, frame, input, out) => {
    const { samples } = input;
    const isAnchored = matrixSelectorOf(call)?.selector.anchored === true;
    const { lookbackMs } = call.options;
    const counts = countsFromStart(samples, happened, startTimes(call, samples));
    rows.find(samples, frame);
    for (let i = 0; i < frame.count; i++) {
      let first = rows.from[i]!;
      const last = rows.to[i]! - 1;
      if (last < first) continue;
      if (isAnchored && first > 0) {
        // The sample before the window is what the first inside is compared with.
        const oldestT = windowEndT(frame, i) - frame.rangeMs - lookbackMs;
        if (samples.t[first - 1]! > oldestT) first--;
      }
      setFloat(out, i, counts[last]! - counts[first]!);
    }
  };
}

/** Only resets look at start times. */
function startTimes(call: FunctionCall, samples: RangeSamples): Float64Array | undefined {
  return call.options.useStartTimestamps ? samples.startT : undefined;
}

/** By row: how often it happened up to there. */
function countsFromStart(
  samples: RangeSamples,
  happened: Happened,
  startT: Float64Array | undefined,
): Int32Array {
  const counts = new Int32Array(samples.length);
  let count = 0;
  for (let j = 1; j < samples.length; j++) {
    if (happened(samples, j, startT)) count++;
    counts[j] = count;
  }
  return counts;
}

function isChange({ v, histograms }: RangeSamples, j: number): boolean {
  const before = histograms?.[j - 1];
  const now = histograms?.[j];
  if (before !== undefined && now !== undefined) return !now.equals(before);
  if (before !== undefined || now !== undefined) return true;
  const [a, b] = [v[j - 1]!, v[j]!];
  return a !== b && !(Number.isNaN(a) && Number.isNaN(b));
}

function isReset(
  { t, v, histograms }: RangeSamples,
  j: number,
  startT: Float64Array | undefined,
): boolean {
  const before = histograms?.[j - 1];
  const now = histograms?.[j];
  if ((before === undefined) !== (now === undefined)) return true;
  if (startT !== undefined && isStartTimeReset(startT[j - 1]!, t[j - 1]!, startT[j]!, t[j]!)) {
    return true;
  }
  return now === undefined ? v[j]! < v[j - 1]! : now.detectReset(before!);
}
