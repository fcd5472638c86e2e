// /api/v1/admin/keys: key pairs for programs.

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AccessStore, ApiKey, NewKey } from '../../access/index.ts';
import { keyNotFound } from '../../access/index.ts';
import { audit } from '../audit.ts';
import type { ApiContext } from '../context.ts';
import { badRequest, invalidParameter } from '../errors.ts';
import { parseDurationParam, parseTime } from '../param-values.ts';
import { sendData } from '../respond.ts';
import type { Endpoint } from '../routes.ts';
import { accessEndpoints } from './access-endpoint.ts';
import { refuseScope } from './databases.ts';
import { type JsonBody, jsonBody } from './json-body.ts';

const PATH = '/api/v1/admin/keys';

export function keyEndpoints(context: ApiContext): Endpoint[] {
  const { access } = context;
  const endpoint = accessEndpoints(context, PATH);
  return [
    endpoint('', ['GET', 'POST'], (request, reply) => {
      if (request.method === 'POST') return createKey(context, request, reply);
      const keys = access.keys().map((key) => keyToJson(access, key));
      return sendData(request, reply, { keys });
    }),
    endpoint('/:id', ['GET', 'DELETE'], async (request, reply) => {
      const id = idOf(request);
      if (request.method === 'DELETE') {
        access.dropKey(id);
        audit(context, request, 'key dropped', { key: id });
        return reply.code(204).send();
      }
      const key = access.key(id);
      if (key === undefined) throw keyNotFound();
      return sendData(request, reply, keyToJson(access, key));
    }),
    endpoint('/:id/rotate', ['POST'], async (request, reply) => {
      const made = access.rotateKey(idOf(request));
      audit(context, request, 'key rotated', { key: made.key.id });
      return sendNewKey(access, request, reply, made);
    }),
    endpoint('/:id/retire', ['POST'], async (request, reply) => {
      const key = access.retireOldSecret(idOf(request));
      audit(context, request, 'old secret of a key retired', { key: key.id });
      return sendData(request, reply, keyToJson(access, key));
    }),
  ];
}

function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id;
}

/** All there is to tell but the secrets. */
export function keyToJson(access: AccessStore, key: ApiKey): Record<string, unknown> {
  const { id, name, scopes, databases, secrets } = key;
  return {
    id,
    name,
    scopes,
    databases,
    secrets: secrets.map(({ createdAt }) => ({ createdAt: timeToJson(createdAt) })),
    createdAt: timeToJson(key.createdAt),
    expiresAt: timeToJson(key.expiresAt),
    lastUsedAt: timeToJson(access.lastUsedAt(id)),
  };
}

/** RFC 3339, or null. */
export function timeToJson(t: number | undefined): string | null {
  return t === undefined ? null : new Date(t).toISOString();
}

async function createKey(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const body = await jsonBody(context, request);
  const name = body.optionalText('name') ?? '';
  const scopes = body.optionalTexts('scopes') ?? [];
  const databases = body.optionalTexts('databases') ?? [];
  const expiresAt = expiryOf(body, context.clock.now());
  body.end();
  for (const database of databases) refuseScope(database);
  const made = context.access.createKey({ name, scopes, databases, expiresAt });
  audit(context, request, 'key created', { key: made.key.id, name, scopes, databases, expiresAt });
  return sendNewKey(context.access, request, reply, made);
}

function sendNewKey(
  access: AccessStore,
  request: FastifyRequest,
  reply: FastifyReply,
  { key, secret }: NewKey,
): Promise<FastifyReply> {
  return sendData(request, reply.code(201), { ...keyToJson(access, key), secret });
}

/** `expiresAt`, a time, or `expiresIn`, a duration from now. */
function expiryOf(body: JsonBody, now: number): number | undefined {
  const at = body.optionalText('expiresAt');
  const after = body.optionalText('expiresIn');
  if (at !== undefined && after !== undefined) {
    throw badRequest('either "expiresAt" or "expiresIn", not both');
  }
  if (at !== undefined) {
    const t = parseTime(at);
    if (typeof t !== 'number') throw invalidParameter('expiresAt', t.why);
    return t;
  }
  if (after === undefined) return undefined;
  const ms = parseDurationParam(after);
  if (typeof ms !== 'number') throw invalidParameter('expiresIn', ms.why);
  return now + Math.floor(ms);
}
