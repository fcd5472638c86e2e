// /api/query: parsed here, evaluated where queries are, the answer sent as it comes.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { METRIC_NAME } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import { ALL_TIME } from '../../model/time-range.ts';
import { type EvaluationBody, noSuchName, OPENTSDB, readRange } from '../../opentsdb/index.ts';
import { opentsdbRequest } from '../../protocol/errors.ts';
import { parseJsonQuery } from '../../protocol/opentsdb/query/json-query.ts';
import type { SubQuery, TsdbQuery } from '../../protocol/opentsdb/query/query.ts';
import { parseUrlQuery } from '../../protocol/opentsdb/query/url-query.ts';
import type { QueryAnswer } from '../../query/interface.ts';
import { AppError } from '../../runtime/error.ts';
import type { Database, Querier } from '../../storage/interface.ts';
import type { ApiContext } from '../context.ts';
import { clientSignal, databaseForRead, queryOf, urlParams } from '../requests.ts';
import { sendPieces } from '../respond.ts';
import type { Endpoint } from '../routes.ts';
import { jsonOf, tsdbPaths } from './request.ts';

/** Of a query's text as it is listed. */
const MAX_TEXT_LENGTH = 4096;

export function tsdbQueryEndpoint(context: ApiContext): Endpoint {
  return {
    methods: ['GET', 'POST'],
    paths: tsdbPaths('/api/query'),
    access: 'read',
    errorShape: 'opentsdb',
    handle: (request, reply) => answerQuery(context, request, reply),
  };
}

async function answerQuery(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const signal = clientSignal(reply);
  const { query, text } = await parseRequest(context, request);
  const database = await databaseForRead(context, request, urlParams(request), signal);
  const run = (mayBeEmpty: boolean): Promise<QueryAnswer> => {
    const body: EvaluationBody = { query, mayBeEmpty };
    const reads = [{ database, range: readRange(query) }];
    const statement = { language: OPENTSDB, text, database, reads, body, listing: undefined };
    return context.queries.runStatement(statement, signal);
  };
  const { whole, pieces } = await run(false).catch(async (error: unknown) => {
    if (!(error instanceof AppError) || error.code !== 'OPENTSDB_NO_SERIES') throw error;
    for (const sub of query.queries) await checkNames(database, sub);
    return run(true);
  });
  reply.header('Content-Type', 'application/json; charset=UTF-8');
  if (whole !== undefined) return reply.send(Buffer.from(whole));
  return sendPieces(request, reply, pieces);
}

async function parseRequest(
  context: ApiContext,
  request: FastifyRequest,
): Promise<{ readonly query: TsdbQuery; readonly text: string }> {
  const now = context.clock.now();
  if (request.method === 'GET') {
    const params = new URLSearchParams(queryOf(request));
    return { query: parseUrlQuery(params, now), text: textOf(params).slice(0, MAX_TEXT_LENGTH) };
  }
  const body = await jsonOf(context, request);
  if (body === undefined) throw opentsdbRequest('Missing request content');
  const query = parseJsonQuery(body.value, now);
  const hasArrays = urlParams(request).value('arrays') !== undefined;
  return { query: { ...query, hasArrays }, text: body.text.slice(0, MAX_TEXT_LENGTH) };
}

/** A URL has credentials in it, perhaps; what is listed of it has none. */
function textOf(params: URLSearchParams): string {
  const shown = ['start', 'end', 'm'].flatMap((name) =>
    params.getAll(name).map((value) => `${name}=${value}`),
  );
  return shown.join('&');
}

/** Throws OPENTSDB_NO_SUCH_NAME for a metric, tag or value that no series has, at whatever time. */
async function checkNames(database: Database, { metric, filters }: SubQuery): Promise<void> {
  const querier = database.querier(ALL_TIME);
  try {
    if (!(await isThere(querier, { type: '=', name: METRIC_NAME, value: metric }))) {
      throw noSuchName('metrics', metric);
    }
    for (const { tagk, type, filter } of filters) {
      if (!(await isThere(querier, { type: '!=', name: tagk, value: '' }))) {
        throw noSuchName('tagk', tagk);
      }
      if (type !== 'literal_or') continue;
      for (const value of filter.split('|').filter(Boolean)) {
        if (!(await isThere(querier, { type: '=', name: tagk, value }))) {
          throw noSuchName('tagv', value);
        }
      }
    }
  } finally {
    querier.close();
  }
}

async function isThere(querier: Querier, matcher: Matcher): Promise<boolean> {
  return (await querier.labelValues(METRIC_NAME, [[matcher]], 1)).length > 0;
}
