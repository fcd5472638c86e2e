// Aggregations: parameters checked, rows given to what adds them up, results counted.

import { formatG } from '../../model/go-text.ts';
import type { Labels } from '../../model/labels.ts';
import { labelValue, METRIC_NAME } from '../../model/labels.ts';
import {
  counterResetCollision,
  histogramIgnoredInAggregation,
  invalidQuantile,
  invalidRatio,
  MIXED_FLOATS_HISTOGRAMS_AGGREGATION,
  mismatchedCustomBuckets,
  mixedExponentialCustomHistograms,
} from '../annotation-texts.ts';
import type { Annotations } from '../annotations.ts';
import { executionFailed } from '../errors.ts';
import type { AggregateExpr } from '../language/ast.ts';
import type { ColumnRemarks } from './aggregate-columns.ts';
import { isColumnOp } from './aggregate-columns.ts';
import { extremes, firstOfGroups, ratioOfSeries } from './aggregate-select.ts';
import { QuantileGroup, VarianceGroup } from './aggregate-spread.ts';
import { countValues } from './count-values.ts';
import { Grouping } from './grouping.ts';
import type { Evaluator, Scope } from './interface.ts';
import { PartialAggregate } from './partial-aggregate.ts';
import { hasValue, rowBytes } from './rows.ts';
import { weightOf } from './samples.ts';
import { type AggregateParts, countParts } from './split.ts';
import { Presence, type StepSeries } from './step-series.ts';

/** Rows of an aggregation. */
export function* aggregateRows(
  ev: Evaluator,
  aggregate: AggregateExpr,
  scope: Scope,
): Iterable<StepSeries> {
  if (aggregate.op === 'count_values') {
    yield* countValues(ev, aggregate, scope);
    return;
  }
  const heldBefore = ev.budget.held;
  let weight = 0;
  for (const row of resultRows(ev, aggregate, scope)) {
    if (!hasValue(row)) continue;
    weight += weightOf(row);
    yield row;
  }
  ev.budget.held = heldBefore;
  ev.budget.hold(weight, scope.stats);
}

function resultRows(ev: Evaluator, aggregate: AggregateExpr, scope: Scope): Iterable<StepSeries> {
  const { op, param } = aggregate;
  const parameter = param === undefined ? undefined : ev.scalar(param, scope);
  if (isColumnOp(op)) return columnRows(ev, aggregate, scope);
  const rows = ev.rows(aggregate.expr, scope);
  switch (op) {
    case 'stddev':
    case 'stdvar':
      return spread(ev, aggregate, op, rows, scope);
    case 'quantile':
      return quantiles(ev, aggregate, parameter!, rows, scope);
    case 'topk':
    case 'bottomk':
    case 'limitk':
      return select(ev, aggregate, parameter!, rows, scope);
    default:
      return selectRatio(ev, aggregate, parameter!, rows);
  }
}

function columnRows(ev: Evaluator, aggregate: AggregateExpr, scope: Scope): StepSeries[] {
  const parts = ev.parts(aggregate);
  if (parts !== undefined) return mergeParts(ev, parts, scope).finish();
  const partial = newPartialAggregate(ev, aggregate, scope);
  partial.addAll(ev.rows(aggregate.expr, scopeOfAggregated(aggregate, scope)));
  return partial.finish();
}

export function newPartialAggregate(
  ev: Evaluator,
  aggregate: AggregateExpr,
  { steps }: Scope,
): PartialAggregate {
  const remarks = columnRemarks(ev.annotations, aggregate);
  return new PartialAggregate(aggregate, steps.count, ev.buffers, remarks);
}

/** The scope of what is aggregated by columns: series of a selector that all go into one group need no labels. */
export function scopeOfAggregated({ expr, grouping, without }: AggregateExpr, scope: Scope): Scope {
  const isOneGroup = grouping.length === 0 && !without;
  return isOneGroup && expr.kind === 'vectorSelector' ? { ...scope, isUnlabeled: true } : scope;
}

function mergeParts(
  ev: Evaluator,
  { first, others }: AggregateParts,
  { stats }: Scope,
): PartialAggregate {
  countParts([first, ...others], stats, ev.budget.held, ev.options.maxSamples);
  ev.annotations.merge(first.annotations);
  for (const { groups, annotations } of others) {
    if (groups === undefined) throw new Error('a part with histograms cannot be merged');
    ev.annotations.merge(annotations);
    first.partial.merge(groups);
  }
  return first.partial;
}

function select(
  ev: Evaluator,
  aggregate: AggregateExpr,
  k: Float64Array,
  rows: Iterable<StepSeries>,
  scope: Scope,
): Iterable<StepSeries> {
  const bounds = boundsOf(k);
  if (bounds.max < 1) return drained(rows);
  const mistake = mistakeOfK(bounds);
  if (mistake !== undefined) throw afterAll(rows, mistake);
  return aggregate.op === 'limitk'
    ? firstOfGroups(aggregate, k, rows)
    : extremes(ev, aggregate, k, rows, scope);
}

/** The largest float that is an int64. */
const LARGEST_K = 2 ** 63 - 1024;

function mistakeOfK({ min, max, hasNaN }: Bounds): string | undefined {
  if (hasNaN) return 'Parameter value is NaN';
  if (min <= -(2 ** 63)) return `Scalar value ${formatG(min)} underflows int64`;
  return max >= LARGEST_K ? `Scalar value ${formatG(max)} overflows int64` : undefined;
}

function selectRatio(
  ev: Evaluator,
  aggregate: AggregateExpr,
  ratio: Float64Array,
  rows: Iterable<StepSeries>,
): Iterable<StepSeries> {
  const { min, max, hasNaN } = boundsOf(ratio);
  const position = aggregate.param!.span.start;
  if (min === 0 && max === 0) return drained(rows);
  if (hasNaN) throw afterAll(rows, 'Ratio value is NaN');
  if (max > 1) ev.annotations.warn(invalidRatio(max, 1), position);
  if (min < -1) ev.annotations.warn(invalidRatio(min, -1), position);
  return ratioOfSeries(
    ratio.map((value) => Math.min(Math.max(value, -1), 1)),
    rows,
  );
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly hasNaN: boolean;
}

function boundsOf(values: Float64Array): Bounds {
  let min = Infinity;
  let max = -Infinity;
  for (const value of values) {
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return { min, max, hasNaN: Number.isNaN(min) };
}

/** Reads the rows for what their evaluation has to say, and gives none. */
function drained(rows: Iterable<StepSeries>): StepSeries[] {
  for (const _ of rows);
  return [];
}

/** The error about a parameter, unless what is aggregated has one of its own, which comes first. */
function afterAll(rows: Iterable<StepSeries>, mistake: string): Error {
  drained(rows);
  return executionFailed(mistake);
}

function* spread(
  ev: Evaluator,
  aggregate: AggregateExpr,
  op: 'stddev' | 'stdvar',
  rows: Iterable<StepSeries>,
  { steps }: Scope,
): Iterable<StepSeries> {
  const grouping = new Grouping(aggregate, (labels) => {
    ev.control.reserve(3 * rowBytes(steps.count));
    return new VarianceGroup(labels, steps.count);
  });
  for (const row of rows) {
    const group = grouping.of(row.labels);
    noteIgnored(ev, aggregate, row);
    if (row.dropName) group.dropName = true;
    group.add(row);
  }
  for (const group of grouping.groups) yield group.finish(op);
}

function* quantiles(
  ev: Evaluator,
  aggregate: AggregateExpr,
  q: Float64Array,
  rows: Iterable<StepSeries>,
  { steps }: Scope,
): Iterable<StepSeries> {
  const { min, max, hasNaN } = boundsOf(q);
  const position = aggregate.param!.span.start;
  if (hasNaN) ev.annotations.warn(invalidQuantile(Number.NaN), position);
  if (max > 1) ev.annotations.warn(invalidQuantile(max), position);
  if (min < 0) ev.annotations.warn(invalidQuantile(min), position);
  const grouping = new Grouping(aggregate, (labels) => new QuantileGroup(labels, steps.count));
  for (const row of rows) {
    ev.control.reserve(steps.count * 9);
    const group = grouping.of(row.labels);
    noteIgnored(ev, aggregate, row);
    if (row.dropName) group.dropName = true;
    group.add(row);
  }
  for (const group of grouping.groups) yield group.finish(q, ev.control);
}

function noteIgnored(ev: Evaluator, { op, expr }: AggregateExpr, row: StepSeries): void {
  if (row.histograms === undefined || row.present.indexOf(Presence.histogram) === -1) return;
  ev.annotations.info(histogramIgnoredInAggregation(op), expr.span.start);
}

/** What aggregations of columns have to say, as annotations of the aggregated expression. */
function columnRemarks(annotations: Annotations, aggregate: AggregateExpr): ColumnRemarks {
  const position = aggregate.expr.span.start;
  return {
    histogramIgnored: () => annotations.info(histogramIgnoredInAggregation(aggregate.op), position),
    incompatibleHistograms: (labels: Labels) =>
      annotations.warn(mixedExponentialCustomHistograms(labelValue(labels, METRIC_NAME)), position),
    boundsReconciled: () => annotations.info(mismatchedCustomBuckets('aggregation'), position),
    mixedFloatsHistograms: () => annotations.warn(MIXED_FLOATS_HISTOGRAMS_AGGREGATION, position),
    counterResetCollision: () => annotations.warn(counterResetCollision('aggregation'), position),
  };
}
