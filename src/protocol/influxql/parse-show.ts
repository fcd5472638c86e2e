// SHOW …: databases' index and the server's state.

import type {
  CardinalityClauses,
  IndexClauses,
  ShowClauses,
  Statement,
  StatementOf,
} from './ast.ts';
import {
  parseCondition,
  parseDimensions,
  parseFromMeasurements,
  parseKeyFilter,
  parseLimit,
  parseLimitAndOffset,
  parseMeasurement,
  parseOnDatabase,
  parseOrderBy,
} from './parse-clauses.ts';
import type { Syntax } from './syntax.ts';

export function parseShowSeries(syntax: Syntax): Statement {
  const { tokens } = syntax;
  const isExact = tokens.accept('EXACT');
  // InfluxDB takes an EXACT without CARDINALITY and ignores it.
  if (tokens.accept('CARDINALITY')) {
    return { kind: 'show series cardinality', ...parseCardinality(syntax, isExact) };
  }
  return { kind: 'show series', ...parseShowClauses(syntax) };
}

/** After SHOW MEASUREMENT and one of EXACT and CARDINALITY. */
export function parseMeasurementCardinality(syntax: Syntax, isExact: boolean): Statement {
  if (isExact) syntax.tokens.expect('CARDINALITY');
  return { kind: 'show measurement cardinality', ...parseCardinality(syntax, isExact) };
}

/** After SHOW TAG KEY or SHOW FIELD KEY. */
export function parseKeyCardinality(
  syntax: Syntax,
  kind: 'show tag key cardinality' | 'show field key cardinality',
): Statement {
  const { tokens } = syntax;
  const isExact = tokens.accept('EXACT');
  const token = tokens.next();
  if (token.kind !== 'CARDINALITY') {
    throw tokens.unexpected(token, ...(isExact ? [] : ['EXACT']), 'CARDINALITY');
  }
  return { kind, ...parseCardinality(syntax, isExact) };
}

export function parseShowTagValues(syntax: Syntax): Statement {
  const { tokens } = syntax;
  const isExact = tokens.accept('EXACT');
  if (isExact) tokens.expect('CARDINALITY');
  if (isExact || tokens.accept('CARDINALITY')) {
    const database = parseOnDatabase(syntax);
    const sources = parseFromMeasurements(syntax);
    const keys = parseKeyFilter(syntax);
    const rest = parseCardinalityTail(syntax, isExact);
    return { kind: 'show tag values cardinality', database, sources, keys, ...rest };
  }
  const database = parseOnDatabase(syntax);
  const sources = parseFromMeasurements(syntax);
  const keys = parseKeyFilter(syntax);
  return { kind: 'show tag values', database, sources, keys, ...parseShowTail(syntax) };
}

export function parseShowTagKeys(syntax: Syntax): StatementOf<'show tag keys'> {
  const clauses = parseShowClauses(syntax);
  const seriesLimit = parseLimit(syntax, 'SLIMIT');
  const seriesOffset = parseLimit(syntax, 'SOFFSET');
  return { kind: 'show tag keys', ...clauses, seriesLimit, seriesOffset };
}

export function parseShowFieldKeys(syntax: Syntax): StatementOf<'show field keys'> {
  const database = parseOnDatabase(syntax);
  const sources = parseFromMeasurements(syntax);
  const sortFields = parseOrderBy(syntax);
  return { kind: 'show field keys', database, sources, sortFields, ...parseLimitAndOffset(syntax) };
}

export function parseShowMeasurements(syntax: Syntax): StatementOf<'show measurements'> {
  const database = parseOnDatabase(syntax);
  const source = parseWithMeasurement(syntax);
  return { kind: 'show measurements', database, source, ...parseShowTail(syntax) };
}

function parseWithMeasurement(syntax: Syntax): ReturnType<typeof parseMeasurement> | undefined {
  const { tokens } = syntax;
  if (!tokens.accept('WITH')) return undefined;
  tokens.expect('MEASUREMENT');
  const token = tokens.next();
  // Either operator takes a name or a pattern.
  if (token.kind !== '=' && token.kind !== '=~') throw tokens.unexpected(token, '=', '=~');
  return parseMeasurement(syntax);
}

export function parseShowModule(
  { tokens }: Syntax,
  kind: 'show stats' | 'show diagnostics',
): Statement {
  return { kind, module: tokens.accept('FOR') ? tokens.string() : '' };
}

function parseShowClauses(syntax: Syntax): ShowClauses {
  const database = parseOnDatabase(syntax);
  const sources = parseFromMeasurements(syntax);
  return { database, sources, ...parseShowTail(syntax) };
}

function parseShowTail(
  syntax: Syntax,
): Pick<ShowClauses, 'condition' | 'sortFields' | 'limit' | 'offset'> {
  const condition = parseCondition(syntax);
  const sortFields = parseOrderBy(syntax);
  return { condition, sortFields, ...parseLimitAndOffset(syntax) };
}

function parseCardinality(syntax: Syntax, isExact: boolean): CardinalityClauses {
  const database = parseOnDatabase(syntax);
  const sources = parseFromMeasurements(syntax);
  return { database, sources, ...parseCardinalityTail(syntax, isExact) };
}

function parseCardinalityTail(
  syntax: Syntax,
  isExact: boolean,
): Omit<CardinalityClauses, keyof Pick<IndexClauses, 'database' | 'sources'>> {
  const condition = parseCondition(syntax);
  const dimensions = parseDimensions(syntax);
  return { isExact, condition, dimensions, ...parseLimitAndOffset(syntax) };
}
