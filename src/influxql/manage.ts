// Statements that change databases, retention policies and users.

import type { Privilege, Statement, StatementOf } from '../protocol/influxql/index.ts';
import { DEFAULT_DATABASE } from '../storage/interface.ts';
import type { UserPrivilege } from './access.ts';
import type { PolicyOptions } from './catalog/policies.ts';
import type { ExecutionContext } from './context.ts';
import { unknownDatabase } from './errors.ts';

const DATABASE_KINDS = [
  'create database',
  'drop database',
  'create retention policy',
  'alter retention policy',
  'drop retention policy',
] as const;

const USER_KINDS = [
  'create user',
  'drop user',
  'set password',
  'grant',
  'revoke',
  'grant admin',
  'revoke admin',
] as const;

type UserStatement = StatementOf<(typeof USER_KINDS)[number]>;
export type ManagingStatement = StatementOf<(typeof DATABASE_KINDS)[number]> | UserStatement;

const KINDS: ReadonlySet<Statement['kind']> = new Set([...DATABASE_KINDS, ...USER_KINDS]);

export function isManaging(statement: Statement): statement is ManagingStatement {
  return KINDS.has(statement.kind);
}

export async function manage(
  statement: ManagingStatement,
  context: ExecutionContext,
): Promise<void> {
  const { catalog } = context;
  switch (statement.kind) {
    case 'create database':
      return catalog.createDatabase(statement.name, policyOptions(statement));
    case 'drop database':
      await catalog.dropDatabase(statement.name);
      // That one is emptied and stays, and so do those who work with it.
      if (statement.name !== DEFAULT_DATABASE) context.access.databaseDropped(statement.name);
      return;
    case 'create retention policy':
      return catalog.createPolicy(statement.database, statement, statement.isDefault);
    case 'alter retention policy':
      return catalog.alterPolicy(statement.database, statement.name, statement);
    case 'drop retention policy':
      return catalog.dropPolicy(statement.database, statement.name);
    default:
      return manageUsers(statement, context);
  }
}

function policyOptions({
  policy,
}: StatementOf<'create database'>): Partial<PolicyOptions> | undefined {
  if (policy === undefined) return undefined;
  const { durationNs, replication, shardDurationNs, name } = policy;
  return {
    name,
    shardDurationNs,
    ...(durationNs !== undefined && { durationNs }),
    ...(replication !== undefined && { replication }),
  };
}

async function manageUsers(
  statement: UserStatement,
  { access, catalog, isSetup }: ExecutionContext,
): Promise<void> {
  switch (statement.kind) {
    case 'create user':
      return access.createUser(statement.name, statement.password, statement.isAdmin, isSetup);
    case 'drop user':
      return access.dropUser(statement.name);
    case 'set password':
      return access.setPassword(statement.name, statement.password);
    case 'grant admin':
      return access.setAdmin(statement.user, true);
    case 'revoke admin':
      return access.setAdmin(statement.user, false);
    case 'grant':
      access.existingUser(statement.user);
      if (!catalog.has(statement.database)) throw unknownDatabase(statement.database);
      return access.setPrivilege(
        statement.user,
        statement.database,
        PRIVILEGES[statement.privilege],
      );
    case 'revoke': {
      const { grants } = access.existingUser(statement.user);
      if (!catalog.has(statement.database)) throw unknownDatabase(statement.database);
      const old = grants.get(statement.database) ?? 'none';
      const rest = without(old, PRIVILEGES[statement.privilege]);
      return access.setPrivilege(statement.user, statement.database, rest);
    }
  }
}

const PRIVILEGES: Readonly<Record<Privilege, UserPrivilege>> = {
  READ: 'read',
  WRITE: 'write',
  'ALL PRIVILEGES': 'all',
};

function without(old: UserPrivilege, revoked: UserPrivilege): UserPrivilege {
  if (revoked === 'all' || old === revoked) return 'none';
  if (old !== 'all') return old;
  return revoked === 'read' ? 'write' : 'read';
}
