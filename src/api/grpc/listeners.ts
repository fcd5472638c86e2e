// Sockets for gRPC. They are ours, as those of HTTP are: the same limits, certificates and checks; the library gets
// connections that stand.

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import type * as Grpc from '@grpc/grpc-js';
import type { ListenEntry, TlsFiles } from '../../config/listen-type.ts';
import { settlesWithin } from '../../runtime/lifecycle.ts';
import { clientNames, hasName } from '../client-names.ts';
import { ConcurrencyLimit } from '../concurrency.ts';
import type { ApiContext } from '../context.ts';
import { cannotListen } from '../listeners.ts';
import type { ListeningSocket } from '../sockets/index.ts';
import { Certificates } from '../tls.ts';
import { MetricsService, type ServiceParts } from './metrics-service.ts';

const HANDSHAKE_TIMEOUT_MS = 10_000;
/** A connection without calls for so long is closed; senders open another without losing anything. */
const IDLE_TIMEOUT_MS = 600_000;
/** Connections whose client has vanished are found out so. */
const PING_INTERVAL_MS = 60_000;
const PING_TIMEOUT_MS = 20_000;
/** Calls on one connection at the same time: SDKs make one, the Collector ten. */
const MAX_STREAMS = 100;
/** Answers are a few hundred bytes. */
const MAX_ANSWER_BYTES = 4 << 20;

/** What accepts connections, with its certificates, if it has any. */
interface Accepting {
  readonly sockets: Server;
  readonly reloadCertificates: () => void;
  readonly closeCertificates: () => void;
}

interface Listening extends Accepting {
  readonly server: Grpc.Server;
}

export class GrpcListeners {
  readonly #context: ApiContext;
  readonly #listening: Listening[] = [];
  #connections = 0;

  constructor(context: ApiContext) {
    this.#context = context;
    context.metrics.gauge('tidemark_grpc_connections', 'Open connections of gRPC.', () => {
      return this.#connections;
    });
  }

  /** Listens wherever settings say so. Throws HTTP_LISTEN, and CONFIG_INVALID for certificates. */
  async listenAll(): Promise<ListeningSocket[]> {
    const entries = this.#context.settings['otlp.grpc-listen'];
    if (entries.length === 0) return [];
    const parts = await this.#parts();
    const listening: ListeningSocket[] = [];
    for (const entry of entries) listening.push(await this.#listen(entry, parts));
    return listening;
  }

  /** Looks at once whether files of certificates have changed. */
  reloadCertificates(): void {
    for (const { reloadCertificates } of this.#listening) reloadCertificates();
  }

  /** Stops accepting, and waits for calls in flight, at most `graceMs`; what is left then is cut off. */
  async close(graceMs: number): Promise<void> {
    const closed = this.#listening.map(({ sockets, server, closeCertificates }) => {
      closeCertificates();
      const accepting = new Promise<void>((resolve) => sockets.close(() => resolve()));
      const calls = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      return Promise.all([accepting, calls]);
    });
    if (await settlesWithin(Promise.all(closed), graceMs)) return;
    for (const { server } of this.#listening) server.forceShutdown();
    await Promise.all(closed);
  }

  /** Loads the library, which only this needs. */
  async #parts(): Promise<ServiceParts> {
    const grpc = await import('@grpc/grpc-js');
    const { settings, metrics } = this.#context;
    const most = settings['limits.body-memory'] / settings['limits.max-decoded-size'];
    return {
      grpc,
      context: this.#context,
      messages: new ConcurrencyLimit(Math.max(1, Math.floor(most))),
      calls: metrics.counter(
        'tidemark_grpc_calls_total',
        'Calls answered, by number of the code.',
        'code',
      ),
    };
  }

  async #listen(entry: ListenEntry, parts: ServiceParts): Promise<ListeningSocket> {
    const service = new MetricsService(parts, entry);
    const server = new parts.grpc.Server({
      interceptors: [service.interceptor],
      'grpc.max_receive_message_length': this.#context.settings['limits.max-decoded-size'],
      'grpc.max_send_message_length': MAX_ANSWER_BYTES,
      'grpc.max_concurrent_streams': MAX_STREAMS,
      'grpc.max_connection_idle_ms': IDLE_TIMEOUT_MS,
      'grpc.keepalive_time_ms': PING_INTERVAL_MS,
      'grpc.keepalive_timeout_ms': PING_TIMEOUT_MS,
      'grpc.enable_channelz': 0,
    });
    service.addTo(server);
    // Whether a connection is secure has been seen to when the library gets it.
    const injector = server.createConnectionInjector(parts.grpc.ServerCredentials.createInsecure());
    const accept = (socket: Socket): void => {
      this.#connections++;
      socket.once('close', () => this.#connections--);
      injector.injectConnection(socket);
    };
    const accepting =
      entry.tls === undefined ? plainSockets(accept) : this.#tlsSockets(entry.tls, accept);
    const { sockets } = accepting;
    sockets.maxConnections = this.#context.settings['web.max-connections'];
    await new Promise<void>((resolve, reject) => {
      sockets.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(entry, error)));
      sockets.listen(entry.port, entry.host === '' ? undefined : entry.host, resolve);
    });
    this.#listening.push({ ...accepting, server });
    const { port } = sockets.address() as AddressInfo;
    return { host: entry.host, port, protocol: 'OpenTelemetry (gRPC)' };
  }

  #tlsSockets(tls: TlsFiles, accept: (socket: Socket) => void): Accepting {
    const certificates = new Certificates(tls, this.#context.logger);
    const sockets = createTlsServer({
      ...certificates.options,
      ALPNProtocols: ['h2'],
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    });
    sockets.on('secureConnection', (socket) => {
      if (isAllowed(socket, tls)) accept(socket);
      else socket.destroy();
    });
    // A handshake that failed has nobody to be told.
    sockets.on('tlsClientError', (_error, socket) => socket.destroy());
    certificates.watch(sockets);
    return {
      sockets,
      reloadCertificates: () => certificates.reload(sockets),
      closeCertificates: () => certificates.close(),
    };
  }
}

function plainSockets(accept: (socket: Socket) => void): Accepting {
  const sockets = createServer({ noDelay: true }, accept);
  return { sockets, reloadCertificates: () => {}, closeCertificates: () => {} };
}

/** False if the certificate of the client has none of the names that are asked for. */
function isAllowed(socket: TLSSocket, { clientNames: allowed }: TlsFiles): boolean {
  if (allowed === undefined) return true;
  const certificate = socket.getPeerX509Certificate();
  return certificate !== undefined && hasName(clientNames(certificate), allowed);
}
