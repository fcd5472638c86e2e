// /api/v1/labels and /api/v1/label/<name>/values.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { quote } from '../../model/go-text.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { Querier } from '../../storage/interface.ts';
import type { ApiContext } from '../context.ts';
import { badRequest } from '../errors.ts';
import type { RequestParams } from '../params.ts';
import { clientSignal, databaseForRead, formParams, urlParams } from '../requests.ts';
import { sendList } from '../respond.ts';
import { type Endpoint, readPaths } from '../routes.ts';
import { selectorsOf } from '../selectors.ts';
import { unescapeLabelName } from './label-name.ts';

export function labelEndpoints(context: ApiContext): Endpoint[] {
  return [
    {
      methods: ['GET', 'POST'],
      paths: readPaths('/api/v1/labels'),
      access: 'read',
      errorShape: 'prometheus',
      handle: async (request, reply) => {
        const params = await formParams(context, request);
        return answer(context, request, reply, params, (querier, selectors, limit) =>
          querier.labelNames(selectors, limit),
        );
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
        return answer(context, request, reply, urlParams(request), (querier, selectors, limit) =>
          querier.labelValues(name, selectors, limit),
        );
      },
    },
  ];
}

async function answer(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  params: RequestParams,
  list: (querier: Querier, selectors: Matcher[][], limit: number | undefined) => Promise<string[]>,
): Promise<FastifyReply> {
  const limit = params.limit();
  const range = params.timeRange();
  const selectors = selectorsOf(params);
  const database = await databaseForRead(context, request, params, clientSignal(reply));
  if (range === undefined) return sendList(request, reply, [], limit);
  const querier = database.querier(range);
  try {
    // One more than asked for shows whether something was cut.
    const items = await list(querier, selectors, limit === undefined ? undefined : limit + 1);
    return await sendList(request, reply, items, limit);
  } finally {
    querier.close();
  }
}
