// The statements of one request, one after another: those that read are given to the query service, the others are
// executed here. All within limits of time, and only for as long as the client is there.

import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  type Catalog,
  databaseOfScope,
  type ExecutionContext,
  executeStatement,
  isReadStatement,
  planRead,
  type ReadPlan,
  type ReadStatement,
  type ResultSeries,
} from '../../influxql/index.ts';
import {
  printStatement,
  requiredPrivileges,
  type Statement,
} from '../../protocol/influxql/index.ts';
import type { About } from '../../query/interface.ts';
import type { Listing } from '../../query/statement.ts';
import { AppError } from '../../runtime/error.ts';
import { Stopper } from '../../runtime/stop-signal.ts';
import type { ApiContext } from '../context.ts';
import { clientGone, queryInterrupted, queryTimeLimit } from '../errors.ts';
import { mayCreateFirstAdmin } from '../rights.ts';
import type { AnswerPart, ResultFormat, ResultWriter } from './results.ts';
import { serverInfo } from './server-info.ts';
import { INFLUXQL, openPiece, type StatementBody } from './statement-body.ts';

/** Work on the main thread is cut into slices of this length, so that ingest never waits long. */
const SLICE_MS = 8;

export interface ExecutionRequest {
  readonly catalog: Catalog;
  readonly statements: readonly Statement[];
  readonly database: string;
  readonly policy: string;
  readonly chunkSize: number;
  readonly format: ResultFormat;
  readonly writer: ResultWriter;
}

export class Execution {
  /** What has been written can be followed by the end of the statement. */
  canBeEnded = true;
  readonly #api: ApiContext;
  readonly #request: ExecutionRequest;
  readonly #context: ExecutionContext;
  readonly #stopper = new Stopper();
  #listing: Listing | undefined;
  /** ms of the steady clock. */
  #started = 0;
  #deadline = 0;
  #sliceEnd = 0;

  constructor(api: ApiContext, by: FastifyRequest, request: ExecutionRequest) {
    const { principal } = by;
    const { catalog, database, policy } = request;
    const { clock, access } = api;
    this.#api = api;
    this.#request = request;
    this.#context = {
      catalog,
      access,
      isSetup: mayCreateFirstAdmin(by),
      isVisible: (name) => principal.may('read', name) || principal.may('write', name),
      database,
      policy,
      nowNs: BigInt(clock.now()) * 1_000_000n,
      breathe: () => this.#breathe(),
      server: serverInfo(api, principal),
    };
  }

  /** Lists the request among the queries, until {@link close}. */
  open(): void {
    const { clock, influx, queries } = this.#api;
    const { database, statements } = this.#request;
    this.#started = clock.monotonic();
    influx.requests.executed++;
    this.#listing = queries.list({
      language: INFLUXQL,
      database: databaseOfScope(database),
      about: aboutOf(statements, databaseOfScope(database)),
      query: statements.map(printStatement).join(';\n'),
      stop: () => this.#stopper.abort(queryInterrupted()),
    });
  }

  /** Ends the work when the connection of its answer does. */
  endWith({ raw }: FastifyReply): void {
    raw.once('close', () => this.#stopper.abort(clientGone()));
  }

  /** Parts of the answer to one statement, each valid until the next; throws what {@link failure} explains. */
  async *run(
    statementId: number,
    statement: Statement,
    messages: readonly string[],
  ): AsyncGenerator<AnswerPart, void> {
    const { writer } = this.#request;
    this.#stopper.throwIfAborted();
    let series: readonly ResultSeries[];
    if (isReadStatement(statement)) {
      const plan = planRead(statement, this.#context);
      if (plan.kind === 'read') {
        yield* this.#read(statementId, statement, plan);
        return;
      }
      series = plan.series;
    } else {
      series = await this.#execute(statement);
    }
    yield writer.begin(statementId);
    yield* writer.piece({ series, isPartial: false });
    yield writer.end(messages, undefined);
  }

  /** What has become of a statement that failed: in InfluxDB's words, where it has some. */
  failure(error: unknown): unknown {
    if (this.#stopper.aborted) return this.#stopper.reason;
    if (!(error instanceof AppError)) return error;
    if (error.kind === 'timeout') return queryTimeLimit(this.#api.settings['query.timeout']);
    return error.kind === 'canceled' ? queryInterrupted() : error;
  }

  close(): void {
    const { clock, influx } = this.#api;
    influx.requests.finished++;
    influx.requests.durationMs += clock.monotonic() - this.#started;
    this.#listing?.end();
  }

  #execute(statement: Exclude<Statement, ReadStatement>): Promise<readonly ResultSeries[]> {
    this.#deadline = this.#api.clock.monotonic() + this.#api.settings['query.timeout'];
    this.#sliceEnd = performance.now() + SLICE_MS;
    return executeStatement(statement, this.#context);
  }

  async #breathe(): Promise<void> {
    this.#stopper.throwIfAborted();
    if (this.#api.clock.monotonic() > this.#deadline) {
      throw queryTimeLimit(this.#api.settings['query.timeout']);
    }
    if (performance.now() <= this.#sliceEnd) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#sliceEnd = performance.now() + SLICE_MS;
  }

  /** A thread writes all of the statement's answer; the writer here goes on from wherever that is broken off. */
  async *#read(
    statementId: number,
    statement: Statement,
    { owner, reads, isSmall, job }: Extract<ReadPlan, { kind: 'read' }>,
  ): AsyncGenerator<AnswerPart, void> {
    const { queries, settings } = this.#api;
    const { writer, format, chunkSize } = this.#request;
    const body: StatementBody = {
      job: { ...job, chunkSize, maxPoints: settings['query.max-samples'] },
      statementId,
      format,
      state: writer.state,
    };
    const { whole, pieces } = await queries.runStatement(
      {
        language: INFLUXQL,
        text: printStatement(statement),
        database: owner,
        reads,
        body,
        listing: this.#listing,
        isSmall,
      },
      this.#stopper,
    );
    if (whole !== undefined) {
      yield this.#take(whole);
      return;
    }
    for await (const piece of pieces) yield this.#take(piece);
  }

  #take(piece: Uint8Array): Uint8Array {
    const { bytes, state } = openPiece(piece);
    const { writer } = this.#request;
    this.canBeEnded = state !== undefined;
    if (state !== undefined) writer.state = state;
    return bytes;
  }
}

/** Which databases the statements are about. */
function aboutOf(statements: readonly Statement[], requested: string): About {
  const names = new Set(requested === '' ? [] : [requested]);
  for (const required of statements.flatMap(requiredPrivileges)) {
    if (required.kind === 'admin') return 'all';
    names.add(databaseOfScope(required.database || requested));
  }
  return [...names];
}
