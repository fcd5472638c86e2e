// Number and duration literals.

import type { NumberLiteral, Span } from './ast.ts';
import { durationValue, numberValue } from './number-value.ts';
import type { Token } from './token.ts';
import type { TokenStream } from './token-stream.ts';

/** True if a number or duration literal is next. */
export function isNumberNext(stream: TokenStream): boolean {
  return stream.is('number') || stream.is('duration');
}

/** Takes a number or duration literal, which must be next. */
export function numberLiteral(stream: TokenStream): NumberLiteral {
  if (!isNumberNext(stream)) throw stream.unexpected();
  const token = stream.next();
  const isDuration = token.kind === 'duration';
  return { kind: 'number', span: spanOf(token), value: tokenValue(stream, token), isDuration };
}

/** Takes a literal with a sign before it or without. */
export function signedNumber(stream: TokenStream): NumberLiteral {
  const sign = stream.accept('-') ?? stream.accept('+');
  const literal = numberLiteral(stream);
  return sign === undefined ? literal : withSign(sign, literal);
}

/** The literal with the sign token before it taken into its value. */
export function withSign(sign: Token, literal: NumberLiteral): NumberLiteral {
  return {
    ...literal,
    span: { start: sign.start, end: literal.span.end },
    value: sign.kind === '-' ? -literal.value : literal.value,
  };
}

export function spanOf({ start, end }: Token): Span {
  return { start, end };
}

function tokenValue(stream: TokenStream, { kind, text, start }: Token): number {
  const value = kind === 'duration' ? durationValue(text) : numberValue(text);
  if (typeof value !== 'number') throw stream.error(start, value.why);
  return kind === 'duration' ? value / 1000 : value;
}
