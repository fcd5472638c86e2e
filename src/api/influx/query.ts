// /query: statements that manage databases, answered as InfluxDB does.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseStatements, printStatement, type Statement } from '../../protocol/influxql/index.ts';
import { AppError } from '../../runtime/error.ts';
import type { Storage } from '../../storage/interface.ts';
import type { ApiContext } from '../context.ts';
import { refuseCrossSite } from '../cross-origin.ts';
import { badRequest } from '../errors.ts';
import { clientSignal, formParams, storageForRead } from '../requests.ts';
import { sendJson } from '../respond.ts';
import type { Endpoint } from '../routes.ts';

interface StatementResult {
  readonly statement_id: number;
  readonly series?: readonly unknown[];
  readonly messages?: readonly { readonly level: string; readonly text: string }[];
  readonly error?: string;
}

export function queryEndpoint(context: ApiContext): Endpoint {
  return {
    methods: ['GET', 'POST'],
    paths: ['/query'],
    access: 'judged',
    errorShape: 'influx',
    handle: async (request, reply) => {
      const params = await formParams(context, request);
      const text = params.value('q') ?? '';
      if (text.trim() === '') throw badRequest('missing required parameter "q"');
      const statements = parseStatements(text);
      if (statements.some(isWriting)) refuseCrossSite(request, context.settings['web.cors-origin']);
      const storage = await storageForRead(context, clientSignal(reply));
      const results = await runAll(context, storage, request, statements);
      return sendResults(reply, results, params.urlValue('pretty') === 'true');
    },
  };
}

function isWriting({ kind }: Statement): boolean {
  return kind === 'create database' || kind === 'drop database';
}

/** Runs statements in order; after one that fails, the rest is not executed. */
async function runAll(
  context: ApiContext,
  storage: Storage,
  request: FastifyRequest,
  statements: readonly Statement[],
): Promise<StatementResult[]> {
  const results: StatementResult[] = [];
  let failed = false;
  for (const [statement_id, statement] of statements.entries()) {
    if (failed) {
      results.push({ statement_id, error: 'not executed' });
      continue;
    }
    try {
      const result = await run(context, storage, statement);
      results.push({ statement_id, ...result, ...deprecation(request, statement) });
    } catch (error) {
      if (!(error instanceof AppError) || error.kind !== 'bad_data') throw error;
      failed = true;
      results.push({ statement_id, error: error.message });
    }
  }
  return results;
}

async function run(
  { logger }: ApiContext,
  storage: Storage,
  statement: Statement,
): Promise<Omit<StatementResult, 'statement_id'>> {
  switch (statement.kind) {
    case 'create database':
      if (await storage.createDatabase(statement.name)) {
        logger.log('info', 'database created', { database: statement.name });
      }
      return {};
    case 'drop database':
      if (await storage.dropDatabase(statement.name)) {
        logger.log('info', 'database dropped', { database: statement.name });
      }
      return {};
    case 'show databases': {
      const values = storage.databaseNames().map((name) => [name]);
      return { series: [{ name: 'databases', columns: ['name'], values }] };
    }
    default:
      throw badRequest(`${statement.kind} is not supported`);
  }
}

function deprecation(
  request: FastifyRequest,
  statement: Statement,
): Pick<StatementResult, 'messages'> {
  if (request.method !== 'GET' || !isWriting(statement)) return {};
  const text = `deprecated use of '${printStatement(statement)}' in a read only context, please use a POST request instead`;
  return { messages: [{ level: 'warning', text }] };
}

function sendResults(
  reply: FastifyReply,
  results: readonly StatementResult[],
  isPretty: boolean,
): FastifyReply {
  const body = results.length === 0 ? {} : { results };
  return sendJson(reply, `${JSON.stringify(body, undefined, isPretty ? 4 : undefined)}\n`);
}
