// Who makes a request, and whether that one may: asked before every route. What a route needs is declared with
// it (`access` in routes.ts); which database a request means may be known only from its body, so rights on
// databases are also asked for where handlers get them (requests.ts).

import type { FastifyRequest } from 'fastify';
import {
  ANYONE,
  type Credentials,
  credentialsOf,
  type DatabaseRight,
  forbidden,
  NOBODY,
  type Principal,
  type RemoteWrite,
  remoteWriteDisabled,
  restrict,
} from '../access/index.ts';
import type { ListenerRole } from '../config/listen-type.ts';
import { databaseOfScope } from '../influxql/index.ts';
import { AppError } from '../runtime/error.ts';
import { databaseNotFound } from '../storage/errors.ts';
import { arrivalOf } from './arrival.ts';
import { setBodyOwner } from './body.ts';
import type { ApiContext } from './context.ts';
import { targetOf } from './request-target.ts';
import { databaseName, hasForm, queryOf, urlParams } from './requests.ts';
import { type Access, authorize, RIGHT_OF, requireAdmin, SETUP } from './rights.ts';

const ALLOWED_BY_ROLE: Readonly<Record<ListenerRole, readonly Access[]>> = {
  read: ['known', 'judged', 'read', 'read-all'],
  // What is judged is judged with no right but this one.
  write: ['write', 'judged'],
};

/** Lets a request in, or throws or rejects with ACCESS_…; undefined where there is nothing to wait for. */
export function admit(context: ApiContext, request: FastifyRequest): Promise<void> | undefined {
  const { access, methods } = request.routeOptions.config;
  if (request.is404 || access === 'public') return undefined;
  // Answered with 405 by the route itself.
  if (methods?.includes(request.method) === false) return undefined;
  if (access === undefined) {
    throw new AppError('internal', 'HTTP_NO_ACCESS', 'the route does not say who may use it');
  }
  const principal = identify(context, request);
  if (principal instanceof Promise) {
    return principal.then((identified) => enter(context, request, access, identified));
  }
  enter(context, request, access, principal);
  return undefined;
}

function identify(context: ApiContext, request: FastifyRequest): Principal | Promise<Principal> {
  const { access, authenticator } = context;
  if (!access.isRequired) return anyone(context, request);
  if (access.needsFirstAdmin()) {
    // Keys made while there was no authentication go on working.
    const credentials = givenCredentials(context, request);
    return (credentials && authenticator.keyOf(credentials)) ?? NOBODY;
  }
  return authenticator.authenticate(requiredCredentials(context, request), request.ip);
}

function requiredCredentials(context: ApiContext, request: FastifyRequest): Credentials {
  try {
    return readCredentials(context, request);
  } catch (error) {
    context.reportAuthFailure('missing', '', request.ip);
    throw error;
  }
}

/** Without authentication credentials are ignored, but that a key still says which database is meant. */
function anyone(context: ApiContext, request: FastifyRequest): Principal {
  if (!context.access.hasKeys()) return ANYONE;
  const credentials = givenCredentials(context, request);
  const key = credentials && context.authenticator.keyOf(credentials);
  if (key === undefined) return ANYONE;
  return { ...ANYONE, name: key.name, homeDatabase: key.homeDatabase };
}

/** Credentials, if there are any that can be read. */
function givenCredentials(context: ApiContext, request: FastifyRequest): Credentials | undefined {
  try {
    return readCredentials(context, request);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/** Throws ACCESS_UNAUTHENTICATED if there are none that can be read. */
function readCredentials(context: ApiContext, request: FastifyRequest): Credentials {
  return (
    tokenCredentials(context, request) ??
    credentialsOf(queryOf(request), request.headers.authorization)
  );
}

/** Those in the path, which count only where there is no header. */
function tokenCredentials(
  { access }: ApiContext,
  request: FastifyRequest,
): Credentials | undefined {
  const target = targetOf(request.raw);
  if (target?.token === undefined || request.headers.authorization !== undefined) return undefined;
  const keyId = access.remoteWrite(target.endpoint)?.keyId;
  // The name of no key: an unknown endpoint is refused as a wrong secret is.
  return { name: keyId ?? `AK${'0'.repeat(22)}`, password: target.token };
}

function enter(
  context: ApiContext,
  request: FastifyRequest,
  access: Access,
  identified: Principal,
): void {
  const role = arrivalOf(request.raw)?.role;
  if (role !== undefined && !ALLOWED_BY_ROLE[role].includes(access)) {
    throw forbidden(`not served here: this address is for ${role === 'read' ? 'reads' : 'writes'}`);
  }
  const principal = role === undefined ? identified : restrict(identified, role);
  request.principal = principal;
  const endpoint = endpointOf(context, request);
  request.endpointDatabase = endpoint?.database;
  request.registrations = registrationsOf(context, principal, endpoint);
  refuseDisabled(request);
  if (request.method !== 'GET') {
    setBodyOwner(request.raw, databaseOfScope(databaseName(request, urlParams(request))));
  }
  switch (access) {
    case 'public':
    case 'judged':
      return;
    case 'known':
      if (principal.kind === 'nobody') throw forbidden(SETUP);
      return;
    case 'admin':
      requireAdmin(request);
      return;
    case 'read-all':
      if (principal.mayEverywhere('read')) return;
      if (principal.kind === 'nobody') throw forbidden(SETUP);
      throw forbidden(
        `user ${JSON.stringify(principal.name)} is not authorized to read from all databases`,
      );
    default:
      authorizeEarly(context, request, principal, RIGHT_OF[access]!);
  }
}

/**
 * Refuses before a body is received, where the database is known to exist and no form can name another one. In
 * all other cases the handler comes to it.
 */
function authorizeEarly(
  { lifecycle }: ApiContext,
  request: FastifyRequest,
  principal: Principal,
  right: DatabaseRight,
): void {
  if (principal.mayEverywhere(right)) return;
  if (hasForm(request)) return;
  const name = databaseName(request, urlParams(request));
  const exists = lifecycle.current?.database(name) !== undefined;
  if (exists || principal.kind === 'nobody') authorize(request, right, name);
}

/** Throws STORAGE_DATABASE_NOT_FOUND for a registration that is not there, but only to who is known. */
function endpointOf({ access }: ApiContext, request: FastifyRequest): RemoteWrite | undefined {
  const target = targetOf(request.raw);
  if (target === undefined) return undefined;
  const remoteWrite = access.remoteWrite(target.endpoint);
  if (remoteWrite === undefined) throw databaseNotFound(target.endpoint);
  return remoteWrite;
}

/** What a key was made with holds behind other URLs as well, so that a sender cannot get round it. */
function registrationsOf(
  { access }: ApiContext,
  { name }: Principal,
  endpoint: RemoteWrite | undefined,
): RemoteWrite[] {
  const own = access.remoteWriteOfKey(name);
  return [endpoint, own === endpoint ? undefined : own].filter((one) => one !== undefined);
}

/** Throws ACCESS_REMOTE_WRITE_DISABLED for writes, ACCESS_FORBIDDEN for the rest, of which nothing is lost. */
function refuseDisabled({ registrations, routeOptions }: FastifyRequest): void {
  const disabled = registrations.find(({ isDisabled }) => isDisabled);
  if (disabled === undefined) return;
  const { access, changesData } = routeOptions.config;
  if (access === 'write' || changesData === true) throw remoteWriteDisabled(disabled.name);
  throw forbidden(`remote write ${JSON.stringify(disabled.name)} is disabled`);
}
