// SELECT.

import type { Expression, Field, Fill, Measurement, SelectStatement, Source } from './ast.ts';
import { parseError } from './errors.ts';
import {
  measurementOf,
  parseCondition,
  parseDimensions,
  parseLimit,
  parseNamedMeasurement,
  parseOrderBy,
} from './parse-clauses.ts';
import { parseExpression, parseRegexp, parseSegments } from './parse-expression.ts';
import { printExpression } from './print-expression.ts';
import type { Syntax } from './syntax.ts';
import { findExpression } from './walk.ts';

const CONDITION_OPERATORS: ReadonlySet<string> = new Set([
  '=',
  '!=',
  '=~',
  '!~',
  '<',
  '<=',
  '>',
  '>=',
  'AND',
  'OR',
]);

/** After SELECT. */
export function parseSelect(syntax: Syntax, isTargetRequired = false): SelectStatement {
  const { tokens } = syntax;
  const fields = parseFields(syntax);
  const target = parseTarget(syntax, isTargetRequired);
  tokens.expect('FROM');
  const sources = tokens.list(() => parseSource(syntax));
  const condition = parseCondition(syntax);
  const dimensions = parseDimensions(syntax);
  const fill = parseFill(syntax);
  const sortFields = parseOrderBy(syntax);
  const limit = parseLimit(syntax, 'LIMIT');
  const offset = parseLimit(syntax, 'OFFSET');
  const seriesLimit = parseLimit(syntax, 'SLIMIT');
  const seriesOffset = parseLimit(syntax, 'SOFFSET');
  const timeZone = parseTimeZone(syntax);
  return {
    kind: 'select',
    fields,
    target,
    sources,
    condition,
    dimensions,
    fill,
    sortFields,
    limit,
    offset,
    seriesLimit,
    seriesOffset,
    timeZone,
  };
}

function parseFields(syntax: Syntax): Field[] {
  const { tokens } = syntax;
  const fields: Field[] = [];
  do {
    const expression = parseRegexp(syntax) ?? parseFieldExpression(syntax);
    const alias = tokens.accept('AS') ? tokens.identifier() : '';
    tokens.skipWhitespace();
    fields.push({ expression, alias });
  } while (tokens.acceptRaw(','));
  return fields;
}

function parseFieldExpression(syntax: Syntax): Expression {
  const { tokens } = syntax;
  const { at } = tokens.next();
  tokens.back();
  const expression = parseExpression(syntax);
  const condition = findExpression(
    expression,
    (one) => one.kind === 'binary' && CONDITION_OPERATORS.has(one.operator),
  );
  if (condition?.kind !== 'binary') return expression;
  throw parseError(
    `invalid operator ${condition.operator} in SELECT clause ${tokens.place(at)}; operator is intended for WHERE clause`,
  );
}

function parseTarget(syntax: Syntax, isRequired: boolean): Measurement | undefined {
  const { tokens } = syntax;
  const token = tokens.next();
  if (token.kind !== 'INTO') {
    if (isRequired) throw tokens.unexpected(token, 'INTO');
    tokens.back();
    return undefined;
  }
  const segments = parseSegments(syntax);
  if (segments.length < 3 && tokens.peekCharacter() === ':') {
    tokens.expect(':', 'MEASUREMENT');
    segments.push('');
  }
  return measurementOf(segments, undefined);
}

function parseSource(syntax: Syntax): Source {
  const { tokens } = syntax;
  const pattern = parseRegexp(syntax);
  if (pattern !== undefined) return measurementOf([], pattern);
  if (!tokens.accept('(')) return parseNamedMeasurement(syntax);
  return syntax.nested(() => {
    tokens.expect('SELECT');
    const statement = parseSelect(syntax);
    tokens.expect(')');
    return { kind: 'subquery', statement };
  });
}

function parseFill(syntax: Syntax): Fill {
  const call = parseOption(syntax, 'fill');
  if (call === undefined) return { kind: 'null' };
  if (call.kind !== 'call') throw parseError('fill must be a function call');
  const [argument] = call.args;
  if (argument === undefined || call.args.length > 1) {
    throw parseError('fill requires an argument, e.g.: 0, null, none, previous, linear');
  }
  const text = printExpression(argument);
  switch (text) {
    case 'null':
    case 'none':
    case 'previous':
    case 'linear':
      return { kind: text };
  }
  if (argument.kind === 'integer' || argument.kind === 'number') {
    return { kind: 'number', value: argument.value };
  }
  throw parseError('expected number argument in fill()');
}

function parseTimeZone(syntax: Syntax): string | undefined {
  const call = parseOption(syntax, 'tz');
  if (call === undefined) return undefined;
  if (call.kind !== 'call') throw parseError('tz must be a function call');
  const [argument] = call.args;
  if (argument === undefined || call.args.length > 1) {
    throw parseError('tz requires exactly one argument');
  }
  if (argument.kind !== 'string') throw parseError('expected string argument in tz()');
  if (argument.value === '') return 'UTC';
  if (!isTimeZone(argument.value)) {
    throw parseError(`unable to find time zone ${argument.value}`);
  }
  return argument.value;
}

/** The expression that begins with this name, if it comes next. */
function parseOption(syntax: Syntax, name: string): Expression | undefined {
  const { tokens } = syntax;
  const token = tokens.next();
  tokens.back();
  const isNext = token.kind === 'IDENT' && token.text.toLowerCase() === name;
  return isNext ? parseExpression(syntax) : undefined;
}

function isTimeZone(name: string): boolean {
  // Newer runtimes also take offsets (`+01:00`), which are no names.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
