// /api/v1/query_exemplars: exemplars of the series that the selectors of a query match.

import { labelsToObject } from '../../model/labels.ts';
import { ALL_TIME } from '../../model/time-range.ts';
import { selectorsOf } from '../../promql/language/walk.ts';
import { floatText } from '../../query/answer/json-values.ts';
import type { SeriesExemplars } from '../../storage/interface.ts';
import type { ApiContext } from '../context.ts';
import { badRequest } from '../errors.ts';
import { clientSignal, databaseForRead, formParams } from '../requests.ts';
import { sendList } from '../respond.ts';
import { type Endpoint, readPaths } from '../routes.ts';
import { parseQuery } from './language.ts';

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
      const database = await databaseForRead(context, request, params, clientSignal(reply));
      const querier = database.querier({ minT, maxT });
      try {
        const found = await querier.selectExemplars(selectors);
        return await sendList(request, reply, found, undefined, seriesToJson);
      } finally {
        querier.close();
      }
    },
  };
}

function seriesToJson({ labels, exemplars }: SeriesExemplars): unknown {
  return {
    seriesLabels: labelsToObject(labels),
    exemplars: exemplars.map((exemplar) => ({
      labels: labelsToObject(exemplar.labels),
      value: floatText(exemplar.value),
      timestamp: exemplar.t / 1000,
    })),
  };
}
