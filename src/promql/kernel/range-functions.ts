// Range functions whose loops run in the kernel (kernel/window-*.ts). Each stands in front of its plain
// TypeScript twin, gives the same results bit for bit, and leaves to it what the kernel does not know:
// histograms, start timestamps, `anchored` and `smoothed`.

import type { QueryKernel } from '../../codec/query-kernel.ts';
import { kernelAddress } from '../../codec/thread-kernel.ts';
import type { StepSeries } from '../eval/step-series.ts';
import { durationSeconds } from '../functions/extrapolation.ts';
import type { RangeFunction, RangeSeries, WindowFrame } from '../functions/interface.ts';
import { matrixSelectorOf } from '../functions/points.ts';
import { threadScratch } from './scratch.ts';
import { type SeriesWindows, seriesWindows } from './series-windows.ts';

/** Where a kernel works, as addresses. */
interface Work {
  /** Rows of the series. */
  n: number;
  /** One u32 per row. */
  perRow: number;
  windows: number;
  values: number;
  present: number;
}

type Run = (kernel: QueryKernel, frame: WindowFrame, series: SeriesWindows, work: Work) => void;

interface KernelFunction {
  readonly run: Run;
  /** Start timestamps take part, if they are switched on and the series has some. */
  readonly usesStartT: boolean;
}

function entry(run: Run, usesStartT = false): KernelFunction {
  return { run, usesStartT };
}

function plain(name: 'windowSum' | 'windowAvg' | 'windowFirst' | 'windowLast'): KernelFunction {
  return entry((kernel, _frame, { v, steps }, { windows, values, present }) =>
    kernel[name](v, windows, steps, values, present),
  );
}

function ofRows(name: 'windowCount' | 'windowPresent'): KernelFunction {
  return entry((kernel, _frame, { steps }, { windows, values, present }) =>
    kernel[name](windows, steps, values, present),
  );
}

function extreme(name: 'windowMax' | 'windowMin'): KernelFunction {
  return entry((kernel, _frame, { v, steps }, { perRow, windows, values, present }) =>
    kernel[name](v, windows, steps, values, present, perRow),
  );
}

function counted(name: 'windowResets' | 'windowChanges'): KernelFunction {
  return entry((kernel, _frame, { v, steps }, { n, perRow, windows, values, present }) => {
    kernel[name](v, n, windows, steps, values, present, perRow);
  }, name === 'windowResets');
}

function spread(isRoot: boolean): KernelFunction {
  const root = Number(isRoot);
  return entry((kernel, _frame, { v, steps }, { windows, values, present }) =>
    kernel.windowVariance(v, root, windows, steps, values, present),
  );
}

function lastTwo(isRate: boolean): KernelFunction {
  const isCounter = Number(isRate);
  return entry((kernel, _frame, { t, v, steps }, { windows, values, present }) => {
    kernel.windowInstantRate(t, v, isCounter, windows, steps, values, present);
  }, isRate);
}

function extrapolated(isCounter: boolean, isRate: boolean): KernelFunction {
  return entry(
    (kernel, frame, { t, v, firstEndT, steps }, { n, perRow, windows, values, present }) => {
      const { stepMs, rangeMs } = frame;
      kernel.windowRate(
        t,
        v,
        n,
        firstEndT,
        stepMs,
        steps,
        rangeMs,
        Number(isCounter),
        isRate ? durationSeconds(rangeMs) : 0,
        windows,
        values,
        present,
        perRow,
      );
    },
    isCounter,
  );
}

const FUNCTIONS: ReadonlyMap<string, KernelFunction> = new Map([
  ['rate', extrapolated(true, true)],
  ['increase', extrapolated(true, false)],
  ['delta', extrapolated(false, false)],
  ['irate', lastTwo(true)],
  ['idelta', lastTwo(false)],
  ['resets', counted('windowResets')],
  ['changes', counted('windowChanges')],
  ['sum_over_time', plain('windowSum')],
  ['avg_over_time', plain('windowAvg')],
  ['min_over_time', extreme('windowMin')],
  ['max_over_time', extreme('windowMax')],
  ['count_over_time', ofRows('windowCount')],
  ['present_over_time', ofRows('windowPresent')],
  ['first_over_time', plain('windowFirst')],
  ['last_over_time', plain('windowLast')],
  ['stddev_over_time', spread(true)],
  ['stdvar_over_time', spread(false)],
]);

/** Names of the functions that the kernel has. */
export const KERNEL_FUNCTION_NAMES: readonly string[] = [...FUNCTIONS.keys()];

/**
 * The function in front of its twin; undefined if the kernel has none of that name. Uses the thread's
 * scratch, so nothing else of the kernel may be called for another series before it returns.
 */
export function kernelRangeFunction(name: string, twin: RangeFunction): RangeFunction | undefined {
  const kernelFunction = FUNCTIONS.get(name);
  if (kernelFunction === undefined) return undefined;
  const { run, usesStartT } = kernelFunction;
  return (call, frame, input, out) => {
    const { histograms, startT } = input.samples;
    const selector = matrixSelectorOf(call)?.selector;
    const isForTwin =
      histograms !== undefined ||
      (usesStartT && startT !== undefined && call.options.useStartTimestamps) ||
      selector?.anchored ||
      selector?.smoothed;
    if (isForTwin || !compute(run, frame, input, out)) twin(call, frame, input, out);
  };
}

const work: Work = { n: 0, perRow: 0, windows: 0, values: 0, present: 0 };

/** False, with nothing done, if the series is too long for the kernel. */
function compute(run: Run, frame: WindowFrame, { samples }: RangeSeries, out: StepSeries): boolean {
  const series = seriesWindows(samples, frame);
  if (series === undefined) return false;
  const { firstStep, steps } = series;
  // Nothing is present already.
  if (steps === 0) return true;
  const scratch = threadScratch();
  work.n = samples.length;
  work.perRow = scratch.perRow;
  work.windows = scratch.windows.byteOffset;
  const values = kernelAddress(out.values);
  const present = kernelAddress(out.present);
  const isInPlace = values >= 0 && present >= 0;
  work.values = isInPlace ? values + 8 * firstStep : scratch.values.byteOffset;
  work.present = isInPlace ? present + firstStep : scratch.present.byteOffset;
  run(scratch.thread.kernel, frame, series, work);
  if (!isInPlace) {
    out.values.set(scratch.values.subarray(0, steps), firstStep);
    out.present.set(scratch.present.subarray(0, steps), firstStep);
  }
  if (frame.stepMs === 0) {
    out.values.fill(out.values[0]!);
    out.present.fill(out.present[0]!);
  }
  return true;
}
