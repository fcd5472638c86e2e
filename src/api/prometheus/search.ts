// /api/v1/search/…: metric names, label names and label values that fit what somebody types, as lines of
// JSON. Experimental in Prometheus, and behind its feature name.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { compareStrings, METRIC_NAME } from '../../model/labels.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import type { Database, Querier } from '../../storage/interface.ts';
import type { ApiContext } from '../context.ts';
import { badRequest, searchDisabled } from '../errors.ts';
import type { RequestParams } from '../params.ts';
import { clientSignal, databaseForRead, formParams } from '../requests.ts';
import { sendStream } from '../respond.ts';
import { type Endpoint, readPaths } from '../routes.ts';
import { type SearchParams, searchFilter, searchParams } from './search-params.ts';

interface Found {
  readonly text: string;
  readonly score: number;
}

/** What one of the endpoints looks through, and how it writes down what it found. */
interface SearchKind {
  /** What a result's text is called. */
  readonly key: 'name' | 'value';
  /** Checks the parameters of its own. */
  prepare(params: RequestParams): {
    /** All candidates, sorted; at most `limit`. */
    candidates(
      querier: Querier,
      search: SearchParams,
      limit: number | undefined,
    ): Promise<string[]>;
    /** What is told of a result beside its text. */
    details?(text: string, database: Database): Readonly<Record<string, string>>;
  };
}

export function searchEndpoints(context: ApiContext): Endpoint[] {
  return Object.entries(KINDS).map(([name, kind]) => ({
    methods: ['GET', 'POST'],
    paths: readPaths(`/api/v1/search/${name}`),
    access: 'read',
    errorShape: 'prometheus',
    handle: (request, reply) => answer(context, request, reply, name, kind),
  }));
}

const KINDS: Readonly<Record<string, SearchKind>> = {
  metric_names: {
    key: 'name',
    prepare: (params) => {
      const includesMetadata = params.boolean('include_metadata', false);
      return {
        candidates: (querier, { selectors }, limit) =>
          querier.labelValues(METRIC_NAME, selectors, limit),
        details: (text, database) =>
          includesMetadata ? metadataToJson(database.metadata(text)[0]) : {},
      };
    },
  },
  label_names: {
    key: 'name',
    prepare: () => ({
      candidates: (querier, { selectors }, limit) => querier.labelNames(selectors, limit),
    }),
  },
  label_values: {
    key: 'value',
    prepare: (params) => {
      const label = params.value('label') ?? '';
      if (label === '') throw badRequest('missing required parameter "label"');
      return {
        candidates: (querier, { selectors }, limit) => querier.labelValues(label, selectors, limit),
      };
    },
  },
};

function metadataToJson(metadata: MetricMetadata | undefined): Record<string, string> {
  if (metadata === undefined) return {};
  const { type, help, unit } = metadata;
  const entries = Object.entries({ type, help, unit }).filter(([, text]) => text !== '');
  return Object.fromEntries(entries);
}

async function answer(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  kind: SearchKind,
): Promise<FastifyReply> {
  if (!context.settings['enable-feature'].includes('search-api')) throw searchDisabled();
  const params = await formParams(context, request);
  const search = searchParams(params, name, context.clock.now());
  const { candidates, details } = kind.prepare(params);
  const database = await databaseForRead(context, request, params, clientSignal(reply));
  const querier = database.querier(search.range);
  let found: Found[];
  try {
    found = await find(search, (limit) => candidates(querier, search, limit));
  } finally {
    querier.close();
  }
  reply.header('Content-Type', 'application/x-ndjson; charset=utf-8');
  const toJson = ({ text, score }: Found): unknown => ({
    [kind.key]: text,
    ...(search.includesScore ? { score } : {}),
    ...details?.(text, database),
  });
  return sendStream(request, reply, lines(found, search, toJson));
}

/** What fits, in the order asked for; one more than the limit shows that there is more. */
async function find(
  search: SearchParams,
  candidates: (limit: number | undefined) => Promise<string[]>,
): Promise<Found[]> {
  const limit = search.limit + 1;
  const filter = searchFilter(search);
  const isDescending = search.order === 'valueDescending';
  if (filter === undefined) {
    const texts = await candidates(isDescending ? undefined : limit);
    const ordered = isDescending ? texts.reverse() : texts;
    return ordered.slice(0, limit).map((text) => ({ text, score: 1 }));
  }
  const found: Found[] = [];
  for (const text of await candidates(undefined)) {
    const score = filter(text);
    if (score !== undefined) found.push({ text, score });
  }
  if (search.order === 'score') {
    found.sort((a, b) => b.score - a.score || compareStrings(a.text, b.text));
  } else if (isDescending) found.reverse();
  return found.slice(0, limit);
}

/** Batches, at least one, then how it ended. */
async function* lines(
  found: readonly Found[],
  { limit, batchSize }: SearchParams,
  toJson: (found: Found) => unknown,
): AsyncGenerator<string, void> {
  const shown = found.slice(0, limit);
  let from = 0;
  do {
    const results = shown.slice(from, from + batchSize).map(toJson);
    yield `${JSON.stringify({ results })}\n`;
    from += batchSize;
  } while (from < shown.length);
  yield `${JSON.stringify({ status: 'success', has_more: found.length > limit })}\n`;
}
