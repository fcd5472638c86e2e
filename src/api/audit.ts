// Who changed what, for the log.

import type { FastifyRequest } from 'fastify';
import type { LogFields } from '../runtime/log.ts';
import type { ApiContext } from './context.ts';

/** Notes a change that has been made. `fields` must hold no secret. */
export function audit(
  { logger }: ApiContext,
  request: FastifyRequest,
  change: string,
  fields: LogFields,
): void {
  const { kind, name } = request.principal;
  const by = name === '' ? kind : name;
  logger.log('info', change, { audit: true, by, client: request.ip, ...fields });
}
