// /api/v1/labels and /api/v1/label/<name>/values.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { quote } from '../../model/go-text.ts';
import type { ApiContext } from '../context.ts';
import { badRequest } from '../errors.ts';
import type { RequestParams } from '../params.ts';
import { clientSignal, databaseForRead, formParams, urlParams } from '../requests.ts';
import { sendList } from '../respond.ts';
import { type Endpoint, readPaths } from '../routes.ts';
import { quickSelectorsOf } from '../selectors.ts';
import { unescapeLabelName } from './label-name.ts';
import type { Listed } from './listing/listing-body.ts';
import { sendListing } from './listing/send-listing.ts';

export function labelEndpoints(context: ApiContext): Endpoint[] {
  return [
    {
      methods: ['GET', 'POST'],
      paths: readPaths('/api/v1/labels'),
      access: 'read',
      errorShape: 'prometheus',
      handle: async (request, reply) => {
        const params = await formParams(context, request);
        return answer(context, request, reply, params, { kind: 'label names' });
      },
    },
    {
      methods: ['GET'],
      paths: readPaths('/api/v1/label/:name/values'),
      access: 'read',
      errorShape: 'prometheus',
      handle: async (request, reply) => {
        const escaped = (request.params as { name: string }).name;
        const name = unescapeLabelName(escaped);
        if (name === '') {
          throw badRequest(`invalid label name: ${quote(name)}`);
        }
        return answer(context, request, reply, urlParams(request), { kind: 'label values', name });
      },
    },
  ];
}

async function answer(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  params: RequestParams,
  what: Listed,
): Promise<FastifyReply> {
  const limit = params.limit();
  const range = params.timeRange();
  const selectors = quickSelectorsOf(params);
  const signal = clientSignal(reply);
  const database = await databaseForRead(context, request, params, signal);
  if (range === undefined) return sendList(request, reply, [], limit);
  const text = [
    what.kind,
    ...('name' in what ? [what.name] : []),
    ...params.values('match[]'),
  ].join(' ');
  const listing = { database, range, text, body: { what, selectors, limit } };
  return sendListing(context, request, reply, listing, signal);
}
