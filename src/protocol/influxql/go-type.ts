// What InfluxDB calls the kinds of expressions in its messages.

import type { Expression } from './ast.ts';

const NAMES: Readonly<Record<Expression['kind'], string>> = {
  reference: 'VarRef',
  call: 'Call',
  binary: 'BinaryExpr',
  parentheses: 'ParenExpr',
  distinct: 'Distinct',
  wildcard: 'Wildcard',
  regexp: 'RegexLiteral',
  string: 'StringLiteral',
  list: 'ListLiteral',
  integer: 'IntegerLiteral',
  unsigned: 'UnsignedLiteral',
  number: 'NumberLiteral',
  boolean: 'BooleanLiteral',
  duration: 'DurationLiteral',
  time: 'TimeLiteral',
  nil: 'NilLiteral',
};

export function goTypeOf(expression: Expression): string {
  return `*influxql.${NAMES[expression.kind]}`;
}
