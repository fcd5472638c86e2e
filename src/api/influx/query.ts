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
import { audit } from '../audit.ts';
import type { ApiContext } from '../context.ts';
import { refuseCrossSite } from '../cross-origin.ts';
import { badRequest } from '../errors.ts';
import { describeFailure } from '../http-errors.ts';
import type { RequestParams } from '../params.ts';
import { clientSignal, formParams, influxDatabaseName, storageForRead } from '../requests.ts';
import { sendStream } from '../respond.ts';
import type { Endpoint } from '../routes.ts';
import { authorizeStatements } from './authorize.ts';
import { isChange } from './changes.ts';
import { Execution } from './execution.ts';
import { errorHeader } from './headers.ts';
import {
  type AnswerPart,
  newResultWriter,
  type ResultFormat,
  type ResultWriter,
  resultFormat,
} from './results.ts';

const DEFAULT_CHUNK_SIZE = 10_000;
/** Until so much is there the answer is held back: an error then leaves nothing half said. */
const PIECE_BYTES = 64 * 1024;

export function queryEndpoint(context: ApiContext): Endpoint {
  return {
    methods: ['GET', 'POST'],
    // The second for senders whose address ends in /influx.
    paths: ['/query', '/influx/query'],
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
  const format = resultFormat(
    request.headers.accept,
    (params.value('epoch') ?? '').trim(),
    params.value('chunked') === 'true',
    params.urlValue('pretty') === 'true',
  );
  const writer = newResultWriter(format);
  const database = influxDatabaseName(request, params.value('db'));
  let statements: readonly Statement[];
  try {
    statements = parseRequest(params);
    if (statements.some(isChange)) refuseCrossSite(request, context.settings['web.cors-origin']);
    authorizeStatements(request, statements, database);
  } catch (error) {
    const isPlain = writer.contentType === 'application/json' && !format.isPretty;
    if (error instanceof AppError && !isPlain) return sendFailure(reply, error, writer);
    throw error;
  }
  const storage = await storageForRead(context, clientSignal(reply));
  const execution = new Execution(context, request, {
    catalog: context.influx.catalog(storage),
    statements,
    database,
    policy: params.value('rp') ?? '',
    chunkSize: chunkSize(params, format),
    format,
    writer,
  });
  const answer = answerParts(context, request, statements, execution, writer);
  if (params.value('async') === 'true') {
    void drain(context, answer);
    return reply.code(204).header('Content-Type', writer.contentType).send();
  }
  execution.endWith(reply);
  reply.header('Content-Type', writer.contentType);
  return sendStream(request, reply, gathered(answer, format.isChunked));
}

function parseRequest(params: RequestParams): readonly Statement[] {
  // A file may be empty.
  const text = (params.value('q') ?? '').trim() || params.file('q');
  if (text === undefined) throw badRequest('missing required parameter "q"');
  const json = params.value('params') ?? '';
  return parseStatements(text, json === '' ? NO_PARAMETERS : parseParameters(json));
}

function chunkSize(params: RequestParams, { isChunked }: ResultFormat): number {
  const text = params.value('chunk_size') ?? '';
  const size = isChunked && /^\+?\d+$/.test(text) ? Number(text) : 0;
  return size > 0 && Number.isSafeInteger(size) ? size : DEFAULT_CHUNK_SIZE;
}

/** All statements in order; after one that fails, the rest is not executed. Each part is valid until the next. */
async function* answerParts(
  context: ApiContext,
  request: FastifyRequest,
  statements: readonly Statement[],
  execution: Execution,
  writer: ResultWriter,
): AsyncGenerator<AnswerPart, void> {
  execution.open();
  try {
    yield writer.start(statements.length);
    let hasFailed = false;
    for (const [id, statement] of statements.entries()) {
      if (hasFailed) {
        yield writer.begin(id);
        yield writer.end([], 'not executed');
        continue;
      }
      let isBegun = false;
      try {
        for await (const part of execution.run(id, statement, deprecation(request, statement))) {
          isBegun = true;
          yield part;
        }
        noteChange(context, request, statement);
      } catch (thrown) {
        const error = execution.failure(thrown);
        if (needsStatus(error, isBegun, id, execution.canBeEnded)) throw error;
        if (!isBegun) yield writer.begin(id);
        yield writer.end([], messageOf(context, statement, error));
        hasFailed = true;
      }
    }
    yield writer.finish();
  } finally {
    execution.close();
  }
}

/** What cannot be told in an answer, or had better have a status. */
function needsStatus(error: unknown, isBegun: boolean, id: number, canBeEnded: boolean): boolean {
  if (isBegun && !canBeEnded) return true;
  if (!(error instanceof AppError)) return false;
  if (error.code === 'HTTP_CLIENT_GONE') return true;
  // Nothing has been done: 503 makes clients come back.
  return error.kind === 'unavailable' && id === 0 && !isBegun;
}

/** What the client is told. Its own mistakes, limits and overload; the rest is for the log, too. */
function messageOf({ logger }: ApiContext, statement: Statement, error: unknown): string {
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

/** Larger pieces of small ones, each with memory of its own. */
async function* gathered(
  parts: AsyncGenerator<AnswerPart, void>,
  isChunked: boolean,
): AsyncGenerator<Uint8Array, void> {
  let held: Uint8Array[] = [];
  let length = 0;
  let isEmpty = true;
  try {
    for await (const part of parts) {
      const bytes = Buffer.from(part);
      held.push(bytes);
      length += bytes.length;
      if (length < PIECE_BYTES && !(isChunked && length > 0)) continue;
      isEmpty = false;
      yield Buffer.concat(held);
      held = [];
      length = 0;
    }
    if (length > 0 || isEmpty) yield Buffer.concat(held);
  } finally {
    await parts.return();
  }
}

async function drain(
  { logger }: ApiContext,
  answer: AsyncGenerator<AnswerPart, void>,
): Promise<void> {
  try {
    for await (const _ of answer);
  } catch (error) {
    logger.log('warn', 'a query in the background failed', { error });
  }
}

function sendFailure(reply: FastifyReply, error: AppError, writer: ResultWriter): FastifyReply {
  const { status, message } = describeFailure(error);
  reply.code(status).header('Content-Type', writer.contentType);
  if (status !== 401) reply.header('X-Influxdb-Error', errorHeader(message));
  return reply.send(Buffer.from(writer.failure(message)));
}
