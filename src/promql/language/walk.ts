// Going through a tree.

import type { Expr, VectorSelector } from './ast.ts';

/** The expressions directly below one, in Prometheus' order. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'vectorSelector':
      return [];
    case 'matrixSelector':
      return [expr.selector];
    case 'paren':
    case 'unary':
    case 'subquery':
    case 'stepInvariant':
      return [expr.expr];
    case 'binary':
      return [expr.lhs, expr.rhs];
    case 'aggregate':
      return expr.param === undefined ? [expr.expr] : [expr.expr, expr.param];
    case 'call':
      return expr.args;
  }
}

/** The same node with `change` applied to each of {@link childrenOf}; a selector must stay one. */
export function mapChildren(expr: Expr, change: (child: Expr) => Expr): Expr {
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'vectorSelector':
      return expr;
    case 'matrixSelector':
      return { ...expr, selector: change(expr.selector) as VectorSelector };
    case 'paren':
    case 'unary':
    case 'subquery':
    case 'stepInvariant':
      return { ...expr, expr: change(expr.expr) };
    case 'binary':
      return { ...expr, lhs: change(expr.lhs), rhs: change(expr.rhs) };
    case 'aggregate':
      return {
        ...expr,
        expr: change(expr.expr),
        param: expr.param === undefined ? undefined : change(expr.param),
      };
    case 'call':
      return { ...expr, args: expr.args.map(change) };
  }
}

/** Visits a tree, parents first. */
export function walk(expr: Expr, visit: (expr: Expr) => void): void {
  visit(expr);
  for (const child of childrenOf(expr)) walk(child, visit);
}

/** Every vector selector in a tree, those of range selectors too. */
export function selectorsOf(expr: Expr): VectorSelector[] {
  const selectors: VectorSelector[] = [];
  walk(expr, (node) => {
    if (node.kind === 'vectorSelector') selectors.push(node);
  });
  return selectors;
}
