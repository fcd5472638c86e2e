// Prints an expression for people: what is longer than a line is broken up and indented.

import { METRIC_NAME } from '../../model/labels.ts';
import type { Expr } from './ast.ts';
import { printAggregator, printExpr, printOperator, printSubqueryRange } from './printer.ts';
import { childrenOf } from './walk.ts';

/** Bytes of UTF-8. */
const MAX_LINE_LENGTH = 100;

const INDENT = '  ';

/** PromQL in lines of 100 characters where that is possible, as `/api/v1/format_query` gives it. */
export function prettyPrint(expr: Expr): string {
  return print(expr, 0);
}

function print(expr: Expr, level: number): string {
  const indent = INDENT.repeat(level);
  switch (expr.kind) {
    case 'unary':
      return `${indent}${expr.op}${print(expr.expr, level).trim()}`;
    case 'stepInvariant':
      return print(expr.expr, level);
    case 'number':
    case 'string':
    case 'vectorSelector':
    case 'matrixSelector':
      return `${indent}${printExpr(expr)}`;
  }
  const line = oneLine(expr);
  // A subquery without indentation, as Prometheus has it.
  if (line !== undefined) return expr.kind === 'subquery' ? line : `${indent}${line}`;
  switch (expr.kind) {
    case 'subquery':
      return `${print(expr.expr, level)}${printSubqueryRange(expr)}`;
    case 'paren':
      return `${indent}(\n${print(expr.expr, level + 1)}\n${indent})`;
    case 'binary':
      return [
        print(expr.lhs, level + 1),
        `${indent}${printOperator(expr)}`,
        print(expr.rhs, level + 1),
      ].join('\n');
    case 'aggregate': {
      const param = expr.param === undefined ? '' : `${print(expr.param, level + 1)},\n`;
      const body = print(expr.expr, level + 1);
      return `${indent}${printAggregator(expr)}(\n${param}${body}\n${indent})`;
    }
    case 'call': {
      const args = expr.args.map((arg) => print(arg, level + 1)).join(',\n');
      return `${indent}${expr.func}(\n${args}\n${indent})`;
    }
  }
}

/** The expression in one line, undefined if it is too long for that. */
function oneLine(expr: Expr): string | undefined {
  // Only what may fit is printed, lest deep trees be printed once for each of their levels.
  if (leastLength(expr, MAX_LINE_LENGTH) > MAX_LINE_LENGTH) return undefined;
  const line = printExpr(expr);
  return Buffer.byteLength(line) <= MAX_LINE_LENGTH ? line : undefined;
}

/** An expression is printed in no fewer characters; what is past `enough` is not looked at. */
function leastLength(expr: Expr, enough: number): number {
  let length = ownLength(expr);
  for (const child of childrenOf(expr)) {
    if (length > enough) break;
    length += leastLength(child, enough - length);
  }
  return length;
}

function ownLength(expr: Expr): number {
  switch (expr.kind) {
    case 'string':
      return expr.value.length;
    case 'vectorSelector':
      return expr.matchers.reduce(
        (sum, { name, value }) => (name === METRIC_NAME ? sum : sum + name.length + value.length),
        expr.name.length,
      );
    case 'stepInvariant':
      return 0;
    default:
      return 1;
  }
}
