// /api/search/lookup: the series of a metric, or with a tag.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Labels, labelValue, METRIC_NAME, printLabels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import { ALL_TIME } from '../../model/time-range.ts';
import { opentsdbRequest } from '../../protocol/errors.ts';
import { listOf, objectOf, scalarOf } from '../../protocol/opentsdb/query/json-query.ts';
import { parsePairs } from '../../protocol/opentsdb/query/url-query.ts';
import type { ApiContext } from '../context.ts';
import { clientSignal, databaseForRead, urlParams } from '../requests.ts';
import type { Endpoint } from '../routes.ts';
import { jsonOf, sendTsdbJson, tsdbPaths } from './request.ts';

/** OpenTSDB's. */
const DEFAULT_LIMIT = 25;

interface Lookup {
  /** '' for any. */
  readonly metric: string;
  /** `*` stands for any key, and for any value. */
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  readonly limit: number;
}

export function lookupEndpoint(context: ApiContext): Endpoint {
  return {
    methods: ['GET', 'POST'],
    paths: tsdbPaths('/api/search/lookup'),
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
  const started = context.clock.monotonic();
  const lookup = await parse(context, request);
  const params = urlParams(request);
  const database = await databaseForRead(context, request, params, clientSignal(reply));
  const querier = database.querier(ALL_TIME);
  let found: Labels[];
  try {
    found = await querier.series([matchersOf(lookup)]);
  } finally {
    querier.close();
  }
  const passing = found.filter((labels) => passes(labels, lookup));
  const results = passing.slice(0, lookup.limit).map(resultOf);
  return sendTsdbJson(reply, {
    type: 'LOOKUP',
    metric: lookup.metric === '' ? null : lookup.metric,
    tags: lookup.tags,
    limit: lookup.limit,
    time: Math.round(context.clock.monotonic() - started),
    results,
    startIndex: 0,
    totalResults: results.length,
  });
}

async function parse(context: ApiContext, request: FastifyRequest): Promise<Lookup> {
  const body = request.method === 'POST' ? await jsonOf(context, request) : undefined;
  const lookup = body === undefined ? parseUrl(request) : parseJson(body.value);
  if (lookup.metric === '' && lookup.tags.length === 0) {
    throw opentsdbRequest('Missing metric and tags. Please supply at least one value.');
  }
  return lookup;
}

function parseUrl(request: FastifyRequest): Lookup {
  const params = urlParams(request);
  const text = params.value('m') ?? '';
  const match = /^([^{}]*)(?:\{([^{}]*)\})?$/s.exec(text);
  if (match === null) throw opentsdbRequest(`Missing '}' at the end of: ${text.slice(0, 200)}`);
  return {
    metric: match[1] ?? '',
    tags: parsePairs(match[2] ?? '').map(([key, value]) => ({ key, value })),
    limit: limitOf(params.value('limit') ?? ''),
  };
}

function parseJson(body: unknown): Lookup {
  const object = objectOf(body, 'The request');
  return {
    metric: scalarOf(object, 'metric'),
    tags: listOf(object, 'tags').map((tag) => {
      const pair = objectOf(tag, 'A tag');
      return { key: scalarOf(pair, 'key') || '*', value: scalarOf(pair, 'value') || '*' };
    }),
    limit: limitOf(scalarOf(object, 'limit')),
  };
}

function limitOf(text: string): number {
  if (text === '') return DEFAULT_LIMIT;
  if (!/^\d{1,15}$/.test(text)) {
    throw opentsdbRequest("Unable to convert 'limit' to a valid number");
  }
  return Number(text) || DEFAULT_LIMIT;
}

function matchersOf({ metric, tags }: Lookup): Matcher[] {
  const matchers: Matcher[] = [
    metric === ''
      ? { type: '!=', name: METRIC_NAME, value: '' }
      : { type: '=', name: METRIC_NAME, value: metric },
  ];
  for (const { key, value } of tags) {
    if (key === '*') continue;
    matchers.push(
      value === '*' ? { type: '!=', name: key, value: '' } : { type: '=', name: key, value },
    );
  }
  return matchers;
}

/** What no matcher says: a value under whatever key. */
function passes(labels: Labels, { tags }: Lookup): boolean {
  return tags.every(({ key, value }) => {
    if (key !== '*' || value === '*') return true;
    return labels.some((label) => label.name !== METRIC_NAME && label.value === value);
  });
}

function resultOf(labels: Labels): unknown {
  const tags = labels.filter(({ name }) => name !== METRIC_NAME);
  return {
    tsuid: idOf(labels),
    metric: labelValue(labels, METRIC_NAME),
    tags: Object.fromEntries(tags.map(({ name, value }) => [name, value])),
  };
}

/** Clients tell series apart by it; it cannot be queried. */
function idOf(labels: Labels): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(printLabels(labels))) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16).toUpperCase().padStart(16, '0');
}
