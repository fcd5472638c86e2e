// Statements as InfluxDB prints them in its messages: from the tree, passwords left out.

import type {
  AlterRetentionPolicyStatement,
  CardinalityClauses,
  CreateContinuousQueryStatement,
  CreateDatabaseStatement,
  CreateRetentionPolicyStatement,
  Expression,
  Field,
  Fill,
  KeyFilter,
  Measurement,
  SelectStatement,
  SortField,
  Source,
  Statement,
  SubscriptionName,
} from './ast.ts';
import { printDuration, printGoDuration } from './duration.ts';
import { printExpression, printNumber } from './print-expression.ts';
import { printIdentifier, printString } from './quote.ts';

/** One statement; never a password. */
export function printStatement(statement: Statement): string {
  switch (statement.kind) {
    case 'select':
      return printSelect(statement);
    case 'explain':
      return `EXPLAIN ${statement.isAnalyze ? 'ANALYZE ' : ''}${printSelect(statement.select)}`;
    case 'delete':
      return `DELETE${from(statement.sources)}${where(statement.condition)}`;
    case 'drop series':
      return `DROP SERIES${from(statement.sources)}${where(statement.condition)}`;
    case 'drop measurement':
      return `DROP MEASUREMENT ${printIdentifier(statement.name)}`;
    case 'drop shard':
      return `DROP SHARD ${statement.id}`;
    case 'create database':
      return printCreateDatabase(statement);
    case 'drop database':
      return `DROP DATABASE ${printIdentifier(statement.name)}`;
    case 'create retention policy':
      return printCreatePolicy(statement);
    case 'alter retention policy':
      return printAlterPolicy(statement);
    case 'drop retention policy':
      return `DROP RETENTION POLICY ${onDatabase(statement)}`;
    case 'create user': {
      const admin = statement.isAdmin ? ' WITH ALL PRIVILEGES' : '';
      return `CREATE USER ${printIdentifier(statement.name)} WITH PASSWORD [REDACTED]${admin}`;
    }
    case 'drop user':
      return `DROP USER ${printIdentifier(statement.name)}`;
    case 'set password':
      return `SET PASSWORD FOR ${printIdentifier(statement.name)} = [REDACTED]`;
    case 'grant':
    case 'revoke': {
      const to = statement.kind === 'grant' ? 'TO' : 'FROM';
      return `${statement.kind.toUpperCase()} ${statement.privilege} ON ${printIdentifier(statement.database)} ${to} ${printIdentifier(statement.user)}`;
    }
    case 'grant admin':
      return `GRANT ALL PRIVILEGES TO ${printIdentifier(statement.user)}`;
    case 'revoke admin':
      return `REVOKE ALL PRIVILEGES FROM ${printIdentifier(statement.user)}`;
    case 'create continuous query':
      return printCreateContinuousQuery(statement);
    case 'drop continuous query':
      return `DROP CONTINUOUS QUERY ${onDatabase(statement)}`;
    case 'create subscription': {
      const destinations = statement.destinations.map(printString).join(', ');
      return `CREATE SUBSCRIPTION ${onPolicy(statement)} DESTINATIONS ${statement.mode} ${destinations}`;
    }
    case 'drop subscription':
      return `DROP SUBSCRIPTION ${onPolicy(statement)}`;
    case 'kill query': {
      const host = statement.host === '' ? '' : ` ON ${printIdentifier(statement.host)}`;
      return `KILL QUERY ${statement.id}${host}`;
    }
    default:
      return printShow(statement);
  }
}

type ShowStatement = Extract<Statement, { readonly kind: `show ${string}` }>;

function printShow(statement: ShowStatement): string {
  switch (statement.kind) {
    case 'show series':
      return `SHOW SERIES${on(statement.database)}${from(statement.sources)}${showTail(statement)}`;
    case 'show tag keys': {
      const series =
        count('SLIMIT', statement.seriesLimit) + count('SOFFSET', statement.seriesOffset);
      return `SHOW TAG KEYS${on(statement.database)}${from(statement.sources)}${showTail(statement)}${series}`;
    }
    case 'show tag values':
      return `SHOW TAG VALUES${on(statement.database)}${from(statement.sources)}${withKey(statement.keys)}${showTail(statement)}`;
    case 'show field keys': {
      const tail = showTail({ ...statement, condition: undefined });
      return `SHOW FIELD KEYS${on(statement.database)}${from(statement.sources)}${tail}`;
    }
    case 'show measurements': {
      // InfluxDB does not quote the name here.
      const database = statement.database === '' ? '' : ` ON ${statement.database}`;
      return `SHOW MEASUREMENTS${database}${withMeasurement(statement.source)}${showTail(statement)}`;
    }
    case 'show series cardinality':
      return printCardinality('SHOW SERIES', statement);
    case 'show measurement cardinality':
      return printCardinality('SHOW MEASUREMENT', statement);
    case 'show tag key cardinality':
      return printCardinality('SHOW TAG KEY', statement);
    case 'show field key cardinality':
      return printCardinality('SHOW FIELD KEY', statement);
    case 'show tag values cardinality':
      return printCardinality('SHOW TAG VALUES', statement, withKey(statement.keys));
    case 'show retention policies':
      return `SHOW RETENTION POLICIES${on(statement.database)}`;
    case 'show grants':
      return `SHOW GRANTS FOR ${printIdentifier(statement.user)}`;
    case 'show stats':
    case 'show diagnostics': {
      const module = statement.module === '' ? '' : ` FOR ${printString(statement.module)}`;
      return `${statement.kind.toUpperCase()}${module}`;
    }
    default:
      return statement.kind.toUpperCase();
  }
}

function printSelect(statement: SelectStatement): string {
  const { target, timeZone } = statement;
  const fields = statement.fields.map(printField).join(', ');
  const into = target === undefined ? '' : ` INTO ${printTarget(target)}`;
  const series = count('SLIMIT', statement.seriesLimit) + count('SOFFSET', statement.seriesOffset);
  const zone = timeZone === undefined ? '' : ` TZ('${timeZone}')`;
  return `SELECT ${fields}${into}${from(statement.sources)}${where(statement.condition)}${groupBy(statement.dimensions)}${printFill(statement.fill)}${orderBy(statement.sortFields)}${limits(statement)}${series}${zone}`;
}

function printField({ expression, alias }: Field): string {
  const printed = printExpression(expression);
  return alias === '' ? printed : `${printed} AS ${printIdentifier(alias)}`;
}

function printTarget(target: Measurement): string {
  return printMeasurement(target) + (target.name === '' ? ':MEASUREMENT' : '');
}

/** A source of a query. */
export function printSource(source: Source): string {
  return source.kind === 'subquery'
    ? `(${printSelect(source.statement)})`
    : printMeasurement(source);
}

function printMeasurement({ database, retentionPolicy, name, regexp }: Measurement): string {
  const prefix =
    (database === '' ? '' : `${printIdentifier(database)}.`) +
    (retentionPolicy === '' ? '' : printIdentifier(retentionPolicy)) +
    (database === '' && retentionPolicy === '' ? '' : '.');
  if (name !== '') return prefix + printIdentifier(name);
  return regexp === undefined ? prefix : prefix + printExpression(regexp);
}

function printFill(fill: Fill): string {
  switch (fill.kind) {
    case 'null':
      return '';
    case 'number': {
      const { value } = fill;
      return ` fill(${typeof value === 'bigint' ? value : printNumber(value)})`;
    }
    default:
      return ` fill(${fill.kind})`;
  }
}

function printCreateDatabase({ name, policy }: CreateDatabaseStatement): string {
  const printed = `CREATE DATABASE ${printIdentifier(name)}`;
  if (policy === undefined) return printed;
  const { durationNs, replication, shardDurationNs } = policy;
  // Durations in Go's form, other than elsewhere.
  const duration = durationNs === undefined ? '' : ` DURATION ${printGoDuration(durationNs)}`;
  const replicas = replication === undefined ? '' : ` REPLICATION ${replication}`;
  const shard = shardDurationNs > 0n ? ` SHARD DURATION ${printGoDuration(shardDurationNs)}` : '';
  const policyName = policy.name === '' ? '' : ` NAME ${printIdentifier(policy.name)}`;
  return `${printed} WITH${duration}${replicas}${shard}${policyName}`;
}

function printCreatePolicy(statement: CreateRetentionPolicyStatement): string {
  const { durationNs, replication, shardDurationNs, isDefault } = statement;
  const shard = shardDurationNs > 0n ? ` SHARD DURATION ${printDuration(shardDurationNs)}` : '';
  return `CREATE RETENTION POLICY ${onDatabase(statement)} DURATION ${printDuration(durationNs)} REPLICATION ${replication}${shard}${isDefault ? ' DEFAULT' : ''}`;
}

function printAlterPolicy(statement: AlterRetentionPolicyStatement): string {
  const { durationNs, replication, shardDurationNs, isDefault } = statement;
  const duration = durationNs === undefined ? '' : ` DURATION ${printDuration(durationNs)}`;
  const replicas = replication === undefined ? '' : ` REPLICATION ${replication}`;
  const shard =
    shardDurationNs === undefined ? '' : ` SHARD DURATION ${printDuration(shardDurationNs)}`;
  return `ALTER RETENTION POLICY ${onDatabase(statement)}${duration}${replicas}${shard}${isDefault ? ' DEFAULT' : ''}`;
}

function printCreateContinuousQuery(statement: CreateContinuousQueryStatement): string {
  const { resampleEveryNs, resampleForNs, select } = statement;
  const every = resampleEveryNs > 0n ? `EVERY ${printDuration(resampleEveryNs)} ` : '';
  const span = resampleForNs > 0n ? `FOR ${printDuration(resampleForNs)} ` : '';
  const resample = every === '' && span === '' ? '' : `RESAMPLE ${every}${span}`;
  return `CREATE CONTINUOUS QUERY ${onDatabase(statement)} ${resample}BEGIN ${printSelect(select)} END`;
}

function printCardinality(what: string, statement: CardinalityClauses, keys = ''): string {
  const exact = statement.isExact ? ' EXACT' : '';
  return `${what}${exact} CARDINALITY${on(statement.database)}${from(statement.sources)}${keys}${where(statement.condition)}${groupBy(statement.dimensions)}${limits(statement)}`;
}

function withKey({ operator, operand }: KeyFilter): string {
  const keys =
    operand.kind === 'string' ? printIdentifier(operand.value) : printExpression(operand);
  return ` WITH KEY ${operator} ${keys}`;
}

function withMeasurement(source: Source | undefined): string {
  if (source === undefined) return '';
  const isPattern = source.kind === 'measurement' && source.regexp !== undefined;
  return ` WITH MEASUREMENT ${isPattern ? '=~' : '='} ${printSource(source)}`;
}

function showTail(statement: {
  readonly condition: Expression | undefined;
  readonly sortFields: readonly SortField[];
  readonly limit: number;
  readonly offset: number;
}): string {
  return where(statement.condition) + orderBy(statement.sortFields) + limits(statement);
}

function onDatabase({ name, database }: { name: string; database: string }): string {
  return `${printIdentifier(name)} ON ${printIdentifier(database)}`;
}

function onPolicy(subscription: SubscriptionName): string {
  return `${onDatabase(subscription)}.${printIdentifier(subscription.retentionPolicy)}`;
}

function on(database: string): string {
  return database === '' ? '' : ` ON ${printIdentifier(database)}`;
}

function from(sources: readonly Source[]): string {
  return sources.length === 0 ? '' : ` FROM ${sources.map(printSource).join(', ')}`;
}

function where(condition: Expression | undefined): string {
  return condition === undefined ? '' : ` WHERE ${printExpression(condition)}`;
}

function groupBy(dimensions: readonly Expression[]): string {
  return dimensions.length === 0 ? '' : ` GROUP BY ${dimensions.map(printExpression).join(', ')}`;
}

function orderBy(sortFields: readonly SortField[]): string {
  if (sortFields.length === 0) return '';
  const printed = sortFields.map(({ name, isAscending }) =>
    [name, isAscending ? 'ASC' : 'DESC'].filter((part) => part !== '').join(' '),
  );
  return ` ORDER BY ${printed.join(', ')}`;
}

function limits({ limit, offset }: { limit: number; offset: number }): string {
  return count('LIMIT', limit) + count('OFFSET', offset);
}

function count(keyword: string, value: number): string {
  return value === 0 ? '' : ` ${keyword} ${value}`;
}
