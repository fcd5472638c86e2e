// SHOW of what the server has: databases, policies, users, queries, and what InfluxDB has and we do not.

import { printGoDuration, type StatementOf } from '../../protocol/influxql/index.ts';
import type { UserPrivilege } from '../access.ts';
import type { ExecutionContext } from '../context.ts';
import { databaseRequired, statementFailed } from '../errors.ts';
import { type ResultSeries, table } from '../result.ts';

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
  const users = access?.users() ?? [];
  return [
    table(
      '',
      ['user', 'admin'],
      ['string', 'boolean'],
      users.map(({ name, isAdmin }) => [name, isAdmin]),
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
  if (access === undefined) throw statementFailed('user not found');
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

export function showQueries({ running }: ExecutionContext): ResultSeries[] {
  const now = performance.now();
  return [
    table(
      '',
      ['qid', 'query', 'database', 'duration', 'status'],
      ['integer', 'string', 'string', 'string', 'string'],
      running.list().map(({ id, text, database, startedMs }) => {
        const elapsedUs = Math.max(0, Math.floor((now - startedMs) * 1000));
        const duration = printGoDuration(BigInt(elapsedUs) * 1000n);
        return [id, text, database, duration, 'running'];
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

export function showDiagnostics(
  { module }: { readonly module: string },
  { version, startedMs, nowNs }: ExecutionContext,
): ResultSeries[] {
  const uptimeMs = Number(nowNs / 1_000_000n) - startedMs;
  const series = [
    table('build', ['Version'], ['string'], [[version]]),
    table(
      'system',
      ['PID', 'currentTime', 'started', 'uptime'],
      ['integer', 'time', 'time', 'string'],
      [
        [
          process.pid,
          Number(nowNs / 1_000_000n),
          startedMs,
          printGoDuration(BigInt(Math.max(0, Math.round(uptimeMs))) * 1_000_000n),
        ],
      ],
    ),
  ];
  return module === '' ? series : series.filter(({ name }) => name === module);
}
