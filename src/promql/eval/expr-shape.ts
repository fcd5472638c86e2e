// What can be told about an expression without evaluating it.

import { METRIC_NAME } from '../../model/labels.ts';
import { FUNCTIONS } from '../functions/index.ts';
import type { CallExpr, Expr, MatrixSelector, VectorSelector } from '../language/ast.ts';
import { typeOf } from '../language/types.ts';
import { isMetadataLabel } from './label-sets.ts';

/** True of expressions with one number per step and no labels. */
export function isScalarExpr(expr: Expr): boolean {
  return typeOf(expr) === 'scalar';
}

/** True if all series of the vector have the same metric name, or none. */
export function pinsMetricName(expr: Expr): boolean {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return true;
    case 'vectorSelector':
      return selectsOneName(expr);
    case 'matrixSelector':
      return selectsOneName(expr.selector);
    case 'paren':
    case 'unary':
    case 'stepInvariant':
    case 'subquery':
      return pinsMetricName(expr.expr);
    case 'aggregate':
      if (SELECTING.has(expr.op)) return pinsMetricName(expr.expr);
      return expr.without || !expr.grouping.some(isMetadataLabel);
    case 'binary':
      if (isScalarExpr(expr.lhs)) return pinsMetricName(expr.rhs);
      if (isScalarExpr(expr.rhs)) return pinsMetricName(expr.lhs);
      return expr.op !== 'or' && pinsMetricName(expr.lhs) && pinsMetricName(expr.rhs);
    case 'call':
      return callPinsMetricName(expr);
  }
}

/** Aggregations whose results are some of their inputs. */
const SELECTING: ReadonlySet<string> = new Set(['topk', 'bottomk', 'limitk', 'limit_ratio']);

function callPinsMetricName(call: CallExpr): boolean {
  if (call.func === 'label_replace' || call.func === 'label_join') return false;
  return call.args.every(pinsMetricName);
}

function selectsOneName({ matchers }: VectorSelector): boolean {
  return matchers.some(({ name, type, value }) => {
    return name === METRIC_NAME && type === '=' && value !== '';
  });
}

/** True if evaluating the expression reads series. */
export function readsSeries(expr: Expr): boolean {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return false;
    case 'vectorSelector':
    case 'matrixSelector':
      return true;
    case 'paren':
    case 'unary':
    case 'stepInvariant':
    case 'subquery':
      return readsSeries(expr.expr);
    case 'aggregate':
      return readsSeries(expr.expr) || (expr.param !== undefined && readsSeries(expr.param));
    case 'binary':
      return readsSeries(expr.lhs) || readsSeries(expr.rhs);
    case 'call':
      return expr.args.some(readsSeries);
  }
}

/**
 * The one selector whose series an expression works on one by one: each row of the result comes of one
 * series, so that parts of the series can be evaluated apart. undefined if the expression is of
 * another kind.
 */
export function rowwiseSelector(expr: Expr): VectorSelector | MatrixSelector | undefined {
  switch (expr.kind) {
    case 'vectorSelector':
      return expr;
    case 'paren':
    case 'unary':
    case 'stepInvariant':
      return rowwiseSelector(expr.expr);
    case 'binary':
      if (!readsSeries(expr.lhs))
        return isScalarExpr(expr.lhs) ? rowwiseSelector(expr.rhs) : undefined;
      if (!readsSeries(expr.rhs))
        return isScalarExpr(expr.rhs) ? rowwiseSelector(expr.lhs) : undefined;
      return undefined;
    case 'call':
      return rowwiseCall(expr);
    default:
      return undefined;
  }
}

function rowwiseCall(call: CallExpr): VectorSelector | MatrixSelector | undefined {
  const entry = FUNCTIONS.get(call.func);
  const isTimestamp = call.func === 'timestamp' || call.func === 'start_timestamp';
  if (!isTimestamp && entry?.kind !== 'range' && entry?.kind !== 'row') return undefined;
  const reading = call.args.filter(readsSeries);
  const [only] = reading;
  if (only === undefined || reading.length > 1 || isScalarExpr(only)) return undefined;
  return only.kind === 'matrixSelector' ? only : rowwiseSelector(only);
}

/** True if each row of the result comes of one series of one selector. */
export function isRowwise(expr: Expr): boolean {
  return rowwiseSelector(expr) !== undefined;
}
