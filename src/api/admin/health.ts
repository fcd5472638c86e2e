// /-/healthy (the process runs), /-/ready (it takes requests) and /metrics.

import type { ApiContext } from '../context.ts';
import type { Endpoint } from '../routes.ts';

export function healthEndpoints({ lifecycle, metrics }: ApiContext): Endpoint[] {
  const get = (path: string, handle: Endpoint['handle']): Endpoint => ({
    methods: ['GET', 'HEAD'],
    paths: [path],
    errorShape: 'text',
    handle,
  });
  return [
    get('/-/healthy', async (_request, reply) => reply.send('Tidemark is Healthy.\n')),
    get('/-/ready', async (_request, reply) => {
      if (lifecycle.current !== undefined) return reply.send('Tidemark is Ready.\n');
      return reply.code(503).header('Retry-After', 1).send('Service Unavailable\n');
    }),
    get('/metrics', async (_request, reply) => {
      reply.header('Content-Type', metrics.contentType);
      return reply.send(await metrics.render());
    }),
  ];
}
