// /api/v1/series: label sets of matching series.

import type { ApiContext } from '../context.ts';
import { aboutParameter } from '../errors.ts';
import { clientSignal, databaseForRead, formParams } from '../requests.ts';
import { sendList } from '../respond.ts';
import { type Endpoint, readPaths } from '../routes.ts';
import { quickMatchesOf, requireSelectors } from '../selectors.ts';
import { sendListing } from './listing/send-listing.ts';

export function seriesEndpoint(context: ApiContext): Endpoint {
  return {
    methods: ['GET', 'POST'],
    paths: readPaths('/api/v1/series'),
    access: 'read',
    errorShape: 'prometheus',
    handle: async (request, reply) => {
      const params = await formParams(context, request);
      requireSelectors(params);
      const limit = params.limit();
      const range = params.timeRange();
      const signal = clientSignal(reply);
      const selectors = quickMatchesOf(params);
      const database = await databaseForRead(context, request, params, signal);
      if (range === undefined) return sendList(request, reply, [], limit);
      const text = ['series', ...params.values('match[]')].join(' ');
      const body = { what: { kind: 'series' }, selectors, limit } as const;
      // Selectors that take long are parsed on the thread that lists.
      const listing = { database, range, text, body };
      return sendListing(context, request, reply, listing, signal).catch((error) => {
        throw aboutParameter('match[]', error);
      });
    },
  };
}
