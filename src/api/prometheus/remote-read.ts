// Remote read: samples in one message, or chunks as a stream that never holds more than a piece.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { snappyDecode } from '../../codec/snappy.ts';
import { databaseOfScope } from '../../influxql/index.ts';
import { NO_SAMPLES } from '../../model/sample.ts';
import {
  decodeReadRequest,
  negotiateReadType,
  type ReadQuery,
  type ReadRequest,
  ResponseType,
} from '../../protocol/remote-read/request.ts';
import { ChunkedFrameWriter } from '../../protocol/remote-read/response-chunks.ts';
import { SamplesResponseWriter } from '../../protocol/remote-read/response-samples.ts';
import type { StopSignal } from '../../runtime/stop-signal.ts';
import type { Database, SeriesEntry } from '../../storage/interface.ts';
import type { ApiContext } from '../context.ts';
import { withInfluxHeaders } from '../influx/headers.ts';
import { clientSignal, databaseForRead, urlParams } from '../requests.ts';
import { startStream } from '../respond.ts';
import { type Endpoint, readPaths } from '../routes.ts';
import { selectWithExternalLabels, seriesWithExternalLabels } from './external-labels.ts';

const PROTOCOL = 'remote_read';

const STREAM_CONTENT_TYPE = 'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse';

/** Largest answer of type SAMPLES before compression; readers of more should take chunks. */
const MAX_MESSAGE_BYTES = 1024 * 1024 * 1024;

/** Frames are small; they are sent in pieces of about this size. */
const PIECE_BYTES = 64 * 1024;

export function remoteReadEndpoints(context: ApiContext): Endpoint[] {
  const endpoint = (paths: string[]): Endpoint => ({
    methods: ['POST'],
    paths,
    access: 'read',
    errorShape: 'text',
    handle: (request, reply) => handleRead(context, request, reply),
  });
  return [
    endpoint([...readPaths('/api/v1/read'), '/api/prom_read', '/api/prom/read', '/api/v3/read']),
    // Where readers take us for InfluxDB.
    withInfluxHeaders(context, endpoint(['/api/v1/prom/read'])),
  ];
}

async function handleRead(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const signal = clientSignal(reply);
  const read = await receive(context, request);
  const type = negotiateReadType(read.acceptedResponseTypes);
  const database = await databaseForRead(context, request, urlParams(request), signal);
  if (type === ResponseType.streamedXorChunks) {
    const frames = await startStream(reply, framePieces(context, database, read, signal));
    reply.header('Content-Type', STREAM_CONTENT_TYPE);
    return reply.send(frames);
  }
  const body = await buildSamples(context, database, read, signal);
  reply.header('Content-Type', 'application/x-protobuf');
  reply.header('Content-Encoding', 'snappy');
  return reply.send(body);
}

/** Retention policies of a database have databases of their own, but share its places. */
function ownerOf({ name }: Database): string {
  return databaseOfScope(name);
}

function receive(context: ApiContext, request: FastifyRequest): Promise<ReadRequest> {
  const { bodies, settings } = context;
  const limit = settings['limits.max-body-size'];
  return bodies.withBody(request.raw, limit, 'limits.max-body-size', async (body) =>
    decodeReadRequest(snappyDecode(body, settings['limits.max-decoded-size'])),
  );
}

async function buildSamples(
  context: ApiContext,
  database: Database,
  { queries }: ReadRequest,
  signal: StopSignal,
): Promise<Uint8Array> {
  const writer = new SamplesResponseWriter({
    maxSamples: context.settings['limits.remote-read-samples'],
    maxBytes: MAX_MESSAGE_BYTES,
  });
  const release = await context.remoteReads.acquire(signal, ownerOf(database));
  try {
    for (const query of queries) {
      writer.beginQuery();
      for await (const { labels, samples } of entriesOf(context, database, query, signal)) {
        writer.addSeries(labels, samples);
      }
      writer.endQuery();
    }
    return writer.finish();
  } finally {
    release();
  }
}

/** Frames of all queries in pieces. Holds its place among the reads until it ends, however it ends. */
async function* framePieces(
  context: ApiContext,
  database: Database,
  { queries }: ReadRequest,
  signal: StopSignal,
): AsyncGenerator<Uint8Array, void> {
  const release = await context.remoteReads.acquire(signal, ownerOf(database));
  const writer = new ChunkedFrameWriter();
  let piece: Uint8Array[] = [];
  let pieceBytes = 0;
  try {
    for (const [queryIndex, query] of queries.entries()) {
      for await (const { labels, samples } of entriesOf(context, database, query, signal)) {
        for (const frame of writer.frames(labels, samples, queryIndex)) {
          piece.push(frame);
          pieceBytes += frame.length;
          if (pieceBytes < PIECE_BYTES) continue;
          yield Buffer.concat(piece);
          piece = [];
          pieceBytes = 0;
        }
      }
    }
    if (pieceBytes > 0) yield Buffer.concat(piece);
  } finally {
    release();
  }
}

/** Series of one query, in order, until the client goes. */
async function* entriesOf(
  context: ApiContext,
  database: Database,
  { range, matchers, hints }: ReadQuery,
  signal: StopSignal,
): AsyncGenerator<SeriesEntry, void> {
  if (range.minT > range.maxT) return;
  const external = context.settings['external-labels'];
  const querier = database.querier(range);
  let sampleCount = 0;
  try {
    if (hints?.func === 'series') {
      for (const labels of await seriesWithExternalLabels(querier, matchers, external)) {
        yield { labels, samples: NO_SAMPLES };
      }
      return;
    }
    for await (const entry of selectWithExternalLabels(querier, matchers, external, { signal })) {
      signal.throwIfAborted();
      sampleCount += entry.samples.length;
      yield entry;
    }
  } finally {
    querier.close();
    context.httpMetrics.countReturned(PROTOCOL, sampleCount);
  }
}
