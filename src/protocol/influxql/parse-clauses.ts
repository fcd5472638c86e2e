// Clauses that several statements have: FROM, WHERE, GROUP BY, ORDER BY, LIMIT, ON, WITH KEY.

import type { Expression, KeyFilter, Measurement, SortField, Source } from './ast.ts';
import { parseDuration } from './duration.ts';
import { parseError } from './errors.ts';
import { MAX_UINT64 } from './int64.ts';
import { parseExpression, parseRegexp, parseSegments, requireRegexp } from './parse-expression.ts';
import type { Syntax } from './syntax.ts';

const MAX_INT32 = 2 ** 31 - 1;

/** `ON database`, '' without. */
export function parseOnDatabase({ tokens }: Syntax): string {
  return tokens.accept('ON') ? tokens.identifier() : '';
}

/** `FROM …` where only measurements may stand; none without. */
export function parseFromMeasurements(syntax: Syntax): Source[] {
  return syntax.tokens.accept('FROM') ? parseMeasurements(syntax) : [];
}

export function parseMeasurements(syntax: Syntax): Measurement[] {
  return syntax.tokens.list(() => parseMeasurement(syntax));
}

/** `name`, `policy.name`, `database.policy.name`, `database..name`, each also with a pattern. */
export function parseMeasurement(syntax: Syntax): Measurement {
  const pattern = parseRegexp(syntax);
  return pattern === undefined ? parseNamedMeasurement(syntax) : measurementOf([], pattern);
}

/** The same where no pattern stands by itself. */
export function parseNamedMeasurement(syntax: Syntax): Measurement {
  const segments = parseSegments(syntax);
  if (segments.length === 3) return measurementOf(segments, undefined);
  return measurementOf(segments, parseRegexp(syntax));
}

/** Two segments or fewer may be followed by a pattern, in place of the last. */
export function measurementOf(
  segments: readonly string[],
  regexp: Measurement['regexp'],
): Measurement {
  const before = regexp === undefined ? segments.slice(0, -1) : segments;
  return {
    kind: 'measurement',
    database: before.at(-2) ?? '',
    retentionPolicy: before.at(-1) ?? '',
    name: regexp === undefined ? segments.at(-1)! : '',
    regexp,
  };
}

export function parseCondition(syntax: Syntax): Expression | undefined {
  return syntax.tokens.accept('WHERE') ? parseExpression(syntax) : undefined;
}

export function parseDimensions(syntax: Syntax): Expression[] {
  const { tokens } = syntax;
  const dimensions: Expression[] = [];
  if (!tokens.accept('GROUP')) return dimensions;
  tokens.expect('BY');
  do {
    const regexp = parseRegexp(syntax);
    dimensions.push(regexp ?? parseExpression(syntax));
    if (regexp === undefined) tokens.skipWhitespace();
  } while (tokens.acceptRaw(','));
  return dimensions;
}

export function parseOrderBy(syntax: Syntax): SortField[] {
  const { tokens } = syntax;
  if (!tokens.accept('ORDER')) return [];
  tokens.expect('BY');
  const token = tokens.next();
  const fields: SortField[] = [];
  if (token.kind === 'ASC' || token.kind === 'DESC') {
    fields.push({ name: '', isAscending: token.kind === 'ASC' });
  } else if (token.kind === 'IDENT') {
    tokens.back();
    fields.push(parseSortField(syntax));
    if (token.text !== 'time') throw parseError('only ORDER BY time supported at this time');
  } else {
    throw tokens.unexpected(token, 'identifier', 'ASC', 'DESC');
  }
  while (tokens.accept(',')) fields.push(parseSortField(syntax));
  if (fields.length > 1) throw parseError('only ORDER BY time supported at this time');
  return fields;
}

function parseSortField({ tokens }: Syntax): SortField {
  const name = tokens.identifier();
  if (tokens.accept('DESC')) return { name, isAscending: false };
  tokens.accept('ASC');
  return { name, isAscending: true };
}

/** `LIMIT 10` and the like; 0 without. */
export function parseLimit(
  { tokens }: Syntax,
  keyword: 'LIMIT' | 'OFFSET' | 'SLIMIT' | 'SOFFSET',
): number {
  if (!tokens.accept(keyword)) return 0;
  const token = tokens.next();
  if (token.kind !== 'INTEGER') throw tokens.unexpected(token, 'integer');
  // A bound parameter can be negative.
  if (token.text.startsWith('-')) throw tokens.errorAt(`${keyword} must be >= 0`, token.at);
  return Math.min(Number(token.text), Number.MAX_SAFE_INTEGER);
}

export function parseLimitAndOffset(syntax: Syntax): { limit: number; offset: number } {
  const limit = parseLimit(syntax, 'LIMIT');
  return { limit, offset: parseLimit(syntax, 'OFFSET') };
}

/** A duration or INF, which is 0. */
export function parseDurationOrInf({ tokens }: Syntax): bigint {
  const token = tokens.next();
  if (token.kind === 'INF') return 0n;
  if (token.kind !== 'DURATIONVAL') throw tokens.unexpected(token, 'duration');
  const ns = parseDuration(token.text);
  if (typeof ns === 'string') throw tokens.errorAt(ns, token.at);
  return ns;
}

/** REPLICATION's number. */
export function parseReplication({ tokens }: Syntax): number {
  const token = tokens.next();
  if (token.kind !== 'INTEGER') throw tokens.unexpected(token, 'integer');
  const value = Number(token.text);
  if (Math.abs(value) >= 2 ** 63) {
    const message = `strconv.Atoi: parsing "${token.text}": value out of range`;
    throw tokens.errorAt(message, token.at);
  }
  if (value < 1 || value > MAX_INT32) {
    const message = `invalid value ${BigInt(token.text)}: must be 1 <= n <= ${MAX_INT32}`;
    throw tokens.errorAt(message, token.at);
  }
  return value;
}

/** An id: uint64. */
export function parseId({ tokens }: Syntax): bigint {
  const token = tokens.next();
  if (token.kind !== 'INTEGER') throw tokens.unexpected(token, 'integer');
  const refused = (why: string): Error =>
    tokens.errorAt(`strconv.ParseUint: parsing "${token.text}": ${why}`, token.at);
  if (token.text.startsWith('-')) throw refused('invalid syntax');
  const id = BigInt(token.text);
  if (id > MAX_UINT64) throw refused('value out of range');
  return id;
}

/** `WITH KEY = name`, `!= name`, `=~ /re/`, `!~ /re/`, `IN (name, …)`. */
export function parseKeyFilter(syntax: Syntax): KeyFilter {
  const { tokens } = syntax;
  tokens.expect('WITH', 'KEY');
  const token = tokens.next();
  switch (token.kind) {
    case 'IN': {
      tokens.expect('(');
      const values = tokens.list(() => tokens.identifier());
      tokens.expect(')');
      return { operator: 'IN', operand: { kind: 'list', values } };
    }
    case '=':
    case '!=':
      return { operator: token.kind, operand: { kind: 'string', value: tokens.identifier() } };
    case '=~':
    case '!~':
      return { operator: token.kind, operand: requireRegexp(syntax) };
    default:
      throw tokens.unexpected(token, 'IN', '=', '=~');
  }
}
