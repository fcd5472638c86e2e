// Listeners of protocols other than HTTP, as settings ask for them.

import { type ListenAddress, printAddress } from '../../config/listen-type.ts';
import type { SocketListenEntry } from '../../config/socket-listen-type.ts';
import { invalidDatabaseName } from '../../storage/errors.ts';
import { isDatabaseName } from '../../storage/interface.ts';
import type { ApiContext } from '../context.ts';
import type { Listeners } from '../listeners.ts';
import { graphitePickle, graphitePlaintext } from './graphite.ts';
import { influxLines } from './influx.ts';
import { OpentsdbPort, opentsdbTelnet } from './opentsdb.ts';
import { PatientWriter } from './patient-writer.ts';
import type { SocketProtocol } from './protocol.ts';
import { SocketReports } from './reports.ts';
import type { SocketTarget } from './socket-run.ts';
import { TcpListener, TcpSessions } from './tcp-listener.ts';
import { UdpListener } from './udp-listener.ts';

/** An address in use, and what is spoken there. */
export interface ListeningSocket extends ListenAddress {
  readonly protocol: string;
}

export class SocketListeners {
  readonly #context: ApiContext;
  readonly #reports: SocketReports;
  readonly #sessions: { readonly protocol: string; readonly sessions: TcpSessions }[] = [];
  readonly #listeners: { close(graceMs: number): Promise<void> }[] = [];
  readonly #datagrams: { readonly protocol: string; readonly listener: UdpListener }[] = [];

  constructor(context: ApiContext) {
    this.#context = context;
    const { metrics, logger, clock } = context;
    this.#reports = new SocketReports(metrics, logger, clock);
    metrics.gauges(
      'tidemark_socket_connections',
      'Open connections on listeners other than HTTP.',
      ['protocol'],
      () => sumOf(this.#sessions.map(({ protocol, sessions }) => [protocol, sessions.count])),
    );
    metrics.gauges(
      'tidemark_socket_datagrams_queued_bytes',
      'Memory of datagrams that wait to be stored.',
      ['protocol'],
      () =>
        sumOf(this.#datagrams.map(({ protocol, listener }) => [protocol, listener.queuedBytes])),
    );
  }

  /** Listens wherever settings say so; `http` serves what is HTTP. Throws HTTP_LISTEN, STORAGE_DATABASE_NAME. */
  async listenAll(http: Listeners): Promise<ListeningSocket[]> {
    const { settings } = this.#context;
    const listening: ListeningSocket[] = [];
    for (const entry of settings['influx.listen']) {
      listening.push(await this.listen(entry, influxLines(this.#context)));
    }
    for (const entry of settings['graphite.listen']) {
      listening.push(await this.listen(entry, graphitePlaintext(this.#context)));
    }
    for (const entry of settings['graphite.pickle-listen']) {
      listening.push(await this.listen(entry, graphitePickle(this.#context)));
    }
    for (const entry of settings['opentsdb.listen']) {
      listening.push(await this.listenForOpentsdb(entry, http));
    }
    return listening;
  }

  /** Listens for one protocol. TCP and UDP get the same port, where both are asked for. */
  async listen(entry: SocketListenEntry, protocol: SocketProtocol): Promise<ListeningSocket> {
    const target = this.#targetOf(entry, protocol);
    const { host } = entry;
    let { port } = entry;
    if (entry.transports.includes('tcp')) {
      const sessions = this.#sessionsOf(target);
      const maxConnections = this.#context.settings['sockets.max-connections'];
      const listener = await TcpListener.listen({ host, port }, sessions, maxConnections);
      this.#listeners.push(listener);
      port = listener.port;
    }
    if (entry.transports.includes('udp')) {
      const listener = await UdpListener.listen({ host, port }, this.#context, target);
      this.#listeners.push(listener);
      this.#datagrams.push({ protocol: protocol.name, listener });
      port = listener.port;
    }
    this.#log(entry, protocol, port);
    return { host, port, protocol: protocol.name };
  }

  /** Listens for OpenTSDB, of which a part is HTTP. */
  async listenForOpentsdb(entry: SocketListenEntry, http: Listeners): Promise<ListeningSocket> {
    const protocol = opentsdbTelnet(this.#context);
    const target = this.#targetOf(entry, protocol);
    const sessions = this.#sessionsOf(target);
    const shared = new OpentsdbPort(this.#context, target, sessions);
    const { host, port } = await http.listen({ host: entry.host, port: entry.port }, shared);
    this.#listeners.push(shared);
    this.#log(entry, protocol, port);
    return { host, port, protocol: protocol.name };
  }

  /**
   * Accepts nothing more, stores what has been received, and closes; after `graceMs` nothing is waited for but the
   * store. Idempotent.
   */
  async close(graceMs: number): Promise<void> {
    await Promise.all(this.#listeners.splice(0).map((listener) => listener.close(graceMs)));
  }

  #targetOf({ database }: SocketListenEntry, protocol: SocketProtocol): SocketTarget {
    if (database !== undefined && !isDatabaseName(database)) throw invalidDatabaseName(database);
    const writer = new PatientWriter(this.#context, protocol.name, database, this.#reports);
    return { protocol, writer, reports: this.#reports };
  }

  #sessionsOf(target: SocketTarget): TcpSessions {
    const sessions = new TcpSessions(this.#context, target);
    this.#sessions.push({ protocol: target.protocol.name, sessions });
    return sessions;
  }

  #log({ host, transports }: SocketListenEntry, { name }: SocketProtocol, port: number): void {
    const address = printAddress({ host, port });
    this.#context.logger.log('info', 'listening', { protocol: name, address, transports });
  }
}

/** Values of the same protocol added up. */
function sumOf(
  values: readonly (readonly [string, number])[],
): { readonly value: number; readonly labels: readonly string[] }[] {
  const sums = new Map<string, number>();
  for (const [protocol, value] of values) sums.set(protocol, (sums.get(protocol) ?? 0) + value);
  return [...sums].map(([protocol, value]) => ({ value, labels: [protocol] }));
}
