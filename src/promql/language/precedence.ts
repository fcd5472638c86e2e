// How strongly binary operators bind.

import type { BinaryOp } from './ast.ts';

const LEVELS: readonly (readonly BinaryOp[])[] = [
  ['or'],
  ['and', 'unless'],
  ['==', '!=', '<', '<=', '>', '>=', '</', '>/'],
  ['+', '-'],
  ['*', '/', '%', 'atan2'],
  ['^'],
];

const PRECEDENCE: ReadonlyMap<string, number> = new Map(
  LEVELS.flatMap((operators, level) => operators.map((op): [string, number] => [op, level + 1])),
);

/** Lower than every operator. */
export const LOWEST = 0;

/** Unary signs bind like `*`: `-2^2` is −4, `-1 * 2` is (−1) × 2. */
export const UNARY: number = PRECEDENCE.get('*')!;

/** From 1; undefined for what is not a binary operator. */
export function precedenceOf(kind: string): number | undefined {
  return PRECEDENCE.get(kind);
}

/** The least precedence of operators that belong into the right operand; `^` is right-associative. */
export function rightPrecedence(op: string, precedence: number): number {
  return op === '^' ? precedence : precedence + 1;
}
