// Functions of single values: which there are, how many arguments they have, what they are of constants.

import type { Literal } from './ast.ts';

const UNARY: ReadonlyMap<string, (x: number) => number> = new Map([
  ['sin', Math.sin],
  ['cos', Math.cos],
  ['tan', Math.tan],
  ['asin', Math.asin],
  ['acos', Math.acos],
  ['atan', Math.atan],
  ['exp', Math.exp],
  ['ln', Math.log],
  ['log2', Math.log2],
  ['log10', Math.log10],
  ['sqrt', Math.sqrt],
]);

/** These keep integers as they are. */
const ROUNDING: ReadonlyMap<string, (x: number) => number> = new Map([
  ['abs', Math.abs],
  ['floor', Math.floor],
  ['ceil', Math.ceil],
  ['round', roundHalfAway],
]);

const BINARY: ReadonlyMap<string, (x: number, y: number) => number> = new Map([
  ['atan2', Math.atan2],
  ['log', (x: number, base: number): number => Math.log(x) / Math.log(base)],
  ['pow', power],
]);

export function isMathFunction(name: string): boolean {
  return UNARY.has(name) || ROUNDING.has(name) || BINARY.has(name);
}

export function mathArgumentCount(name: string): 1 | 2 {
  return BINARY.has(name) ? 2 : 1;
}

/** A function's value of constants, `nil` if they are no numbers; undefined if there is no such function. */
export function evaluateMath(name: string, args: readonly Literal[]): Literal | undefined {
  const [first, second] = args;
  if (first === undefined || args.length > 2) return undefined;
  const x = numberOf(first);
  if (second !== undefined) {
    const binary = BINARY.get(name);
    const y = numberOf(second);
    return binary === undefined ? undefined : literal(x, y, binary);
  }
  const rounding = ROUNDING.get(name);
  if (rounding !== undefined) {
    if (first.kind === 'integer') return first;
    return first.kind === 'number'
      ? { kind: 'number', value: rounding(first.value) }
      : { kind: 'nil' };
  }
  const unary = UNARY.get(name);
  return unary === undefined ? undefined : literal(x, 0, unary);
}

function literal(
  x: number | undefined,
  y: number | undefined,
  evaluate: (x: number, y: number) => number,
): Literal {
  return x === undefined || y === undefined
    ? { kind: 'nil' }
    : { kind: 'number', value: evaluate(x, y) };
}

function numberOf(value: Literal): number | undefined {
  switch (value.kind) {
    case 'number':
    case 'integer':
    case 'unsigned':
      return Number(value.value);
    default:
      return undefined;
  }
}

/** To the nearest integer, halves away from zero. */
export function roundHalfAway(x: number): number {
  const whole = Math.trunc(x);
  return Math.abs(x - whole) >= 0.5 ? whole + Math.sign(x) : whole;
}

/** As Go has it: 1 to any power is 1, even to NaN, and so is -1 to an infinite one. */
export function power(x: number, y: number): number {
  if (x === 1) return 1;
  return x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY ? 1 : x ** y;
}
