// What happens to a parsed tree before it is evaluated: functions of the query's bounds become numbers,
// `@ start()` and `@ end()` become times, superfluous parentheses go, and subtrees that are the same at
// every step are marked, so that they are evaluated once.

import type {
  AggregateExpr,
  BinaryExpr,
  CallExpr,
  Expr,
  SubqueryExpr,
  TimeModifiers,
  VectorSelector,
} from '../language/ast.ts';
import { mapChildren } from '../language/walk.ts';

/** Times of the query in ms. */
export interface QueryBounds {
  readonly startT: number;
  readonly endT: number;
  /** 0 for an instant query. */
  readonly stepMs: number;
}

/** These see the time of evaluation: constant arguments do not make them constant. */
const TIME_DEPENDENT: ReadonlySet<string> = new Set([
  'days_in_month',
  'day_of_month',
  'day_of_week',
  'day_of_year',
  'hour',
  'minute',
  'month',
  'year',
  'predict_linear',
  'time',
  'timestamp',
]);

/** Durations must have been resolved. */
export function rewrite(expr: Expr, bounds: QueryBounds): Expr {
  const result = visit(expr, bounds);
  return result.wrap ? invariant(result.expr) : result.expr;
}

interface Visited {
  readonly expr: Expr;
  /** The same at every step. */
  readonly constant: boolean;
  /** Worth marking: constant, and not just a literal or a range vector, which functions ask for as such. */
  readonly wrap: boolean;
}

function visit(expr: Expr, bounds: QueryBounds): Visited {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return { expr, constant: true, wrap: false };
    case 'vectorSelector': {
      const selector = withFixedTime(expr, bounds);
      const constant = selector.atT !== undefined;
      return { expr: selector, constant, wrap: constant };
    }
    case 'matrixSelector': {
      const selector = withFixedTime(expr.selector, bounds);
      return {
        expr: { ...expr, selector },
        constant: selector.atT !== undefined,
        wrap: false,
      };
    }
    case 'subquery':
      return visitSubquery(expr, bounds);
    case 'paren':
    case 'unary': {
      const inner = visit(expr.expr, bounds);
      return { ...inner, expr: { ...expr, expr: inner.expr } };
    }
    case 'aggregate':
      return visitAggregate(expr, bounds);
    case 'binary':
      return visitBinary(expr, bounds);
    case 'call':
      return visitCall(expr, bounds);
    case 'stepInvariant':
      return { expr, constant: true, wrap: false };
  }
}

function visitAggregate(aggregate: AggregateExpr, bounds: QueryBounds): Visited {
  const inner = visit(withoutParens(aggregate.expr), bounds);
  const { param: given } = aggregate;
  const param = given && withoutParens(asParameter(given, bounds));
  return { ...inner, expr: { ...aggregate, expr: inner.expr, param } };
}

/**
 * As in Prometheus, a parameter has no say in whether an aggregation is the same at every step (it is then
 * taken at the first), and `@` means little in it: `start()` and `end()` nothing, a time that of the first
 * step.
 */
function asParameter(expr: Expr, bounds: QueryBounds): Expr {
  if (expr.kind === 'vectorSelector')
    return expr.atT === undefined ? expr : { ...expr, drifts: true };
  if (expr.kind === 'call' && boundOf(expr, bounds) !== undefined) {
    return visitCall(expr, bounds).expr;
  }
  return expr.kind === 'subquery' ? expr : mapChildren(expr, (child) => asParameter(child, bounds));
}

function visitSubquery(subquery: SubqueryExpr, bounds: QueryBounds): Visited {
  const inner = visit(subquery.expr, bounds);
  const fixed = withFixedTime(subquery, bounds);
  // Also a literal: it need not be repeated by the machinery of operators.
  const expr = inner.constant ? invariant(inner.expr) : inner.expr;
  return { expr: { ...fixed, expr }, constant: fixed.atT !== undefined, wrap: false };
}

function visitBinary(binary: BinaryExpr, bounds: QueryBounds): Visited {
  const lhs = visit(binary.lhs, bounds);
  const rhs = visit(binary.rhs, bounds);
  if (lhs.constant && rhs.constant) {
    return { expr: { ...binary, lhs: lhs.expr, rhs: rhs.expr }, constant: true, wrap: true };
  }
  const expr: Expr = { ...binary, lhs: marked(lhs), rhs: marked(rhs) };
  return { expr, constant: false, wrap: false };
}

function visitCall(call: CallExpr, bounds: QueryBounds): Visited {
  const folded = boundOf(call, bounds);
  if (folded !== undefined) {
    const expr: Expr = { kind: 'number', span: call.span, value: folded, isDuration: false };
    return { expr, constant: true, wrap: false };
  }
  const args = call.args.map((arg) => visit(withoutParens(arg), bounds));
  const constantArgs = args.every((arg) => arg.constant);
  const constant =
    constantArgs && (!TIME_DEPENDENT.has(call.func) || isTimestampOfSelectors(call.func, args));
  if (constant) {
    return { expr: { ...call, args: args.map((arg) => arg.expr) }, constant: true, wrap: true };
  }
  return { expr: { ...call, args: args.map(marked) }, constant: false, wrap: false };
}

/** timestamp() of a selector is the time of the sample, which `@` fixes. */
function isTimestampOfSelectors(func: string, args: readonly Visited[]): boolean {
  return func === 'timestamp' && args.every(({ expr }) => expr.kind === 'vectorSelector');
}

function marked(visited: Visited): Expr {
  return visited.wrap ? invariant(visited.expr) : visited.expr;
}

function invariant(expr: Expr): Expr {
  return { kind: 'stepInvariant', span: expr.span, expr };
}

function withoutParens(expr: Expr): Expr {
  let inner = expr;
  while (inner.kind === 'paren') inner = inner.expr;
  return inner;
}

/** Value in seconds of a call that names a bound of the query. */
function boundOf(call: CallExpr, { startT, endT, stepMs }: QueryBounds): number | undefined {
  switch (call.func) {
    case 'start':
      return startT / 1000;
    case 'end':
      return endT / 1000;
    case 'range':
      return (endT - startT) / 1000;
    case 'step':
      return startT === endT ? 0 : stepMs / 1000;
    default:
      return undefined;
  }
}

function withFixedTime<T extends VectorSelector | SubqueryExpr>(node: T, bounds: QueryBounds): T {
  if (node.atBound === undefined) return node;
  const fixed: Pick<TimeModifiers, 'atT' | 'atBound'> = {
    atT: node.atBound === 'start' ? bounds.startT : bounds.endT,
    atBound: undefined,
  };
  return { ...node, ...fixed };
}
