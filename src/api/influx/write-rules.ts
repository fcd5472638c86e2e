// What InfluxDB's writes have in common, whatever is written: line protocol, or remote write at
// /api/v1/prom/write.

import type { FastifyRequest } from 'fastify';
import { AppError } from '../../runtime/error.ts';
import { audit } from '../audit.ts';
import type { ApiContext } from '../context.ts';
import { badRequest, policyNotFound } from '../errors.ts';
import { authorize } from '../rights.ts';

const CONSISTENCY_LEVELS = ['any', 'one', 'quorum', 'all'];

/** Creates a database that is not there, if settings allow. Throws ACCESS_FORBIDDEN. */
export async function createOnWrite(
  context: ApiContext,
  request: FastifyRequest,
  name: string,
): Promise<void> {
  const { influx, lifecycle, settings } = context;
  if (!settings['influx.auto-create-database']) return;
  const catalog = influx.catalog(lifecycle.currentOrThrow());
  if (catalog.has(name)) return;
  authorize(request, 'write', name);
  await catalog.createDatabase(name, undefined);
  audit(context, request, 'database created by its first write', { database: name });
}

/** `consistency` means nothing on one machine, but must be one of the levels. Throws HTTP_BAD_REQUEST. */
export function checkConsistency(level: string | undefined): void {
  if (level === undefined || level === '') return;
  if (CONSISTENCY_LEVELS.includes(level.toLowerCase())) return;
  throw badRequest('invalid consistency level');
}

/** A policy that is not there is 500, which makes senders come back, where statements say that it is not found. */
export function asWriteError(error: unknown): unknown {
  const isUnknownPolicy = error instanceof AppError && error.code === 'INFLUXQL_POLICY_NOT_FOUND';
  return isUnknownPolicy ? policyNotFound(error.message) : error;
}
