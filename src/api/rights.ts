// What routes ask for, and whether a request's principal has it.

import type { FastifyRequest } from 'fastify';
import {
  type DatabaseRight,
  forbidden,
  NOBODY,
  type Principal,
  type RemoteWrite,
} from '../access/index.ts';
import { databaseOfScope } from '../influxql/index.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who makes it. */
    principal: Principal;
    /** The database of the registration that its URL names. */
    endpointDatabase: string | undefined;
    /** Those that it goes through: the one that its URL names, then the one that its key was made with. */
    registrations: readonly RemoteWrite[];
  }
}

/** Who may use a route. */
export type Access =
  /** Everybody, known or not. */
  | 'public'
  /** Everybody who is known. The answer leaves out what the one who asks may not see. */
  | 'known'
  /** The same, and nobody while there is no administrator yet: the handler judges by what is asked for. */
  | 'judged'
  /** Who may read the request's database; or write to it; or administer it. */
  | 'read'
  | 'write'
  | 'manage'
  /** Who may read all databases: what it tells is about all of them. */
  | 'read-all'
  | 'admin';

/** What access to one database means. */
export const RIGHT_OF: Readonly<Partial<Record<Access, DatabaseRight>>> = {
  read: 'read',
  write: 'write',
  manage: 'admin',
};

/** InfluxDB's text. */
export const SETUP = 'create admin user first or disable authentication';

/** The right on a database that the route needs; what a handler asks for if it is judged by others. */
export function rightOf(request: FastifyRequest, fallback: DatabaseRight): DatabaseRight {
  const { access } = request.routeOptions.config;
  return (access === undefined ? undefined : RIGHT_OF[access]) ?? fallback;
}

/** Throws ACCESS_FORBIDDEN, with the texts of InfluxDB and openGemini, if who asks has not the right. */
export function authorize(request: FastifyRequest, right: DatabaseRight, database: string): void {
  const { principal } = request;
  if (principal.may(right, databaseOfScope(database))) return;
  const name = JSON.stringify(database);
  const who = JSON.stringify(principal.name);
  if (principal.kind === 'nobody') {
    throw forbidden(right === 'write' ? `user is required to write to database ${name}` : SETUP);
  }
  if (right === 'write') {
    throw forbidden(`${who} user is not authorized to write to database ${name}`);
  }
  const what = right === 'read' ? 'read from' : 'administer';
  throw forbidden(`user ${who} is not authorized to ${what} database ${name}`);
}

/** Throws ACCESS_FORBIDDEN for everybody but administrators. */
export function requireAdmin({ principal }: FastifyRequest): void {
  if (principal.isAdmin) return;
  if (principal.kind === 'nobody') throw forbidden(SETUP);
  throw forbidden(`user ${JSON.stringify(principal.name)} is not an administrator`);
}

/**
 * True if the request comes while there is no administrator and may make the first one; not through a listener that
 * is for reads or writes alone.
 */
export function mayCreateFirstAdmin({ principal }: FastifyRequest): boolean {
  return principal === NOBODY;
}
