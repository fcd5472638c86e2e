// Calls of functions: arguments are evaluated as the kind of function wants them, and results get the
// labels that the rules of name dropping give them.

import { SORT_IN_RANGE_QUERY } from '../annotation-texts.ts';
import type { CallExpr } from '../language/ast.ts';
import { type Entry, entryOf, evaluateArgs } from './call-arguments.ts';
import { mergeSeries } from './collisions.ts';
import { isScalarExpr } from './expr-shape.ts';
import { infoRows } from './info.ts';
import { lookups } from './instant-selector.ts';
import type { Evaluator, Scope } from './interface.ts';
import { withoutMetadata, withoutMetricName } from './label-sets.ts';
import { absentOverTimeRows, rangeRows } from './range-call.ts';
import { hasValue, joined, namelessRows, stepwiseCount } from './rows.ts';
import { CountedLater } from './samples.ts';
import { Presence, type StepSeries } from './step-series.ts';
import { spansTime } from './steps.ts';
import { referenceTimes } from './times.ts';

const SORTS: ReadonlySet<string> = new Set([
  'sort',
  'sort_desc',
  'sort_by_label',
  'sort_by_label_desc',
]);

const WRITES_LABELS: ReadonlySet<string> = new Set(['label_replace', 'label_join']);

/** Rows of a call that makes an instant vector. */
export function callRows(ev: Evaluator, call: CallExpr, scope: Scope): Iterable<StepSeries> {
  const isOfTime = call.func === 'timestamp' || call.func === 'start_timestamp';
  if (isOfTime && call.args[0]!.kind === 'vectorSelector') {
    return namelessRows(ev, sampleTimes(ev, call, scope), call.args[0]!, scope);
  }
  if (call.func === 'absent_over_time') return absentOverTimeRows(ev, call, scope);
  if (call.func === 'info') return infoRows(ev, call, scope);
  if (SORTS.has(call.func) && spansTime(scope.steps)) {
    ev.annotations.warn(SORT_IN_RANGE_QUERY, call.span.start);
  }
  const entry = entryOf(call);
  switch (entry.kind) {
    case 'range':
      return rangeRows(ev, call, entry, scope);
    case 'row': {
      const rows = mappedRows(ev, call, entry, scope);
      if (entry.keepsName) return rows;
      const withoutName = entry.keepsType === true ? withoutMetricName : withoutMetadata;
      return namelessRows(ev, rows, call.args[0]!, scope, withoutName);
    }
    case 'vector':
      return vectorRows(ev, call, entry, scope);
    case 'scalar':
    case 'special':
      throw new Error(`${call.func} does not make a vector`);
  }
}

/** Values of a call that makes a scalar. */
export function callScalar(ev: Evaluator, call: CallExpr, scope: Scope): Float64Array {
  const entry = entryOf(call);
  if (entry.kind !== 'scalar') throw new Error(`${call.func} does not make a scalar`);
  const count = stepwiseCount(ev, scope);
  const { functionCall, vectors } = evaluateArgs(ev, call, scope, count);
  const result = entry.compute(functionCall, vectors);
  count.emitScalar();
  count.finish();
  return result;
}

/** A function of whole vectors. */
function vectorRows(
  ev: Evaluator,
  call: CallExpr,
  entry: Entry<'vector'>,
  scope: Scope,
): Iterable<StepSeries> {
  if (WRITES_LABELS.has(call.func)) {
    // Done series by series, not step by step. What is written may make series equal, and that is never right.
    const { functionCall, vectors } = evaluateArgs(ev, call, scope, undefined);
    return mergeSeries(entry.compute(functionCall, vectors));
  }
  const count = stepwiseCount(ev, scope);
  const { functionCall, vectors } = evaluateArgs(ev, call, scope, count);
  const rows = entry.compute(functionCall, vectors).filter(hasValue);
  for (const row of rows) count.emit(row);
  count.finish();
  return entry.keepsName ? joined(ev, rows, scope) : namelessRows(ev, rows, call, scope);
}

/** A function of one row after the other. */
function* mappedRows(
  ev: Evaluator,
  call: CallExpr,
  entry: Entry<'row'>,
  scope: Scope,
): Iterable<StepSeries> {
  const vectorAt = call.args.findIndex((arg) => arg.kind !== 'string' && !isScalarExpr(arg));
  const count = stepwiseCount(ev, scope);
  const later = new CountedLater(ev.budget, scope.stats);
  const { functionCall } = evaluateArgs(ev, call, scope, count, vectorAt, later);
  for (const row of ev.rows(call.args[vectorAt]!, scope)) {
    count.gather(row);
    entry.compute(functionCall, row);
    if (!hasValue(row)) continue;
    count.emit(row);
    yield row;
  }
  later.settle();
  count.finish();
}

/** timestamp() and start_timestamp() of a selector: the times of the samples themselves. */
function* sampleTimes(ev: Evaluator, call: CallExpr, scope: Scope): Iterable<StepSeries> {
  const selector = call.args[0]!;
  if (selector.kind !== 'vectorSelector') return;
  const isStart = call.func === 'start_timestamp';
  if (isStart && !ev.options.useStartTimestamps) return;
  const { stats, steps } = scope;
  const count = stepwiseCount(ev, scope);
  // As in Prometheus: beside `@`, an offset moves what is selected and not the time that is looked at.
  const times = referenceTimes(
    selector.atT === undefined ? selector : { ...selector, offsetMs: 0 },
    steps,
  );
  for (const { row, samples, found } of lookups(ev, selector, scope, times)) {
    const column = isStart ? samples.startT : samples.t;
    for (let i = 0; i < found.length; i++) {
      const at = found[i]!;
      if (at < 0) continue;
      row.present[i] = Presence.float;
      row.values[i] = column === undefined ? 0 : column[at]! / 1000;
      stats.countTotal(i, 1);
      stats.countRead(i, 1);
    }
    count.gather(row);
    count.emit(row);
    yield row;
  }
  count.finish();
}
