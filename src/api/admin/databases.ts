// /api/v1/admin/databases: what there is, to be made, set and dropped; /api/v1/status/databases: what each takes.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { databaseOfScope } from '../../influxql/index.ts';
import type { DatabaseSettings } from '../../storage/database-settings.ts';
import { databaseNotFound } from '../../storage/errors.ts';
import {
  type Database,
  DEFAULT_DATABASE,
  isDatabaseName,
  type Storage,
} from '../../storage/interface.ts';
import { audit } from '../audit.ts';
import type { ApiContext } from '../context.ts';
import { badRequest, databaseTaken } from '../errors.ts';
import { clientSignal, storageForRead } from '../requests.ts';
import { sendData } from '../respond.ts';
import { authorize, requireAdmin } from '../rights.ts';
import { type Endpoint, readPaths } from '../routes.ts';
import { settingsOf, settingsToJson } from './database-settings.ts';
import { jsonBody } from './json-body.ts';

const PATH = '/api/v1/admin/databases';

export function databaseEndpoints(context: ApiContext): Endpoint[] {
  return [
    {
      methods: ['GET', 'POST'],
      paths: [PATH],
      access: 'known',
      errorShape: 'prometheus',
      changesData: true,
      handle: async (request, reply) => {
        const storage = await storageForRead(context, clientSignal(reply));
        if (request.method === 'GET') {
          const databases = visibleDatabases(context, request, storage).map(databaseToJson);
          return sendData(request, reply, { databases });
        }
        requireAdmin(request);
        return create(context, request, reply, storage);
      },
    },
    {
      methods: ['GET', 'PATCH', 'DELETE'],
      paths: [`${PATH}/:database`],
      access: 'known',
      errorShape: 'prometheus',
      changesData: true,
      handle: async (request, reply) => {
        const { database: name } = request.params as { database: string };
        const storage = await storageForRead(context, clientSignal(reply));
        if (request.method === 'DELETE') {
          requireAdmin(request);
          if (!(await dropDatabase(context, request, storage, name))) throw databaseNotFound(name);
          return reply.code(204).send();
        }
        const database = storage.database(name);
        if (database === undefined) throw databaseNotFound(name);
        authorize(request, request.method === 'PATCH' ? 'admin' : 'read', name);
        if (request.method === 'PATCH') await change(context, request, database);
        return sendData(request, reply, databaseToJson(database));
      },
    },
    {
      methods: ['POST'],
      // openGemini's. Its body says where the data shall be, which is decided here.
      paths: ['/api/v1/tsdb/:database'],
      access: 'admin',
      errorShape: 'prometheus',
      changesData: true,
      handle: async (request, reply) => {
        const { database: name } = request.params as { database: string };
        const storage = await storageForRead(context, clientSignal(reply));
        await createDatabase(context, request, storage, name);
        return sendData(request, reply, { name });
      },
    },
    {
      methods: ['GET'],
      paths: readPaths('/api/v1/status/databases'),
      access: 'known',
      errorShape: 'prometheus',
      handle: async (request, reply) => {
        const storage = await storageForRead(context, clientSignal(reply));
        const visible = visibleDatabases(context, request, storage, true);
        const databases = visible.map((database) => {
          return { ...databaseToJson(database), usage: context.usage.ofDatabase(database) };
        });
        return sendData(request, reply, { databases });
      },
    },
  ];
}

/**
 * Those that who asks may read or write, sorted by name. Those that InfluxQL keeps for its retention policies are
 * left out unless asked for.
 */
function visibleDatabases(
  { influx }: ApiContext,
  { principal }: FastifyRequest,
  storage: Storage,
  withPolicies: boolean = false,
): Database[] {
  const names = withPolicies ? storage.databaseNames() : influx.catalog(storage).databaseNames();
  return names
    .filter((name) => principal.may('read', name) || principal.may('write', name))
    .flatMap((name) => storage.database(name) ?? []);
}

function databaseToJson({ name, settings }: Database): Record<string, unknown> {
  return { name, ...settingsToJson(settings) };
}

async function create(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  storage: Storage,
): Promise<FastifyReply> {
  const body = await jsonBody(context, request);
  const name = body.text('name');
  const change = settingsOf(body);
  body.end();
  const isNew = await createDatabase(context, request, storage, name);
  const database = storage.database(name);
  if (database === undefined) throw databaseNotFound(name);
  if (change !== undefined) {
    // What is there already is not changed in passing.
    if (!isNew) throw databaseTaken(name);
    await configure(context, request, database, change);
  }
  return sendData(request, reply.code(isNew ? 201 : 200), databaseToJson(database));
}

async function change(
  context: ApiContext,
  request: FastifyRequest,
  database: Database,
): Promise<void> {
  const body = await jsonBody(context, request);
  const changed = settingsOf(body);
  body.end();
  if (changed === undefined) throw badRequest('the body changes nothing');
  await configure(context, request, database, changed);
}

async function configure(
  context: ApiContext,
  request: FastifyRequest,
  database: Database,
  change: (settings: DatabaseSettings) => DatabaseSettings,
): Promise<void> {
  await database.configure(change(database.settings));
  const settings = settingsToJson(database.settings);
  audit(context, request, 'database changed', { database: database.name, ...settings });
}

/** False if it was there. Throws STORAGE_DATABASE_NAME, and HTTP_BAD_REQUEST as {@link refuseScope}. */
export async function createDatabase(
  context: ApiContext,
  request: FastifyRequest,
  storage: Storage,
  name: string,
): Promise<boolean> {
  refuseScope(name);
  const isNew = await storage.createDatabase(name);
  if (isNew) audit(context, request, 'database created', { database: name });
  return isNew;
}

/**
 * Names with `..` are of databases that InfluxQL keeps for retention policies, and for it to make: they come and go
 * with the one before the dots, and so do rights. Throws HTTP_BAD_REQUEST; not for what can be no name at all.
 */
export function refuseScope(name: string): void {
  const owner = databaseOfScope(name);
  if (owner === name || !isDatabaseName(name)) return;
  throw badRequest(`"${name}" is a retention policy’s; name the database, which is "${owner}"`);
}

/** Takes along what users and keys could do with it. False if there was none. */
export async function dropDatabase(
  context: ApiContext,
  request: FastifyRequest,
  storage: Storage,
  name: string,
): Promise<boolean> {
  const wasThere = await context.influx.catalog(storage).dropDatabase(name);
  // That one is emptied and stays, and so do those who work with it.
  if (name !== DEFAULT_DATABASE) context.access.databaseDropped(name);
  if (wasThere) audit(context, request, 'database dropped', { database: name });
  return wasThere;
}
