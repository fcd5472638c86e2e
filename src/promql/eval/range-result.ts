// Range vectors as results of instant queries: samples as they are, without steps.

import { executionFailed } from '../errors.ts';
import { extendedSamples } from '../functions/extended-range.ts';
import type { RangeSamples } from '../functions/interface.ts';
import type { Evaluator, PointSeries, Scope } from './interface.ts';
import { countWindows } from './range-count.ts';
import {
  PointColumns,
  type RangeExpr,
  type RangeInput,
  rangeInput,
  subqueryScope,
} from './range-input.ts';

type Selector = Extract<RangeExpr, { readonly kind: 'matrixSelector' }>;
type Subquery = Extract<RangeExpr, { readonly kind: 'subquery' }>;

/** Series of a range vector at the only step of the scope, in the order of the selection. */
export function rangeResult(ev: Evaluator, range: RangeExpr, scope: Scope): PointSeries[] {
  return range.kind === 'matrixSelector'
    ? selectorResult(ev, range, scope)
    : subqueryResult(ev, range, scope);
}

function selectorResult(ev: Evaluator, matrix: Selector, scope: Scope): PointSeries[] {
  const input = rangeInput(ev, matrix, scope);
  const counts = { total: 0, read: 0, max: 0, last: 0 };
  const result: PointSeries[] = [];
  for (const { labels, samples } of input.series) {
    const points = windowPoints(ev, matrix, samples, input);
    if (points.length === 0) continue;
    if (points === samples) {
      countWindows(ev, samples, input, scope, counts);
      ev.budget.hold(counts.total, scope.stats);
    } else {
      scope.stats.countTotal(0, points.length);
      scope.stats.countRead(0, points.length);
      ev.budget.hold(samples.length, scope.stats);
    }
    result.push(keepPoints(ev, labels, false, points));
  }
  return result;
}

/** The samples in the window; with a modifier also what it makes of the window's ends. */
function windowPoints(
  ev: Evaluator,
  { selector }: Selector,
  samples: RangeSamples,
  { frame }: RangeInput,
): RangeSamples {
  const modifier = selector.anchored ? 'anchored' : selector.smoothed ? 'smoothed' : undefined;
  if (modifier === undefined) return samples;
  if (samples.histograms !== undefined) {
    throw executionFailed(`${modifier} modifier is not supported with histograms`);
  }
  const { firstEndT, rangeMs } = frame;
  const { lookbackMs } = ev.options;
  return extendedSamples(
    samples,
    firstEndT - rangeMs,
    firstEndT,
    lookbackMs,
    modifier === 'smoothed',
  );
}

function subqueryResult(ev: Evaluator, subquery: Subquery, scope: Scope): PointSeries[] {
  const inner = subqueryScope(ev, subquery, scope);
  if (inner === undefined) return [];
  const result: PointSeries[] = [];
  const points = new PointColumns(ev, inner, true);
  for (const row of ev.rows(subquery.expr, inner)) {
    result.push(keepPoints(ev, row.labels, row.dropName, points.of(row)));
  }
  const { stats } = scope;
  stats.peak = Math.max(stats.peak, inner.stats.peak);
  stats.countTotal(0, inner.stats.total);
  stats.countRead(0, inner.stats.read);
  return result;
}

function keepPoints(
  ev: Evaluator,
  labels: PointSeries['labels'],
  dropName: boolean,
  { t, v, histograms, length }: RangeSamples,
): PointSeries {
  ev.control.reserve(length * 16 + 400);
  return {
    labels,
    dropName,
    t: t.slice(0, length),
    values: v.slice(0, length),
    histograms: histograms?.slice(0, length),
  };
}
