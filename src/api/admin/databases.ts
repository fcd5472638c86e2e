// /api/v1/admin/databases: what there is, to be made and to be dropped.

import type { FastifyRequest } from 'fastify';
import { databaseNotFound } from '../../storage/errors.ts';
import { DEFAULT_DATABASE, type Storage } from '../../storage/interface.ts';
import type { ApiContext } from '../context.ts';
import { clientSignal, storageForRead } from '../requests.ts';
import { sendData } from '../respond.ts';
import { authorize, requireAdmin } from '../rights.ts';
import type { Endpoint } from '../routes.ts';
import { audit } from './audit.ts';
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
          const names = visibleDatabases(request, storage);
          return sendData(request, reply, { databases: names.map((name) => ({ name })) });
        }
        requireAdmin(request);
        const body = await jsonBody(context, request);
        const name = body.text('name');
        body.end();
        const isNew = await createDatabase(context, request, storage, name);
        return sendData(request, reply.code(isNew ? 201 : 200), { name });
      },
    },
    {
      methods: ['GET', 'DELETE'],
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
        if (storage.database(name) === undefined) throw databaseNotFound(name);
        authorize(request, 'read', name);
        return sendData(request, reply, { name });
      },
    },
  ];
}

/** Names, sorted, of those that who asks may read or write. */
export function visibleDatabases({ principal }: FastifyRequest, storage: Storage): string[] {
  return storage
    .databaseNames()
    .filter((name) => principal.may('read', name) || principal.may('write', name));
}

/** False if it was there. */
export async function createDatabase(
  context: ApiContext,
  request: FastifyRequest,
  storage: Storage,
  name: string,
): Promise<boolean> {
  const isNew = await storage.createDatabase(name);
  if (isNew) audit(context, request, 'database created', { database: name });
  return isNew;
}

/** Takes along what users and keys could do with it. False if there was none. */
export async function dropDatabase(
  context: ApiContext,
  request: FastifyRequest,
  storage: Storage,
  name: string,
): Promise<boolean> {
  const wasThere = await storage.dropDatabase(name);
  // That one is emptied and stays, and so do those who work with it.
  if (name !== DEFAULT_DATABASE) context.access.databaseDropped(name);
  if (wasThere) audit(context, request, 'database dropped', { database: name });
  return wasThere;
}
