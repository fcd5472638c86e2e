// /query: InfluxQL in, results out.

import type { FastifyReply, FastifyRequest } from 'fastify';

import {
  NO_PARAMETERS,
  parseParameters,
  parseStatements,
  printStatement,
  type Statement,
} from '../../protocol/influxql/index.ts';
import { AppError, errorMessage } from '../../runtime/error.ts';
import { audit } from '../admin/audit.ts';
import type { ApiContext } from '../context.ts';
import { refuseCrossSite } from '../cross-origin.ts';
import { badRequest } from '../errors.ts';
import { describeFailure } from '../http-errors.ts';
import type { RequestParams } from '../params.ts';
import { clientSignal, formParams, storageForRead } from '../requests.ts';
import { sendStream } from '../respond.ts';
import type { Endpoint } from '../routes.ts';
import { authorizeStatements } from './authorize.ts';
import { parseEpoch } from './cells.ts';
import { isChange } from './changes.ts';
import { openExecution } from './execution.ts';
import { errorHeader } from './headers.ts';
import { PrettyPrinter } from './json-results.ts';
import { type ResultWriter, resultWriter } from './results.ts';

const DEFAULT_CHUNK_SIZE = 10_000;
/** Until so many characters are there the answer is held back: an error then leaves nothing half said. */
const PIECE_LENGTH = 64 * 1024;

export function queryEndpoint(context: ApiContext): Endpoint {
  return {
    methods: ['GET', 'POST'],
    paths: ['/query'],
    access: 'judged',
    errorShape: 'influx',
    handle: (request, reply) => handleQuery(context, request, reply),
  };
}

async function handleQuery(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const params = await formParams(context, request);
  const isChunked = params.value('chunked') === 'true';
  const epoch = parseEpoch((params.value('epoch') ?? '').trim());
  const writer = resultWriter(request.headers.accept, isChunked, epoch);
  const isPretty =
    params.urlValue('pretty') === 'true' && writer.contentType === 'application/json';
  let statements: readonly Statement[];
  try {
    statements = parseRequest(params);
    if (statements.some(isChange)) refuseCrossSite(request, context.settings['web.cors-origin']);
    authorizeStatements(request, statements, params.value('db') ?? '');
  } catch (error) {
    const isPlain = writer.contentType === 'application/json' && !isPretty;
    if (error instanceof AppError && !isPlain) return sendFailure(reply, error, writer, isPretty);
    throw error;
  }
  const storage = await storageForRead(context, clientSignal(reply));
  const catalog = context.influx.catalog(storage);
  const execution = openExecution(context, request, reply, {
    catalog,
    database: params.value('db') ?? '',
    policy: params.value('rp') ?? '',
    chunkSize: chunkSize(params, isChunked),
  });
  const answer = answerPieces(context, request, statements, execution, writer);
  if (params.value('async') === 'true') {
    void drain(context, answer);
    return reply.code(204).header('Content-Type', writer.contentType).send();
  }
  reply.header('Content-Type', writer.contentType);
  return sendStream(request, reply, gathered(answer, isPretty, isChunked));
}

function parseRequest(params: RequestParams): readonly Statement[] {
  // A file may be empty.
  const text = (params.value('q') ?? '').trim() || params.file('q');
  if (text === undefined) throw badRequest('missing required parameter "q"');
  const json = params.value('params') ?? '';
  return parseStatements(text, json === '' ? NO_PARAMETERS : parseParameters(json));
}

function chunkSize(params: RequestParams, isChunked: boolean): number {
  const text = params.value('chunk_size') ?? '';
  const size = isChunked && /^\+?\d+$/.test(text) ? Number(text) : 0;
  return size > 0 && Number.isSafeInteger(size) ? size : DEFAULT_CHUNK_SIZE;
}

type OpenExecution = ReturnType<typeof openExecution>;

/** All statements in order; after one that fails, the rest is not executed. */
async function* answerPieces(
  context: ApiContext,
  request: FastifyRequest,
  statements: readonly Statement[],
  execution: OpenExecution,
  writer: ResultWriter,
): AsyncGenerator<string, void> {
  try {
    let hasFailed = false;
    for (const [id, statement] of statements.entries()) {
      yield writer.begin(id);
      if (hasFailed) {
        yield writer.end([], 'not executed');
        continue;
      }
      let error: string | undefined;
      try {
        for await (const piece of execution.run(statement)) yield writer.piece(piece);
        noteChange(context, request, statement);
      } catch (thrown) {
        error = messageOf(context, statement, thrown);
        hasFailed = true;
      }
      yield writer.end(error === undefined ? deprecation(request, statement) : [], error);
    }
    yield writer.finish();
  } finally {
    execution.close();
  }
}

/** What the client is told. Its own mistakes, limits and overload; the rest is for the log. */
function messageOf({ logger }: ApiContext, statement: Statement, error: unknown): string {
  if (error instanceof AppError && error.kind === 'canceled') throw error;
  if (!(error instanceof AppError) || error.kind === 'internal' || error.kind === 'corrupt') {
    logger.log('error', 'statement failed', { statement: printStatement(statement), error });
  }
  return errorMessage(error);
}

function noteChange(context: ApiContext, request: FastifyRequest, statement: Statement): void {
  if (isChange(statement)) {
    audit(context, request, 'statement executed', { statement: printStatement(statement) });
  }
}

function deprecation(request: FastifyRequest, statement: Statement): string[] {
  if (request.method !== 'GET' || !isChange(statement) || statement.kind === 'delete') return [];
  return [
    `deprecated use of '${printStatement(statement)}' in a read only context, please use a POST request instead`,
  ];
}

/** Larger pieces of small ones. */
async function* gathered(
  pieces: AsyncGenerator<string, void>,
  isPretty: boolean,
  isChunked: boolean,
): AsyncGenerator<string, void> {
  const printer = isPretty ? new PrettyPrinter() : undefined;
  let text = '';
  let isEmpty = true;
  try {
    for await (const piece of pieces) {
      text += printer === undefined ? piece : printer.push(piece);
      if (text.length < PIECE_LENGTH && !(isChunked && text !== '')) continue;
      isEmpty = false;
      yield text;
      text = '';
    }
    if (text !== '' || isEmpty) yield text;
  } finally {
    await pieces.return();
  }
}

async function drain({ logger }: ApiContext, answer: AsyncGenerator<string, void>): Promise<void> {
  try {
    for await (const _ of answer);
  } catch (error) {
    logger.log('warn', 'a query in the background failed', { error });
  }
}

function sendFailure(
  reply: FastifyReply,
  error: AppError,
  writer: ResultWriter,
  isPretty: boolean,
): FastifyReply {
  const { status, message } = describeFailure(error);
  reply.code(status).header('Content-Type', writer.contentType);
  if (status !== 401) reply.header('X-Influxdb-Error', errorHeader(message));
  const body = writer.failure(message);
  return reply.send(Buffer.from(isPretty ? new PrettyPrinter().push(body) : body));
}
