// What the value of a range query at one step depends on: which times around the step, which metrics.

import { METRIC_NAME } from '../../model/labels.ts';
import type { EngineOptions } from '../../promql/eval/interface.ts';
import type { QueryPlan } from '../../promql/eval/plan.ts';
import { windowMargins } from '../../promql/eval/times.ts';
import type { DurationExpr, Expr, VectorSelector } from '../../promql/language/ast.ts';
import { childrenOf } from '../../promql/language/walk.ts';
import { metricClass } from '../../storage/change-log.ts';

/** The value at step t depends on samples in [t − beforeMs, t + afterMs] alone. */
export interface Dependencies {
  readonly beforeMs: number;
  /** Negative where all is offset into the past. */
  readonly afterMs: number;
  /** Classes of metric names; undefined: any metric. */
  readonly metricClasses: readonly number[] | undefined;
}

/**
 * undefined for queries whose value at a step depends on something else as well: on the bounds of the query
 * or on a fixed time; also for those that read nothing.
 */
export function dependenciesOf(plan: QueryPlan, options: EngineOptions): Dependencies | undefined {
  if (plan.selections.length === 0 || dependsOnBounds(plan.request.expr)) return undefined;
  const reach = reachOf(plan.expr, options.lookbackMs);
  if (reach === undefined) return undefined;
  return { ...reach, metricClasses: metricClassesOf(plan) };
}

/** Classes of the metrics that a plan reads; undefined if it may read any. */
export function metricClassesOf({ selections }: QueryPlan): number[] | undefined {
  const classes = new Set<number>();
  for (const { matchers } of selections) {
    const name = matchers.find((matcher) => matcher.name === METRIC_NAME && matcher.type === '=');
    if (name === undefined) return undefined;
    classes.add(metricClass(name.value));
  }
  return [...classes];
}

interface Reach {
  readonly beforeMs: number;
  readonly afterMs: number;
}

const NO_REACH: Reach = { beforeMs: Number.NEGATIVE_INFINITY, afterMs: Number.NEGATIVE_INFINITY };

/** undefined where a time is fixed. */
function reachOf(expr: Expr, lookbackMs: number): Reach | undefined {
  switch (expr.kind) {
    case 'vectorSelector':
      if (expr.atT !== undefined) return undefined;
      return {
        beforeMs: expr.offsetMs + lookbackMs,
        afterMs: (expr.smoothed ? lookbackMs : 0) - expr.offsetMs,
      };
    case 'matrixSelector':
      return rangeReach(expr.selector, expr.rangeMs, lookbackMs);
    case 'subquery': {
      const inner = reachOf(expr.expr, lookbackMs);
      if (inner === undefined || expr.atT !== undefined) return undefined;
      return {
        beforeMs: expr.offsetMs + expr.rangeMs + inner.beforeMs,
        afterMs: inner.afterMs - expr.offsetMs,
      };
    }
    case 'stepInvariant':
      return hasTakenParameter(expr.expr) ? undefined : reachOf(expr.expr, lookbackMs);
    default:
      // The series that info() looks up are read at the times of its first argument's selector.
      return unionOf(childrenOf(expr).map((child) => reachOf(child, lookbackMs)));
  }
}

/** A parameter of what is otherwise the same at every step is taken at the first. */
function hasTakenParameter(expr: Expr): boolean {
  const isTaken = expr.kind === 'aggregate' && expr.param !== undefined && !isLiteral(expr.param);
  return isTaken || childrenOf(expr).some(hasTakenParameter);
}

function isLiteral({ kind }: Expr): boolean {
  return kind === 'number' || kind === 'string';
}

function rangeReach(
  selector: VectorSelector,
  rangeMs: number,
  lookbackMs: number,
): Reach | undefined {
  if (selector.atT !== undefined) return undefined;
  const margins = windowMargins(selector, lookbackMs);
  return {
    beforeMs: selector.offsetMs + rangeMs + margins.beforeMs,
    afterMs: margins.afterMs - selector.offsetMs,
  };
}

function unionOf(reaches: readonly (Reach | undefined)[]): Reach | undefined {
  let { beforeMs, afterMs } = NO_REACH;
  for (const reach of reaches) {
    if (reach === undefined) return undefined;
    beforeMs = Math.max(beforeMs, reach.beforeMs);
    afterMs = Math.max(afterMs, reach.afterMs);
  }
  return { beforeMs, afterMs };
}

const BOUND_FUNCTIONS: ReadonlySet<string> = new Set(['start', 'end', 'range']);

/** True if start or end of the query themselves matter. `step()` does not: it is the same in all extents. */
function dependsOnBounds(expr: Expr): boolean {
  switch (expr.kind) {
    case 'vectorSelector':
      return expr.atBound !== undefined || namesRange(expr.offsetExpr);
    case 'matrixSelector':
      return namesRange(expr.rangeExpr) || dependsOnBounds(expr.selector);
    case 'subquery':
      return (
        expr.atBound !== undefined ||
        [expr.offsetExpr, expr.rangeExpr, expr.stepExpr].some(namesRange) ||
        dependsOnBounds(expr.expr)
      );
    case 'call':
      return BOUND_FUNCTIONS.has(expr.func) || expr.args.some(dependsOnBounds);
    default:
      return childrenOf(expr).some(dependsOnBounds);
  }
}

function namesRange(expr: DurationExpr | undefined): boolean {
  if (expr === undefined || expr.kind === 'number') return false;
  return expr.op === 'range' || namesRange(expr.lhs) || namesRange(expr.rhs);
}
