// Which web pages may do what. Without configuration: none may read answers (no CORS headers), and
// none of another site may change anything, since a browser would send such requests unasked.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { crossSiteRefused } from './errors.ts';
import { addVary } from './respond.ts';

/** Adds CORS headers for configured origins. */
export function addCorsHeaders(
  request: FastifyRequest,
  reply: FastifyReply,
  origins: readonly string[],
): void {
  if (origins.length === 0) return;
  addVary(reply, 'Origin');
  const { origin } = request.headers;
  if (origin === undefined || !isListed(origin, origins)) return;
  reply.header('Access-Control-Allow-Origin', origins.includes('*') ? '*' : origin);
  reply.header('Access-Control-Allow-Headers', 'Accept, Authorization, Content-Type, Origin');
  reply.header('Access-Control-Allow-Methods', 'GET, POST, OPTIONS');
  reply.header('Access-Control-Expose-Headers', 'Date');
}

/** Throws HTTP_CROSS_SITE for a request that a page of another site made, unless it is configured. */
export function refuseCrossSite(request: FastifyRequest, origins: readonly string[]): void {
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (origin === undefined && site === undefined) return;
  if (origin !== undefined && isListed(origin, origins)) return;
  const isForeign =
    site === undefined
      ? origin !== undefined && !isSameHost(origin, request.host)
      : site !== 'same-origin' && site !== 'none';
  if (isForeign) throw crossSiteRefused();
}

function isListed(origin: string, origins: readonly string[]): boolean {
  return origins.includes('*') || origins.includes(origin);
}

function isSameHost(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}
