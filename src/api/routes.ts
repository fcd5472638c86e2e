// How endpoints are declared and mounted: one description per endpoint, all its paths and methods.

import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { methodNotAllowed } from './errors.ts';
import type { ErrorShape } from './http-errors.ts';
import type { Access } from './rights.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How errors of this route are written. */
    errorShape?: ErrorShape;
    /** Who may use this route. */
    access?: Access;
    /** Those that it answers; others are 405. */
    methods?: readonly string[];
    /** True if the route stores, changes or deletes something whatever its parameters, unless asked by GET. */
    changesData?: boolean;
    /** Sees every request first, refused ones included. */
    prepare?: Endpoint['prepare'];
  }
}

export interface Endpoint {
  readonly methods: readonly HTTPMethods[];
  readonly paths: readonly string[];
  readonly access: Access;
  readonly errorShape: ErrorShape;
  readonly changesData?: boolean;
  /** Sets headers that refusals have, too. */
  readonly prepare?: (request: FastifyRequest, reply: FastifyReply) => void;
  /** Sends the answer, or throws what http-errors.ts turns into one. */
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
}

/** OPTIONS is answered for all paths at once. */
const ALL_METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH'];

/** Serves an endpoint below `prefix`; other methods on its paths get 405. */
export function mount(app: FastifyInstance, prefix: string, endpoint: Endpoint): void {
  const { methods, paths, access, errorShape, changesData = false, prepare, handle } = endpoint;
  const config = { access, methods, errorShape, changesData, ...(prepare && { prepare }) };
  const allowed = methods.join(', ');
  // One route for all methods: starting takes time in proportion to their number.
  const handler: Endpoint['handle'] = (request, reply) => {
    if ((methods as readonly string[]).includes(request.method)) return handle(request, reply);
    reply.header('Allow', allowed);
    throw methodNotAllowed(request.method, allowed);
  };
  for (const path of paths) {
    app.route({ method: [...ALL_METHODS], url: `${prefix}${path}`, config, handler });
  }
}

/** A path of the Prometheus API as readers reach it. */
export function readPaths(path: string): string[] {
  return [path, `/prometheus${path}`, `/select/:tenant/prometheus${path}`];
}

/** A path as writers reach it. */
export function writePaths(path: string): string[] {
  return [path, `/prometheus${path}`, `/insert/:tenant/prometheus${path}`];
}
