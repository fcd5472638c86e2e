// Calls of functions: arguments are evaluated as the kind of function wants them, and results get the
// labels that the rules of name dropping give them.

import { labelValue, METRIC_NAME } from '../../model/labels.ts';
import {
  possibleNonCounter,
  possibleNonCounterType,
  SORT_IN_RANGE_QUERY,
} from '../annotation-texts.ts';
import { executionFailed } from '../errors.ts';
import { absentLabels, markAbsent } from '../functions/absent.ts';
import { FUNCTIONS } from '../functions/index.ts';
import type { FunctionCall, FunctionEntry } from '../functions/interface.ts';
import { kernelRangeFunction } from '../kernel/index.ts';
import type { CallExpr, Expr } from '../language/ast.ts';
import { CollisionWatch, mergeSeries } from './collisions.ts';
import { isScalarExpr } from './expr-shape.ts';
import { infoRows } from './info.ts';
import { lookups } from './instant-selector.ts';
import type { Evaluator, Scope } from './interface.ts';
import { usesKernel } from './kernel-use.ts';
import { withoutMetadata, withoutMetricName } from './label-sets.ts';
import { countWindows, isRangeExpr, type RangeExpr, rangeInput } from './range-input.ts';
import { clearRow, dropLabels, hasValue, joined, namelessRows } from './rows.ts';
import { StepwiseCount, weightOf } from './samples.ts';
import { newStepSeries, Presence, type StepSeries } from './step-series.ts';
import { spansTime } from './times.ts';

type Entry<K extends FunctionEntry['kind']> = FunctionEntry & { readonly kind: K };

const SORTS: ReadonlySet<string> = new Set([
  'sort',
  'sort_desc',
  'sort_by_label',
  'sort_by_label_desc',
]);

const WRITES_LABELS: ReadonlySet<string> = new Set(['label_replace', 'label_join']);

function entryOf(call: CallExpr): FunctionEntry {
  const entry = FUNCTIONS.get(call.func);
  if (entry === undefined) throw new Error(`no function ${call.func} in the table`);
  return entry;
}

/** Rows of a call that makes an instant vector. */
export function callRows(ev: Evaluator, call: CallExpr, scope: Scope): Iterable<StepSeries> {
  const isOfTime = call.func === 'timestamp' || call.func === 'start_timestamp';
  if (isOfTime && call.args[0]!.kind === 'vectorSelector') {
    return namelessRows(ev, sampleTimes(ev, call, scope), call.args[0]!, scope);
  }
  if (call.func === 'absent_over_time') return absentOverTime(ev, call, scope);
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
  const count = new StepwiseCount(ev.budget, scope.stats, scope.steps.count);
  const { functionCall, vectors } = evaluateArgs(ev, call, scope, count);
  const result = entry.compute(functionCall, vectors);
  count.emitScalar();
  count.finish();
  return result;
}

interface Args {
  readonly functionCall: FunctionCall;
  /** Values of the vector arguments by argument index. */
  readonly vectors: (StepSeries[] | undefined)[];
}

/** Evaluates all arguments but the one at `except`. */
function evaluateArgs(
  ev: Evaluator,
  call: CallExpr,
  scope: Scope,
  count: StepwiseCount | undefined,
  except = -1,
): Args {
  const scalars: (Float64Array | undefined)[] = [];
  const strings: (string | undefined)[] = [];
  const vectors: (StepSeries[] | undefined)[] = [];
  for (let i = 0; i < call.args.length; i++) {
    const arg = call.args[i]!;
    scalars.push(undefined);
    strings.push(undefined);
    vectors.push(undefined);
    if (i === except) continue;
    if (arg.kind === 'string') {
      strings[i] = arg.value;
    } else if (isScalarExpr(arg)) {
      scalars[i] = ev.scalar(arg, scope);
      count?.gatherScalar();
    } else {
      const rows = ev.vector(arg, scope);
      if (count !== undefined) for (const row of rows) count.gather(row);
      vectors[i] = rows;
    }
  }
  const functionCall: FunctionCall = {
    name: call.func,
    args: call.args,
    position: call.span.start,
    steps: scope.steps,
    annotations: ev.annotations,
    scalars,
    strings,
    options: ev.options,
  };
  return { functionCall, vectors };
}

/** A function of whole vectors. */
function vectorRows(
  ev: Evaluator,
  call: CallExpr,
  entry: Entry<'vector'>,
  scope: Scope,
): Iterable<StepSeries> {
  const count = new StepwiseCount(ev.budget, scope.stats, scope.steps.count);
  const { functionCall, vectors } = evaluateArgs(ev, call, scope, count);
  const rows = entry.compute(functionCall, vectors).filter(hasValue);
  for (const row of rows) count.emit(row);
  count.finish();
  // Labels that a query writes may make series equal, and that is never right.
  if (WRITES_LABELS.has(call.func)) return mergeSeries(rows);
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
  const count = new StepwiseCount(ev.budget, scope.stats, scope.steps.count);
  const { functionCall } = evaluateArgs(ev, call, scope, count, vectorAt);
  for (const row of ev.rows(call.args[vectorAt]!, scope)) {
    count.gather(row);
    entry.compute(functionCall, row);
    if (!hasValue(row)) continue;
    count.emit(row);
    yield row;
  }
  count.finish();
}

/** A function of the windows of one series after the other. */
function* rangeRows(
  ev: Evaluator,
  call: CallExpr,
  entry: Entry<'range'>,
  scope: Scope,
): Iterable<StepSeries> {
  const { budget } = ev;
  const { stats } = scope;
  const rangeAt = call.args.findIndex(isRangeExpr);
  const range = call.args[rangeAt] as RangeExpr;
  refuseModifier(call.func, range);
  const { functionCall } = evaluateArgs(ev, call, scope, undefined, rangeAt);
  const input = rangeInput(ev, range, scope);
  const isSubquery = range.kind === 'subquery';
  const watch = new CollisionWatch();
  const windows = { total: 0, read: 0, max: 0, last: 0 };
  const row = ev.buffers.row(scope.steps.count);
  const inKernel = kernelRangeFunction(call.func, entry.compute);
  let results = 0;
  let peak = 0;
  for (const series of input.series) {
    countWindows(ev, series.samples, input, scope, isSubquery, windows);
    peak = Math.max(peak, results + windows.max);
    if (!isSubquery) budget.check(peak, stats);
    clearRow(row);
    row.labels = series.labels;
    row.dropName = series.dropName;
    const isForKernel = usesKernel(ev.options, scope.steps.count, series.samples.length);
    const compute = isForKernel ? inKernel : undefined;
    (compute ?? entry.compute)(functionCall, input.frame, series, row);
    const weight = weightOf(row);
    if (weight === 0) continue;
    results += weight;
    peak = Math.max(peak, results + windows.last);
    warnIfNoCounter(ev, call, row);
    if (!entry.keepsName) {
      if (ev.options.delayedNameRemoval) row.dropName = true;
      else dropLabels(row, watch);
    }
    yield row;
  }
  budget.check(peak, stats);
  budget.held -= input.heldSamples();
  budget.hold(results, stats);
}

/** Rates are of counters; a name or type that says otherwise is worth a remark. */
function warnIfNoCounter(ev: Evaluator, call: CallExpr, row: StepSeries): void {
  if (call.func !== 'rate' && call.func !== 'increase') return;
  const name = labelValue(row.labels, METRIC_NAME);
  if (name === '' || row.present.indexOf(Presence.float) === -1) return;
  const position = call.args[0]!.span.start;
  if (ev.options.typeAndUnitLabels) {
    const type = labelValue(row.labels, '__type__');
    if (type === 'counter' || type === 'histogram') return;
    ev.annotations.info(possibleNonCounterType(name, type), position);
  } else if (!/_(total|sum|count|bucket)$/.test(name)) {
    ev.annotations.info(possibleNonCounter(name), position);
  }
}

/** Functions that know what to do with values at a window's ends. */
const EXTENDED = {
  anchored: ['changes', 'delta', 'increase', 'rate', 'resets'],
  smoothed: ['delta', 'increase', 'rate'],
} as const;

function refuseModifier(func: string, range: Expr): void {
  if (range.kind !== 'matrixSelector') return;
  for (const modifier of ['anchored', 'smoothed'] as const) {
    const allowed: readonly string[] = EXTENDED[modifier];
    if (!range.selector[modifier] || allowed.includes(func)) continue;
    throw executionFailed(
      `${modifier} modifier can only be used with: ${allowed.join(', ')} - not with ${func}`,
    );
  }
}

/** timestamp() and start_timestamp() of a selector: the times of the samples themselves. */
function* sampleTimes(ev: Evaluator, call: CallExpr, scope: Scope): Iterable<StepSeries> {
  const selector = call.args[0]!;
  if (selector.kind !== 'vectorSelector') return;
  const isStart = call.func === 'start_timestamp';
  if (isStart && !ev.options.useStartTimestamps) return;
  const { stats } = scope;
  const count = new StepwiseCount(ev.budget, stats, scope.steps.count);
  for (const { row, samples, found } of lookups(ev, selector, scope)) {
    const times = isStart ? samples.startT : samples.t;
    for (let i = 0; i < found.length; i++) {
      const at = found[i]!;
      if (at < 0) continue;
      row.present[i] = Presence.float;
      row.values[i] = times === undefined ? 0 : times[at]! / 1000;
      stats.countTotal(i, 1);
      stats.countRead(i, 1);
    }
    count.gather(row);
    count.emit(row);
    yield row;
  }
  count.finish();
}

/** absent_over_time(): 1 where no series has a sample in its window. */
function* absentOverTime(ev: Evaluator, call: CallExpr, scope: Scope): Iterable<StepSeries> {
  const range = call.args[0] as RangeExpr;
  refuseModifier(call.func, range);
  const out = newStepSeries(absentLabels(range), scope.steps.count);
  markAbsent(windowsWithSamples(ev, range, scope), out);
  // Its labels have no name to take away; what follows may ask all the same.
  out.dropName = ev.options.delayedNameRemoval;
  if (hasValue(out)) {
    ev.budget.hold(weightOf(out), scope.stats);
    yield out;
  }
}

/** Rows with a value wherever the window of the series is not empty. */
function* windowsWithSamples(ev: Evaluator, range: RangeExpr, scope: Scope): Iterable<StepSeries> {
  const input = rangeInput(ev, range, scope);
  const { firstEndT, stepMs, rangeMs, count } = input.frame;
  const row = newStepSeries([], count);
  const windows = { total: 0, read: 0, max: 0, last: 0 };
  for (const { samples } of input.series) {
    countWindows(ev, samples, input, scope, range.kind === 'subquery', windows);
    ev.budget.check(windows.max, scope.stats);
    clearRow(row);
    const { t, length } = samples;
    let after = 0;
    for (let i = 0; i < count; i++) {
      const endT = firstEndT + i * stepMs;
      while (after < length && t[after]! <= endT) after++;
      if (after > 0 && t[after - 1]! > endT - rangeMs) row.present[i] = Presence.float;
    }
    yield row;
  }
  ev.budget.held -= input.heldSamples();
}
