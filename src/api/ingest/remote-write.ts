// Remote write, 1.0 and 2.0 on every path. Order of checks: headers, readiness, database, size, body;
// so a refusal costs nothing and a message of the wrong type is never decompressed.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { snappyDecode } from '../../codec/snappy.ts';
import type { Label } from '../../model/labels.ts';
import { negotiateWrite } from '../../protocol/remote-write/content-type.ts';
import { decodeWriteRequestV1 } from '../../protocol/remote-write/v1.ts';
import { decodeWriteRequestV2 } from '../../protocol/remote-write/v2.ts';
import { RowCollector } from '../../protocol/row-collector.ts';
import { AppError } from '../../runtime/error.ts';
import type { Database, EncodedWrite, WriteBatch, WriteResult } from '../../storage/interface.ts';
import type { ApiContext } from '../context.ts';
import { badRequest, unsupportedMedia } from '../errors.ts';
import { withInfluxHeaders } from '../influx/headers.ts';
import { asWriteError, checkConsistency, createOnWrite } from '../influx/write-rules.ts';
import { databaseForWrite, databaseName, urlParams } from '../requests.ts';
import { type Endpoint, writePaths } from '../routes.ts';
import { countReceived } from '../usage.ts';
import { extraLabelsOf } from './extra-labels.ts';
import { describePartialWrite, isPartial } from './partial-write.ts';

const PROTOCOL = 'remote_write';

const NO_CONTENT_PATHS = [
  ...writePaths('/api/v1/write'),
  '/insert/:tenant/prometheus',
  '/receive',
  '/api/v1/receive',
];

/** Where senders take us for InfluxDB. */
const INFLUX_PATHS = ['/api/v1/prom/write'];

/** Clients of these (ARMS, Cortex, Mimir) take nothing but 200 for success. */
const OK_PATHS = ['/api/prom_write', '/api/v3/write', '/api/prom/push', '/api/v1/push'];

export function remoteWriteEndpoints(context: ApiContext): Endpoint[] {
  const endpoint = (paths: string[], handle: Endpoint['handle']): Endpoint => ({
    methods: ['POST'],
    paths,
    access: 'write',
    errorShape: 'text',
    changesData: true,
    handle,
  });
  return [
    endpoint(NO_CONTENT_PATHS, (request, reply) => handleWrite(context, request, reply, 204)),
    endpoint(OK_PATHS, (request, reply) => handleWrite(context, request, reply, 200)),
    withInfluxHeaders(
      context,
      endpoint(INFLUX_PATHS, (request, reply) => handleInfluxWrite(context, request, reply)),
    ),
  ];
}

/** With InfluxDB's own rules about databases, policies and parameters. */
async function handleInfluxWrite(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const params = urlParams(request);
  checkConsistency(params.value('consistency'));
  await createOnWrite(context, request, databaseName(request, params));
  try {
    return await handleWrite(context, request, reply, 204);
  } catch (error) {
    throw asWriteError(error);
  }
}

async function handleWrite(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  successStatus: number,
): Promise<FastifyReply> {
  const params = urlParams(request);
  const name = databaseName(request, params);
  const result = await write(context, request, reply, name, extraLabelsOf(request, params));
  if (!isPartial(result)) return reply.code(successStatus).send();
  context.rejections.addResult(PROTOCOL, name, result);
  throw badRequest(describePartialWrite(result));
}

async function write(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  extraLabels: readonly Label[],
): Promise<WriteResult> {
  try {
    const format = negotiate(request);
    if (format === 'remote-write-2') setWrittenHeaders(reply, 0, 0, 0);
    const database = await databaseForWrite(context, request, name);
    const result = await receive(context, request, database, format, extraLabels);
    if (format === 'remote-write-2') {
      const { samplesWritten, histogramsWritten, exemplarsWritten } = result;
      setWrittenHeaders(reply, samplesWritten, histogramsWritten, exemplarsWritten);
    }
    return result;
  } catch (error) {
    if (error instanceof AppError && isFinal(error)) {
      context.rejections.addRequest(PROTOCOL, name, error.code, error.message);
      if (error.code === 'STORAGE_DATABASE_NOT_FOUND') {
        context.influx.noteMissing(name, context.logger);
      }
    }
    throw error;
  }
}

/** The format by the headers alone. Throws HTTP_UNSUPPORTED_MEDIA. */
function negotiate(request: FastifyRequest): EncodedWrite['format'] {
  const negotiated = negotiateWrite(request.contentType, request.headers['content-encoding']);
  if ('unsupported' in negotiated) throw unsupportedMedia(negotiated.unsupported);
  return negotiated.format;
}

function receive(
  context: ApiContext,
  request: FastifyRequest,
  database: Database,
  format: EncodedWrite['format'],
  extraLabels: readonly Label[],
): Promise<WriteResult> {
  const { bodies, settings, httpMetrics } = context;
  const limit = settings['limits.max-body-size'];
  return bodies.withBody(request.raw, limit, 'limits.max-body-size', async (body) => {
    httpMetrics.countReceivedBytes(PROTOCOL, body.length);
    const result =
      body.length === 0
        ? NOTHING_WRITTEN
        : await store(database, format, body, settings['limits.max-decoded-size'], extraLabels);
    countReceived(context, request, PROTOCOL, result);
    return result;
  });
}

/** Some senders probe with an empty body, which is no snappy block but asks for nothing. */
const NOTHING_WRITTEN: WriteResult = {
  samplesWritten: 0,
  histogramsWritten: 0,
  exemplarsWritten: 0,
  rejections: [],
  rejectedTotal: 0,
};

function store(
  database: Database,
  format: EncodedWrite['format'],
  body: Uint8Array,
  maxDecodedBytes: number,
  extraLabels: readonly Label[],
): Promise<WriteResult> {
  const isAsItCame = extraLabels.length === 0;
  if (isAsItCame && database.writeEncoded !== undefined) {
    return database.writeEncoded({ format, body });
  }
  const message = snappyDecode(body, maxDecodedBytes);
  const decode = format === 'remote-write-1' ? decodeWriteRequestV1 : decodeWriteRequestV2;
  const batch = decode(message);
  return database.write(isAsItCame ? batch : withExtraLabels(batch, extraLabels));
}

function withExtraLabels(batch: WriteBatch, extraLabels: readonly Label[]): WriteBatch {
  const collector = new RowCollector(extraLabels);
  const series = batch.series.map((one) => ({
    ...one,
    labels: collector.withExtraLabels(one.labels),
  }));
  return { ...batch, series };
}

/** Version 2 senders take an answer without these for a broken version 1 receiver. */
function setWrittenHeaders(
  reply: FastifyReply,
  samples: number,
  histograms: number,
  exemplars: number,
): void {
  reply.header('X-Prometheus-Remote-Write-Samples-Written', String(samples));
  reply.header('X-Prometheus-Remote-Write-Histograms-Written', String(histograms));
  reply.header('X-Prometheus-Remote-Write-Exemplars-Written', String(exemplars));
}

/** True if the sender will throw the request away. */
function isFinal({ kind }: AppError): boolean {
  return kind === 'bad_data' || kind === 'limit' || kind === 'unsupported' || kind === 'not_found';
}
