// SHOW of what the server has: databases, policies, users, queries, and what InfluxDB has and we do not.

import { printGoDuration, type StatementOf } from '../../protocol/influxql/index.ts';
import type { UserPrivilege } from '../access.ts';
import type { ExecutionContext, InfoGroup, InfoValue } from '../context.ts';
import { databaseRequired } from '../errors.ts';
import { type CellType, type ResultSeries, table } from '../result.ts';

export function showDatabases({ catalog, isVisible }: ExecutionContext): ResultSeries[] {
  const names = catalog.databaseNames().filter(isVisible);
  return [
    table(
      'databases',
      ['name'],
      ['string'],
      names.map((name) => [name]),
    ),
  ];
}

export function showRetentionPolicies(
  { database }: StatementOf<'show retention policies'>,
  context: ExecutionContext,
): ResultSeries[] {
  const name = database || context.database;
  if (name === '') throw databaseRequired();
  const { defaultName, policies } = context.catalog.policies(name);
  return [
    table(
      '',
      ['name', 'duration', 'shardGroupDuration', 'replicaN', 'default'],
      ['string', 'string', 'string', 'integer', 'boolean'],
      policies.map((policy) => [
        policy.name,
        printGoDuration(policy.durationNs),
        printGoDuration(policy.shardDurationNs),
        policy.replication,
        policy.name === defaultName,
      ]),
    ),
  ];
}

export function showUsers({ access }: ExecutionContext): ResultSeries[] {
  return [
    table(
      '',
      ['user', 'admin'],
      ['string', 'boolean'],
      access.users().map(({ name, isAdmin }) => [name, isAdmin]),
    ),
  ];
}

const PRIVILEGE_NAMES: Readonly<Record<UserPrivilege, string>> = {
  none: 'NO PRIVILEGES',
  read: 'READ',
  write: 'WRITE',
  all: 'ALL PRIVILEGES',
};

export function showGrants(
  { user }: StatementOf<'show grants'>,
  { access }: ExecutionContext,
): ResultSeries[] {
  const { grants } = access.existingUser(user);
  return [
    table(
      '',
      ['database', 'privilege'],
      ['string', 'string'],
      [...grants].map(([database, privilege]) => [database, PRIVILEGE_NAMES[privilege]]),
    ),
  ];
}

export function showQueries({ server }: ExecutionContext): ResultSeries[] {
  return [
    table(
      '',
      ['qid', 'query', 'database', 'duration', 'status'],
      ['integer', 'string', 'string', 'string', 'string'],
      server.queries().map(({ id, text, database, durationMs, status }) => {
        const elapsedUs = Math.max(0, Math.floor(durationMs * 1000));
        return [id, text, database, printGoDuration(BigInt(elapsedUs) * 1000n), status];
      }),
    ),
  ];
}

/** There are none, whichever database is asked. */
export function showContinuousQueries({ catalog }: ExecutionContext): ResultSeries[] {
  return catalog
    .databaseNames()
    .map((name) => table(name, ['name', 'query'], ['string', 'string'], []));
}

/** The store has no shards. */
export function showShards({ catalog }: ExecutionContext): ResultSeries[] {
  const columns = [
    'id',
    'database',
    'retention_policy',
    'shard_group',
    'start_time',
    'end_time',
    'expiry_time',
    'owners',
  ];
  const types = columns.map(() => 'string' as const);
  return catalog.databaseNames().map((name) => table(name, columns, types, []));
}

export function showShardGroups(): ResultSeries[] {
  const columns = ['id', 'database', 'retention_policy', 'start_time', 'end_time', 'expiry_time'];
  return [
    table(
      'shard groups',
      columns,
      columns.map(() => 'string' as const),
      [],
    ),
  ];
}

export function showStats(
  { module }: { readonly module: string },
  { server }: ExecutionContext,
): ResultSeries[] {
  return groupTables(server.stats(), module);
}

export function showDiagnostics(
  { module }: { readonly module: string },
  { server }: ExecutionContext,
): ResultSeries[] {
  return groupTables(server.diagnostics(), module);
}

/** A series of one row for each group; of the groups of that name alone, if there is one. */
function groupTables(groups: readonly InfoGroup[], name: string): ResultSeries[] {
  const wanted = name === '' ? groups : groups.filter((group) => group.name === name);
  return wanted.map(({ name: title, tags = {}, values }) => {
    const cells = Object.values(values);
    const row = cells.map((cell) => (typeof cell === 'object' ? cell.time : cell));
    return {
      ...table(title, Object.keys(values), cells.map(typeOfInfo), [row]),
      tags: Object.entries(tags),
    };
  });
}

function typeOfInfo(value: InfoValue): CellType {
  switch (typeof value) {
    case 'number':
      return Number.isInteger(value) ? 'integer' : 'float';
    case 'object':
      return 'time';
    case 'boolean':
      return 'boolean';
    default:
      return 'string';
  }
}
