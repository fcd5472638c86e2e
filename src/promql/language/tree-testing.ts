// For tests: the structure of a tree in one line.

import type { Expr } from './ast.ts';
import { printAggregator, printExpr, printOperator, printSubqueryRange } from './printer.ts';

/** Like Lisp: `(+ <a> (rate <b[5m]>))`. Selectors are printed as PromQL. */
export function shapeOf(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return printExpr(expr);
    case 'vectorSelector':
    case 'matrixSelector':
      return `<${printExpr(expr)}>`;
    case 'paren':
      return `(paren ${shapeOf(expr.expr)})`;
    case 'unary':
      return `(${expr.op} ${shapeOf(expr.expr)})`;
    case 'binary':
      return `(${printOperator(expr)} ${shapeOf(expr.lhs)} ${shapeOf(expr.rhs)})`;
    case 'aggregate': {
      const param = expr.param === undefined ? '' : `${shapeOf(expr.param)} `;
      return `(${printAggregator(expr).trim()} ${param}${shapeOf(expr.expr)})`;
    }
    case 'call':
      return `(${[expr.func, ...expr.args.map(shapeOf)].join(' ')})`;
    case 'subquery':
      return `(${printSubqueryRange(expr)} ${shapeOf(expr.expr)})`;
    case 'stepInvariant':
      return `(invariant ${shapeOf(expr.expr)})`;
  }
}
