// The InfluxDB 1.x face: as yet the management of databases.

import type { FastifyReply } from 'fastify';
import type { ApiContext } from '../context.ts';
import { sendJson } from '../respond.ts';
import type { Endpoint } from '../routes.ts';
import { queryEndpoint } from './query.ts';

/** Clients switch features by this number; 1.8 is the last of its line. */
const INFLUXDB_VERSION = '1.8.10';

export function influxEndpoints(context: ApiContext): Endpoint[] {
  return [withVersion(pingEndpoint(context)), withVersion(queryEndpoint(context))];
}

function pingEndpoint({ version }: ApiContext): Endpoint {
  return {
    methods: ['GET', 'HEAD'],
    paths: ['/ping'],
    access: 'public',
    errorShape: 'influx',
    handle: async (request, reply) => {
      const verbose = /[?&]verbose=([^&]*)/.exec(request.raw.url ?? '')?.[1];
      if (verbose === undefined || /^(|0|false)$/.test(verbose)) return reply.code(204).send();
      return sendJson(reply, JSON.stringify({ version }));
    },
  };
}

/** The shell prints the version header in its banner; errors carry it too. */
function withVersion(endpoint: Endpoint): Endpoint {
  return {
    ...endpoint,
    handle: (request, reply) => {
      addVersionHeaders(reply);
      return endpoint.handle(request, reply);
    },
  };
}

function addVersionHeaders(reply: FastifyReply): void {
  reply.header('X-Influxdb-Version', INFLUXDB_VERSION);
  reply.header('X-Influxdb-Build', 'Tidemark');
}
