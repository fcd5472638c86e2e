// The windows of one series, found once for all that asks about them: the samples they hold are counted
// before a function works on them.

import type { RangeSamples, WindowFrame } from '../functions/interface.ts';
import { coveredSteps } from './covered-steps.ts';
import { fitsScratch, inKernel, threadScratch } from './scratch.ts';

/** Where a series and its windows lie; reused from series to series. */
export interface SeriesWindows {
  /** Addresses of the columns. */
  t: number;
  v: number;
  /** The first step that may see a sample, and the end of its window. */
  firstStep: number;
  firstEndT: number;
  /** Steps from there on whose windows were found: 1 where all steps see the same, 0 if none sees any. */
  steps: number;
}

const found: SeriesWindows = { t: 0, v: 0, firstStep: 0, firstEndT: 0, steps: 0 };
let foundSamples: RangeSamples | undefined;
let foundFrame: WindowFrame | undefined;

/**
 * The windows of a series of floats, undefined if it is too long for the kernel. They are in the scratch
 * and valid until the next call with another series; asking again for the same objects costs nothing, so
 * a series must not be changed in place. Columns outside of kernel memory are copied to the scratch.
 */
export function seriesWindows(
  samples: RangeSamples,
  frame: WindowFrame,
): SeriesWindows | undefined {
  if (samples === foundSamples && frame === foundFrame) return found;
  foundSamples = undefined;
  const { length } = samples;
  const { firstEndT, stepMs, count, rangeMs } = frame;
  const times = { firstT: firstEndT, stepMs, count };
  const { from, to } = coveredSteps(times, rangeMs, samples.t, length);
  if (!fitsScratch(length, to - from)) return undefined;
  const scratch = threadScratch();
  found.t = inKernel(samples.t, length, scratch.t);
  found.v = inKernel(samples.v, length, scratch.v);
  found.firstStep = from;
  found.firstEndT = firstEndT + from * stepMs;
  found.steps = to - from;
  scratch.thread.kernel.findWindows(
    found.t,
    length,
    found.firstEndT,
    stepMs,
    found.steps,
    rangeMs,
    scratch.windows.byteOffset,
  );
  foundSamples = samples;
  foundFrame = frame;
  return found;
}

/** To be called before anything else than `seriesWindows` writes to the columns of the scratch. */
export function forgetWindows(): void {
  foundSamples = undefined;
}

/** What the windows of a series hold, in samples. */
export interface WindowFigures {
  /** Over all windows; a sample in several counts several times. */
  total: number;
  /** Over all windows, each sample once. */
  read: number;
  /** The largest window, and the last. */
  max: number;
  last: number;
}

/** Counts the samples in the windows of a series of floats; false if it is too long for the kernel. */
export function countFloatWindows(
  samples: RangeSamples,
  frame: WindowFrame,
  out: WindowFigures,
): boolean {
  if (samples.histograms !== undefined) return false;
  const found = seriesWindows(samples, frame);
  if (found === undefined) return false;
  const { thread, windows } = threadScratch();
  const { firstStep, steps } = found;
  if (steps === 0) {
    out.total = out.read = out.max = out.last = 0;
    return true;
  }
  const most = 2 * steps;
  const total = thread.kernel.countWindowRows(
    windows.byteOffset,
    steps,
    windows.byteOffset + 4 * most,
  );
  const firstRow = windows[0]!;
  const lastStart = windows[most - 2]!;
  const lastEnd = windows[most - 1]!;
  out.total = frame.stepMs === 0 ? total * frame.count : total;
  // Windows that overlap have no gaps between them, others nothing in common. Steps left out see nothing.
  out.read = frame.stepMs < frame.rangeMs ? (lastEnd - firstRow) / 8 : total;
  out.max = windows[most]!;
  const hasLast = frame.stepMs === 0 || firstStep + steps === frame.count;
  out.last = hasLast ? (lastEnd - lastStart) / 8 : 0;
  return true;
}
