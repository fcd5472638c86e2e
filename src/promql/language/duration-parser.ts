// Durations in the places where a query has them: literals, or arithmetic with step() and range().

import type { DurationExpr, DurationOperation, NumberLiteral } from './ast.ts';
import { isNumberNext, numberLiteral, withSign } from './literals.ts';
import { LOWEST, precedenceOf, rightPrecedence, UNARY } from './precedence.ts';
import type { Token } from './token.ts';
import type { TokenStream } from './token-stream.ts';

/** Longer ones do not fit into 64 bits of nanoseconds; seconds. */
export const MAX_DURATION_SECONDS: number = 2 ** 63 / 1e9;

type BinaryDurationOp = '+' | '-' | '*' | '/' | '%' | '^';

/** The range or step of a range selector or subquery; literals must be positive. */
export function parsePositiveDuration(stream: TokenStream): DurationExpr {
  const expr = durationExpression(stream, LOWEST);
  if (expr.kind === 'number' && expr.value <= 0) {
    throw stream.error(expr.span.start, 'duration must be greater than 0');
  }
  return expr;
}

/**
 * What follows `offset`. Without parentheses only the first operand belongs to it, so that
 * `a offset 5m + b` is a sum of vectors.
 */
export function parseOffsetDuration(stream: TokenStream): DurationExpr {
  if (isNumberNext(stream)) return inRange(stream, numberLiteral(stream));
  if (isFunctionNext(stream)) return durationFunction(stream);
  const sign = stream.accept('-') ?? stream.accept('+');
  if (sign === undefined) return binaryRest(stream, primary(stream), LOWEST);
  if (isNumberNext(stream)) {
    return inRange(stream, withSign(sign, numberLiteral(stream)), sign);
  }
  if (isFunctionNext(stream)) return unaryOperation(sign, durationFunction(stream));
  if (stream.accept('(') !== undefined) {
    const inner = durationExpression(stream, LOWEST);
    stream.expect(')');
    return signed(stream, sign, wrapped(inner, inner.span.start));
  }
  const operand = signed(stream, sign, durationExpression(stream, UNARY + 1));
  return binaryRest(stream, operand, LOWEST);
}

function durationExpression(stream: TokenStream, minPrecedence: number): DurationExpr {
  stream.enter();
  const expr = binaryRest(stream, primary(stream), minPrecedence);
  stream.leave();
  return expr;
}

/** Takes operators of at least `minPrecedence` and their right operands. */
function binaryRest(stream: TokenStream, first: DurationExpr, minPrecedence: number): DurationExpr {
  let lhs = first;
  for (;;) {
    const operator = stream.peek();
    const precedence = precedenceOf(operator.kind);
    if (precedence === undefined || precedence < minPrecedence || !isDurationOp(operator.kind)) {
      return lhs;
    }
    stream.next();
    const rhs = durationExpression(stream, rightPrecedence(operator.kind, precedence));
    lhs = binaryOperation(stream, operator, operator.kind, lhs, rhs);
  }
}

function primary(stream: TokenStream): DurationExpr {
  if (isNumberNext(stream)) return inRange(stream, numberLiteral(stream));
  if (isFunctionNext(stream)) return durationFunction(stream);
  const sign = stream.accept('-') ?? stream.accept('+');
  if (sign !== undefined) {
    return signed(stream, sign, durationExpression(stream, UNARY + 1));
  }
  const open = stream.expect('(');
  const inner = durationExpression(stream, LOWEST);
  stream.expect(')');
  return wrapped(inner, open.start);
}

function isFunctionNext(stream: TokenStream): boolean {
  return ['step', 'range', 'min_of', 'max_of'].includes(stream.peek().kind);
}

function durationFunction(stream: TokenStream): DurationOperation {
  const { kind, start } = stream.next();
  const op = kind as 'step' | 'range' | 'min_of' | 'max_of';
  stream.expect('(');
  if (op === 'step' || op === 'range') {
    const { end } = stream.expect(')');
    return operation(op, start, end, undefined, undefined);
  }
  const lhs = durationExpression(stream, LOWEST);
  stream.expect(',');
  const rhs = durationExpression(stream, LOWEST);
  stream.expect(')');
  return operation(op, lhs.span.start, rhs.span.end, lhs, rhs);
}

function isDurationOp(kind: string): kind is BinaryDurationOp {
  return '+-*/%^'.includes(kind);
}

function binaryOperation(
  stream: TokenStream,
  operator: Token,
  op: BinaryDurationOp,
  lhs: DurationExpr,
  rhs: DurationExpr,
): DurationOperation {
  if (rhs.kind === 'number' && rhs.value === 0) {
    if (op === '/') throw stream.error(operator.start, 'division by zero');
    if (op === '%') throw stream.error(operator.start, 'modulo by zero');
  }
  return operation(op, lhs.span.start, rhs.span.end, lhs, rhs);
}

/** A sign before an operand: literals take it in, `+` before anything else is dropped. */
function signed(stream: TokenStream, sign: Token, operand: DurationExpr): DurationExpr {
  if (operand.kind === 'number') return inRange(stream, withSign(sign, operand), sign);
  return sign.kind === '-' ? unaryOperation(sign, operand) : operand;
}

function unaryOperation(sign: Token, rhs: DurationExpr): DurationOperation {
  return operation(sign.kind === '-' ? '-' : '+', sign.start, rhs.span.end, undefined, rhs);
}

/** Something in parentheses; a literal is put under a unary `+` that carries them. */
function wrapped(inner: DurationExpr, start: number): DurationOperation {
  if (inner.kind === 'duration') return { ...inner, wrapped: true };
  return { ...operation('+', start, inner.span.end, undefined, inner), wrapped: true };
}

function operation(
  op: DurationOperation['op'],
  start: number,
  end: number,
  lhs: DurationExpr | undefined,
  rhs: DurationExpr | undefined,
): DurationOperation {
  return { kind: 'duration', span: { start, end }, op, lhs, rhs, wrapped: false };
}

/** `sign`: where the message points to. */
function inRange(stream: TokenStream, literal: NumberLiteral, sign?: Token): NumberLiteral {
  if (Math.abs(literal.value) <= MAX_DURATION_SECONDS) return literal;
  throw stream.error(sign?.start ?? literal.span.start, 'duration out of range');
}
