// A query's text → statements. The first words choose the statement, see `LANGUAGE`.

import type { CreateContinuousQueryStatement, SelectStatement, Source, Statement } from './ast.ts';
import { parseDuration, printDuration } from './duration.ts';
import { parseError } from './errors.ts';
import { groupByInterval } from './group-by-time.ts';
import { NO_PARAMETERS, type Parameters } from './parameters.ts';
import { parseCondition, parseId, parseMeasurements, parseOnDatabase } from './parse-clauses.ts';
import {
  parseAlterRetentionPolicy,
  parseCreateDatabase,
  parseCreateRetentionPolicy,
  parseCreateSubscription,
  parseCreateUser,
  parseGrant,
  parseNameOnDatabase,
  parseSetPassword,
  parseSubscriptionName,
} from './parse-manage.ts';
import { parseSelect } from './parse-select.ts';
import {
  parseKeyCardinality,
  parseMeasurementCardinality,
  parseShowFieldKeys,
  parseShowMeasurements,
  parseShowModule,
  parseShowSeries,
  parseShowTagKeys,
  parseShowTagValues,
} from './parse-show.ts';
import { Syntax } from './syntax.ts';
import type { Keyword } from './token.ts';
import { findExpression } from './walk.ts';

type Rule = (syntax: Syntax) => Statement;
/** By the next word; the order is the one in which messages list what was expected. */
type Words = ReadonlyMap<Keyword, Rule | Words>;

/**
 * Statements separated by semicolons; empty ones are skipped. `parameters` are the values of `$name`.
 * Throws INFLUXQL_PARSE (`bad_data`), whose message is the whole of what InfluxDB answers.
 */
export function parseStatements(text: string, parameters: Parameters = NO_PARAMETERS): Statement[] {
  const syntax = new Syntax(text, parameters);
  const { tokens } = syntax;
  const statements: Statement[] = [];
  let isSeparated = true;
  for (;;) {
    const token = tokens.next();
    if (token.kind === 'EOF') return statements;
    if (token.kind === ';') {
      isSeparated = true;
      continue;
    }
    if (!isSeparated) throw tokens.unexpected(token, ';');
    tokens.back();
    syntax.beginStatement();
    statements.push(parseStatement(syntax));
    isSeparated = false;
  }
}

function parseStatement(syntax: Syntax): Statement {
  const { tokens } = syntax;
  let words = LANGUAGE;
  for (;;) {
    const token = tokens.next();
    const next = words.get(token.kind as Keyword);
    if (next === undefined) throw tokens.unexpected(token, ...words.keys());
    if (typeof next === 'function') return next(syntax);
    words = next;
  }
}

function words(entries: readonly (readonly [Keyword, Rule | Words])[]): Words {
  return new Map(entries);
}

const SHOW = words([
  ['CONTINUOUS', words([['QUERIES', () => ({ kind: 'show continuous queries' })]])],
  ['DATABASES', () => ({ kind: 'show databases' })],
  ['DIAGNOSTICS', (syntax) => parseShowModule(syntax, 'show diagnostics')],
  [
    'FIELD',
    words([
      ['KEY', (syntax) => parseKeyCardinality(syntax, 'show field key cardinality')],
      ['KEYS', parseShowFieldKeys],
    ]),
  ],
  [
    'GRANTS',
    words([['FOR', ({ tokens }) => ({ kind: 'show grants', user: tokens.identifier() })]]),
  ],
  [
    'MEASUREMENT',
    words([
      ['EXACT', (syntax) => parseMeasurementCardinality(syntax, true)],
      ['CARDINALITY', (syntax) => parseMeasurementCardinality(syntax, false)],
    ]),
  ],
  ['MEASUREMENTS', parseShowMeasurements],
  ['QUERIES', () => ({ kind: 'show queries' })],
  [
    'RETENTION',
    words([
      [
        'POLICIES',
        (syntax) => ({ kind: 'show retention policies', database: parseOnDatabase(syntax) }),
      ],
    ]),
  ],
  ['SERIES', parseShowSeries],
  ['SHARD', words([['GROUPS', () => ({ kind: 'show shard groups' })]])],
  ['SHARDS', () => ({ kind: 'show shards' })],
  ['STATS', (syntax) => parseShowModule(syntax, 'show stats')],
  ['SUBSCRIPTIONS', () => ({ kind: 'show subscriptions' })],
  [
    'TAG',
    words([
      ['KEY', (syntax) => parseKeyCardinality(syntax, 'show tag key cardinality')],
      ['KEYS', parseShowTagKeys],
      ['VALUES', parseShowTagValues],
    ]),
  ],
  ['USERS', () => ({ kind: 'show users' })],
]);

const CREATE = words([
  ['CONTINUOUS', words([['QUERY', parseCreateContinuousQuery]])],
  ['DATABASE', parseCreateDatabase],
  ['USER', parseCreateUser],
  ['RETENTION', words([['POLICY', parseCreateRetentionPolicy]])],
  ['SUBSCRIPTION', parseCreateSubscription],
]);

const DROP = words([
  [
    'CONTINUOUS',
    words([
      ['QUERY', (syntax) => ({ kind: 'drop continuous query', ...parseNameOnDatabase(syntax) })],
    ]),
  ],
  ['DATABASE', ({ tokens }) => ({ kind: 'drop database', name: tokens.identifier() })],
  ['MEASUREMENT', ({ tokens }) => ({ kind: 'drop measurement', name: tokens.identifier() })],
  [
    'RETENTION',
    words([
      ['POLICY', (syntax) => ({ kind: 'drop retention policy', ...parseNameOnDatabase(syntax) })],
    ]),
  ],
  ['SERIES', (syntax) => parseRemoval(syntax, 'drop series')],
  ['SHARD', (syntax) => ({ kind: 'drop shard', id: parseId(syntax) })],
  ['SUBSCRIPTION', (syntax) => ({ kind: 'drop subscription', ...parseSubscriptionName(syntax) })],
  ['USER', ({ tokens }) => ({ kind: 'drop user', name: tokens.identifier() })],
]);

const LANGUAGE: Words = words([
  ['SELECT', (syntax) => parseSelect(syntax)],
  ['DELETE', (syntax) => parseRemoval(syntax, 'delete')],
  ['SHOW', SHOW],
  ['CREATE', CREATE],
  ['DROP', DROP],
  ['EXPLAIN', parseExplain],
  ['GRANT', (syntax) => parseGrant(syntax, 'grant')],
  ['REVOKE', (syntax) => parseGrant(syntax, 'revoke')],
  ['ALTER', words([['RETENTION', words([['POLICY', parseAlterRetentionPolicy]])]])],
  ['SET', words([['PASSWORD', words([['FOR', parseSetPassword]])]])],
  ['KILL', words([['QUERY', parseKillQuery]])],
]);

/** DELETE and DROP SERIES: FROM, WHERE or both. */
function parseRemoval(syntax: Syntax, kind: 'delete' | 'drop series'): Statement {
  const { tokens } = syntax;
  const token = tokens.next();
  let sources: Source[] = [];
  if (token.kind === 'FROM') {
    const measurements = parseMeasurements(syntax);
    // The last complaint wins, as in InfluxDB.
    let unsupported = '';
    for (const { database, retentionPolicy } of measurements) {
      if (database !== '') unsupported = 'database';
      if (retentionPolicy !== '') unsupported = 'retention policy';
    }
    if (unsupported !== '') throw tokens.errorAt(`${unsupported} not supported`, 0);
    sources = measurements;
  } else {
    tokens.back();
  }
  const condition = parseCondition(syntax);
  if (sources.length === 0 && condition === undefined) {
    throw tokens.unexpected(token, 'FROM', 'WHERE');
  }
  return { kind, sources, condition };
}

function parseExplain(syntax: Syntax): Statement {
  const { tokens } = syntax;
  const isAnalyze = tokens.accept('ANALYZE');
  tokens.expect('SELECT');
  return { kind: 'explain', isAnalyze, select: parseSelect(syntax) };
}

function parseKillQuery(syntax: Syntax): Statement {
  const { tokens } = syntax;
  const id = parseId(syntax);
  return { kind: 'kill query', id, host: tokens.accept('ON') ? tokens.identifier() : '' };
}

function parseCreateContinuousQuery(syntax: Syntax): CreateContinuousQueryStatement {
  const { tokens } = syntax;
  const { name, database } = parseNameOnDatabase(syntax);
  const { resampleEveryNs, resampleForNs } = parseResample(syntax);
  tokens.expect('BEGIN', 'SELECT');
  const select = parseSelect(syntax, true);
  const interval = groupByInterval(select);
  if (isAggregate(select) && (typeof interval === 'string' || interval === 0n)) {
    // Placed at the token before the one that follows the statement.
    tokens.back();
    tokens.back();
    const reasons = typeof interval === 'string' ? [interval] : [];
    throw tokens.unexpected(tokens.next(), 'GROUP BY time(...)', ...reasons);
  }
  tokens.expect('END');
  if (typeof interval === 'string') throw parseError(interval);
  const least = resampleEveryNs > interval ? resampleEveryNs : interval;
  if (resampleForNs !== 0n && least > resampleForNs) {
    throw parseError(
      `FOR duration must be >= GROUP BY time duration: must be a minimum of ${printDuration(least)}, got ${printDuration(resampleForNs)}`,
    );
  }
  return {
    kind: 'create continuous query',
    name,
    database,
    resampleEveryNs,
    resampleForNs,
    select,
  };
}

function isAggregate({ fields }: SelectStatement): boolean {
  return fields.some(
    ({ expression }) => findExpression(expression, ({ kind }) => kind === 'call') !== undefined,
  );
}

function parseResample(syntax: Syntax): { resampleEveryNs: bigint; resampleForNs: bigint } {
  const { tokens } = syntax;
  if (!tokens.accept('RESAMPLE')) return { resampleEveryNs: 0n, resampleForNs: 0n };
  const resampleEveryNs = tokens.accept('EVERY') ? parseFiniteDuration(syntax) : 0n;
  const resampleForNs = tokens.accept('FOR') ? parseFiniteDuration(syntax) : 0n;
  if (resampleEveryNs === 0n && resampleForNs === 0n) {
    throw tokens.unexpected(tokens.next(), 'EVERY', 'FOR');
  }
  return { resampleEveryNs, resampleForNs };
}

function parseFiniteDuration({ tokens }: Syntax): bigint {
  const token = tokens.next();
  if (token.kind !== 'DURATIONVAL') throw tokens.unexpected(token, 'duration');
  const ns = parseDuration(token.text);
  if (typeof ns === 'string') throw tokens.errorAt(ns, token.at);
  return ns;
}
