// /-/healthy (the process runs), /-/ready (it takes requests), /metrics, /-/reload, and the end of it: /-/quit.

import { audit } from '../audit.ts';
import type { ApiContext } from '../context.ts';
import { lifecycleDisabled, notReloaded } from '../errors.ts';
import type { Access } from '../rights.ts';
import type { Endpoint } from '../routes.ts';

export function healthEndpoints({ lifecycle, metrics }: ApiContext): Endpoint[] {
  const get = (path: string, access: Access, handle: Endpoint['handle']): Endpoint => ({
    methods: ['GET', 'HEAD'],
    paths: [path],
    access,
    errorShape: 'text',
    handle,
  });
  return [
    get('/-/healthy', 'public', async (_request, reply) => reply.send('Tidemark is Healthy.\n')),
    get('/-/ready', 'public', async (_request, reply) => {
      if (lifecycle.current !== undefined) return reply.send('Tidemark is Ready.\n');
      return reply.code(503).header('Retry-After', 1).send('Service Unavailable\n');
    }),
    get('/metrics', 'read-all', async (_request, reply) => {
      reply.header('Content-Type', metrics.contentType);
      return reply.send(await metrics.render());
    }),
  ];
}

/** Off unless --web.enable-lifecycle. */
export function lifecycleEndpoints(context: ApiContext): Endpoint[] {
  const { settings, requestStop, reload } = context;
  const post = (path: string, handle: Endpoint['handle']): Endpoint => ({
    methods: ['POST', 'PUT'],
    paths: [path],
    access: 'admin',
    errorShape: 'text',
    changesData: true,
    handle: async (request, reply) => {
      if (!settings['web.enable-lifecycle']) throw lifecycleDisabled();
      return handle(request, reply);
    },
  });
  return [
    post('/-/quit', async (request, reply) => {
      audit(context, request, 'asked to quit', {});
      reply.raw.once('finish', () => requestStop?.());
      return reply.send('Requesting termination... Goodbye!');
    }),
    post('/-/reload', async (request, reply) => {
      audit(context, request, 'asked to reload', {});
      try {
        reload?.run();
      } catch (error) {
        throw notReloaded(error);
      }
      return reply.code(200).send();
    }),
  ];
}
