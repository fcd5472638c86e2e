// Instant selectors and stale markers over float columns, by the kernel.

import { kernelAddress } from '../../codec/thread-kernel.ts';
import type { SampleColumns } from '../../model/sample.ts';
import type { StepSeries } from '../eval/step-series.ts';
import type { RangeSamples } from '../functions/interface.ts';
import { coveredSteps, type StepTimes } from './covered-steps.ts';
import { fitsScratch, inKernel, threadScratch } from './scratch.ts';
import { forgetWindows } from './series-windows.ts';

/**
 * Fills a row, whose presence is all `none` before, with, per step, the value of the newest sample in
 * (T − lookbackMs, T], unless that is a stale marker, and returns how many steps have one. -1, with nothing done, for what the kernel does not know:
 * histograms and very long series.
 */
export function lookbackValues(
  samples: SampleColumns,
  times: StepTimes,
  lookbackMs: number,
  out: StepSeries,
): number {
  const { length, t, v, histograms } = samples;
  if (histograms !== undefined) return -1;
  const { from, to } = coveredSteps(times, lookbackMs, t, length);
  const steps = to - from;
  if (!fitsScratch(length, steps)) return -1;
  if (steps === 0) return 0;
  forgetWindows();
  const scratch = threadScratch();
  const values = kernelAddress(out.values);
  const present = kernelAddress(out.present);
  const isInPlace = values >= 0 && present >= 0;
  const vAddress = inKernel(v, length, scratch.v);
  const found = scratch.thread.kernel.lookbackLast(
    inKernel(t, length, scratch.t),
    vAddress,
    vAddress,
    length,
    times.firstT + from * times.stepMs,
    times.stepMs,
    steps,
    lookbackMs,
    isInPlace ? values + 8 * from : scratch.values.byteOffset,
    isInPlace ? present + from : scratch.present.byteOffset,
  );
  if (!isInPlace) {
    out.values.set(scratch.values.subarray(0, steps), from);
    out.present.set(scratch.present.subarray(0, steps), from);
  }
  if (times.stepMs !== 0) return found;
  out.values.fill(out.values[0]!);
  out.present.fill(out.present[0]!);
  return found * times.count;
}

/**
 * Float samples without stale markers: the same columns if there are none, else copies in the scratch,
 * valid until the kernel is asked about another series. Undefined for what the kernel does not know.
 */
export function withoutStaleFloats(samples: SampleColumns): RangeSamples | undefined {
  const { length, t, v, startT, histograms } = samples;
  if (histograms !== undefined || kernelAddress(v) < 0) return undefined;
  const { kernel } = threadScratch().thread;
  if (kernel.firstStale(v.byteOffset, length) === length) {
    return { length, t, v, startT, histograms: undefined };
  }
  if (startT !== undefined || !fitsScratch(length, 0)) return undefined;
  forgetWindows();
  const scratch = threadScratch();
  scratch.t.set(t.length === length ? t : t.subarray(0, length));
  scratch.v.set(v.length === length ? v : v.subarray(0, length));
  const kept = kernel.dropStale(scratch.t.byteOffset, scratch.v.byteOffset, length);
  return { length: kept, t: scratch.t, v: scratch.v, startT: undefined, histograms: undefined };
}

/** How many steps have a value. */
export function presentSteps({ present }: StepSeries): number {
  const address = kernelAddress(present);
  if (address >= 0) return threadScratch().thread.kernel.countPresent(address, present.length);
  let count = 0;
  for (let i = 0; i < present.length; i++) if (present[i] !== 0) count++;
  return count;
}
