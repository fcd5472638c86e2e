// The URL under which clients reach the server.

import type { FastifyRequest } from 'fastify';
import type { Settings } from '../config/settings.ts';

/** Names and addresses as they are in URLs, with a port or not. */
const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/** The one that is configured, else what the request says, or trusted proxies of it. No slash at the end. */
export function externalUrl(settings: Settings, request: FastifyRequest): string {
  const configured = settings['web.external-url'];
  if (configured !== '') return configured;
  const scheme = request.protocol === 'https' ? 'https' : 'http';
  const host = HOST.test(request.host) ? request.host : 'localhost';
  return `${scheme}://${host}${settings['web.route-prefix']}`;
}
