// /ping, /status and /health: whether somebody is there, and who.

import type { ApiContext } from '../context.ts';
import { urlParams } from '../requests.ts';
import { sendJson } from '../respond.ts';
import type { Endpoint } from '../routes.ts';

export function pingEndpoints({ settings, lifecycle }: ApiContext): Endpoint[] {
  const version = settings['influx.version'];
  return [
    {
      methods: ['GET', 'HEAD'],
      paths: ['/ping', '/status', '/influx/ping'],
      access: 'public',
      errorShape: 'influx',
      handle: async (request, reply) => {
        const verbose = urlParams(request).value('verbose') ?? '';
        if (/^(|0|false)$/.test(verbose)) {
          return reply.code(204).header('Content-Type', 'application/json').send();
        }
        return sendJson(reply, `${JSON.stringify({ version })}\n`);
      },
    },
    {
      methods: ['GET'],
      paths: ['/health', '/influx/health'],
      access: 'public',
      errorShape: 'influx',
      handle: async (_request, reply) => {
        const isReady = lifecycle.current !== undefined;
        const health = {
          checks: [],
          message: isReady ? 'ready for queries and writes' : 'replaying the log',
          name: 'influxdb',
          status: isReady ? 'pass' : 'fail',
          version,
        };
        return sendJson(reply.code(isReady ? 200 : 503), `${JSON.stringify(health)}\n`);
      },
    },
  ];
}
