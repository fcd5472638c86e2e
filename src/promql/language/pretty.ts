// Prints an expression for people: what is longer than a line is broken up and indented.

import type { Expr } from './ast.ts';
import { printAggregator, printExpr, printOperator, printSubqueryRange } from './printer.ts';

/** Bytes of UTF-8. */
const MAX_LINE_LENGTH = 100;

const INDENT = '  ';

/** PromQL in lines of 100 characters where that is possible, as `/api/v1/format_query` gives it. */
export function prettyPrint(expr: Expr): string {
  return print(expr, 0);
}

function print(expr: Expr, level: number): string {
  const indent = INDENT.repeat(level);
  const line = printExpr(expr);
  switch (expr.kind) {
    case 'unary':
      return `${indent}${expr.op}${print(expr.expr, level).trim()}`;
    case 'stepInvariant':
      return print(expr.expr, level);
    case 'subquery':
      // Without indentation if it fits, as Prometheus has it.
      if (fits(line)) return line;
      return `${print(expr.expr, level)}${printSubqueryRange(expr)}`;
    case 'number':
    case 'string':
    case 'vectorSelector':
    case 'matrixSelector':
      return `${indent}${line}`;
  }
  if (fits(line)) return `${indent}${line}`;
  switch (expr.kind) {
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

function fits(line: string): boolean {
  return Buffer.byteLength(line) <= MAX_LINE_LENGTH;
}
