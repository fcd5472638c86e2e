// What OpenTSDB's requests have in common: paths, bodies of JSON, answers of JSON.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { opentsdbRequest } from '../../protocol/errors.ts';
import type { ApiContext } from '../context.ts';

/** Queries name metrics and tags; this is far more than any needs. */
const MAX_BODY_BYTES = 1 << 20;

/** A path of the read side, as itself and as VictoriaMetrics would have it. */
export function tsdbPaths(path: string): string[] {
  return [path, `/opentsdb${path}`, `/select/:tenant/opentsdb${path}`];
}

/** A body's JSON, and its text. */
export interface JsonText {
  readonly value: unknown;
  readonly text: string;
}

/** The body's JSON; undefined without a body. Throws OPENTSDB_REQUEST. */
export function jsonOf(
  context: ApiContext,
  request: FastifyRequest,
): Promise<JsonText | undefined> {
  return context.bodies.withBody(request.raw, MAX_BODY_BYTES, undefined, async (body) => {
    if (body.length === 0) return undefined;
    const text = new TextDecoder().decode(body);
    try {
      return { value: JSON.parse(text) as unknown, text };
    } catch {
      throw opentsdbRequest('Unable to parse the given JSON');
    }
  });
}

export function sendTsdbJson(reply: FastifyReply, value: unknown): FastifyReply {
  return reply
    .header('Content-Type', 'application/json; charset=UTF-8')
    .send(Buffer.from(JSON.stringify(value)));
}
