// Queries at work and queries past: /api/v1/status/active_queries, /api/v1/status/top_queries, and the
// way to stop one.

import type { ActiveQuery, TopQuery } from '../../query/interface.ts';
import { audit } from '../audit.ts';
import type { ApiContext } from '../context.ts';
import { badRequest, queryNotFound } from '../errors.ts';
import type { RequestParams } from '../params.ts';
import { maySee } from '../query-visibility.ts';
import { urlParams } from '../requests.ts';
import { sendData } from '../respond.ts';
import { type Endpoint, readPaths } from '../routes.ts';

const DEFAULT_TOP = 20;
const MAX_TOP = 1000;

export function runningQueryEndpoints(context: ApiContext): Endpoint[] {
  const { clock } = context;
  return [
    {
      methods: ['GET'],
      paths: readPaths('/api/v1/status/active_queries'),
      access: 'known',
      errorShape: 'prometheus',
      handle: (request, reply) => {
        const now = clock.now();
        const queries = context.queries
          .active()
          .filter(({ about }) => maySee(request.principal, about))
          .map((query) => activeToJson(query, now));
        return sendData(request, reply, { queries });
      },
    },
    {
      methods: ['GET'],
      paths: readPaths('/api/v1/status/top_queries'),
      access: 'known',
      errorShape: 'prometheus',
      handle: async (request, reply) => {
        const limit = topLimit(urlParams(request));
        const queries = context.queries
          .top(MAX_TOP)
          .filter(({ about }) => maySee(request.principal, about))
          .slice(0, limit)
          .map(topToJson);
        return sendData(request, reply, { queries });
      },
    },
    {
      methods: ['POST'],
      paths: readPaths('/api/v1/admin/queries/:id/cancel'),
      access: 'admin',
      errorShape: 'prometheus',
      changesData: true,
      handle: async (request, reply) => {
        const { id } = request.params as { id: string };
        if (!context.queries.cancel(id)) throw queryNotFound(id);
        audit(context, request, 'query canceled', { query: id });
        return reply.code(204).send();
      },
    },
  ];
}

function topLimit(params: RequestParams): number {
  const limit = params.count('limit') ?? DEFAULT_TOP;
  if (limit < 1) throw badRequest('limit must be a positive number');
  return Math.min(limit, MAX_TOP);
}

/** Times as Prometheus writes them: Unix seconds. What a query has none of is left out. */
function activeToJson(query: ActiveQuery, now: number): unknown {
  const { id, language, database, startT, endT, stepMs, receivedAt, state } = query;
  const range =
    startT === undefined || endT === undefined
      ? undefined
      : { start: startT / 1000, end: endT / 1000, step: (stepMs ?? 0) / 1000 };
  return {
    id,
    language,
    database,
    query: query.query,
    ...range,
    state,
    receivedAt: receivedAt / 1000,
    durationSeconds: Math.max(0, now - receivedAt) / 1000,
  };
}

function topToJson(query: TopQuery): unknown {
  const { database, count, totalSeconds, maxSeconds, samplesRead } = query;
  return {
    database,
    query: query.query,
    count,
    totalSeconds,
    averageSeconds: totalSeconds / count,
    maxSeconds,
    samplesRead,
  };
}
