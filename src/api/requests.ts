// What handlers ask of a request: parameters, the database it means, and whether its client is there.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { databaseOfScope } from '../influxql/index.ts';
import { decodeMultipartForm, isMultipartForm } from '../protocol/multipart-form.ts';
import { Stopper, type StopSignal } from '../runtime/stop-signal.ts';
import { databaseNotFound } from '../storage/errors.ts';
import { type Database, DEFAULT_DATABASE, type Storage } from '../storage/interface.ts';
import { arrivalOf } from './arrival.ts';
import { audit } from './audit.ts';
import type { ApiContext } from './context.ts';
import { clientGone } from './errors.ts';
import { RequestParams } from './params.ts';
import { authorize, rightOf } from './rights.ts';

/** Forms hold queries, which can be long; this bounds what they may cost. */
const MAX_FORM_BYTES = 16 * 1024 * 1024;

/** How long reads wait for the log to be replayed before they fail. */
const READY_TIMEOUT_MS = 60_000;

const NO_PARAMS = new RequestParams(new URLSearchParams());

/** Parameters of the URL alone. */
export function urlParams(request: FastifyRequest): RequestParams {
  const query = queryOf(request);
  return query === '' ? NO_PARAMS : new RequestParams(new URLSearchParams(query));
}

/** Parameters of the URL and of a form in the body, which a GET can have only with parts, as Go has it. */
export async function formParams(
  context: ApiContext,
  request: FastifyRequest,
): Promise<RequestParams> {
  const { contentType = '' } = request;
  const isParts = isMultipartForm(contentType);
  if (!hasForm(request) || (request.method === 'GET' && !isParts)) return urlParams(request);
  const url = new URLSearchParams(queryOf(request));
  return context.bodies.withBody(request.raw, MAX_FORM_BYTES, undefined, async (body) => {
    return isParts
      ? new RequestParams(url, undefined, decodeMultipartForm(body, contentType))
      : new RequestParams(url, new URLSearchParams(new TextDecoder().decode(body)));
  });
}

/** True for a body that may have parameters. */
export function hasForm({ contentType = '' }: FastifyRequest): boolean {
  return (
    contentType.toLowerCase().startsWith('application/x-www-form-urlencoded') ||
    isMultipartForm(contentType)
  );
}

/** What follows the question mark in the URL. */
export function queryOf(request: FastifyRequest): string {
  const url = request.raw.url ?? '';
  const mark = url.indexOf('?');
  return mark < 0 ? '' : url.slice(mark + 1);
}

/**
 * The database a request means: `/insert/<tenant>/` or `/select/<tenant>/`, else that of the registration
 * in the URL, else `db=`, else the header X-Scope-OrgID, else the one that its key is for, else the listener's, else
 * `default`. VictoriaMetrics' tenant 0 is `default`. `parameter` takes the place of `db=` where that has another name.
 */
export function databaseName(
  request: FastifyRequest,
  params: RequestParams,
  parameter: string | undefined = params.value('db'),
): string {
  const tenant =
    tenantOf(request) ??
    request.endpointDatabase ??
    parameter ??
    headerOf(request, 'x-scope-orgid') ??
    request.principal.homeDatabase ??
    arrivalOf(request.raw)?.database;
  return tenant === undefined || /^(0(:0)?)?$/.test(tenant) ? DEFAULT_DATABASE : tenant;
}

/**
 * The same on InfluxDB's own paths, which have no default: the registration's, else the one that parameters name, else
 * the one that the key is for; '' if none of them is there.
 */
export function influxDatabaseName(
  { endpointDatabase, principal }: FastifyRequest,
  parameter: string | undefined,
): string {
  return endpointDatabase ?? (parameter || principal.homeDatabase || '');
}

/** VictoriaMetrics' `accountID:projectID`, where project 0 is meant if none is named. */
function tenantOf(request: FastifyRequest): string | undefined {
  const { tenant } = request.params as { tenant?: string };
  return tenant?.replace(/^(\d+):0$/, '$1');
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

/**
 * The database to write to, now or never: while starting or stopping, writers are told to come back.
 * `/insert/<tenant>/` creates what is missing, if settings allow. Throws ACCESS_FORBIDDEN.
 */
export async function databaseForWrite(
  context: ApiContext,
  request: FastifyRequest,
  name: string,
): Promise<Database> {
  const storage = context.lifecycle.currentOrThrow();
  const found = storage.database(name);
  if (found === undefined) {
    const mayCreate = tenantOf(request) !== undefined && context.settings['databases.auto-create'];
    if (!mayCreate || databaseOfScope(name) !== name) throw databaseNotFound(name);
  }
  authorize(request, rightOf(request, 'write'), name);
  if (found !== undefined) return policyDatabase(context, request, storage, found);
  if (await storage.createDatabase(name)) {
    audit(context, request, 'database created by its first write', { database: name });
  }
  return existing(storage, name);
}

/** The database to read from. Waits while the log is being replayed. Throws ACCESS_FORBIDDEN. */
export async function databaseForRead(
  context: ApiContext,
  request: FastifyRequest,
  params: RequestParams,
  signal: StopSignal,
): Promise<Database> {
  const storage = await storageForRead(context, signal);
  const database = existing(storage, databaseName(request, params));
  authorize(request, rightOf(request, 'read'), database.name);
  return policyDatabase(context, request, storage, database);
}

/**
 * The part of a database that `rp` names, as InfluxDB and openGemini have it: a retention policy, without it the
 * default one. Throws INFLUXQL_POLICY_NOT_FOUND.
 */
function policyDatabase(
  { influx }: ApiContext,
  request: FastifyRequest,
  storage: Storage,
  database: Database,
): Database {
  const catalog = influx.catalog(storage);
  const { name } = database;
  if (!catalog.has(name)) return database;
  const policy = urlParams(request).value('rp') ?? '';
  // A database may have been left without a default policy.
  if (policy === '') return catalog.defaultScope(name)?.database ?? database;
  return catalog.scope(name, policy).database;
}

/** The store, once the log has been replayed. */
export function storageForRead(context: ApiContext, signal: StopSignal): Promise<Storage> {
  return context.lifecycle.whenReady(READY_TIMEOUT_MS, signal);
}

function existing(storage: Storage, name: string): Database {
  const database = storage.database(name);
  if (database === undefined) throw databaseNotFound(name);
  return database;
}

/** Aborts with HTTP_CLIENT_GONE when the connection closes before the answer is out. */
export function clientSignal(reply: FastifyReply): StopSignal {
  const stopper = new Stopper();
  const { raw } = reply;
  const check = (): void => {
    if (!raw.writableFinished) stopper.abort(clientGone());
  };
  if (raw.destroyed) check();
  else raw.once('close', check);
  return stopper;
}
