// Headers that every answer of InfluxDB has.

import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiContext } from '../context.ts';
import type { Endpoint } from '../routes.ts';

const MAX_ERROR_HEADER = 1024;
const MAX_ID_LENGTH = 128;

/** The endpoint with InfluxDB's headers on all that it answers, refusals included, which have its form. */
export function withInfluxHeaders(context: ApiContext, endpoint: Endpoint): Endpoint {
  return {
    ...endpoint,
    errorShape: 'influx',
    prepare: (request, reply) => addInfluxHeaders(context, request, reply),
  };
}

export function addInfluxHeaders(
  { settings }: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  reply.header('X-Influxdb-Version', settings['influx.version']);
  reply.header('X-Influxdb-Build', 'Tidemark');
  const id = requestId(request);
  reply.header('Request-Id', id);
  reply.header('X-Request-Id', id);
}

/** The client's own, if it has one that can be sent back. */
function requestId({ headers }: FastifyRequest): string {
  for (const name of ['x-request-id', 'request-id']) {
    const given = headers[name];
    if (
      typeof given === 'string' &&
      /^[\x20-\x7e]+$/.test(given) &&
      given.length <= MAX_ID_LENGTH
    ) {
      return given;
    }
  }
  return randomUUID();
}

/** An error's message as a header can hold it: its bytes of UTF-8, control characters as blanks. */
export function errorHeader(message: string): string {
  const bytes = Buffer.from(message.replaceAll(/[\p{Cc}]/gu, ' ')).subarray(0, MAX_ERROR_HEADER);
  return bytes.toString('latin1');
}
