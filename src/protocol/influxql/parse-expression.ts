// Expressions: operands, calls, operators by precedence.

import { AppError } from '../../runtime/error.ts';
import { compileSearch } from '../../runtime/regexp.ts';
import type { BinaryExpression, Call, DataType, Expression, RegexpLiteral } from './ast.ts';
import { parseDuration } from './duration.ts';
import { parseError } from './errors.ts';
import { MAX_INT64, MAX_UINT64, wrapInt64 } from './int64.ts';
import { printIdentifier } from './quote.ts';
import type { Syntax } from './syntax.ts';
import { isBinaryOperator, precedence, type Token } from './token.ts';

const CASTS: readonly DataType[] = ['float', 'integer', 'unsigned', 'string', 'boolean'];

export function parseExpression(syntax: Syntax): Expression {
  const { tokens } = syntax;
  // Operands and the operators between them that wait for their right side, loosest first.
  const operands = [parseOperand(syntax)];
  const operators: BinaryExpression['operator'][] = [];
  for (;;) {
    const token = tokens.next();
    if (!isBinaryOperator(token.kind)) break;
    const operator = token.kind;
    syntax.countOperator();
    while (operators.length > 0 && precedence(operators.at(-1)!) >= precedence(operator)) {
      join(operands, operators);
    }
    operators.push(operator);
    const isRegexp = operator === '=~' || operator === '!~';
    operands.push(isRegexp ? requireRegexp(syntax) : parseOperand(syntax));
  }
  tokens.back();
  while (operators.length > 0) join(operands, operators);
  return operands[0]!;
}

function join(operands: Expression[], operators: BinaryExpression['operator'][]): void {
  const right = operands.pop()!;
  const left = operands.pop()!;
  operands.push({ kind: 'binary', operator: operators.pop()!, left, right });
}

/** A regular expression, if one comes next. */
export function parseRegexp(syntax: Syntax): RegexpLiteral | undefined {
  const { tokens } = syntax;
  if (/^[ \t\n]$/.test(tokens.peekCharacter())) tokens.skipWhitespace();
  const character = tokens.peekCharacter();
  if (character === '$') {
    // A parameter may be bound to a regular expression.
    const { kind } = tokens.nextRaw();
    tokens.back();
    if (kind !== 'REGEX') return undefined;
  } else if (character !== '/') {
    return undefined;
  }
  const token = tokens.nextRegexp();
  if (token.kind === 'BADREGEX') throw tokens.errorAt(`bad regex: ${token.text}`, token.at);
  if (token.kind !== 'REGEX') throw tokens.unexpected(token, 'regex');
  return regexpLiteral(syntax, token);
}

export function requireRegexp(syntax: Syntax): RegexpLiteral {
  const regexp = parseRegexp(syntax);
  if (regexp === undefined) throw syntax.tokens.unexpected(syntax.tokens.next(), 'regex');
  return regexp;
}

function regexpLiteral(syntax: Syntax, { text, at }: Token): RegexpLiteral {
  try {
    compileSearch(text);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw syntax.tokens.errorAt(`error parsing regexp: ${error.message}`, at);
  }
  return { kind: 'regexp', pattern: text };
}

function parseOperand(syntax: Syntax): Expression {
  const { tokens } = syntax;
  const token = tokens.next();
  const { text } = token;
  switch (token.kind) {
    case '(':
      return syntax.nested(() => {
        const inner = parseExpression(syntax);
        tokens.expect(')');
        return { kind: 'parentheses', inner };
      });
    case 'IDENT':
      if (tokens.acceptRaw('(')) return parseCall(syntax, text.toLowerCase());
      tokens.back();
      return parseReference(syntax);
    case 'DISTINCT':
      return parseDistinct(syntax);
    case 'STRING':
      return { kind: 'string', value: text };
    case 'NUMBER': {
      const value = Number(text);
      if (Number.isFinite(value)) return { kind: 'number', value };
      throw tokens.errorAt('unable to parse number', token.at);
    }
    case 'INTEGER':
      return integerLiteral(syntax, token);
    case 'TRUE':
    case 'FALSE':
      return { kind: 'boolean', value: token.kind === 'TRUE' };
    case 'DURATIONVAL': {
      const ns = parseDuration(text);
      if (typeof ns === 'string') throw parseError(ns);
      return { kind: 'duration', ns };
    }
    case '*':
      return parseWildcard(syntax);
    case 'REGEX':
      return regexpLiteral(syntax, token);
    case 'BOUNDPARAM':
      throw parameterError(syntax, text.slice(1));
    case '+':
    case '-':
      return parseSigned(syntax, token.kind);
    default:
      throw tokens.unexpected(token, 'identifier', 'string', 'number', 'bool');
  }
}

function integerLiteral(syntax: Syntax, { text, at }: Token): Expression {
  const value = /^-?\d+$/.test(text) ? BigInt(text) : MAX_UINT64 + 1n;
  if (value <= MAX_INT64) return { kind: 'integer', value };
  if (value <= MAX_UINT64) return { kind: 'unsigned', value };
  throw syntax.tokens.errorAt('unable to parse integer', at);
}

function parameterError(syntax: Syntax, name: string): AppError {
  if (name === '') return parseError('empty bound parameter');
  const bound = syntax.tokens.parameter(name);
  return parseError(bound === undefined ? `missing parameter: ${name}` : bound.text);
}

function parseSigned(syntax: Syntax, sign: '+' | '-'): Expression {
  const { tokens } = syntax;
  const token = tokens.next();
  switch (token.kind) {
    case 'NUMBER':
    case 'INTEGER':
    case 'DURATIONVAL':
    case '(':
    case 'IDENT':
      break;
    default:
      throw tokens.unexpected(token, 'identifier', 'number', 'duration', '(');
  }
  tokens.back();
  const operand = parseOperand(syntax);
  const factor = sign === '-' ? -1 : 1;
  switch (operand.kind) {
    case 'number':
      return { kind: 'number', value: operand.value * factor };
    case 'integer':
      return { kind: 'integer', value: wrapInt64(operand.value * BigInt(factor)) };
    case 'unsigned':
      if (sign === '+') return operand;
      // The least int64 without its sign is no int64.
      if (operand.value === MAX_INT64 + 1n) return { kind: 'integer', value: -operand.value };
      throw parseError(`constant -${operand.value} underflows int64`);
    case 'duration':
      return { kind: 'duration', ns: wrapInt64(operand.ns * BigInt(factor)) };
    default:
      return {
        kind: 'binary',
        operator: '*',
        left: { kind: 'integer', value: BigInt(factor) },
        right: operand,
      };
  }
}

function parseWildcard(syntax: Syntax): Expression {
  const { tokens } = syntax;
  if (!tokens.acceptRaw('::')) return { kind: 'wildcard', of: undefined };
  const token = tokens.nextRaw();
  if (token.kind === 'FIELD') return { kind: 'wildcard', of: 'field' };
  if (token.kind === 'TAG') return { kind: 'wildcard', of: 'tag' };
  throw tokens.unexpected(token, 'field', 'tag');
}

/** After DISTINCT: a call, or a name that is set off by whitespace. */
function parseDistinct(syntax: Syntax): Expression {
  const { tokens } = syntax;
  const token = tokens.nextRaw();
  if (token.kind === '(') return parseCall(syntax, 'distinct');
  if (token.kind === 'WS') return { kind: 'distinct', name: tokens.identifier() };
  throw tokens.unexpected(token, '(', 'identifier');
}

/** After the name and its parenthesis. */
function parseCall(syntax: Syntax, name: string): Call {
  return syntax.nested(() => {
    const { tokens } = syntax;
    const args: Expression[] = [];
    const first = parseRegexp(syntax);
    if (first === undefined) {
      if (tokens.acceptRaw(')')) return { kind: 'call', name, args };
      args.push(parseExpression(syntax));
    } else {
      args.push(first);
    }
    while (tokens.accept(',')) args.push(parseRegexp(syntax) ?? parseExpression(syntax));
    const end = tokens.nextRaw();
    if (end.kind !== ')') throw tokens.unexpected(end, ')');
    return { kind: 'call', name, args };
  });
}

function parseReference(syntax: Syntax): Expression {
  const { tokens } = syntax;
  const name = parseSegments(syntax).join('.');
  const type = tokens.acceptRaw('::') ? parseCast(syntax) : undefined;
  return { kind: 'reference', name, type };
}

function parseCast(syntax: Syntax): DataType {
  const { tokens } = syntax;
  const token = tokens.nextRaw();
  switch (token.kind) {
    case 'FIELD':
      return 'field';
    case 'TAG':
      return 'tag';
    case 'IDENT': {
      const cast = CASTS.find((type) => type === token.text.toLowerCase());
      if (cast !== undefined) return cast;
      throw tokens.unexpected(token, ...CASTS, 'field', 'tag');
    }
    default: {
      // Only here InfluxDB leaves `unsigned` out.
      const listed = CASTS.filter((type) => type !== 'unsigned');
      throw tokens.unexpected(token, ...listed, 'field', 'tag');
    }
  }
}

/** One to three names joined by dots; a middle one may be empty (`db..measurement`). */
export function parseSegments(syntax: Syntax): string[] {
  const { tokens } = syntax;
  const segments = [tokens.identifier()];
  while (tokens.acceptRaw('.')) {
    const character = tokens.peekCharacter();
    // A regular expression or `:MEASUREMENT` takes the last place; the caller knows.
    if (character === '/' || character === ':') break;
    if (character === '.') segments.push('');
    else segments.push(tokens.identifier());
  }
  if (segments.length > 3) {
    throw tokens.errorAt(`too many segments in ${printSegments(segments)}`, 0);
  }
  return segments;
}

/** All but the last are quoted; an empty one only at either end. */
function printSegments(segments: readonly string[]): string {
  const last = segments.length - 1;
  return segments
    .map((segment, i) => {
      if (segment === '') return i === 0 || i === last ? '""' : '';
      const printed = printIdentifier(segment);
      return i === last || printed !== segment ? printed : `"${segment}"`;
    })
    .join('.');
}
