// Arithmetic and comparisons over values of one point, compiled once per statement.

import {
  type Expression,
  evaluateMath,
  isMathFunction,
  type Literal,
} from '../../protocol/influxql/index.ts';
import { cachedSearch } from '../view/series-filter.ts';
import type { Scalar } from './point.ts';
import { type DataType, resultType } from './types.ts';

export type Slots = readonly (Scalar | undefined)[];

/** An expression's value for the values of one row; undefined is none. */
export interface Evaluator {
  readonly type: DataType;
  evaluate(slots: Slots): Scalar | undefined;
}

/** Where a name or a call is found, undefined if it has no values. */
export type SlotLookup = (
  expression: Expression,
) => { readonly slot: number; readonly type: DataType } | undefined;

export interface EvaluationRules {
  /** Whole numbers divided give a fraction, as they do in fields but not in WHERE. */
  readonly dividesToFloat: boolean;
}

const NOTHING: Evaluator = { type: 'unknown', evaluate: () => undefined };

export function compileExpression(
  expression: Expression,
  lookup: SlotLookup,
  rules: EvaluationRules,
): Evaluator {
  const found = lookup(expression);
  if (found !== undefined) {
    const { slot, type } = found;
    return { type, evaluate: (slots) => slots[slot] };
  }
  switch (expression.kind) {
    case 'parentheses':
      return compileExpression(expression.inner, lookup, rules);
    case 'binary':
      return compileBinary(expression, lookup, rules);
    case 'call':
      return compileMath(expression, lookup, rules);
    case 'string':
      return constant('string', expression.value);
    case 'boolean':
      return constant('boolean', expression.value);
    case 'number':
      return constant('float', expression.value);
    case 'integer':
      return constant('integer', Number(expression.value));
    case 'unsigned':
      return constant('unsigned', Number(expression.value));
    default:
      return NOTHING;
  }
}

function constant(type: DataType, value: Scalar): Evaluator {
  return { type, evaluate: () => value };
}

function compileMath(
  call: Expression & { readonly kind: 'call' },
  lookup: SlotLookup,
  rules: EvaluationRules,
): Evaluator {
  const { name } = call;
  if (!isMathFunction(name)) return NOTHING;
  const args = call.args.map((arg) => compileExpression(arg, lookup, rules));
  const keepsType = ['abs', 'floor', 'ceil', 'round'].includes(name);
  const type = keepsType ? (args[0]?.type ?? 'unknown') : 'float';
  return {
    type,
    evaluate: (slots) => {
      const values = args.map((arg) => literalOf(arg.evaluate(slots), arg.type));
      const result = evaluateMath(name, values);
      return result?.kind === 'number' || result?.kind === 'integer'
        ? Number(result.value)
        : undefined;
    },
  };
}

function literalOf(value: Scalar | undefined, type: DataType): Literal {
  if (typeof value !== 'number') return { kind: 'nil' };
  return type === 'float' || !Number.isInteger(value)
    ? { kind: 'number', value }
    : { kind: 'integer', value: BigInt(value) };
}

function compileBinary(
  expression: Expression & { readonly kind: 'binary' },
  lookup: SlotLookup,
  rules: EvaluationRules,
): Evaluator {
  const { operator } = expression;
  const left = compileExpression(expression.left, lookup, rules);
  if (operator === '=~' || operator === '!~') {
    return compileRegexp(left, expression.right, operator === '!~');
  }
  const right = compileExpression(expression.right, lookup, rules);
  const areIntegers = isInteger(left.type) && isInteger(right.type);
  const isFraction = operator === '/' && areIntegers && rules.dividesToFloat;
  const known =
    left.type === 'unknown'
      ? right.type
      : right.type === 'unknown'
        ? left.type
        : resultType(operator, left.type, right.type);
  const type = isFraction ? 'float' : (known ?? 'unknown');
  const combine = operation(operator, areIntegers, isFraction);
  return { type, evaluate: (slots) => combine(left.evaluate(slots), right.evaluate(slots)) };
}

function compileRegexp(left: Evaluator, right: Expression, isNegated: boolean): Evaluator {
  if (right.kind !== 'regexp') return NOTHING;
  const finds = cachedSearch(right.pattern);
  return {
    type: 'boolean',
    evaluate: (slots) => {
      const text = left.evaluate(slots);
      return typeof text === 'string' ? finds(text) !== isNegated : undefined;
    },
  };
}

function isInteger(type: DataType): boolean {
  return type === 'integer' || type === 'unsigned';
}

type Operation = (a: Scalar | undefined, b: Scalar | undefined) => Scalar | undefined;

const COMPARISONS: ReadonlySet<string> = new Set(['=', '!=', '<', '<=', '>', '>=']);

function operation(operator: string, areIntegers: boolean, isFraction: boolean): Operation {
  const ofNumbers = numeric(operator, areIntegers && !isFraction);
  const otherwise = COMPARISONS.has(operator) ? false : undefined;
  return (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') return ofNumbers(a, b);
    if (typeof a === 'string' && typeof b === 'string') {
      if (operator === '=') return a === b;
      return operator === '!=' ? a !== b : otherwise;
    }
    // Beside a boolean, a value that is missing counts as false.
    if (typeof a === 'boolean') return logical(operator, a, b ?? false, otherwise);
    if (typeof b === 'boolean' && a === undefined) return logical(operator, false, b, otherwise);
    return otherwise;
  };
}

function logical(
  operator: string,
  a: boolean,
  b: Scalar,
  otherwise: Scalar | undefined,
): Scalar | undefined {
  const isBoolean = typeof b === 'boolean';
  switch (operator) {
    case 'AND':
    case '&':
      return isBoolean && a && b;
    case 'OR':
    case '|':
      return isBoolean && (a || b);
    case '^':
    case '!=':
      return isBoolean && a !== b;
    case '=':
      return isBoolean && a === b;
    default:
      return otherwise;
  }
}

function numeric(
  operator: string,
  areIntegers: boolean,
): (a: number, b: number) => Scalar | undefined {
  switch (operator) {
    case '=':
      return (a, b) => a === b;
    case '!=':
      return (a, b) => a !== b;
    case '<':
      return (a, b) => a < b;
    case '<=':
      return (a, b) => a <= b;
    case '>':
      return (a, b) => a > b;
    case '>=':
      return (a, b) => a >= b;
    case '+':
      return (a, b) => a + b;
    case '-':
      return (a, b) => a - b;
    case '*':
      return (a, b) => a * b;
    case '/':
      return areIntegers
        ? (a, b) => (b === 0 ? 0 : Math.trunc(a / b))
        : (a, b) => (b === 0 ? 0 : a / b);
    case '%':
      return areIntegers ? (a, b) => (b === 0 ? 0 : a % b) : (a, b) => a % b;
    case '&':
      return (a, b) => (areIntegers ? bits(a, b, (x, y) => x & y) : undefined);
    case '|':
      return (a, b) => (areIntegers ? bits(a, b, (x, y) => x | y) : undefined);
    case '^':
      return (a, b) => (areIntegers ? bits(a, b, (x, y) => x ^ y) : undefined);
    default:
      return () => undefined;
  }
}

function bits(a: number, b: number, combine: (x: bigint, y: bigint) => bigint): number {
  return Number(BigInt.asIntN(64, combine(BigInt(Math.trunc(a)), BigInt(Math.trunc(b)))));
}

/** A value as another type, or undefined if it has none: numbers of numbers, the rest as it is. */
export function castTo(value: Scalar | undefined, type: DataType): Scalar | undefined {
  switch (type) {
    case 'float':
      return typeof value === 'number' ? value : undefined;
    case 'integer':
    case 'unsigned':
      return typeof value === 'number' ? Math.trunc(value) : undefined;
    case 'string':
    case 'tag':
      return typeof value === 'string' ? value : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    default:
      return value;
  }
}
