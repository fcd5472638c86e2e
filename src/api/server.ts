// The HTTP side as one object: routes, error answers, counting. Sockets are in listeners.ts.

import type { IncomingMessage } from 'node:http';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { NOBODY } from '../access/index.ts';
import { AppError } from '../runtime/error.ts';
import { NetworkSet } from '../runtime/networks.ts';
import { adminEndpoints } from './admin/index.ts';
import { admit } from './auth.ts';
import type { ApiContext } from './context.ts';
import { addCorsHeaders, refuseCrossSite } from './cross-origin.ts';
import { routeNotFound } from './errors.ts';
import { HostCheck } from './host-check.ts';
import { describeFailure, failureFor, REALMS, renderFailure } from './http-errors.ts';
import { errorHeader } from './influx/headers.ts';
import { influxEndpoints } from './influx/index.ts';
import { ingestEndpoints } from './ingest/index.ts';
import { opentsdbEndpoints } from './opentsdb/index.ts';
import { prometheusEndpoints } from './prometheus/index.ts';
import { takeHostTarget, takeTarget } from './request-target.ts';
import { type Endpoint, mount } from './routes.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The Content-Type header. Routes judge it themselves, see `setAsideContentType`. */
    contentType: string | undefined;
  }
}

/** The routes as one object, with `ready`, `inject` and `close`. */
export type ApiServer = FastifyInstance;

/** Label names travel in paths, escaped to up to three times their length. */
const MAX_PARAM_LENGTH = 4096;

/** Routes read their parameters themselves. To load compilers of schemas all the same would take a tenth of the start. */
const NO_SCHEMAS = { buildValidator: refuseSchemas, buildSerializer: refuseSchemas };

function refuseSchemas(): never {
  throw new Error('routes have no schemas here');
}

/** All routes below `--web.route-prefix`. Answers `inject()`; real sockets come from listeners.ts. */
export function buildServer(context: ApiContext): ApiServer {
  const { settings } = context;
  const prefix = settings['web.route-prefix'];
  const proxies = settings['web.trusted-proxies'];
  const trusted = new NetworkSet(proxies);
  const hosts = new HostCheck(settings, context.access);
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    // Anybody can send X-Forwarded-For, -Host and -Proto.
    trustProxy: proxies.length > 0 && ((address) => trusted.contains(address)),
    schemaController: { compilersFactory: NO_SCHEMAS },
    rewriteUrl: (raw) => takeTarget(raw as IncomingMessage, prefix),
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH, querystringParser: () => ({}) },
  });
  app.decorateRequest('contentType', undefined);
  app.decorateRequest('endpointDatabase', undefined);
  app.decorateRequest('registrations');
  app.decorateRequest('principal');
  // Bodies stay in the socket until a route asks for them: limits differ, and headers come first.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));

  const corsOrigins = settings['web.cors-origin'];
  app.addHook('onRequest', (request, reply, done) => {
    request.principal = NOBODY;
    request.registrations = [];
    setAsideContentType(request);
    takeHostTarget(request.raw, request.host);
    addCorsHeaders(request, reply, corsOrigins);
    request.routeOptions.config.prepare?.(request, reply);
    const isChange = request.method !== 'GET' && request.method !== 'HEAD';
    if (isChange && request.routeOptions.config.changesData === true) {
      refuseCrossSite(request, corsOrigins);
    }
    hosts.check(request.raw);
    const admitted = admit(context, request);
    if (admitted === undefined) done();
    else admitted.then(() => done(), done);
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url?.slice(prefix.length);
    const { method } = request;
    const seconds = reply.elapsedTime / 1000;
    context.httpMetrics.countRequest(route ?? 'none', method, reply.statusCode, seconds);
    done();
  });
  app.setErrorHandler((error, request, reply) => sendFailure(context, error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    const path = (request.raw.url ?? '').split('?')[0]!;
    return sendFailure(context, routeNotFound(path), request, reply);
  });

  app.options(`${prefix}/*`, { config: { access: 'public' } }, (_request, reply) =>
    reply.code(204).send(),
  );
  for (const endpoint of allEndpoints(context)) mount(app, prefix, endpoint);
  return app;
}

/** Everything that is served. */
export function allEndpoints(context: ApiContext): Endpoint[] {
  return [
    ...ingestEndpoints(context),
    ...prometheusEndpoints(context),
    ...adminEndpoints(context),
    ...influxEndpoints(context),
    ...opentsdbEndpoints(context),
  ];
}

/**
 * The framework refuses media types that it cannot parse before a route sees the request. Faces have
 * their own rules (an unknown type is 415 with a reason, an empty header is fine), so the header is
 * moved out of its sight.
 */
function setAsideContentType(request: FastifyRequest): void {
  const { headers } = request.raw;
  request.contentType = headers['content-type'];
  if (request.contentType !== undefined) delete headers['content-type'];
}

function sendFailure(
  context: ApiContext,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const described = describeFailure(error);
  if (described.status === 500 && described.errorType !== 'unavailable') {
    const { method, url } = request.raw;
    context.logger.log('error', 'request failed', { method, path: url?.split('?')[0], error });
  }
  const shape = request.routeOptions.config.errorShape ?? 'text';
  const failure = failureFor(shape, described);
  const { contentType, body } = renderFailure(failure, shape, request.contentType);
  if (failure.retryAfterSeconds !== undefined) {
    reply.header('Retry-After', failure.retryAfterSeconds);
  }
  if (shape === 'influx' && failure.status !== 401 && failure.status !== 405) {
    reply.header('X-Influxdb-Error', errorHeader(failure.message));
  }
  if (failure.status === 401) reply.header('WWW-Authenticate', REALMS[shape]);
  // The rest of a body that came too slowly must not be taken for the next request.
  if (error instanceof AppError && error.code === 'HTTP_BODY_TIMEOUT') {
    reply.header('Connection', 'close');
  }
  reply.removeHeader('Content-Encoding');
  return reply.code(failure.status).header('Content-Type', contentType).send(Buffer.from(body));
}
