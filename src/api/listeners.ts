// Real sockets in front of the routes: one server per address, all with the same limits on
// connections, headers and idle time.

import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { type ListenAddress, type ListenEntry, printAddress } from '../config/listen-type.ts';
import { AppError } from '../runtime/error.ts';
import { settlesWithin } from '../runtime/lifecycle.ts';
import type { LogFields, Logger } from '../runtime/log.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { setArrival } from './arrival.ts';
import { clientNames, hasName } from './client-names.ts';
import { Certificates } from './tls.ts';

const HEADERS_TIMEOUT_MS = 10_000;
/** Longer than the 60 s after which load balancers and clients usually drop idle connections. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;
/** How often Node looks for connections past their time. */
const CHECK_INTERVAL_MS = 2000;
/** Time for a client to send what is left of a body whose answer it already has. */
const LEFTOVER_BODY_TIMEOUT_MS = 10_000;
/** A line for everything that strangers do would let them fill the log. */
const LOG_INTERVAL_MS = 10_000;

const SERVER_OPTIONS: http.ServerOptions = {
  headersTimeout: HEADERS_TIMEOUT_MS,
  // Bodies have limits of their own, see body.ts: an import may take hours.
  requestTimeout: 0,
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  connectionsCheckingInterval: CHECK_INTERVAL_MS,
  noDelay: true,
};

export interface ListenerOptions {
  readonly maxConnections: number;
  readonly logger: Logger;
  readonly metrics?: Metrics;
}

/** A port on which HTTP is not alone. */
export interface SharedPort {
  /** Where requests go that name no database. */
  readonly database: string | undefined;
  readonly maxConnections: number;
  /** True for paths that are served there. */
  serves(path: string): boolean;
  /** Takes over a new connection, or leaves it to `serveHttp`. */
  accept(socket: Socket, serveHttp: () => void): void;
  /** Told of a connection that was one too many. */
  refuse(client: string): void;
}

export class Listeners {
  readonly #app: FastifyInstance;
  readonly #options: ListenerOptions;
  readonly #servers: (http.Server | https.Server)[] = [];
  /** Of servers that have any, with the address they are for. */
  readonly #certificates = new Map<https.Server, { address: string; certificates: Certificates }>();
  #isClosing = false;
  /** By message. */
  readonly #lastLogs = new Map<string, number>();

  /** `app.ready()` must have been awaited. */
  constructor(app: FastifyInstance, options: ListenerOptions) {
    this.#app = app;
    this.#options = options;
    options.metrics?.gauges(
      'tidemark_tls_certificate_expiry_timestamp_seconds',
      'When the certificate of a listener ends, in Unix seconds.',
      ['listen'],
      () =>
        [...this.#certificates.values()].map(({ address, certificates }) => {
          return { value: certificates.expiresAt / 1000, labels: [address] };
        }),
    );
  }

  /**
   * Listens; resolves to the address in use (a port of 0 becomes a real one). Throws HTTP_LISTEN, and CONFIG_INVALID
   * for certificates.
   */
  async listen(entry: ListenEntry, shared?: SharedPort): Promise<ListenAddress> {
    const server = this.#createServer(entry, shared);
    server.maxConnections = shared?.maxConnections ?? this.#options.maxConnections;
    if (shared !== undefined) share(server, shared);
    server.on('clientError', (error, socket) => this.#refuseMalformed(error, socket as Socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(entry, error)));
      server.listen(entry.port, entry.host === '' ? undefined : entry.host, resolve);
    });
    this.#servers.push(server);
    const { port } = server.address() as AddressInfo;
    return { host: entry.host, port };
  }

  #createServer(entry: ListenEntry, shared?: SharedPort): http.Server | https.Server {
    const { database } = shared ?? {};
    const arrival = database === undefined ? entry : { ...entry, database };
    const route = (request: http.IncomingMessage, response: http.ServerResponse): void => {
      setArrival(request, arrival);
      if (shared?.serves(request.url ?? '') === false) {
        response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' });
        response.end('not served here: this address is for one protocol\n');
      } else this.#route(request, response);
    };
    if (entry.tls === undefined) return http.createServer(SERVER_OPTIONS, route);
    const certificates = new Certificates(entry.tls, this.#options.logger);
    const tlsOptions = { handshakeTimeout: HEADERS_TIMEOUT_MS, ...certificates.options };
    const server = https.createServer({ ...SERVER_OPTIONS, ...tlsOptions }, route);
    const { clientNames: allowed } = entry.tls;
    if (allowed !== undefined) {
      server.prependListener('secureConnection', (socket) => this.#checkName(socket, allowed));
    }
    this.#certificates.set(server, { address: printAddress(entry), certificates });
    certificates.watch(server);
    return server;
  }

  /**
   * Breaks the connection, as one that fails in its handshake is: to an answer that refuses it a sender would throw
   * its data away.
   */
  #checkName(socket: TLSSocket, allowed: readonly string[]): void {
    const certificate = socket.getPeerX509Certificate();
    const names = certificate === undefined ? [] : clientNames(certificate);
    if (hasName(names, allowed)) return;
    socket.destroy();
    const client = socket.remoteAddress;
    this.#warn('client certificate refused: none of its names is allowed', { names, client });
  }

  /** Looks at once whether files of certificates have changed. */
  reloadCertificates(): void {
    for (const [server, { certificates }] of this.#certificates) certificates.reload(server);
  }

  /**
   * Stops accepting connections and waits for requests in flight, at most `graceMs`; what is left then
   * is cut off.
   */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    for (const { certificates } of this.#certificates.values()) certificates.close();
    const closed = Promise.all(
      this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
    if (await settlesWithin(closed, graceMs)) return;
    for (const server of this.#servers) server.closeAllConnections();
    await closed;
  }

  /** Of each message one line in a while. */
  #warn(message: string, fields: LogFields): void {
    const now = performance.now();
    if (now - (this.#lastLogs.get(message) ?? Number.NEGATIVE_INFINITY) < LOG_INTERVAL_MS) return;
    this.#lastLogs.set(message, now);
    this.#options.logger.log('warn', message, fields);
  }

  #route(request: http.IncomingMessage, response: http.ServerResponse): void {
    if (this.#isClosing) response.setHeader('Connection', 'close');
    response.once('finish', () => {
      if (!request.complete) dropIfStillSending(request);
      // The connection of an answer that was begun before closing is idle only now.
      if (this.#isClosing) setImmediate(() => this.#closeIdle());
    });
    this.#app.routing(request, response);
  }

  #closeIdle(): void {
    for (const server of this.#servers) server.closeIdleConnections();
  }

  /** Answers what Node's parser cannot read, with the reason it can be traced by. */
  #refuseMalformed(error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket: Socket): void {
    // A handshake that failed has nobody to read an answer.
    if (error.code === 'ECONNRESET' || isTlsError(error) || !socket.writable) {
      socket.destroy();
      return;
    }
    const { status, reason } = explainMalformed(error);
    this.#warn('malformed HTTP request', { reason, client: socket.remoteAddress });
    const body = `${reason}\n`;
    socket.end(
      `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  }
}

/** Lets connections be looked at before the server has them. */
function share(server: http.Server, shared: SharedPort): void {
  const [serveHttp] = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    shared.accept(socket, () => serveHttp!.call(server, socket));
  });
  server.on('drop', (data) => shared.refuse(`${data?.remoteAddress}:${data?.remotePort}`));
}

/** What clients that speak no TLS, too old a version, or have no certificate cause. */
function isTlsError({ code = '' }: NodeJS.ErrnoException): boolean {
  return /^(ERR_SSL|ERR_TLS|EPROTO)/.test(code);
}

function explainMalformed(error: NodeJS.ErrnoException & { rawPacket?: Buffer }): {
  status: string;
  reason: string;
} {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return { status: '408 Request Timeout', reason: 'request headers did not arrive in time' };
  }
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    return { status: '431 Request Header Fields Too Large', reason: 'request headers too large' };
  }
  const line = error.rawPacket?.toString('latin1').split(/\r?\n/, 1)[0] ?? '';
  // `POST /api/v1/prom/write? db=x HTTP/1.1`: a line break inside a quoted URL in prometheus.yml
  // becomes a blank, which Prometheus sends as it is.
  if (/^[A-Z]+ \S+ .+ HTTP\/1\.[01]$/.test(line)) {
    return {
      status: '400 Bad Request',
      reason:
        'space in request target: the URL in the sender’s configuration contains a blank or a line break',
    };
  }
  return {
    status: '400 Bad Request',
    reason: `malformed HTTP request (${error.code ?? 'unknown'})`,
  };
}

/** Ends a connection whose client goes on sending a body that nobody reads any more. */
function dropIfStillSending(request: http.IncomingMessage): void {
  const timer = setTimeout(() => {
    if (!request.complete) request.socket.destroy();
  }, LEFTOVER_BODY_TIMEOUT_MS);
  timer.unref();
  request.once('end', () => clearTimeout(timer));
  request.once('close', () => clearTimeout(timer));
}

/** HTTP_LISTEN, of whatever protocol. */
export function cannotListen(address: ListenAddress, cause: NodeJS.ErrnoException): AppError {
  const where = `${address.host || '*'}:${address.port}`;
  const why = cause.code === 'EADDRINUSE' ? 'the address is in use' : cause.message;
  return new AppError('conflict', 'HTTP_LISTEN', `cannot listen on ${where}: ${why}`, cause);
}
