// Counts what a function over range vectors looks at, as Prometheus counts it: series after series, each
// step holds its window beside the results so far.

import type { RangeSamples } from '../functions/interface.ts';
import { countFloatWindows, type WindowFigures } from '../kernel/index.ts';
import type { Evaluator, Scope } from './interface.ts';
import { usesKernel } from './kernel-use.ts';
import type { RangeInput } from './range-input.ts';
import { histogramWeight, weightOf } from './samples.ts';
import type { StepSeries } from './step-series.ts';
import { STEPS_PER_CHECKPOINT } from './steps.ts';

export class RangeCount {
  readonly #ev: Evaluator;
  readonly #input: RangeInput;
  readonly #scope: Scope;
  readonly #windows: WindowFigures = { total: 0, read: 0, max: 0, last: 0 };
  #results = 0;
  #peak = 0;

  constructor(ev: Evaluator, input: RangeInput, scope: Scope) {
    this.#ev = ev;
    this.#input = input;
    this.#scope = scope;
  }

  /** A series is about to be worked on. Throws PROMQL_TOO_MANY_SAMPLES. */
  series(samples: RangeSamples): void {
    countWindows(this.#ev, samples, this.#input, this.#scope, this.#windows);
    this.#hold(this.#windows.max);
  }

  /** Samples in the largest window of the series being worked on. */
  get largestWindow(): number {
    return this.#windows.max;
  }

  /** What came of the series. False if that is nothing. Throws PROMQL_TOO_MANY_SAMPLES. */
  result(row: StepSeries): boolean {
    const weight = weightOf(row);
    this.#results += weight;
    if (weight > 0) this.#hold(this.#windows.last);
    return weight > 0;
  }

  #hold(window: number): void {
    this.#peak = Math.max(this.#peak, this.#results + window);
    // What a subquery holds beside is known only when all of it has been read.
    if (!this.#input.isSubquery) this.#ev.budget.check(this.#peak, this.#scope.stats);
  }

  /** All series have been read. Throws PROMQL_TOO_MANY_SAMPLES. */
  finish(): void {
    const { budget } = this.#ev;
    const { stats } = this.#scope;
    budget.check(this.#peak, stats);
    budget.held -= this.#input.heldSamples();
    budget.hold(this.#results, stats);
  }
}

/** Counts the windows of one series into the statistics of the scope. */
export function countWindows(
  ev: Evaluator,
  samples: RangeSamples,
  input: RangeInput,
  scope: Scope,
  counts: WindowFigures,
): void {
  const { stats } = scope;
  const isPlain = input.beforeMs === 0 && stats.totalPerStep === undefined;
  const isForKernel = usesKernel(ev.options, input.frame.count, samples.length);
  if (isForKernel && isPlain && stats.readPerStep === undefined) {
    if (countFloatWindows(samples, input.frame, counts)) {
      stats.total += counts.total;
      if (!input.isSubquery) stats.read += counts.read;
      return;
    }
  }
  countEachWindow(ev, samples, input, scope, counts);
}

function countEachWindow(
  { control }: Evaluator,
  samples: RangeSamples,
  input: RangeInput,
  scope: Scope,
  counts: WindowFigures,
): void {
  const { frame, beforeMs, afterMs } = input;
  const { t, length } = samples;
  const { stats } = scope;
  const widthMs = frame.rangeMs + beforeMs + afterMs;
  const sums = samples.histograms === undefined ? undefined : runningWeights(samples);
  const perStep = stats.totalPerStep !== undefined || stats.readPerStep !== undefined;
  const isFixed = frame.stepMs === 0;
  counts.total = 0;
  counts.read = 0;
  counts.max = 0;
  counts.last = 0;
  let first = 0;
  let after = 0;
  let fresh = 0;
  for (let i = 0; i < frame.count; i++) {
    if (i % STEPS_PER_CHECKPOINT === 0) control.checkpoint();
    const endT = frame.firstEndT + afterMs + i * frame.stepMs;
    const startT = endT - widthMs;
    const seen = after;
    while (after < length && t[after]! <= endT) after++;
    while (first < after && t[first]! <= startT) first++;
    // New is what lies after the end of the step before; windows may have gaps between them.
    fresh = first > seen ? first : seen;
    const held = sums === undefined ? after - first : sums[after]! - sums[first]!;
    const isNew = !input.isSubquery && (i === 0 || !isFixed);
    const read = isNew ? (sums === undefined ? after - fresh : sums[after]! - sums[fresh]!) : 0;
    counts.total += held;
    counts.read += read;
    if (held > counts.max) counts.max = held;
    counts.last = held;
    if (perStep) {
      stats.countTotal(i, held);
      stats.countRead(i, read);
    }
  }
  if (!perStep) {
    stats.total += counts.total;
    stats.read += counts.read;
  }
}

function runningWeights({ histograms, length }: RangeSamples): Float64Array {
  const sums = new Float64Array(length + 1);
  for (let i = 0; i < length; i++) {
    const histogram = histograms![i];
    sums[i + 1] = sums[i]! + (histogram === undefined ? 1 : histogramWeight(histogram));
  }
  return sums;
}
