// Constant parts of expressions computed beforehand, with Go's arithmetic.

import { type BinaryExpression, type Expression, isLiteral, type Literal } from './ast.ts';
import { floatToInt64, wrapInt64, wrapUint64 } from './int64.ts';
import { parseTime } from './time-literal.ts';
import type { BinaryOperator } from './token.ts';

export interface Surroundings {
  /** Zone of strings that mean a time; undefined is UTC. */
  readonly timeZone?: string | undefined;
  /** Value of a call whose arguments are literals; undefined leaves the call as it is. */
  readonly evaluateCall?: (name: string, args: readonly Literal[]) => Literal | undefined;
}

const NOWHERE: Surroundings = {};

/** The expression with its constant parts computed and without parentheses around the whole. */
export function reduceExpression(
  expression: Expression,
  surroundings: Surroundings = NOWHERE,
): Expression {
  const reduced = reduce(expression, surroundings);
  return reduced.kind === 'parentheses' ? reduced.inner : reduced;
}

/** The same, but parentheses around the whole stay. */
export function reduce(expression: Expression, surroundings: Surroundings): Expression {
  switch (expression.kind) {
    case 'binary':
      return reduceBinary(
        expression.operator,
        reduce(expression.left, surroundings),
        reduce(expression.right, surroundings),
        surroundings.timeZone,
      );
    case 'parentheses': {
      const inner = reduce(expression.inner, surroundings);
      return inner.kind === 'binary' ? { kind: 'parentheses', inner } : inner;
    }
    case 'call': {
      const args = expression.args.map((arg) => reduce(arg, surroundings));
      const value = args.every(isLiteral)
        ? surroundings.evaluateCall?.(expression.name, args)
        : undefined;
      return value ?? { kind: 'call', name: expression.name, args };
    }
    default:
      return expression;
  }
}

function reduceBinary(
  operator: BinaryOperator,
  left: Expression,
  right: Expression,
  timeZone: string | undefined,
): Expression {
  if (operator === 'AND' || operator === 'OR') {
    // The value that decides whatever the other side is.
    const deciding = operator === 'OR';
    if (isBoolean(left, deciding) || isBoolean(right, deciding)) return boolean(deciding);
    if (isBoolean(left, !deciding)) return right;
    if (isBoolean(right, !deciding)) return left;
  }
  const expression: BinaryExpression = { kind: 'binary', operator, left, right };
  if (!isLiteral(left) || !isLiteral(right)) return expression;
  return combine(operator, left, right, timeZone) ?? expression;
}

/** Undefined if the two cannot be computed. */
function combine(
  operator: BinaryOperator,
  left: Literal,
  right: Literal,
  timeZone: string | undefined,
): Literal | undefined {
  if (left.kind === 'nil' || right.kind === 'nil') return combineNil(operator, left, right);
  switch (left.kind) {
    case 'boolean':
      return right.kind === 'boolean'
        ? combineBooleans(operator, left.value, right.value)
        : undefined;
    case 'integer':
      return combineInteger(operator, left.value, right, timeZone);
    case 'unsigned':
      return combineUnsigned(operator, left.value, right);
    case 'number':
      return isNumeric(right)
        ? combineNumbers(operator, left.value, Number(right.value))
        : undefined;
    case 'duration':
      return combineDuration(operator, left.ns, right, timeZone);
    case 'time':
      return combineTime(operator, left.ns, right, timeZone);
    case 'string':
      return combineString(operator, left.value, right, timeZone);
    default:
      return undefined;
  }
}

function combineNil(operator: BinaryOperator, left: Literal, right: Literal): Literal | undefined {
  const isEquality = operator === '=' || operator === '!=';
  if (left.kind === 'nil' || left.kind === 'string') return isEquality ? boolean(false) : undefined;
  if (left.kind === 'unsigned' || left.kind === 'regexp' || left.kind === 'list') return undefined;
  return right.kind === 'nil' ? boolean(false) : undefined;
}

function combineBooleans(
  operator: BinaryOperator,
  left: boolean,
  right: boolean,
): Literal | undefined {
  switch (operator) {
    case '=':
      return boolean(left === right);
    case '!=':
    case '^':
      return boolean(left !== right);
    case 'AND':
    case '&':
      return boolean(left && right);
    case 'OR':
    case '|':
      return boolean(left || right);
    default:
      return undefined;
  }
}

function combineInteger(
  operator: BinaryOperator,
  left: bigint,
  right: Literal,
  timeZone: string | undefined,
): Literal | undefined {
  switch (right.kind) {
    case 'number':
      return combineNumbers(operator, Number(left), right.value);
    case 'integer':
      return combineIntegers(operator, left, right.value);
    case 'unsigned':
      // A negative number is less than any unsigned one, but not once it is converted.
      if (left < 0n && (operator === '<' || operator === '<=')) return boolean(true);
      if (left < 0n && (operator === '>' || operator === '>=')) return boolean(false);
      return combineUnsigneds(operator, wrapUint64(left), right.value);
    case 'duration':
      // The integer is a time.
      if (operator === '+') return time(left + right.ns);
      return operator === '-' ? time(left - right.ns) : undefined;
    case 'time':
    case 'string':
      return combineDuration(operator, left, right, timeZone);
    default:
      return undefined;
  }
}

function combineIntegers(
  operator: BinaryOperator,
  left: bigint,
  right: bigint,
): Literal | undefined {
  switch (operator) {
    case '+':
      return integer(left + right);
    case '-':
      return integer(left - right);
    case '*':
      return integer(left * right);
    case '/':
      return number(right === 0n ? 0 : Number(left) / Number(right));
    case '%':
      return integer(right === 0n ? 0n : left % right);
    case '&':
      return integer(left & right);
    case '|':
      return integer(left | right);
    case '^':
      return integer(left ^ right);
    default:
      return compare(operator, left, right);
  }
}

function combineUnsigned(
  operator: BinaryOperator,
  left: bigint,
  right: Literal,
): Literal | undefined {
  switch (right.kind) {
    case 'number':
      return combineNumbers(operator, Number(left), right.value);
    case 'integer':
      if (right.value < 0n && (operator === '<' || operator === '<=')) return boolean(false);
      if (right.value < 0n && (operator === '>' || operator === '>=')) return boolean(true);
      return combineUnsigneds(operator, left, wrapUint64(right.value));
    case 'unsigned':
      return combineUnsigneds(operator, left, right.value);
    default:
      return undefined;
  }
}

function combineUnsigneds(
  operator: BinaryOperator,
  left: bigint,
  right: bigint,
): Literal | undefined {
  const unsigned = (value: bigint): Literal => ({ kind: 'unsigned', value: wrapUint64(value) });
  switch (operator) {
    case '+':
      return unsigned(left + right);
    case '-':
      return unsigned(left - right);
    case '*':
      return unsigned(left * right);
    case '/':
      return unsigned(right === 0n ? 0n : left / right);
    case '%':
      return unsigned(right === 0n ? 0n : left % right);
    default:
      return compare(operator, left, right);
  }
}

function combineNumbers(
  operator: BinaryOperator,
  left: number,
  right: number,
): Literal | undefined {
  switch (operator) {
    case '+':
      return number(left + right);
    case '-':
      return number(left - right);
    case '*':
      return number(left * right);
    case '/':
      return number(right === 0 ? 0 : left / right);
    case '%':
      return number(left % right);
    default:
      return compare(operator, left, right);
  }
}

function combineDuration(
  operator: BinaryOperator,
  left: bigint,
  right: Literal,
  timeZone: string | undefined,
): Literal | undefined {
  switch (right.kind) {
    case 'duration':
      if (operator === '+') return duration(left + right.ns);
      if (operator === '-') return duration(left - right.ns);
      return compare(operator, left, right.ns);
    case 'integer':
    case 'number': {
      const factor = right.kind === 'integer' ? right.value : floatToInt64(right.value);
      if (operator === '*') return duration(left * factor);
      if (operator === '/') return duration(factor === 0n ? 0n : left / factor);
      return undefined;
    }
    case 'time':
      return operator === '+' ? time(left + right.ns) : undefined;
    case 'string': {
      const ns = parseTime(right.value, timeZone);
      return ns === undefined || operator !== '+' ? undefined : time(left + ns);
    }
    default:
      return undefined;
  }
}

function combineTime(
  operator: BinaryOperator,
  left: bigint,
  right: Literal,
  timeZone: string | undefined,
): Literal | undefined {
  switch (right.kind) {
    case 'duration':
    case 'integer': {
      const ns = right.kind === 'integer' ? right.value : right.ns;
      if (operator === '+') return time(left + ns);
      return operator === '-' ? time(left - ns) : undefined;
    }
    case 'time':
      return operator === '-' ? duration(left - right.ns) : compare(operator, left, right.ns);
    case 'string': {
      const ns = parseTime(right.value, timeZone);
      return ns === undefined
        ? undefined
        : combineTime(operator, left, { kind: 'time', ns }, timeZone);
    }
    default:
      return undefined;
  }
}

function combineString(
  operator: BinaryOperator,
  left: string,
  right: Literal,
  timeZone: string | undefined,
): Literal | undefined {
  if (right.kind === 'string' && operator === '+') {
    return { kind: 'string', value: left + right.value };
  }
  const ns = parseTime(left, timeZone);
  switch (right.kind) {
    case 'string': {
      // Two times are compared as such: their texts can differ.
      const asTimes = ns === undefined ? undefined : combineTime(operator, ns, right, timeZone);
      if (asTimes !== undefined) return asTimes;
      if (operator === '=') return boolean(left === right.value);
      return operator === '!=' ? boolean(left !== right.value) : undefined;
    }
    case 'duration':
    case 'time':
    case 'integer':
      return ns === undefined ? undefined : combineTime(operator, ns, right, timeZone);
    default:
      return undefined;
  }
}

function compare<T extends bigint | number>(
  operator: BinaryOperator,
  left: T,
  right: T,
): Literal | undefined {
  switch (operator) {
    case '=':
      return boolean(left === right);
    case '!=':
      return boolean(left !== right);
    case '<':
      return boolean(left < right);
    case '<=':
      return boolean(left <= right);
    case '>':
      return boolean(left > right);
    case '>=':
      return boolean(left >= right);
    default:
      return undefined;
  }
}

function isNumeric(
  literal: Literal,
): literal is Extract<Literal, { kind: 'number' | 'integer' | 'unsigned' }> {
  return literal.kind === 'number' || literal.kind === 'integer' || literal.kind === 'unsigned';
}

function isBoolean(expression: Expression, value: boolean): boolean {
  return expression.kind === 'boolean' && expression.value === value;
}

function boolean(value: boolean): Literal {
  return { kind: 'boolean', value };
}

function integer(value: bigint): Literal {
  return { kind: 'integer', value: wrapInt64(value) };
}

function number(value: number): Literal {
  return { kind: 'number', value };
}

function duration(ns: bigint): Literal {
  return { kind: 'duration', ns: wrapInt64(ns) };
}

function time(ns: bigint): Literal {
  return { kind: 'time', ns };
}
