// /api/suggest: names that begin as somebody has begun to type them.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { compareStrings, METRIC_NAME } from '../../model/labels.ts';
import { ALL_TIME } from '../../model/time-range.ts';
import { quoteMeta } from '../../opentsdb/index.ts';
import { opentsdbRequest } from '../../protocol/errors.ts';
import { objectOf, scalarOf } from '../../protocol/opentsdb/query/json-query.ts';
import type { Querier } from '../../storage/interface.ts';
import type { ApiContext } from '../context.ts';
import { clientSignal, databaseForRead, urlParams } from '../requests.ts';
import type { Endpoint } from '../routes.ts';
import { jsonOf, sendTsdbJson, tsdbPaths } from './request.ts';

/** OpenTSDB's. */
const DEFAULT_MAX = 25;

const KINDS = ['metrics', 'tagk', 'tagv'] as const;

interface Suggestion {
  readonly kind: (typeof KINDS)[number];
  readonly prefix: string;
  readonly max: number;
}

export function suggestEndpoint(context: ApiContext): Endpoint {
  return {
    methods: ['GET', 'POST'],
    paths: tsdbPaths('/api/suggest'),
    access: 'read',
    errorShape: 'opentsdb',
    handle: (request, reply) => answer(context, request, reply),
  };
}

async function answer(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const suggestion = await parse(context, request);
  const params = urlParams(request);
  const database = await databaseForRead(context, request, params, clientSignal(reply));
  const querier = database.querier(ALL_TIME);
  try {
    return sendTsdbJson(reply, await namesOf(querier, suggestion));
  } finally {
    querier.close();
  }
}

async function parse(context: ApiContext, request: FastifyRequest): Promise<Suggestion> {
  const params = urlParams(request);
  const body = request.method === 'POST' ? await jsonOf(context, request) : undefined;
  const object = body === undefined ? undefined : objectOf(body.value, 'The request');
  const of = (name: string): string => (object ? scalarOf(object, name) : params.value(name)) ?? '';
  const type = of('type');
  if (type === '') throw opentsdbRequest("Missing 'type' parameter");
  const kind = KINDS.find((one) => one === type);
  if (kind === undefined) throw opentsdbRequest(`Invalid 'type' parameter:${type.slice(0, 100)}`);
  const max = of('max');
  if (!/^-?\d{0,15}$/.test(max)) throw opentsdbRequest("Unable to parse 'max' as a number");
  return { kind, prefix: of('q'), max: Number(max) > 0 ? Number(max) : DEFAULT_MAX };
}

async function namesOf(querier: Querier, { kind, prefix, max }: Suggestion): Promise<string[]> {
  if (kind === 'metrics') return valuesOf(querier, METRIC_NAME, prefix, max);
  const keys = (await querier.labelNames([])).filter((name) => name !== METRIC_NAME);
  if (kind === 'tagk') return keys.filter((key) => key.startsWith(prefix)).slice(0, max);
  const values = new Set<string>();
  for (const key of keys) {
    for (const value of await valuesOf(querier, key, prefix, max)) values.add(value);
  }
  return [...values].sort(compareStrings).slice(0, max);
}

function valuesOf(querier: Querier, name: string, prefix: string, max: number): Promise<string[]> {
  const value = `${quoteMeta(prefix)}.*`;
  const selectors = prefix === '' ? [] : [[{ type: '=~' as const, name, value }]];
  return querier.labelValues(name, selectors, max);
}
