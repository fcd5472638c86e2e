// Names in expressions: found, and replaced.

import type { Expression } from '../../protocol/influxql/index.ts';

export type Reference = Expression & { readonly kind: 'reference' };

/** The expression with every reference replaced. */
export function mapReferences(
  expression: Expression,
  replace: (reference: Reference) => Expression,
): Expression {
  switch (expression.kind) {
    case 'reference':
      return replace(expression);
    case 'parentheses':
      return { ...expression, inner: mapReferences(expression.inner, replace) };
    case 'call':
      return { ...expression, args: expression.args.map((arg) => mapReferences(arg, replace)) };
    case 'distinct': {
      const argument = replace({ kind: 'reference', name: expression.name, type: undefined });
      return { kind: 'call', name: 'distinct', args: [argument] };
    }
    case 'binary':
      return {
        ...expression,
        left: mapReferences(expression.left, replace),
        right: mapReferences(expression.right, replace),
      };
    default:
      return expression;
  }
}

/** All references in an expression, and whether it has wildcards. */
export function references(root: Expression): {
  readonly names: readonly Reference[];
  readonly hasWildcard: boolean;
} {
  const names: Reference[] = [];
  let hasWildcard = false;
  const visit = (expression: Expression): void => {
    switch (expression.kind) {
      case 'reference':
        names.push(expression);
        return;
      case 'wildcard':
      case 'regexp':
        hasWildcard = true;
        return;
      case 'parentheses':
        visit(expression.inner);
        return;
      case 'call':
        expression.args.forEach(visit);
        return;
      case 'distinct':
        names.push({ kind: 'reference', name: expression.name, type: undefined });
        return;
      case 'binary':
        visit(expression.left);
        visit(expression.right);
        return;
      default:
    }
  };
  visit(root);
  return { names, hasWildcard };
}
