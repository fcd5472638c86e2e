// Deletion of series and snapshots. Off unless --web.enable-admin-api.

import type { Storage } from '../../storage/interface.ts';
import { audit } from '../audit.ts';
import type { ApiContext } from '../context.ts';
import { adminDisabled } from '../errors.ts';
import { clientSignal, databaseForRead, formParams, storageForRead } from '../requests.ts';
import { sendData } from '../respond.ts';
import type { Access } from '../rights.ts';
import { type Endpoint, readPaths } from '../routes.ts';
import { requiredSelectorsOf } from '../selectors.ts';

/** Background work at once: for tests, benches and before a copy of the folder. Changes no answer. */
export function maintenanceEndpoints(context: ApiContext): Endpoint[] {
  const now = (name: string, work: (storage: Storage) => Promise<void>): Endpoint => ({
    methods: ['POST'],
    paths: [`/internal/${name}`],
    access: 'admin',
    errorShape: 'text',
    changesData: true,
    handle: async (_request, reply) => {
      await work(await storageForRead(context, clientSignal(reply)));
      return reply.code(204).send();
    },
  });
  return [
    now('force_flush', (storage) => storage.flush()),
    now('force_merge', (storage) => storage.merge()),
  ];
}

export function databaseAdminEndpoints(context: ApiContext): Endpoint[] {
  const admin = (action: string, access: Access, handle: Endpoint['handle']): Endpoint => {
    const path = `/api/v1/admin/tsdb/${action}`;
    return {
      methods: ['POST', 'PUT'],
      paths: [...readPaths(path), `/delete/:tenant/prometheus${path}`],
      access,
      errorShape: 'prometheus',
      changesData: true,
      handle: (request, reply) => {
        if (!context.settings['web.enable-admin-api']) throw adminDisabled();
        return handle(request, reply);
      },
    };
  };
  return [
    admin('delete_series', 'manage', async (request, reply) => {
      const params = await formParams(context, request);
      const selectors = requiredSelectorsOf(params);
      const range = params.orderedTimeRange();
      const database = await databaseForRead(context, request, params, clientSignal(reply));
      await database.deleteSamples(selectors, range);
      const match = params.values('match[]');
      audit(context, request, 'series deleted', { database: database.name, match, ...range });
      return reply.code(204).send();
    }),
    admin('clean_tombstones', 'admin', async (request, reply) => {
      const storage = await storageForRead(context, clientSignal(reply));
      await storage.cleanTombstones();
      audit(context, request, 'tombstones cleaned', {});
      return reply.code(204).send();
    }),
    admin('snapshot', 'admin', async (request, reply) => {
      const storage = await storageForRead(context, clientSignal(reply));
      const name = await storage.snapshot();
      audit(context, request, 'snapshot made', { name });
      return sendData(request, reply, { name });
    }),
  ];
}
