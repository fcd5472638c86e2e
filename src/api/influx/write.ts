// /write and /api/v2/write: points in line protocol.

import { gunzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  type DecodedPoints,
  decodePoints,
  type PointOptions,
  type Scope,
} from '../../influxql/index.ts';
import { type Precision, parsePrecision } from '../../protocol/influx-line/index.ts';
import { recycleRows } from '../../protocol/row-collector.ts';
import { AppError } from '../../runtime/error.ts';
import type { WriteResult } from '../../storage/interface.ts';
import { setBodyOwner } from '../body.ts';
import type { ApiContext } from '../context.ts';
import { badRequest, influxBodyTooLarge, notFound } from '../errors.ts';
import { extraLabelsOf } from '../ingest/extra-labels.ts';
import { influxDatabaseName, urlParams } from '../requests.ts';
import { authorize } from '../rights.ts';
import type { Endpoint } from '../routes.ts';
import { countReceived } from '../usage.ts';
import { asWriteError, checkConsistency, createOnWrite } from './write-rules.ts';

const PROTOCOL = 'line_protocol';
/** InfluxDB's. */
const MAX_BODY_BYTES = 25_000_000;

interface WriteTarget {
  readonly database: string;
  readonly policy: string;
}

export function writeEndpoints(context: ApiContext): Endpoint[] {
  const endpoint = (
    path: string,
    targetOf: (request: FastifyRequest) => WriteTarget,
  ): Endpoint => ({
    methods: ['POST'],
    paths: [path],
    // Which database is meant the handler finds out.
    access: 'judged',
    errorShape: 'influx',
    changesData: true,
    handle: (request, reply) => handleWrite(context, request, reply, targetOf(request)),
  });
  return [endpoint('/write', targetOfV1), endpoint('/api/v2/write', targetOfV2)];
}

function targetOfV1(request: FastifyRequest): WriteTarget {
  const params = urlParams(request);
  const database = influxDatabaseName(request, params.value('db'));
  if (database === '') throw badRequest('database is required');
  return { database, policy: params.value('rp') ?? '' };
}

function targetOfV2(request: FastifyRequest): WriteTarget {
  const [bucket = '', ...rest] = (urlParams(request).value('bucket') ?? '').split('/');
  const database = influxDatabaseName(request, bucket);
  if (database === '') throw notFound('bucket is required');
  return { database, policy: rest.join('/') };
}

async function handleWrite(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { database, policy }: WriteTarget,
): Promise<FastifyReply> {
  await createOnWrite(context, request, database);
  const catalog = context.influx.catalog(context.lifecycle.currentOrThrow());
  if (!catalog.has(database)) {
    context.influx.noteMissing(database, context.logger);
    throw notFound(`database not found: ${JSON.stringify(database)}`);
  }
  authorize(request, 'write', database);
  const params = urlParams(request);
  const given = {
    precision: precisionOf(params.value('precision') ?? ''),
    extraLabels: extraLabelsOf(request, params),
  };
  setBodyOwner(request.raw, database);
  await receive(context, request, async (body) => {
    try {
      checkConsistency(params.value('consistency'));
      const scope = catalog.scope(database, policy);
      await store(context, request, database, scope, body, given);
    } catch (error) {
      if (error instanceof AppError && error.kind === 'bad_data') {
        context.rejections.addRequest(PROTOCOL, database, error.code, error.message);
      }
      throw asWriteError(error);
    }
  });
  return reply.code(204).header('Content-Type', 'application/json').send();
}

/** Throws HTTP_BAD_REQUEST for what could not be stored, after the rest has been. */
async function store(
  context: ApiContext,
  request: FastifyRequest,
  database: string,
  scope: Scope,
  body: Uint8Array,
  given: Pick<PointOptions, 'precision' | 'extraLabels'>,
): Promise<void> {
  const points = await decodePoints(body, scope, {
    ...given,
    nowNs: BigInt(context.clock.now()) * 1_000_000n,
    strings: context.settings['influx.strings'],
  });
  context.httpMetrics.countLosses(PROTOCOL, points.losses);
  const result = await scope.database.write(points.batch);
  recycleRows(points.batch);
  countReceived(context, request, PROTOCOL, result);
  const refusal = describeRefusals(points, result);
  if (result.rejectedTotal > 0) context.rejections.addResult(PROTOCOL, database, result);
  // Which lines, the refusal of the request tells.
  const lines = points.badLineCount + points.dropped;
  if (lines > 0) context.rejections.addLines(PROTOCOL, database, [], lines);
  if (refusal !== undefined) throw badRequest(refusal);
}

function precisionOf(text: string): Precision {
  const precision = parsePrecision(text);
  if (precision !== undefined) return precision;
  throw badRequest(`invalid precision ${JSON.stringify(text)} (use n, u, ms, s, m or h)`);
}

/** Passes on the plain bytes of the body, whose memory counts until `use` is done. */
async function receive(
  context: ApiContext,
  request: FastifyRequest,
  use: (plain: Uint8Array) => Promise<void>,
): Promise<void> {
  const { bodies, httpMetrics } = context;
  try {
    await bodies.withBody(request.raw, MAX_BODY_BYTES, undefined, async (body) => {
      httpMetrics.countReceivedBytes(PROTOCOL, body.length);
      await use(request.headers['content-encoding'] === 'gzip' ? await unzip(body) : body);
    });
  } catch (error) {
    if (error instanceof AppError && error.code === 'HTTP_BODY_TOO_LARGE')
      throw influxBodyTooLarge();
    throw error;
  }
}

function unzip(body: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gunzip(body, { maxOutputLength: MAX_BODY_BYTES }, (error, plain) => {
      if (error === null) resolve(plain);
      else if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
        reject(influxBodyTooLarge());
      } else reject(badRequest(goGzipError(body)));
    });
  });
}

/** What Go says of bytes that are no gzip. */
function goGzipError(body: Uint8Array): string {
  if (body.length === 0) return 'EOF';
  const isHeader = body[0] === 0x1f && body[1] === 0x8b;
  return body.length < 10 || isHeader ? 'unexpected EOF' : 'gzip: invalid header';
}

/** InfluxDB's text for what was not stored; undefined if everything was. */
function describeRefusals(points: DecodedPoints, result: WriteResult): string | undefined {
  const { badLines, badLineCount, dropped, dropReason } = points;
  const [rejection] = result.rejections;
  const refused = dropped + result.rejectedTotal;
  if (refused > 0) {
    const isOld = rejection?.reason === 'outside_retention';
    const message = isOld ? 'points beyond retention policy' : (rejection?.message ?? '');
    const reason = dropped > 0 ? dropReason : message;
    return `partial write: ${reason} dropped=${refused}`;
  }
  if (badLineCount === 0) return undefined;
  const more = badLineCount > badLines.length ? [`and ${badLineCount - badLines.length} more`] : [];
  const reasons = [...badLines, ...more].join('\n');
  return points.points === 0 ? reasons : `partial write: ${reasons} dropped=0`;
}
