// What a function over range vectors gets to see, series by series: samples of a range selector, or
// the results of a subquery.

import { ResetHint } from '../../model/native-histogram.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { tooManySamples } from '../errors.ts';
import type { RangeSamples, RangeSeries, WindowFrame } from '../functions/interface.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { withoutStaleFloats } from '../kernel/index.ts';
import type { Expr, MatrixSelector, SubqueryExpr } from '../language/ast.ts';
import type { EvalControl, Evaluator, Scope } from './interface.ts';
import { usesKernel } from './kernel-use.ts';
import { SampleStats } from './samples.ts';
import { rangeSamples } from './samples-input.ts';
import { Presence, type StepSeries } from './step-series.ts';
import { STEPS_PER_CHECKPOINT, type Steps, stepT } from './steps.ts';
import { subquerySteps, windowFrame, windowMargins, windowRange } from './times.ts';

export type RangeExpr = MatrixSelector | SubqueryExpr;

export function isRangeExpr(expr: Expr): expr is RangeExpr {
  return expr.kind === 'matrixSelector' || expr.kind === 'subquery';
}

export interface RangeInput {
  readonly isSubquery: boolean;
  readonly frame: WindowFrame;
  /** What windows see beyond the frame. */
  readonly beforeMs: number;
  readonly afterMs: number;
  /** Each valid until the next is asked for. Must be read to the end. */
  readonly series: Iterable<RangeSeries>;
  /**
   * Only of subqueries, whose results are held while the function works on them: how many, once all
   * series have been read.
   */
  heldSamples(): number;
}

/** Prepares the reading of a range vector at the steps of the scope. */
export function rangeInput(ev: Evaluator, expr: RangeExpr, scope: Scope): RangeInput {
  return expr.kind === 'matrixSelector'
    ? selectorInput(ev, expr, scope)
    : subqueryInput(ev, expr, scope);
}

function selectorInput(ev: Evaluator, matrix: MatrixSelector, { steps }: Scope): RangeInput {
  const { lookbackMs } = ev.options;
  return {
    isSubquery: false,
    frame: windowFrame(matrix.selector, matrix.rangeMs, steps),
    ...windowMargins(matrix.selector, lookbackMs),
    series: selectedSeries(ev, matrix, steps),
    heldSamples: () => 0,
  };
}

function* selectedSeries(
  ev: Evaluator,
  matrix: MatrixSelector,
  steps: Steps,
): Iterable<RangeSeries> {
  const { minT, maxT } = windowRange(matrix, steps, ev.options.lookbackMs);
  const selection = ev.selection(matrix);
  const { from, to } = ev.part(selection);
  for (let i = from; i < to; i++) {
    ev.control.checkpoint();
    const samples = readyForWindows(ev, matrix, steps.count, selection.read(i, minT, maxT));
    if (samples.length > 0) yield { labels: selection.labels(i), dropName: false, samples };
  }
}

function readyForWindows(
  ev: Evaluator,
  { selector }: MatrixSelector,
  steps: number,
  samples: SampleColumns,
): RangeSamples {
  const isForKernel = usesKernel(ev.options, steps, samples.length);
  const inKernel = isForKernel ? withoutStaleFloats(samples) : undefined;
  return inKernel ?? rangeSamples(samples, selector.statsOnly === true);
}

function subqueryInput(ev: Evaluator, subquery: SubqueryExpr, scope: Scope): RangeInput {
  let heldSamples = 0;
  const read = function* (): Iterable<RangeSeries> {
    const inner = subqueryScope(ev, subquery, scope);
    if (inner === undefined) return;
    const heldBefore = ev.budget.held;
    const points = new PointColumns(ev, inner, false);
    for (const row of ev.rows(subquery.expr, inner)) {
      yield { labels: row.labels, dropName: row.dropName, samples: points.of(row) };
    }
    heldSamples = ev.budget.held - heldBefore;
    scope.stats.peak = Math.max(scope.stats.peak, inner.stats.peak);
    mergeReads(scope, inner, subquery.offsetMs, subquery.rangeMs);
  };
  return {
    isSubquery: true,
    frame: windowFrame(subquery, subquery.rangeMs, scope.steps),
    beforeMs: 0,
    afterMs: 0,
    series: read(),
    heldSamples: () => heldSamples,
  };
}

/** Where a subquery's expression is evaluated; undefined if there is no step. */
export function subqueryScope(
  ev: Evaluator,
  subquery: SubqueryExpr,
  scope: Scope,
): Scope | undefined {
  const steps = subquerySteps(subquery, scope.steps, ev.options.defaultSubqueryStepMs);
  if (steps === undefined) return undefined;
  // One value at each step would be too many, and before the first of them there are columns to make.
  const { maxSamples } = ev.options;
  if (steps.count > maxSamples) throw tooManySamples(maxSamples);
  const perStep =
    scope.stats.readPerStep !== undefined ||
    (scope.steps.count > 1 && subquery.rangeMs < scope.steps.stepMs);
  if (perStep) ev.control.reserve(2 * 8 * steps.count);
  return { steps, stats: new SampleStats(steps.count, perStep) };
}

/** Turns rows of a subquery into samples, in columns that it uses again for each. */
export class PointColumns {
  readonly #steps: Steps;
  readonly #keepsHints: boolean;
  readonly #t: Float64Array;
  readonly #v: Float64Array;
  readonly #control: EvalControl;

  /**
   * For functions without reset hints: between two steps there may be resets that the subquery does not
   * see.
   */
  constructor({ control }: Evaluator, { steps }: Scope, keepsHints: boolean) {
    control.reserve(2 * 8 * steps.count);
    this.#control = control;
    this.#steps = steps;
    this.#keepsHints = keepsHints;
    this.#t = new Float64Array(steps.count);
    this.#v = new Float64Array(steps.count);
  }

  /** Valid until the next call. */
  of({ present, values, histograms }: StepSeries): RangeSamples {
    const { count } = this.#steps;
    const [t, v] = [this.#t, this.#v];
    let kept: (FloatHistogram | undefined)[] | undefined;
    let length = 0;
    for (let i = 0; i < count; i++) {
      if (i % STEPS_PER_CHECKPOINT === 0) this.#control.checkpoint();
      if (present[i] === Presence.none) continue;
      t[length] = stepT(this.#steps, i);
      if (present[i] === Presence.float) {
        v[length] = values[i]!;
      } else {
        kept ??= new Array<FloatHistogram | undefined>(count).fill(undefined);
        const histogram = histograms![i]!;
        kept[length] = this.#keepsHints ? histogram : withoutResetHint(histogram);
      }
      length++;
    }
    return { length, t, v, startT: undefined, histograms: kept };
  }
}

function withoutResetHint(histogram: FloatHistogram): FloatHistogram {
  const { resetHint } = histogram;
  return resetHint === ResetHint.yes || resetHint === ResetHint.no
    ? histogram.withResetHint(ResetHint.unknown)
    : histogram;
}

/**
 * Counts what a subquery read for the steps of the query around it: each for the first step that can
 * see it, none for what falls between two windows.
 */
function mergeReads(scope: Scope, inner: Scope, offsetMs: number, rangeMs: number): void {
  const { steps, stats } = scope;
  const perStep = inner.stats.readPerStep;
  if (steps.count === 1 || perStep === undefined) {
    stats.countRead(0, inner.stats.read);
    return;
  }
  for (let k = 0; k < perStep.length; k++) {
    const samples = perStep[k]!;
    if (samples === 0) continue;
    const seenT = stepT(inner.steps, k) + offsetMs;
    const step = Math.ceil((seenT - steps.startT) / steps.stepMs);
    const at = Math.min(Math.max(step, 0), steps.count - 1);
    if (rangeMs > 0 && seenT <= stepT(steps, at) - rangeMs) continue;
    stats.countRead(at, samples);
  }
}
