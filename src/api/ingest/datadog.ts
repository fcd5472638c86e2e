// DataDog's agent and libraries: series in both versions, and what else the agent wants to be answered.

import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  type DatadogJsonOptions,
  DatadogV1JsonDecoder,
  DatadogV2JsonDecoder,
} from '../../protocol/datadog/json.ts';
import { DatadogV2ProtobufDecoder } from '../../protocol/datadog/protobuf.ts';
import type { StreamDecoder } from '../../protocol/stream-decoder.ts';
import { IMPORT_ENCODINGS } from '../body-encoding.ts';
import type { ApiContext } from '../context.ts';
import { databaseName, queryOf, urlParams } from '../requests.ts';
import { authorize } from '../rights.ts';
import type { Endpoint } from '../routes.ts';
import { type ImportInput, importEndpoint } from './import-endpoint.ts';
import type { ImportReport } from './import-run.ts';
import { describeRefusal } from './partial-write.ts';

/** Refusals named in the answer; more are at /api/v1/status/rejected. */
const MAX_NAMED = 20;

export function datadogEndpoints(context: ApiContext): Endpoint[] {
  const series = (
    version: string,
    paths: readonly string[],
    decoderOf: (input: ImportInput, options: DatadogJsonOptions) => StreamDecoder,
  ): Endpoint =>
    importEndpoint(context, {
      protocol: `datadog_${version}`,
      paths,
      errorShape: 'datadog',
      encodings: IMPORT_ENCODINGS,
      receive: 'whole',
      open: (input) => {
        const isSanitized = context.settings['datadog.sanitize-names'];
        const { now, seriesTable } = input;
        return decoderOf(input, {
          isSanitized,
          now,
          seriesTable: seriesTable(''),
          templates: seriesTable('templates'),
        });
      },
      answer: answerSeries,
    });
  // Without a prefix the first version's path is one of Prometheus.
  const v1 = series('v1', prefixed('/api/v1/series'), ({ collector }, options) => {
    return new DatadogV1JsonDecoder(collector, options);
  });
  const v2 = series(
    'v2',
    ['/api/v2/series', ...prefixed('/api/v2/series')],
    ({ collector, request }, options) => {
      const Decoder = isProtobuf(request) ? DatadogV2ProtobufDecoder : DatadogV2JsonDecoder;
      return new Decoder(collector, options);
    },
  );
  const stubs = [
    stub('GET', prefixed('/api/v1/validate'), 'known', 200, '{"valid":true}'),
    stub('POST', prefixed('/api/v1/check_run'), 'write', 202, '{"status":"ok"}'),
    stub('POST', prefixed('/api/v1/metadata'), 'write', 202, '{}'),
    stub('POST', prefixed('/intake'), 'write', 202, '{}'),
  ];
  return [v1, v2, ...stubs].map((endpoint) => ({ ...endpoint, prepare: takeApiKey }));
}

/** As VictoriaMetrics has them; old agents put a slash at the end. */
function prefixed(path: string): string[] {
  return ['/datadog', '/insert/:tenant/datadog'].flatMap((prefix) => [
    `${prefix}${path}`,
    `${prefix}${path}/`,
  ]);
}

function isProtobuf({ contentType }: FastifyRequest): boolean {
  return /^\s*application\/x-protobuf\s*(;|$)/i.test(contentType ?? '');
}

/** The agent knows one place for credentials, its API key, which may be a key of ours. */
function takeApiKey(request: FastifyRequest): void {
  const { headers } = request;
  if (headers.authorization !== undefined) return;
  const header = headers['dd-api-key'];
  const key = typeof header === 'string' ? header : undefined;
  const given = key ?? new URLSearchParams(queryOf(request)).get('api_key');
  if (given) headers.authorization = `Bearer ${given}`;
}

/** 202 if anything was stored, with what was not: the agent throws away what is refused as a whole. */
function answerSeries(reply: FastifyReply, report: ImportReport): FastifyReply {
  const { badLines, problems, refusals, isWhole, samplesWritten } = report;
  const errors = [
    ...problems.map(({ line, message }) => `series ${line}: ${message}`),
    ...refusals.map(describeRefusal),
  ];
  const named = errors.slice(0, MAX_NAMED);
  const total = Math.max(errors.length, badLines + report.refusedTotal);
  if (total > named.length) {
    named.push(`and ${total - named.length} more, see /api/v1/status/rejected`);
  }
  reply.header('Content-Type', 'application/json');
  if (isWhole) return reply.code(202).send('{"status":"ok"}');
  if (samplesWritten === 0) return reply.code(400).send(JSON.stringify({ errors: named }));
  return reply.code(202).send(JSON.stringify({ status: 'ok', errors: named }));
}

/** Takes what nobody here has a use for, so that the agent goes on. */
function stub(
  method: 'GET' | 'POST',
  paths: readonly string[],
  access: 'known' | 'write',
  status: number,
  body: string,
): Endpoint {
  return {
    methods: [method],
    paths,
    access,
    errorShape: 'datadog',
    handle: async (request, reply) => {
      if (access === 'write')
        authorize(request, 'write', databaseName(request, urlParams(request)));
      request.raw.resume();
      return reply.code(status).header('Content-Type', 'application/json').send(body);
    },
  };
}
