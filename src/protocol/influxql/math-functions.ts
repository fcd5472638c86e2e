// Functions of single values: which there are, how many arguments they have, what they are of constants.

import type { Literal } from './ast.ts';

const LOG10_OF_2 = 0.301_029_995_663_981_2;

const UNARY: ReadonlyMap<string, (x: number) => number> = new Map([
  ['sin', Math.sin],
  ['cos', Math.cos],
  ['tan', Math.tan],
  ['asin', Math.asin],
  ['acos', Math.acos],
  ['atan', Math.atan],
  ['exp', Math.exp],
  ['ln', Math.log],
  ['log2', log2],
  ['log10', (x: number): number => log2(x) * LOG10_OF_2],
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

const bits = new DataView(new ArrayBuffer(8));

/** By way of the natural logarithm of a number from 1/2 to 1, as Go has it: the same to the last bit. */
function log2(x: number): number {
  if (!(x > 0) || x === Number.POSITIVE_INFINITY || x < 2 ** -1022) return Math.log2(x);
  bits.setFloat64(0, x);
  const high = bits.getUint16(0);
  const exponent = (high >> 4) - 1022;
  bits.setUint16(0, (high & 0x800f) | (1022 << 4));
  const fraction = bits.getFloat64(0);
  return fraction === 0.5 ? exponent - 1 : Math.log(fraction) * Math.LOG2E + exponent;
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
