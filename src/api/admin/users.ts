// /api/v1/admin/users: who can log in, and what each may do.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { newSecret, PRIVILEGES, type User } from '../../access/index.ts';
import { isDatabaseName } from '../../storage/interface.ts';
import { audit } from '../audit.ts';
import type { ApiContext } from '../context.ts';
import { badRequest } from '../errors.ts';
import { sendData } from '../respond.ts';
import { mayCreateFirstAdmin, requireAdmin } from '../rights.ts';
import type { Endpoint } from '../routes.ts';
import { accessEndpoints } from './access-endpoint.ts';
import { refuseScope } from './databases.ts';
import { jsonBody } from './json-body.ts';

const PATH = '/api/v1/admin/users';

export function userEndpoints(context: ApiContext): Endpoint[] {
  const endpoint = accessEndpoints(context, PATH);
  return [
    endpoint(
      '',
      ['GET', 'POST'],
      (request, reply) => {
        if (request.method === 'POST') return createUser(context, request, reply);
        requireAdmin(request);
        return sendData(request, reply, { users: context.access.users().map(userToJson) });
      },
      'judged',
    ),
    endpoint('/:name', ['GET', 'PATCH', 'DELETE'], (request, reply) => {
      if (request.method === 'PATCH') return changeUser(context, request, reply);
      if (request.method === 'DELETE') return dropUser(context, request, reply);
      const user = context.access.existingUser(nameOf(request));
      return sendData(request, reply, userToJson(user));
    }),
    endpoint('/:name/grants/:database', ['PUT', 'DELETE'], (request, reply) =>
      changeGrant(context, request, reply),
    ),
  ];
}

function nameOf(request: FastifyRequest): string {
  return (request.params as { name: string }).name;
}

function userToJson({ name, isAdmin, grants, createdAt }: User): unknown {
  return {
    name,
    admin: isAdmin,
    grants: Object.fromEntries(grants),
    createdAt: new Date(createdAt).toISOString(),
  };
}

/** Without a password in the body one is made, and told once. */
async function createUser(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const isFirst = mayCreateFirstAdmin(request);
  if (!isFirst) requireAdmin(request);
  const body = await jsonBody(context, request);
  const name = body.text('name');
  const given = body.optionalText('password');
  const isAdmin = body.optionalBoolean('admin') ?? false;
  body.end();
  if (isFirst && !isAdmin) requireAdmin(request);
  const { access } = context;
  const password = given ?? newSecret();
  const isNew = access.user(name) === undefined;
  await access.createUser(name, password, isAdmin, isFirst);
  if (isNew) audit(context, request, 'user created', { user: name, admin: isAdmin });
  reply.code(isNew ? 201 : 200);
  const told = given === undefined ? { password } : {};
  return sendData(request, reply, {
    ...(userToJson(access.existingUser(name)) as object),
    ...told,
  });
}

async function changeUser(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const name = nameOf(request);
  const body = await jsonBody(context, request);
  const password = body.optionalText('password');
  const isAdmin = body.optionalBoolean('admin');
  body.end();
  if (password === undefined && isAdmin === undefined) {
    throw badRequest('the body changes nothing');
  }
  const { access } = context;
  await access.changeUser(name, password, isAdmin);
  const user = access.existingUser(name);
  audit(context, request, 'user changed', {
    user: name,
    admin: user.isAdmin,
    newPassword: password !== undefined,
  });
  return sendData(request, reply, userToJson(user));
}

async function dropUser(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const name = nameOf(request);
  context.access.dropUser(name);
  audit(context, request, 'user dropped', { user: name });
  return reply.code(204).send();
}

async function changeGrant(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { name, database } = request.params as { name: string; database: string };
  const body = await jsonBody(context, request);
  const text = request.method === 'DELETE' ? 'none' : body.text('privilege');
  body.end();
  const privilege = PRIVILEGES.find((one) => one === text);
  if (privilege === undefined) {
    throw badRequest(`"privilege" must be one of ${PRIVILEGES.join(', ')}`);
  }
  if (!isDatabaseName(database)) throw badRequest('not the name of a database');
  refuseScope(database);
  context.access.setPrivilege(name, database, privilege);
  audit(context, request, 'privilege set', { user: name, database, privilege });
  return sendData(request, reply, userToJson(context.access.existingUser(name)));
}
