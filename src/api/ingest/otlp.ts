// OpenTelemetry's metrics over HTTP, in protobuf and JSON. A request of which a part was refused is a success with a
// remark: senders must not send it again.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { encodeExportAnswer, type OtlpEncoding } from '../../protocol/otlp/index.ts';
import { AppError } from '../../runtime/error.ts';
import { type BodyEncoding, decodeWhole, encodingOf } from '../body-encoding.ts';
import type { ApiContext } from '../context.ts';
import { unsupportedMedia } from '../errors.ts';
import { OTLP_MEDIA_TYPES, otlpEncodingOf } from '../otlp-media.ts';
import { databaseForWrite, databaseName, urlParams } from '../requests.ts';
import { type Endpoint, writePaths } from '../routes.ts';
import { extraLabelsOf } from './extra-labels.ts';
import { isFinal } from './import-endpoint.ts';
import { noteOutcome, OTLP_PROTOCOL, type OtlpOutcome } from './otlp-receiver.ts';

/** The specification has gzip; the Collector can be told to use the others. */
const ENCODINGS: readonly BodyEncoding[] = ['gzip', 'deflate', 'zstd', 'snappy'];

const PATHS = [
  ...writePaths('/api/v1/otlp/v1/metrics'),
  // The specification's, which senders add to a URL of their own.
  '/v1/metrics',
  // VictoriaMetrics'.
  '/opentelemetry/v1/metrics',
  '/opentelemetry/api/v1/push',
  '/insert/:tenant/opentelemetry/v1/metrics',
  '/insert/:tenant/opentelemetry/api/v1/push',
  // Mimir's and openGemini's.
  '/otlp/v1/metrics',
  '/api/v1/otlp/metrics',
  // openGemini's of 1.5.
  '/api/v1/otlp/:tenant/metrics',
];

export function otlpEndpoint(context: ApiContext): Endpoint {
  return {
    methods: ['POST'],
    paths: PATHS,
    access: 'write',
    errorShape: 'otlp',
    changesData: true,
    handle: (request, reply) => handleExport(context, request, reply),
  };
}

async function handleExport(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const params = urlParams(request);
  const name = databaseName(request, params);
  try {
    const encoding = encodingOfMessage(request);
    const compression = encodingOf(request, ENCODINGS);
    const extraLabels = extraLabelsOf(request, params);
    const database = await databaseForWrite(context, request, name);
    const outcome = await receive(context, request, compression, (body) =>
      context.otlp.receive(body, encoding, database, extraLabels),
    );
    noteOutcome(context, request, name, outcome);
    reply.header('Content-Type', OTLP_MEDIA_TYPES[encoding]);
    return reply.send(Buffer.from(encodeExportAnswer(outcome.answer, encoding)));
  } catch (error) {
    if (error instanceof AppError && isFinal(error)) {
      context.rejections.addRequest(OTLP_PROTOCOL, name, error.code, error.message);
    }
    throw error;
  }
}

/** Throws HTTP_UNSUPPORTED_MEDIA. */
function encodingOfMessage({ contentType }: FastifyRequest): OtlpEncoding {
  const encoding = otlpEncodingOf(contentType);
  if (encoding !== undefined) return encoding;
  const given = JSON.stringify((contentType ?? '').slice(0, 200));
  const known = Object.values(OTLP_MEDIA_TYPES).join(' or ');
  throw unsupportedMedia(`Content-Type ${given}: expected ${known}`);
}

function receive(
  { bodies, settings, httpMetrics }: ApiContext,
  request: FastifyRequest,
  compression: BodyEncoding,
  use: (body: Uint8Array) => Promise<OtlpOutcome>,
): Promise<OtlpOutcome> {
  const limit = settings['limits.max-body-size'];
  return bodies.withBody(request.raw, limit, 'limits.max-body-size', async (body) => {
    httpMetrics.countReceivedBytes(OTLP_PROTOCOL, body.length);
    return use(await decodeWhole(body, compression, settings['limits.max-decoded-size']));
  });
}
