// Small passages on rows that many parts of the evaluator share.

import type { Labels } from '../../model/labels.ts';
import type { Expr } from '../language/ast.ts';
import { CollisionWatch, mergeSeries, refuseSameLabelset } from './collisions.ts';
import { pinsMetricName } from './expr-shape.ts';
import type { Evaluator, Scope } from './interface.ts';
import { withoutMetadata } from './label-sets.ts';
import { RowKeeper } from './row-keeper.ts';
import { StepwiseCount } from './samples.ts';
import { Presence, type StepSeries } from './step-series.ts';
import { spansTime } from './steps.ts';

/** Takes away what names a metric: usually type and unit too. */
export type WithoutName = (labels: Labels) => Labels;

/** Begins to count an operation done step by step; see {@link StepwiseCount}. */
export function stepwiseCount(
  { budget, control }: Evaluator,
  { steps, stats }: Scope,
): StepwiseCount {
  control.reserve(2 * 8 * steps.count);
  return new StepwiseCount(budget, stats, steps.count);
}

/** True if the row has a value at some step. */
export function hasValue({ present }: StepSeries): boolean {
  for (let i = 0; i < present.length; i++) if (present[i] !== Presence.none) return true;
  return false;
}

/** Makes a buffer ready for the next row. */
export function clearRow(row: StepSeries): void {
  row.dropName = false;
  row.present.fill(Presence.none);
  row.histograms = undefined;
}

/** Bytes that keeping one row takes besides its labels: two columns and what holds them together. */
export function rowBytes(steps: number): number {
  return steps * 9 + 400;
}

/** Bytes of the histograms of a row; one that stands at several steps running is there once. */
function histogramBytes({ present, histograms }: StepSeries): number {
  let bytes = present.length * 8;
  for (let i = 0; i < present.length; i++) {
    if (present[i] !== Presence.histogram || histograms![i] === histograms![i - 1]) continue;
    bytes += histograms![i]!.sizeBytes();
  }
  return bytes;
}

/** Copies of all rows. */
export function keepAll(ev: Evaluator, rows: Iterable<StepSeries>, { steps }: Scope): StepSeries[] {
  const keeper = new RowKeeper(steps.count);
  const bytes = rowBytes(steps.count);
  const kept: StepSeries[] = [];
  for (const row of rows) {
    ev.control.reserve(bytes);
    if (row.histograms !== undefined) ev.control.reserve(histogramBytes(row));
    kept.push(keeper.keep(row));
  }
  return kept;
}

/**
 * Rows without metric name, type and unit, which is done now or, with delayed name removal, marked for
 * the end. `below` is what the rows come from. Throws PROMQL_EXECUTION where two become the same.
 */
export function namelessRows(
  ev: Evaluator,
  rows: Iterable<StepSeries>,
  below: Expr,
  scope: Scope,
  withoutName: WithoutName = withoutMetadata,
): Iterable<StepSeries> {
  if (ev.options.delayedNameRemoval) return markedRows(rows);
  if (!Array.isArray(rows) && pinsMetricName(below)) return unnamedRows(rows, withoutName);
  const kept = Array.isArray(rows) ? rows : keepAll(ev, rows, scope);
  for (const row of kept) row.labels = withoutName(row.labels);
  return joined(ev, kept, scope);
}

function* markedRows(rows: Iterable<StepSeries>): Iterable<StepSeries> {
  for (const row of rows) {
    row.dropName = true;
    yield row;
  }
}

function* unnamedRows(rows: Iterable<StepSeries>, withoutName: WithoutName): Iterable<StepSeries> {
  const watch = new CollisionWatch();
  for (const row of rows) {
    dropLabels(row, watch, withoutName);
    yield row;
  }
}

/** Takes metric name, type and unit away. Throws PROMQL_EXECUTION if a row before is the same now. */
export function dropLabels(
  row: StepSeries,
  watch: CollisionWatch,
  withoutName: WithoutName = withoutMetadata,
): void {
  const before = row.labels;
  row.labels = withoutName(before);
  watch.add(before, row.labels);
}

/**
 * Result of an operation done step by step: at one step no two series may be equal. In a range query,
 * equal ones at different steps are one series. Throws PROMQL_EXECUTION.
 */
export function joined(ev: Evaluator, rows: StepSeries[], { steps }: Scope): StepSeries[] {
  if (spansTime(steps)) return mergeSeries(rows);
  if (!ev.options.delayedNameRemoval) refuseSameLabelset(rows);
  return rows;
}
