// /api/v1/metadata: type, help and unit by metric, as senders told them.

import type { MetricMetadata } from '../../model/metadata.ts';
import type { ApiContext } from '../context.ts';
import { badRequest } from '../errors.ts';
import type { RequestParams } from '../params.ts';
import { clientSignal, databaseForRead, urlParams } from '../requests.ts';
import { sendData } from '../respond.ts';
import { type Endpoint, readPaths } from '../routes.ts';

export function metadataEndpoint(context: ApiContext): Endpoint {
  return {
    methods: ['GET'],
    paths: readPaths('/api/v1/metadata'),
    access: 'read',
    errorShape: 'prometheus',
    handle: async (request, reply) => {
      const params = urlParams(request);
      const limit = countOf(params, 'limit');
      const limitPerMetric = countOf(params, 'limit_per_metric');
      const metric = params.value('metric') || undefined;
      const database = await databaseForRead(context, request, params, clientSignal(reply));
      const entries = database.metadata(metric);
      return sendData(request, reply, groupByMetric(entries, limit, limitPerMetric));
    },
  };
}

/** Negative means no limit, as does absence. */
function countOf(params: RequestParams, name: string): number {
  const text = params.value(name);
  if (text === undefined || text === '') return Number.POSITIVE_INFINITY;
  if (!/^-?\d{1,15}$/.test(text)) throw badRequest(`${name} must be a number`);
  const count = Number(text);
  return count < 0 ? Number.POSITIVE_INFINITY : count;
}

function groupByMetric(
  entries: readonly MetricMetadata[],
  limit: number,
  limitPerMetric: number,
): Record<string, { type: string; help: string; unit: string }[]> {
  const groups: Record<string, { type: string; help: string; unit: string }[]> =
    Object.create(null);
  let groupCount = 0;
  for (const { metric, type, help, unit } of entries) {
    let group = groups[metric];
    if (group === undefined) {
      if (groupCount >= limit) break;
      groupCount++;
      group = [];
      groups[metric] = group;
    }
    if (limitPerMetric === 0 || group.length < limitPerMetric) group.push({ type, help, unit });
  }
  return groups;
}
