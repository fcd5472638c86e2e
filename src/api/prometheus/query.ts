// /api/v1/query and /api/v1/query_range: parameters in, the query service's bytes out.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { quote } from '../../model/go-text.ts';
import { queryTimedOut } from '../../promql/errors.ts';
import type { QueryRequest } from '../../query/interface.ts';
import type { ApiContext } from '../context.ts';
import { aboutParameter, badRequest, invalidParameter } from '../errors.ts';
import { parseDurationParam } from '../param-values.ts';
import type { RequestParams } from '../params.ts';
import { clientSignal, databaseForRead, formParams } from '../requests.ts';
import { sendAnswer } from '../respond.ts';
import { type Endpoint, readPaths } from '../routes.ts';

/** Enough for a week of minutes or a year of hours. */
const MAX_POINTS_PER_SERIES = 11_000;

/** What a query asks for, but for the database. */
type QueryParams = Omit<QueryRequest, 'database'>;

export function queryEndpoints(context: ApiContext): Endpoint[] {
  const endpoint = (path: string, read: (params: RequestParams) => QueryParams): Endpoint => ({
    methods: ['GET', 'POST'],
    paths: readPaths(path),
    access: 'read',
    errorShape: 'prometheus',
    handle: async (request, reply) => {
      const params = await formParams(context, request);
      return answer(context, request, reply, params, read(params));
    },
  });
  return [
    endpoint('/api/v1/query', (params) => instantQuery(context, params)),
    endpoint('/api/v1/query_range', (params) => rangeQuery(context, params)),
  ];
}

async function answer(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  params: RequestParams,
  query: QueryParams,
): Promise<FastifyReply> {
  const signal = clientSignal(reply);
  const database = await databaseForRead(context, request, params, signal);
  const answer = await context.queries.run({ database, ...query }, signal).catch((error) => {
    throw aboutParameter('query', error);
  });
  return sendAnswer(request, reply, answer);
}

function instantQuery(context: ApiContext, params: RequestParams): QueryParams {
  const limit = params.limit() ?? 0;
  const t = params.time('time', context.clock.now());
  return { startT: t, endT: t, stepMs: undefined, limit, ...commonParams(context, params) };
}

function rangeQuery(context: ApiContext, params: RequestParams): QueryParams {
  const limit = params.limit() ?? 0;
  const startT = params.requiredTime('start');
  const endT = params.requiredTime('end');
  if (endT < startT) {
    throw invalidParameter('end', 'end timestamp must not be before start time');
  }
  const stepMs = params.requiredDuration('step');
  // The engine counts in whole milliseconds, so a shorter step would be none.
  if (stepMs < 1) {
    const why =
      'zero or negative query resolution step widths are not accepted. Try a positive integer';
    throw invalidParameter('step', why);
  }
  if (Math.floor((endT - startT) / stepMs) > MAX_POINTS_PER_SERIES) {
    throw badRequest(
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    );
  }
  const common = commonParams(context, params);
  return { startT, endT, stepMs: Math.floor(stepMs), limit, ...common };
}

type CommonParams = Omit<QueryParams, 'startT' | 'endT' | 'stepMs' | 'limit'>;

function commonParams({ settings }: ApiContext, params: RequestParams): CommonParams {
  const timeoutMs = params.duration('timeout');
  if (timeoutMs !== undefined && timeoutMs <= 0) throw queryTimedOut('query execution');
  const lookbackMs = lookbackOf(params);
  const stats = params.value('stats') ?? '';
  const showsSteps =
    stats === 'all' && settings['enable-feature'].includes('promql-per-step-stats');
  const isKnown = ['', 'true', 'all'].includes(stats);
  return {
    query: params.value('query') ?? '',
    timeoutMs,
    lookbackMs,
    stats: stats === '' ? 'none' : showsSteps ? 'perStep' : 'total',
    useCache: !params.flag('nocache'),
    trace: params.flag('trace'),
    warnings: isKnown ? [] : [deprecatedStats(stats)],
  };
}

function lookbackOf(params: RequestParams): number | undefined {
  const text = params.value('lookback_delta') ?? '';
  if (text === '') return undefined;
  const ms = parseDurationParam(text);
  if (typeof ms !== 'number') throw badRequest(`error parsing lookback delta duration: ${ms.why}`);
  // Zero stands for the setting, as it does in Prometheus.
  return ms < 1 ? undefined : Math.floor(ms);
}

function deprecatedStats(value: string): string {
  return `value ${quote(value)} for parameter "stats" is deprecated and will be rejected in the next major release, use "true" or "all"`;
}
