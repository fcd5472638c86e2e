// /api/v1/admin/remote-writes: "create a RemoteWrite" in one step. A name in; database, key pair, URLs and what
// to paste where out.

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { NewKey, RemoteWrite, RemoteWriteSettings } from '../../access/index.ts';
import type { LogFields } from '../../runtime/log.ts';
import { audit } from '../audit.ts';
import type { ApiContext } from '../context.ts';
import { badRequest, databaseTaken } from '../errors.ts';
import { externalUrl } from '../external-url.ts';
import { clientSignal, storageForRead } from '../requests.ts';
import { sendData } from '../respond.ts';
import type { Endpoint } from '../routes.ts';
import { accessEndpoints } from './access-endpoint.ts';
import { grafanaYaml, openTelemetryYaml, prometheusYaml, urlsOf } from './client-configs.ts';
import { createDatabase } from './databases.ts';
import { type JsonBody, jsonBody } from './json-body.ts';
import { keyToJson, timeToJson } from './keys.ts';

const PATH = '/api/v1/admin/remote-writes';

export function remoteWriteAdminEndpoints(context: ApiContext): Endpoint[] {
  const { access } = context;
  const endpoint = accessEndpoints(context, PATH);
  return [
    endpoint('', ['GET', 'POST'], (request, reply) => {
      if (request.method === 'POST') return create(context, request, reply);
      const remoteWrites = access.remoteWrites().map((one) => toJson(context, request, one));
      return sendData(request, reply, { remoteWrites });
    }),
    endpoint('/:id', ['GET', 'PATCH', 'DELETE'], async (request, reply) => {
      const remoteWrite = existing(context, request);
      if (request.method === 'GET') {
        return sendData(request, reply, toJson(context, request, remoteWrite));
      }
      if (request.method === 'PATCH') return change(context, request, reply, remoteWrite);
      access.dropRemoteWrite(remoteWrite.id);
      audit(context, request, 'remote write dropped', auditFields(remoteWrite));
      return reply.code(204).send();
    }),
    endpoint('/:id/rotate-key', ['POST'], async (request, reply) => {
      const remoteWrite = existing(context, request);
      const made = access.rotateKey(remoteWrite.keyId);
      audit(context, request, 'key of a remote write rotated', auditFields(remoteWrite));
      return sendNew(context, request, reply, remoteWrite, made);
    }),
    endpoint('/:id/retire-key', ['POST'], async (request, reply) => {
      const remoteWrite = existing(context, request);
      access.retireOldSecret(remoteWrite.keyId);
      audit(context, request, 'old secret of a remote write retired', auditFields(remoteWrite));
      return sendData(request, reply, toJson(context, request, remoteWrite));
    }),
  ];
}

/** By id or by name. */
function existing({ access }: ApiContext, request: FastifyRequest): RemoteWrite {
  return access.existingRemoteWrite((request.params as { id: string }).id);
}

function auditFields({ id, name, database, keyId }: RemoteWrite): LogFields {
  return { id, name, database, key: keyId };
}

/** The same with what can be set. */
function auditSettings(remoteWrite: RemoteWrite): LogFields {
  return { ...auditFields(remoteWrite), ...settingsToJson(remoteWrite) };
}

function settingsToJson({ extraLabels, isDisabled }: RemoteWriteSettings): LogFields {
  const labels = extraLabels.map(({ name, value }) => [name, value]);
  return { extraLabels: Object.fromEntries(labels), disabled: isDisabled };
}

/** What a body sets. */
function settingsOf(body: JsonBody): Partial<RemoteWriteSettings> {
  const labels = body.optionalTextEntries('extraLabels');
  const isDisabled = body.optionalBoolean('disabled');
  return {
    ...(labels && { extraLabels: labels.map(([name, value]) => ({ name, value })) }),
    ...(isDisabled !== undefined && { isDisabled }),
  };
}

/** Labels that are given take the place of all there were. */
async function change(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { id }: RemoteWrite,
): Promise<FastifyReply> {
  const body = await jsonBody(context, request);
  const settings = settingsOf(body);
  body.end();
  if (Object.keys(settings).length === 0) {
    throw badRequest('the body changes nothing: it needs "extraLabels" or "disabled"');
  }
  const changed = context.access.changeRemoteWrite(id, settings);
  audit(context, request, 'remote write changed', auditSettings(changed));
  return sendData(request, reply, toJson(context, request, changed));
}

/** A database of its name, new unless the body names one that is there. */
async function create(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const body = await jsonBody(context, request);
  const name = body.text('name');
  const given = body.optionalText('database');
  const settings = settingsOf(body);
  body.end();
  const { access } = context;
  const storage = await storageForRead(context, clientSignal(reply));
  access.checkNewRemoteWrite(name, settings.extraLabels ?? []);
  const database = given ?? name;
  // Somebody else's data must not be opened to a new sender by accident.
  if (given === undefined && storage.database(name) !== undefined) {
    throw databaseTaken(name, `; to write to it, say so: "database": ${JSON.stringify(name)}`);
  }
  await createDatabase(context, request, storage, database);
  const { remoteWrite, ...made } = access.createRemoteWrite(name, database, settings);
  audit(context, request, 'remote write created', auditSettings(remoteWrite));
  return sendNew(context, request, reply, remoteWrite, made);
}

function toJson(
  context: ApiContext,
  request: FastifyRequest,
  remoteWrite: RemoteWrite,
): Record<string, unknown> {
  const { id, name, database, keyId, createdAt } = remoteWrite;
  const { access, usage } = context;
  const key = access.key(keyId);
  return {
    id,
    name,
    database,
    ...settingsToJson(remoteWrite),
    ...urlsOf(urlOf(context, request, id)),
    accessKeyId: keyId,
    key: key === undefined ? null : keyToJson(access, key),
    createdAt: timeToJson(createdAt),
    lastSeenAt: timeToJson(access.lastUsedAt(keyId)),
    samplesReceived: usage.samplesOfKey(keyId),
  };
}

/** With the secret, which nobody is told again. */
function sendNew(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  remoteWrite: RemoteWrite,
  { secret }: NewKey,
): Promise<FastifyReply> {
  const { id, name, keyId } = remoteWrite;
  const registration = { name, url: urlOf(context, request, id), keyId, secret };
  return sendData(request, reply.code(201), {
    ...toJson(context, request, remoteWrite),
    accessKeySecret: secret,
    prometheusYaml: prometheusYaml(registration),
    openTelemetryYaml: openTelemetryYaml(registration),
    grafanaYaml: grafanaYaml(registration),
  });
}

/** Where the registration's paths begin. */
function urlOf({ settings }: ApiContext, request: FastifyRequest, id: string): string {
  return `${externalUrl(settings, request)}/e/${id}`;
}
