// What the routes that export have in common: which series, of what time, in a format of their own.

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { QueryAnswer } from '../../query/interface.ts';
import { AppError } from '../../runtime/error.ts';
import { Stopper, type StopSignal } from '../../runtime/stop-signal.ts';
import type { Database } from '../../storage/interface.ts';
import type { ApiContext } from '../context.ts';
import { exportTimeLimit, queryInterrupted } from '../errors.ts';
import type { RequestParams } from '../params.ts';
import { clientSignal, databaseForRead, formParams } from '../requests.ts';
import { sendPieces } from '../respond.ts';
import { type Endpoint, readPaths } from '../routes.ts';
import { exportSelectorsOf } from '../selectors.ts';
import {
  EXPORT,
  type ExportBody,
  type ExportFormat,
  type ExportPlan,
  type ExportSummary,
  openPiece,
} from './export-body.ts';

/** In the counter of samples that reads returned. */
const PROTOCOL = 'export';
/** Follows an answer that is whole: an export that fails breaks the connection, and there is none. */
const TRAILER = 'X-Tidemark-Export';
/** How many series there are to come, some perhaps with nothing in the range: for showing progress. */
const SERIES_HEADER = 'X-Tidemark-Series';
/** Clients may be slow, but not gone. */
const STALL_MS = 600_000;

export interface ExportRoute {
  readonly path: string;
  readonly contentType: string;
  /** True for a format that has its own compression. */
  readonly isCompressed?: true;
  /** Throws for parameters that are wrong. */
  readonly formatOf: (params: RequestParams) => ExportFormat;
}

export function exportEndpoint(context: ApiContext, route: ExportRoute): Endpoint {
  return {
    methods: ['GET', 'POST'],
    paths: readPaths(route.path),
    access: 'read',
    errorShape: 'prometheus',
    handle: (request, reply) => handleExport(context, route, request, reply),
  };
}

async function handleExport(
  context: ApiContext,
  { path, contentType, isCompressed, formatOf }: ExportRoute,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const params = await formParams(context, request);
  const selectors = exportSelectorsOf(params);
  const format = formatOf(params);
  const range = params.orderedTimeRange();
  const gone = clientSignal(reply);
  const database = await databaseForRead(context, request, params, gone);
  const body: ExportBody = { selectors, format, metadata: database.metadata() };
  const text = `${path} ${params.values('match[]').join(' ')}`;
  const running = new RunningExport(context, database, text, gone);
  let answer: QueryAnswer;
  let plan: ExportPlan;
  try {
    answer = await context.exports.runStatement(
      {
        language: EXPORT,
        text,
        database,
        reads: [{ database, range }],
        body,
        listing: running.listing,
      },
      running.signal,
    );
    plan = await planOf(answer);
  } catch (error) {
    throw running.failed(error);
  }
  reply.header('Content-Type', contentType);
  reply.header(SERIES_HEADER, plan.series);
  return sendPieces(request, reply, running.output(answer), {
    trailer: { name: TRAILER, value: () => printSummary(running.summary!) },
    stallMs: STALL_MS,
    isCompressed: isCompressed ?? false,
  });
}

/** The plan is the first piece of every export. */
async function planOf({ pieces }: QueryAnswer): Promise<ExportPlan> {
  const { value: first } = await pieces.next();
  const opened = openPiece(first!);
  if (opened.kind !== 'plan') throw new Error('an export begins with its plan');
  return opened.plan;
}

/** One export on its way to its client, listed among the queries at work. */
class RunningExport {
  readonly listing: ReturnType<ApiContext['queries']['list']>;
  /** Ends it when the client goes or somebody wants it ended. */
  readonly signal: StopSignal;
  /** Once {@link output} has ended. */
  summary: ExportSummary | undefined;
  readonly #context: ApiContext;
  readonly #database: Database;
  readonly #text: string;

  constructor(context: ApiContext, database: Database, text: string, gone: StopSignal) {
    const stopper = new Stopper();
    if (gone.aborted) stopper.abort(gone.reason);
    else gone.addEventListener('abort', () => stopper.abort(gone.reason));
    this.#context = context;
    this.#database = database;
    this.#text = text;
    this.signal = stopper;
    this.listing = context.queries.list({
      language: EXPORT,
      database: database.name,
      about: [database.name],
      query: text,
      stop: () => stopper.abort(queryInterrupted()),
    });
  }

  /** The export is over; what is to be thrown instead of the error. */
  failed(error: unknown): unknown {
    this.listing.end();
    if (this.signal.aborted) return this.signal.reason;
    if (error instanceof AppError && error.kind === 'timeout') {
      return exportTimeLimit(this.#context.settings['export.max-duration']);
    }
    return error;
  }

  /** Bytes of the export, each piece valid until the next; then there is a summary. */
  async *output({ pieces }: QueryAnswer): AsyncGenerator<Uint8Array, void> {
    try {
      for await (const piece of pieces) {
        const opened = openPiece(piece);
        if (opened.kind === 'data') yield opened.bytes;
        else if (opened.kind === 'summary') this.summary = opened.summary;
      }
    } catch (thrown) {
      const error = this.failed(thrown);
      const { logger } = this.#context;
      // The client sees no more than a broken connection.
      logger.log('warn', 'export broken off', {
        database: this.#database.name,
        export: this.#text,
        error,
      });
      throw error;
    } finally {
      this.listing.end();
      await pieces.return();
    }
    this.#context.httpMetrics.countReturned(PROTOCOL, samplesOf(this.summary!));
  }
}

function samplesOf({ written }: ExportSummary): number {
  return written.floats + written.histograms;
}

/** `complete; series=2; samples=10; …`, and what the format could not hold. */
function printSummary({ series, found, written }: ExportSummary): string {
  const parts = [
    'complete',
    `series=${series}`,
    `samples=${written.floats}`,
    `histograms=${written.histograms}`,
    `exemplars=${written.exemplars}`,
  ];
  const leftOut = {
    samples: found.floats - written.floats,
    histograms: found.histograms - written.histograms,
    exemplars: found.exemplars - written.exemplars,
  };
  for (const [what, count] of Object.entries(leftOut)) {
    if (count > 0) parts.push(`${what}-left-out=${count}`);
  }
  return parts.join('; ');
}
