// The tree as `/api/v1/parse_query` shows it. Fields are in alphabetical order, as Prometheus' encoder
// writes them; times are in ms.

import { formatF } from '../../model/go-text.ts';
import type { DurationExpr, Expr, VectorMatching, VectorSelector } from './ast.ts';
import { FUNCTIONS } from './functions.ts';

/** Anything that JSON can say. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** A plain object to be given to `JSON.stringify`. */
export function astToJson(expr: Expr): Json {
  switch (expr.kind) {
    case 'number':
      return { type: 'numberLiteral', val: formatF(expr.value) };
    case 'string':
      return { type: 'stringLiteral', val: expr.value };
    case 'paren':
      return { expr: astToJson(expr.expr), type: 'parenExpr' };
    case 'unary':
      return { expr: astToJson(expr.expr), op: expr.op, type: 'unaryExpr' };
    case 'binary':
      return {
        bool: expr.bool,
        lhs: astToJson(expr.lhs),
        matching: expr.matching === undefined ? null : matchingToJson(expr.matching),
        op: expr.op,
        rhs: astToJson(expr.rhs),
        type: 'binaryExpr',
      };
    case 'aggregate':
      return {
        expr: astToJson(expr.expr),
        grouping: expr.grouping,
        op: expr.op,
        param: expr.param === undefined ? null : astToJson(expr.param),
        type: 'aggregation',
        without: expr.without,
      };
    case 'call':
      return { args: expr.args.map(astToJson), func: functionToJson(expr.func), type: 'call' };
    case 'vectorSelector':
      return selectorToJson(expr, 'vectorSelector', {});
    case 'matrixSelector':
      return selectorToJson(expr.selector, 'matrixSelector', {
        range: expr.rangeMs,
        rangeExpr: durationToJson(expr.rangeExpr),
      });
    case 'subquery':
      return {
        expr: astToJson(expr.expr),
        offset: expr.offsetMs,
        offsetExpr: durationToJson(expr.offsetExpr),
        range: expr.rangeMs,
        rangeExpr: durationToJson(expr.rangeExpr),
        startOrEnd: expr.atBound ?? null,
        step: expr.stepMs,
        stepExpr: durationToJson(expr.stepExpr),
        timestamp: expr.atT ?? null,
        type: 'subquery',
      };
    case 'stepInvariant':
      return astToJson(expr.expr);
  }
}

function selectorToJson(
  selector: VectorSelector,
  type: string,
  range: { readonly [key: string]: Json },
): Json {
  return {
    anchored: selector.anchored,
    matchers: selector.matchers.map(({ name, type, value }) => ({ name, type, value })),
    name: selector.name,
    offset: selector.offsetMs,
    offsetExpr: durationToJson(selector.offsetExpr),
    ...range,
    smoothed: selector.smoothed,
    startOrEnd: selector.atBound ?? null,
    timestamp: selector.atT ?? null,
    type,
  };
}

function matchingToJson(matching: VectorMatching): Json {
  return {
    card: matching.card,
    fillValues: { lhs: matching.fillLeft ?? null, rhs: matching.fillRight ?? null },
    include: matching.include,
    labels: matching.labels,
    on: matching.on,
  };
}

function functionToJson(name: string): Json {
  const { argTypes, returnType, variadic } = FUNCTIONS.get(name)!;
  return { argTypes, name, returnType, variadic };
}

function durationToJson(expr: DurationExpr | undefined): Json {
  if (expr === undefined) return null;
  if (expr.kind === 'number') {
    return { duration: expr.isDuration, type: 'numberLiteral', val: formatF(expr.value) };
  }
  return {
    lhs: durationToJson(expr.lhs),
    op: expr.op,
    rhs: durationToJson(expr.rhs),
    type: 'durationExpr',
    wrapped: expr.wrapped,
  };
}
