// Routes that take samples in a protocol of somebody else's: all of them receive, decode, store and answer here.
// A protocol adds its paths, its decoder and, where it must, an answer of its own.

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Label } from '../../model/labels.ts';
import type { RowCollector } from '../../protocol/row-collector.ts';
import type { SeriesTable } from '../../protocol/series-table.ts';
import type { StreamDecoder } from '../../protocol/stream-decoder.ts';
import { AppError } from '../../runtime/error.ts';
import { releaseBytes } from '../../runtime/release.ts';
import type { RowSeries } from '../../storage/rows.ts';
import { streamBody } from '../body.ts';
import { type BodyEncoding, decodePieces, decodeWhole, encodingOf } from '../body-encoding.ts';
import type { ApiContext } from '../context.ts';
import type { ErrorShape } from '../http-errors.ts';
import type { RequestParams } from '../params.ts';
import { databaseForWrite, databaseName, urlParams } from '../requests.ts';
import type { Endpoint } from '../routes.ts';
import { countReceived } from '../usage.ts';
import { extraLabelsOf } from './extra-labels.ts';
import { type ImportReport, ImportRun } from './import-run.ts';
import { describeRefusal } from './partial-write.ts';

/** Bad lines and refusals named in the answer; more are at /api/v1/status/rejected. */
const MAX_NAMED = 5;

export interface ImportFormat {
  /** Names the protocol in counters and in the ledger of refusals. */
  readonly protocol: string;
  readonly paths: readonly string[];
  /** Default POST. */
  readonly methods?: Endpoint['methods'];
  /** Default plain text. */
  readonly errorShape?: ErrorShape;
  readonly encodings: readonly BodyEncoding[];
  /**
   * A stream is decoded while it arrives and has no limit but that of its lines. A body that must be there whole is
   * pushed at once and limited as a remote write is.
   */
  readonly receive: 'stream' | 'whole';
  /** Labels that the path sets on every series; `extra_label` may change them. Throws for a path that is wrong. */
  readonly pathLabels?: (request: FastifyRequest) => readonly Label[];
  /** The database that parameters of this protocol's own name, where it has any. */
  readonly databaseParam?: (params: RequestParams) => string | undefined;
  /** Called before the database is looked for. */
  readonly beforeWrite?: (request: FastifyRequest, database: string) => Promise<void>;
  /** The decoder of one request. Throws for parameters that are wrong. */
  readonly open: (input: ImportInput) => StreamDecoder;
  /** Default: 204, or 400 and the refusals as text. */
  readonly answer?: (reply: FastifyReply, report: ImportReport, input: ImportInput) => FastifyReply;
}

/** What a decoder may depend on. */
export interface ImportInput {
  readonly request: FastifyRequest;
  /** Of the URL. */
  readonly params: RequestParams;
  /** Where the decoder puts what it finds. */
  readonly collector: RowCollector;
  /** When the request came, ms. */
  readonly now: number;
  /**
   * What earlier requests of this protocol and database have taught about series. `variant` names everything else
   * that a key's labels depend on, such as parameters; extra labels are seen to.
   */
  readonly seriesTable: <T = RowSeries>(variant: string) => SeriesTable<T>;
}

export function importEndpoint(context: ApiContext, format: ImportFormat): Endpoint {
  return {
    methods: format.methods ?? ['POST'],
    paths: format.paths,
    access: 'write',
    errorShape: format.errorShape ?? 'text',
    changesData: true,
    handle: (request, reply) => handleImport(context, format, request, reply),
  };
}

async function handleImport(
  context: ApiContext,
  format: ImportFormat,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { protocol } = format;
  const params = urlParams(request);
  const name = databaseName(request, params, format.databaseParam?.(params));
  try {
    const extraLabels = extraLabelsOf(request, params, format.pathLabels?.(request) ?? []);
    const encoding = encodingOf(request, format.encodings);
    await format.beforeWrite?.(request, name);
    const database = await databaseForWrite(context, request, name);
    const run = new ImportRun(context, {
      protocol,
      database,
      extraLabels,
      onStored: (result) => countReceived(context, request, protocol, result),
    });
    const input: ImportInput = {
      request,
      params,
      collector: run.collector,
      now: context.clock.now(),
      seriesTable: (variant) =>
        context.seriesTables.get(
          JSON.stringify([database.name, protocol, variant, extraLabels.map(Object.values)]),
        ),
    };
    const decoder = format.open(input);
    if (format.receive === 'whole' || encoding === 'snappy') {
      await receiveWhole(context, request, encoding, protocol, decoder, run);
    } else {
      await receiveStream(context, request, encoding, protocol, decoder, run);
    }
    return (format.answer ?? answerAsText)(reply, run.report(), input);
  } catch (error) {
    if (error instanceof AppError && isFinal(error)) {
      context.rejections.addRequest(protocol, name, error.code, error.message);
    }
    throw error;
  }
}

async function receiveStream(
  { httpMetrics }: ApiContext,
  request: FastifyRequest,
  encoding: BodyEncoding,
  protocol: string,
  decoder: StreamDecoder,
  run: ImportRun,
): Promise<void> {
  async function* received(): AsyncGenerator<Uint8Array, void> {
    for await (const piece of streamBody(request.raw)) {
      httpMetrics.countReceivedBytes(protocol, piece.length);
      yield piece;
    }
  }
  for await (const piece of decodePieces(received(), encoding)) {
    decoder.push(piece);
    // A decompressor may still have use for what it gave.
    if (encoding === 'identity') releaseBytes(piece);
    await run.relieve();
  }
  decoder.end();
  await run.flush();
}

async function receiveWhole(
  { bodies, httpMetrics, settings }: ApiContext,
  request: FastifyRequest,
  encoding: BodyEncoding,
  protocol: string,
  decoder: StreamDecoder,
  run: ImportRun,
): Promise<void> {
  const limit = settings['limits.max-body-size'];
  await bodies.withBody(request.raw, limit, 'limits.max-body-size', async (body) => {
    httpMetrics.countReceivedBytes(protocol, body.length);
    decoder.push(await decodeWhole(body, encoding, settings['limits.max-decoded-size']));
    decoder.end();
    await run.flush();
  });
}

/** In the answer to an import: what was stored and what was not, for programs. */
const COUNTS_HEADER = 'X-Tidemark-Import';

/** 204, or 400 and what was left out. */
export function answerAsText(reply: FastifyReply, report: ImportReport): FastifyReply {
  reply.header(COUNTS_HEADER, printCounts(report));
  if (report.isWhole) return reply.code(204).send();
  return reply
    .code(400)
    .header('Content-Type', 'text/plain; charset=utf-8')
    .send(`${describeImport(report)}\n`);
}

function printCounts(report: ImportReport): string {
  const { samplesWritten, histogramsWritten, exemplarsWritten, refusedTotal, badLines } = report;
  return `samples=${samplesWritten}; histograms=${histogramsWritten}; exemplars=${exemplarsWritten}; refused=${refusedTotal}; bad-lines=${badLines}`;
}

/** What was left out of an import, for people: a line of counts, then the first of the refusals. */
export function describeImport(report: ImportReport): string {
  const { badLines, problems, refusedTotal, refusals, samplesWritten, histogramsWritten } = report;
  const stored = samplesWritten + histogramsWritten;
  return [
    `partial import: ${badLines} lines and ${refusedTotal} samples refused; stored ${stored} samples`,
    ...problems.slice(0, MAX_NAMED).map(({ line, message }) => `line ${line}: ${message}`),
    ...refusals.slice(0, MAX_NAMED).map(describeRefusal),
  ].join('\n');
}

/** True if the sender will throw the request away. */
export function isFinal({ kind }: AppError): boolean {
  return kind === 'bad_data' || kind === 'limit' || kind === 'unsupported' || kind === 'not_found';
}
