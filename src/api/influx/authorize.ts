// Who may execute which statements. Texts are InfluxDB's.

import type { FastifyRequest } from 'fastify';
import { forbidden } from '../../access/index.ts';
import { databaseOfScope } from '../../influxql/index.ts';
import {
  printStatement,
  requiredPrivileges,
  type Statement,
} from '../../protocol/influxql/index.ts';
import { mayCreateFirstAdmin, SETUP } from '../rights.ts';

/** Throws ACCESS_FORBIDDEN. `database` is the request's. */
export function authorizeStatements(
  request: FastifyRequest,
  statements: readonly Statement[],
  database: string,
): void {
  const { principal } = request;
  if (principal.isAdmin) return;
  if (principal.kind === 'nobody') {
    const [first] = statements;
    const isFirstAdmin = first?.kind === 'create user' && first.isAdmin && statements.length === 1;
    if (isFirstAdmin && mayCreateFirstAdmin(request)) return;
    throw refused(SETUP);
  }
  for (const statement of statements) {
    for (const required of requiredPrivileges(statement)) {
      const who = `${principal.name} not authorized to execute statement '${printStatement(statement)}'`;
      if (required.kind === 'admin') throw refused(`${who}, requires admin privilege`);
      const name = required.database || database;
      const right = required.privilege === 'READ' ? 'read' : 'write';
      if (principal.may(right, databaseOfScope(name))) continue;
      throw refused(`${who}, requires ${required.privilege} on ${name}`);
    }
  }
}

function refused(why: string): Error {
  return forbidden(`error authorizing query: ${why}`);
}
