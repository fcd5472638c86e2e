// Calls of functions over range vectors: one series after the other, all its windows at once.

import { labelValue, METRIC_NAME } from '../../model/labels.ts';
import { possibleNonCounter, possibleNonCounterType } from '../annotation-texts.ts';
import { executionFailed } from '../errors.ts';
import { absentLabels, markAbsent } from '../functions/absent.ts';
import { rangePosition } from '../functions/points.ts';
import { kernelRangeFunction } from '../kernel/index.ts';
import type { CallExpr } from '../language/ast.ts';
import { type Entry, evaluateArgs } from './call-arguments.ts';
import { CollisionWatch } from './collisions.ts';
import type { Evaluator, Scope } from './interface.ts';
import { usesKernel } from './kernel-use.ts';
import { RangeCount } from './range-count.ts';
import { isRangeExpr, type RangeExpr, rangeInput } from './range-input.ts';
import { computeInPieces } from './range-pieces.ts';
import { clearRow, dropLabels, hasValue } from './rows.ts';
import { CountedLater } from './samples.ts';
import { newStepSeries, Presence, type StepSeries } from './step-series.ts';
import { STEPS_PER_CHECKPOINT } from './steps.ts';

/** Rows of a call of a function of that kind. */
export function* rangeRows(
  ev: Evaluator,
  call: CallExpr,
  entry: Entry<'range'>,
  scope: Scope,
): Iterable<StepSeries> {
  const rangeAt = call.args.findIndex(isRangeExpr);
  const range = call.args[rangeAt] as RangeExpr;
  refuseModifier(call.func, range);
  // Prometheus evaluates a subquery before the other arguments, a selector after them.
  const later = range.kind === 'subquery' ? new CountedLater(ev.budget, scope.stats) : undefined;
  const { functionCall } = evaluateArgs(ev, call, scope, undefined, rangeAt, later, 0);
  const input = rangeInput(ev, range, scope);
  const count = new RangeCount(ev, input, scope);
  const watch = new CollisionWatch();
  const inKernel = kernelRangeFunction(call.func, entry.compute);
  const steps = scope.steps.count;
  const row = ev.buffers.row(steps);
  for (const series of input.series) {
    count.series(series.samples);
    clearRow(row);
    row.labels = series.labels;
    row.dropName = series.dropName;
    const isForKernel = usesKernel(ev.options, steps, series.samples.length);
    const compute = (isForKernel ? inKernel : undefined) ?? entry.compute;
    const work = { compute, call: functionCall, input, series, largestWindow: count.largestWindow };
    computeInPieces(work, row, ev.control);
    if (!count.result(row)) continue;
    warnIfNoCounter(ev, call, row);
    if (!entry.keepsName) {
      if (ev.options.delayedNameRemoval) row.dropName = true;
      else dropLabels(row, watch);
    }
    yield row;
  }
  later?.settle();
  count.finish();
}

/** Rates are of counters; a name or type that says otherwise is worth a remark. */
function warnIfNoCounter(ev: Evaluator, call: CallExpr, row: StepSeries): void {
  if (call.func !== 'rate' && call.func !== 'increase') return;
  const name = labelValue(row.labels, METRIC_NAME);
  if (name === '') return;
  const type = ev.options.typeAndUnitLabels ? labelValue(row.labels, '__type__') : undefined;
  const isCounter =
    type === undefined
      ? /_(total|sum|count|bucket)$/.test(name)
      : type === 'counter' || type === 'histogram';
  if (isCounter || row.present.indexOf(Presence.float) === -1) return;
  const text = type === undefined ? possibleNonCounter(name) : possibleNonCounterType(name, type);
  ev.annotations.info(text, rangePosition(call));
}

/** Functions that know what to do with values at a window's ends. */
const EXTENDED: Readonly<Record<'anchored' | 'smoothed', readonly string[]>> = {
  anchored: ['changes', 'delta', 'increase', 'rate', 'resets'],
  smoothed: ['delta', 'increase', 'rate'],
};

function refuseModifier(func: string, range: RangeExpr): void {
  if (range.kind !== 'matrixSelector') return;
  for (const modifier of ['anchored', 'smoothed'] as const) {
    const allowed = EXTENDED[modifier];
    if (!range.selector[modifier] || allowed.includes(func)) continue;
    throw executionFailed(
      `${modifier} modifier can only be used with: ${allowed.join(', ')} - not with ${func}`,
    );
  }
}

/** absent_over_time(): 1 where no series has a sample in its window. */
export function* absentOverTimeRows(
  ev: Evaluator,
  call: CallExpr,
  scope: Scope,
): Iterable<StepSeries> {
  const range = call.args[0] as RangeExpr;
  refuseModifier(call.func, range);
  const out = newStepSeries(absentLabels(range), scope.steps.count);
  markAbsent(windowsWithSamples(ev, range, scope), out);
  // Its labels have no name to take away, but what comes after may give it one.
  out.dropName = ev.options.delayedNameRemoval;
  if (hasValue(out)) yield out;
}

/** Rows with a value wherever the window of the series is not empty. */
function* windowsWithSamples(ev: Evaluator, range: RangeExpr, scope: Scope): Iterable<StepSeries> {
  const input = rangeInput(ev, range, scope);
  const count = new RangeCount(ev, input, scope);
  const { firstEndT, stepMs, rangeMs } = input.frame;
  const row = newStepSeries([], scope.steps.count);
  for (const { samples } of input.series) {
    count.series(samples);
    clearRow(row);
    const { t, length } = samples;
    let after = 0;
    for (let i = 0; i < row.present.length; i++) {
      if (i % STEPS_PER_CHECKPOINT === 0) ev.control.checkpoint();
      const endT = firstEndT + i * stepMs;
      while (after < length && t[after]! <= endT) after++;
      if (after > 0 && t[after - 1]! > endT - rangeMs) row.present[i] = Presence.float;
    }
    if (count.result(row)) yield row;
  }
  count.finish();
}
