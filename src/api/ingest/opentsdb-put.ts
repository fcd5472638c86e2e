// /api/put: points as OpenTSDB takes them over HTTP. They are on disk before any answer, so `sync` changes nothing.

import type { FastifyReply } from 'fastify';
import type { JsonTemplate } from '../../protocol/json-templates.ts';
import { OpentsdbPutDecoder, type PutPoint } from '../../protocol/opentsdb/put-json.ts';
import type { RowCollector } from '../../protocol/row-collector.ts';
import type { ApiContext } from '../context.ts';
import type { RequestParams } from '../params.ts';
import type { Endpoint } from '../routes.ts';
import { importEndpoint } from './import-endpoint.ts';
import type { ImportReport } from './import-run.ts';
import { describeRefusal } from './partial-write.ts';

/** OpenTSDB's, and VictoriaMetrics' forms of it. */
const PATHS = ['/api/put', '/opentsdb/api/put', '/insert/:tenant/opentsdb/api/put'];

export function opentsdbPutEndpoint(context: ApiContext): Endpoint {
  const isStrict = context.settings['opentsdb.strict'];
  const decoders = new WeakMap<RowCollector, OpentsdbPutDecoder>();
  return importEndpoint(context, {
    protocol: 'opentsdb_http',
    paths: PATHS,
    errorShape: 'opentsdb',
    encodings: ['gzip', 'deflate', 'zstd'],
    receive: 'whole',
    open: ({ collector, seriesTable }) => {
      const tables = { names: seriesTable(''), templates: seriesTable<JsonTemplate>('templates') };
      const decoder = new OpentsdbPutDecoder(collector, { isStrict }, tables);
      decoders.set(collector, decoder);
      return decoder;
    },
    answer: (reply, report, { collector, params }) =>
      answerPut(reply, report, params, decoders.get(collector)!),
  });
}

function answerPut(
  reply: FastifyReply,
  report: ImportReport,
  params: RequestParams,
  decoder: OpentsdbPutDecoder,
): FastifyReply {
  const failed = decoder.failed + report.refusedTotal;
  const hasDetails = params.value('details') !== undefined;
  reply.code(failed > 0 ? 400 : 200).header('Content-Type', 'application/json; charset=UTF-8');
  if (!hasDetails && params.value('summary') === undefined) {
    return failed > 0 ? reply.send(UNSPECIFIED) : reply.code(204).send();
  }
  const answer = {
    success: decoder.points - failed,
    failed,
    ...(Number(params.value('sync_timeout')) > 0 && { timeouts: 0 }),
    ...(hasDetails && { errors: errorsOf(decoder, report) }),
  };
  return reply.send(JSON.stringify(answer));
}

/** OpenTSDB's texts. */
const UNSPECIFIED = JSON.stringify({
  error: {
    code: 400,
    message: 'One or more data points had errors',
    details: 'Please see the TSD logs or append "details" to the put request',
  },
});

/** What decoding refused, then what the store did, of which only the series is known. */
function errorsOf({ errors }: OpentsdbPutDecoder, { refusals }: ImportReport): unknown[] {
  return [
    ...errors.map(({ error, datapoint }) => ({ error, datapoint: datapoint && print(datapoint) })),
    ...refusals.map((refusal) => ({ error: describeRefusal(refusal), datapoint: null })),
  ];
}

function print({ metric, timestamp, value, tags }: PutPoint): unknown {
  return {
    metric: metric ?? null,
    timestamp: Number(timestamp ?? 0) || 0,
    value: value ?? null,
    tags: tags === undefined ? null : Object.fromEntries(tags),
  };
}
