// Statements executed for one request: on the main thread, in slices, within limits of time and memory, and
// only for as long as its client is there.

import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  type Catalog,
  databaseOfScope,
  type ExecutionContext,
  executeStatement,
  type ResultPieces,
} from '../../influxql/index.ts';
import { printStatement, type Statement } from '../../protocol/influxql/index.ts';
import type { ApiContext } from '../context.ts';
import { clientGone, queryInterrupted, queryTimeLimit, tooManyPoints } from '../errors.ts';

/** Work on the main thread is cut into slices of this length, so that ingest never waits long. */
const SLICE_MS = 8;

export interface ExecutionRequest {
  readonly catalog: Catalog;
  readonly database: string;
  readonly policy: string;
  readonly chunkSize: number;
}

export interface Execution {
  /** Executes one statement. */
  run(statement: Statement): ResultPieces;
  close(): void;
}

export function openExecution(
  api: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { catalog, database, policy, chunkSize }: ExecutionRequest,
): Execution {
  const { settings, clock, influx, access, version, startTime } = api;
  const aborter = new AbortController();
  const { raw } = reply;
  const gone = (): void => aborter.abort(clientGone());
  raw.once('close', gone);
  const deadline = clock.monotonic() + settings['query.timeout'];
  const maxPoints = settings['query.max-samples'];
  let held = 0;
  let sliceEnd = performance.now() + SLICE_MS;
  const checkpoint = (): void => {
    if (aborter.signal.aborted) throw aborter.signal.reason;
    if (clock.monotonic() > deadline) throw queryTimeLimit();
  };
  const { principal } = request;
  const context: ExecutionContext = {
    catalog,
    access,
    isVisible: (name) => principal.may('read', name) || principal.may('write', name),
    database,
    policy,
    chunkSize,
    nowNs: BigInt(clock.now()) * 1_000_000n,
    control: {
      checkpoint,
      hold: (points) => {
        held += points;
        if (held > maxPoints) throw tooManyPoints(maxPoints);
      },
    },
    running: influx.running,
    random: Math.random,
    breathe: async () => {
      checkpoint();
      if (performance.now() <= sliceEnd) return;
      await new Promise((resolve) => setImmediate(resolve));
      sliceEnd = performance.now() + SLICE_MS;
    },
    version,
    startedMs: startTime,
  };
  return {
    run: (statement) => runStatement(statement, context, api, aborter),
    close: () => raw.off('close', gone),
  };
}

async function* runStatement(
  statement: Statement,
  context: ExecutionContext,
  { influx }: ApiContext,
  aborter: AbortController,
): ResultPieces {
  const ended = influx.running.add({
    text: printStatement(statement),
    database: databaseOfScope(context.database),
    startedMs: performance.now(),
    abort: () => aborter.abort(queryInterrupted()),
  });
  let release: (() => void) | undefined;
  try {
    if (statement.kind === 'select') release = await influx.selects.acquire(aborter.signal);
    yield* executeStatement(statement, context);
  } finally {
    release?.();
    ended();
  }
}
