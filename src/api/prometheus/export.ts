// /api/v1/export: raw samples as JSON lines, streamed series by series.

import type { Exemplar } from '../../model/exemplar.ts';
import { type Labels, printLabels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import { NO_SAMPLES } from '../../model/sample.ts';
import type { TimeRange } from '../../model/time-range.ts';
import { encodeJsonLines, type JsonLinesOptions } from '../../protocol/json-lines/encode.ts';
import type { Database, Querier } from '../../storage/interface.ts';
import type { ApiContext } from '../context.ts';
import { invalidParameter } from '../errors.ts';
import type { RequestParams } from '../params.ts';
import { clientSignal, databaseForRead, formParams } from '../requests.ts';
import { sendStream } from '../respond.ts';
import { type Endpoint, readPaths } from '../routes.ts';
import { requiredSelectorsOf } from '../selectors.ts';

const PROTOCOL = 'export';

/** Lines are sent in pieces of about so many characters. */
const PIECE_CHARACTERS = 64 * 1024;

export function exportEndpoint(context: ApiContext): Endpoint {
  return {
    methods: ['GET', 'POST'],
    paths: readPaths('/api/v1/export'),
    access: 'read',
    errorShape: 'prometheus',
    handle: async (request, reply) => {
      const params = await formParams(context, request);
      const selectors = requiredSelectorsOf(params);
      const options = optionsOf(params);
      const range = params.orderedTimeRange();
      const signal = clientSignal(reply);
      const database = await databaseForRead(context, request, params, signal);
      reply.header('Content-Type', 'application/stream+json');
      return sendStream(
        request,
        reply,
        exportPieces(context, database, range, selectors, options, signal),
      );
    },
  };
}

/** `format=victoriametrics` writes what its importer reads; without it nothing is lost. */
function optionsOf(params: RequestParams): JsonLinesOptions {
  const format = params.value('format') ?? '';
  if (format !== '' && format !== 'victoriametrics') {
    throw invalidParameter('format', `expected victoriametrics, got ${JSON.stringify(format)}`);
  }
  const maxRowsPerLine = params.count('max_rows_per_line') || undefined;
  return {
    plain: format === 'victoriametrics',
    includeStale: params.flag('include_stale'),
    ...(maxRowsPerLine === undefined ? {} : { maxRowsPerLine }),
  };
}

async function* exportPieces(
  context: ApiContext,
  database: Database,
  range: TimeRange,
  selectors: readonly (readonly Matcher[])[],
  options: JsonLinesOptions,
  signal: AbortSignal,
): AsyncGenerator<string, void> {
  const querier = database.querier(range);
  let piece = '';
  try {
    for await (const line of exportLines(context, querier, selectors, options, signal)) {
      piece += line;
      if (piece.length < PIECE_CHARACTERS) continue;
      yield piece;
      piece = '';
    }
    if (piece !== '') yield piece;
  } finally {
    querier.close();
  }
}

/** Every matching series once, even if several selectors match it. */
async function* exportLines(
  context: ApiContext,
  querier: Querier,
  selectors: readonly (readonly Matcher[])[],
  options: JsonLinesOptions,
  signal: AbortSignal,
): AsyncGenerator<string, void> {
  const exemplars = await exemplarsBySeries(querier, selectors);
  const seen = selectors.length > 1 ? new Set<string>() : undefined;
  for (const matchers of selectors) {
    for await (const { labels, samples } of querier.select(matchers, { signal })) {
      const key = printLabels(labels);
      if (seen?.has(key) === true) continue;
      seen?.add(key);
      yield* encodeJsonLines(labels, samples, exemplars.get(key)?.exemplars ?? [], options);
      exemplars.delete(key);
      context.httpMetrics.countReturned(PROTOCOL, samples.length);
    }
  }
  // Series may have exemplars in the range, but no samples.
  for (const { labels, exemplars: rest } of exemplars.values()) {
    yield* encodeJsonLines(labels, NO_SAMPLES, rest, options);
  }
}

async function exemplarsBySeries(
  querier: Querier,
  selectors: readonly (readonly Matcher[])[],
): Promise<Map<string, { labels: Labels; exemplars: readonly Exemplar[] }>> {
  const found = await querier.selectExemplars(selectors);
  return new Map(found.map((series) => [printLabels(series.labels), series]));
}
