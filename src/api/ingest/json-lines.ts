// /api/v1/import: JSON lines of any amount, stored while they arrive. The sender is held back while a
// batch is being stored.

import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Label } from '../../model/labels.ts';
import { JsonLinesDecoder } from '../../protocol/json-lines/decode.ts';
import { AppError, errorMessage } from '../../runtime/error.ts';
import type { BatchSeries, Database, WriteResult } from '../../storage/interface.ts';
import { streamBody } from '../body.ts';
import type { ApiContext } from '../context.ts';
import { badRequest, invalidParameter, unsupportedMedia } from '../errors.ts';
import type { RequestParams } from '../params.ts';
import { databaseForWrite, databaseName, urlParams } from '../requests.ts';
import { type Endpoint, writePaths } from '../routes.ts';
import { countReceived } from '../usage.ts';
import { describePartialWrite, isPartial } from './partial-write.ts';

const PROTOCOL = 'import';

/** A batch is stored when it has this many samples: a few ms of work between two pieces. */
const BATCH_SAMPLES = 20_000;
/** … or this many series, which may have few samples each. */
const BATCH_SERIES = 2000;
/** Bad lines and refusals named in the answer. */
const MAX_NAMED = 5;

export function importEndpoint(context: ApiContext): Endpoint {
  return {
    methods: ['POST'],
    paths: writePaths('/api/v1/import'),
    access: 'write',
    errorShape: 'text',
    changesData: true,
    handle: (request, reply) => handleImport(context, request, reply),
  };
}

async function handleImport(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const params = urlParams(request);
  const extraLabels = extraLabelsOf(params);
  const encoding = encodingOf(request);
  const name = databaseName(request, params);
  const database = await databaseForWrite(context, request, name);
  const run = new ImportRun(context, request, database, extraLabels);
  for await (const piece of decompress(context, request, encoding)) await run.push(piece);
  await run.end();
  const problems = run.describeProblems();
  if (problems === undefined) return reply.code(204).send();
  return reply.code(400).header('Content-Type', 'text/plain; charset=utf-8').send(`${problems}\n`);
}

/** One import: decodes, stores in batches, remembers what was refused. */
class ImportRun {
  readonly #context: ApiContext;
  readonly #request: FastifyRequest;
  readonly #database: Database;
  readonly #extraLabels: readonly Label[];
  readonly #decoder: JsonLinesDecoder;
  #batch: BatchSeries[] = [];
  #batchSamples = 0;
  #storedSamples = 0;
  #refusedTotal = 0;
  readonly #refusals: string[] = [];

  constructor(
    context: ApiContext,
    request: FastifyRequest,
    database: Database,
    extraLabels: readonly Label[],
  ) {
    this.#context = context;
    this.#request = request;
    this.#database = database;
    this.#extraLabels = extraLabels;
    this.#decoder = new JsonLinesDecoder(context.settings['limits.max-line-size']);
  }

  async push(piece: Uint8Array): Promise<void> {
    for (const series of this.#decoder.push(piece)) await this.#add(series);
  }

  async end(): Promise<void> {
    for (const series of this.#decoder.end()) await this.#add(series);
    await this.#store();
    const { badLines, errors } = this.#decoder;
    if (badLines > 0) {
      this.#context.rejections.addLines(PROTOCOL, this.#database.name, errors, badLines);
    }
  }

  /** The text of a 400, or undefined if everything was stored. */
  describeProblems(): string | undefined {
    const { badLines, errors } = this.#decoder;
    if (badLines === 0 && this.#refusedTotal === 0 && this.#refusals.length === 0) return undefined;
    return [
      `partial import: ${badLines} lines and ${this.#refusedTotal} samples refused; stored ${this.#storedSamples} samples`,
      ...errors.slice(0, MAX_NAMED).map(({ line, message }) => `line ${line}: ${message}`),
      ...this.#refusals.slice(0, MAX_NAMED),
    ].join('\n');
  }

  async #add(series: BatchSeries): Promise<void> {
    const labels =
      this.#extraLabels.length === 0
        ? series.labels
        : replaceLabels(series.labels, this.#extraLabels);
    this.#batch.push({ ...series, labels });
    this.#batchSamples += series.samples.length;
    if (this.#batchSamples >= BATCH_SAMPLES || this.#batch.length >= BATCH_SERIES) {
      await this.#store();
    }
  }

  async #store(): Promise<void> {
    if (this.#batch.length === 0) return;
    const batch = { series: this.#batch, metadata: [], rejections: [] };
    this.#batch = [];
    this.#batchSamples = 0;
    this.#note(await this.#database.write(batch));
  }

  #note(result: WriteResult): void {
    countReceived(this.#context, this.#request, PROTOCOL, result);
    this.#storedSamples += result.samplesWritten + result.histogramsWritten;
    if (!isPartial(result)) return;
    this.#context.rejections.addResult(PROTOCOL, this.#database.name, result);
    this.#refusedTotal += result.rejectedTotal;
    if (this.#refusals.length < MAX_NAMED) {
      this.#refusals.push(...describePartialWrite(result).split('\n').slice(1));
    }
  }
}

/** `extra_label=name=value`, repeatable: set on every series, over what the lines say. */
function extraLabelsOf(params: RequestParams): Label[] {
  return params.values('extra_label').map((text) => {
    const equals = text.indexOf('=');
    if (equals < 1)
      throw invalidParameter('extra_label', `expected name=value, got ${JSON.stringify(text)}`);
    return { name: text.slice(0, equals), value: text.slice(equals + 1) };
  });
}

function replaceLabels(labels: readonly Label[], extra: readonly Label[]): Label[] {
  const replaced = new Set(extra.map(({ name }) => name));
  return [...labels.filter(({ name }) => !replaced.has(name)), ...extra];
}

function encodingOf(request: FastifyRequest): 'gzip' | 'identity' {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? '';
  if (encoding === '' || encoding === 'identity') return 'identity';
  if (encoding === 'gzip' || encoding === 'x-gzip') return 'gzip';
  throw unsupportedMedia(
    `Content-Encoding ${JSON.stringify(encoding.slice(0, 80))}: only gzip is supported`,
  );
}

async function* receive(
  { httpMetrics }: ApiContext,
  request: FastifyRequest,
): AsyncGenerator<Uint8Array, void> {
  for await (const piece of streamBody(request.raw)) {
    httpMetrics.countReceivedBytes(PROTOCOL, piece.length);
    yield piece;
  }
}

async function* decompress(
  context: ApiContext,
  request: FastifyRequest,
  encoding: 'gzip' | 'identity',
): AsyncGenerator<Uint8Array, void> {
  const pieces = receive(context, request);
  if (encoding === 'identity') {
    yield* pieces;
    return;
  }
  const gunzip = createGunzip();
  // An error of the body ends `gunzip` as well, and so this loop.
  pipeline(Readable.from(pieces, { objectMode: false }), gunzip, () => {});
  try {
    for await (const piece of gunzip) yield piece as Uint8Array;
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw badRequest(`gzip: ${errorMessage(error)}`);
  }
}
