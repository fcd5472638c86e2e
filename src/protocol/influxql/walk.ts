// Searching expressions.

import type { Expression } from './ast.ts';

/** The first expression within `root` (itself included, parents first) that `test` holds for. */
export function findExpression(
  root: Expression,
  test: (expression: Expression) => boolean,
): Expression | undefined {
  if (test(root)) return root;
  for (const child of childrenOf(root)) {
    const found = findExpression(child, test);
    if (found !== undefined) return found;
  }
  return undefined;
}

function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'binary':
      return [expression.left, expression.right];
    case 'parentheses':
      return [expression.inner];
    case 'call':
      return expression.args;
    default:
      return [];
  }
}
