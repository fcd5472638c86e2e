// /api/v1/series: label sets of matching series.

import { labelsToObject } from '../../model/labels.ts';
import type { ApiContext } from '../context.ts';
import { clientSignal, databaseForRead, formParams } from '../requests.ts';
import { sendList } from '../respond.ts';
import { type Endpoint, readPaths } from '../routes.ts';
import { requiredSelectorsOf, requireSelectors } from '../selectors.ts';

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
      const selectors = requiredSelectorsOf(params);
      const database = await databaseForRead(context, request, params, clientSignal(reply));
      if (range === undefined) return sendList(request, reply, [], limit);
      const querier = database.querier(range);
      try {
        const series = await querier.series(selectors, limit === undefined ? undefined : limit + 1);
        return await sendList(request, reply, series, limit, labelsToObject);
      } finally {
        querier.close();
      }
    },
  };
}
