// Types of expressions, and how they are called in messages.

import type { Expr, ValueType } from './ast.ts';
import { FUNCTIONS } from './functions.ts';

/** The type of the value that an expression has. */
export function typeOf(expr: Expr): ValueType {
  switch (expr.kind) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'vectorSelector':
    case 'aggregate':
      return 'vector';
    case 'matrixSelector':
    case 'subquery':
      return 'matrix';
    case 'call':
      return FUNCTIONS.get(expr.func)?.returnType ?? 'none';
    case 'binary':
      return typeOf(expr.lhs) === 'scalar' && typeOf(expr.rhs) === 'scalar' ? 'scalar' : 'vector';
    case 'paren':
    case 'unary':
    case 'stepInvariant':
      return typeOf(expr.expr);
  }
}

/** As people know a type: `instant vector`, `range vector`, `scalar`, `string`. */
export function documentedType(type: ValueType): string {
  if (type === 'vector') return 'instant vector';
  return type === 'matrix' ? 'range vector' : type;
}
