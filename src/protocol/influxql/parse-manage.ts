// Statements about databases, retention policies, users and their rights, subscriptions.

import type {
  AlterRetentionPolicyStatement,
  CreateDatabaseStatement,
  CreateRetentionPolicyStatement,
  Privilege,
  Statement,
  SubscriptionName,
} from './ast.ts';
import { parseDurationOrInf, parseReplication } from './parse-clauses.ts';
import type { Syntax } from './syntax.ts';
import type { TokenKind } from './token.ts';

export function parseCreateDatabase(syntax: Syntax): CreateDatabaseStatement {
  const { tokens } = syntax;
  const name = tokens.identifier();
  if (!tokens.accept('WITH')) return { kind: 'create database', name, policy: undefined };
  const options = ['DURATION', 'NAME', 'REPLICATION', 'SHARD'] as const;
  const token = tokens.next();
  if (!options.some((option) => option === token.kind)) {
    throw tokens.unexpected(token, ...options);
  }
  tokens.back();
  // In this order only.
  const durationNs = tokens.accept('DURATION') ? parseDurationOrInf(syntax) : undefined;
  const replication = tokens.accept('REPLICATION') ? parseReplication(syntax) : undefined;
  let shardDurationNs = 0n;
  if (tokens.accept('SHARD')) {
    tokens.expect('DURATION');
    shardDurationNs = parseDurationOrInf(syntax);
  }
  const policyName = tokens.accept('NAME') ? tokens.identifier() : '';
  const policy = { durationNs, replication, shardDurationNs, name: policyName };
  return { kind: 'create database', name, policy };
}

export function parseCreateRetentionPolicy(syntax: Syntax): CreateRetentionPolicyStatement {
  const { tokens } = syntax;
  const { name, database } = parseNameOnDatabase(syntax);
  tokens.expect('DURATION');
  const durationNs = parseDurationOrInf(syntax);
  tokens.expect('REPLICATION');
  const replication = parseReplication(syntax);
  const shardDurationNs = tokens.accept('SHARD') ? parseShardDuration(syntax) : 0n;
  const isDefault = tokens.accept('DEFAULT');
  return {
    kind: 'create retention policy',
    name,
    database,
    durationNs,
    replication,
    shardDurationNs,
    isDefault,
  };
}

export function parseAlterRetentionPolicy(syntax: Syntax): AlterRetentionPolicyStatement {
  const { tokens } = syntax;
  const name = tokens.accept('DEFAULT') ? 'default' : tokens.identifier();
  tokens.expect('ON');
  const database = tokens.identifier();
  let durationNs: bigint | undefined;
  let replication: number | undefined;
  let shardDurationNs: bigint | undefined;
  let isDefault = false;
  const found = new Set<TokenKind>();
  for (;;) {
    const token = tokens.next();
    if (found.has(token.kind)) {
      throw tokens.errorAt(`found duplicate ${token.kind} option`, token.at);
    }
    if (token.kind === 'DURATION') durationNs = parseDurationOrInf(syntax);
    else if (token.kind === 'REPLICATION') replication = parseReplication(syntax);
    else if (token.kind === 'SHARD') shardDurationNs = parseShardDuration(syntax);
    else if (token.kind === 'DEFAULT') isDefault = true;
    else if (found.size > 0) break;
    else throw tokens.unexpected(token, 'DURATION', 'REPLICATION', 'SHARD', 'DEFAULT');
    found.add(token.kind);
  }
  tokens.back();
  return {
    kind: 'alter retention policy',
    name,
    database,
    durationNs,
    replication,
    shardDurationNs,
    isDefault,
  };
}

/** After SHARD. */
function parseShardDuration(syntax: Syntax): bigint {
  const { tokens } = syntax;
  tokens.expect('DURATION');
  const token = tokens.next();
  if (token.kind === 'INF') {
    throw tokens.errorAt('invalid duration INF for shard duration', token.at);
  }
  tokens.back();
  return parseDurationOrInf(syntax);
}

/** `name ON database`. */
export function parseNameOnDatabase({ tokens }: Syntax): { name: string; database: string } {
  const name = tokens.identifier();
  tokens.expect('ON');
  return { name, database: tokens.identifier() };
}

export function parseCreateUser({ tokens }: Syntax): Statement {
  const name = tokens.identifier();
  tokens.expect('WITH', 'PASSWORD');
  const password = tokens.string();
  const isAdmin = tokens.accept('WITH');
  if (isAdmin) tokens.expect('ALL', 'PRIVILEGES');
  return { kind: 'create user', name, password, isAdmin };
}

export function parseSetPassword({ tokens }: Syntax): Statement {
  const name = tokens.identifier();
  tokens.expect('=');
  return { kind: 'set password', name, password: tokens.string() };
}

/** After GRANT or REVOKE. Without ON it is about being an administrator: all privileges or none. */
export function parseGrant(syntax: Syntax, kind: 'grant' | 'revoke'): Statement {
  const { tokens } = syntax;
  const preposition = kind === 'grant' ? 'TO' : 'FROM';
  const privilege = parsePrivilege(syntax);
  const token = tokens.next();
  if (token.kind === 'ON') {
    const database = tokens.identifier();
    tokens.expect(preposition);
    return { kind, privilege, database, user: tokens.identifier() };
  }
  if (privilege !== 'ALL PRIVILEGES') throw tokens.unexpected(token, 'ON');
  if (token.kind !== preposition) throw tokens.unexpected(token, 'ON', preposition);
  return { kind: kind === 'grant' ? 'grant admin' : 'revoke admin', user: tokens.identifier() };
}

function parsePrivilege({ tokens }: Syntax): Privilege {
  const token = tokens.next();
  if (token.kind === 'READ' || token.kind === 'WRITE') return token.kind;
  if (token.kind !== 'ALL') throw tokens.unexpected(token, 'READ', 'WRITE', 'ALL [PRIVILEGES]');
  tokens.accept('PRIVILEGES');
  return 'ALL PRIVILEGES';
}

export function parseCreateSubscription(syntax: Syntax): Statement {
  const { tokens } = syntax;
  const subscription = parseSubscriptionName(syntax);
  tokens.expect('DESTINATIONS');
  const token = tokens.next();
  if (token.kind !== 'ALL' && token.kind !== 'ANY') throw tokens.unexpected(token, 'ALL', 'ANY');
  const destinations = tokens.list(() => tokens.string());
  return { kind: 'create subscription', ...subscription, mode: token.kind, destinations };
}

/** `name ON database.policy`. */
export function parseSubscriptionName(syntax: Syntax): SubscriptionName {
  const { tokens } = syntax;
  const { name, database } = parseNameOnDatabase(syntax);
  const dot = tokens.nextRaw();
  if (dot.kind !== '.') throw tokens.unexpected(dot, '.');
  return { name, database, retentionPolicy: tokens.identifier() };
}
