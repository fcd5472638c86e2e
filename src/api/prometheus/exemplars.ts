// /api/v1/query_exemplars: exemplars of the series that the selectors of a query match.

import { ALL_TIME } from '../../model/time-range.ts';
import { selectorsOf } from '../../promql/language/walk.ts';
import type { ApiContext } from '../context.ts';
import { badRequest } from '../errors.ts';
import { clientSignal, databaseForRead, formParams } from '../requests.ts';
import { type Endpoint, readPaths } from '../routes.ts';
import { parseQuery } from './language.ts';
import { sendListing } from './listing/send-listing.ts';

export function exemplarEndpoint(context: ApiContext): Endpoint {
  return {
    methods: ['GET', 'POST'],
    paths: readPaths('/api/v1/query_exemplars'),
    access: 'read',
    errorShape: 'prometheus',
    handle: async (request, reply) => {
      const params = await formParams(context, request);
      const minT = params.time('start', ALL_TIME.minT);
      const maxT = params.time('end', ALL_TIME.maxT);
      if (maxT < minT) throw badRequest('end timestamp must not be before start timestamp');
      const expr = parseQuery(params.value('query') ?? '', context.settings);
      const selectors = selectorsOf(expr).map(({ matchers }) => matchers);
      if (selectors.length === 0) return reply.code(204).send();
      const signal = clientSignal(reply);
      const database = await databaseForRead(context, request, params, signal);
      const text = `exemplars ${params.value('query')}`;
      const body = { what: { kind: 'exemplars' }, selectors, limit: undefined } as const;
      const listing = { database, range: { minT, maxT }, text, body };
      return sendListing(context, request, reply, listing, signal);
    },
  };
}
