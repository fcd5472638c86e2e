// TCP listeners of protocols other than HTTP.

import { createServer, type Server, type Socket } from 'node:net';
import type { ListenAddress } from '../../config/listen-type.ts';
import { settlesWithin } from '../../runtime/lifecycle.ts';
import type { ApiContext } from '../context.ts';
import { cannotListen } from '../listeners.ts';
import type { SocketTarget } from './socket-run.ts';
import { TcpSession } from './tcp-session.ts';

/** The connections of one listener, whoever accepts them. */
export class TcpSessions {
  readonly #context: ApiContext;
  readonly #target: SocketTarget;
  readonly #sessions = new Set<TcpSession>();
  #isClosing = false;

  constructor(context: ApiContext, target: SocketTarget) {
    this.#context = context;
    this.#target = target;
  }

  get count(): number {
    return this.#sessions.size;
  }

  /** Takes over a connection that may end on one side first (`allowHalfOpen`). */
  accept(socket: Socket): void {
    const { reports, protocol } = this.#target;
    if (this.#isClosing || socket.destroyed) {
      socket.destroy();
      return;
    }
    reports.connected(protocol.name);
    const session = new TcpSession(this.#context, socket, this.#target);
    this.#sessions.add(session);
    void session.closed.then(() => this.#sessions.delete(session));
  }

  /** Counts one that was not accepted. */
  refuse(client: string): void {
    const { reports, protocol } = this.#target;
    reports.closed(protocol.name, 'too_many_connections', client);
  }

  /** Stores what has been received and closes all; after `graceMs` no more is read, and nothing tried again. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    const sessions = [...this.#sessions];
    for (const session of sessions) session.stop();
    const closed = Promise.all(sessions.map((session) => session.closed));
    if (await settlesWithin(closed, graceMs)) return;
    for (const session of sessions) session.breakOff('shutdown');
    this.#target.writer.hurry();
    await closed;
  }
}

export class TcpListener {
  readonly #server: Server;
  readonly #sessions: TcpSessions;

  private constructor(server: Server, sessions: TcpSessions) {
    this.#server = server;
    this.#sessions = sessions;
  }

  /** Listens. Throws HTTP_LISTEN. */
  static async listen(
    address: ListenAddress,
    sessions: TcpSessions,
    maxConnections: number,
  ): Promise<TcpListener> {
    const server = createServer({ allowHalfOpen: true, keepAlive: true, noDelay: true });
    server.maxConnections = maxConnections;
    server.on('connection', (socket) => sessions.accept(socket));
    server.on('drop', (data) => sessions.refuse(`${data?.remoteAddress}:${data?.remotePort}`));
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(cannotListen(address, error)));
      server.listen(address.port, address.host === '' ? undefined : address.host, resolve);
    });
    return new TcpListener(server, sessions);
  }

  /** The real one, where 0 was asked for. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  }

  async close(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await this.#sessions.close(graceMs);
    await closed;
  }
}
