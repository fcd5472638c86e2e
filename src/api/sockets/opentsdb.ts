// OpenTSDB's port: its telnet protocol and HTTP together, told apart by the first byte.

import type { Socket } from 'node:net';
import { OpentsdbTelnetDecoder } from '../../protocol/opentsdb/telnet.ts';
import type { ApiContext } from '../context.ts';
import type { SharedPort } from '../listeners.ts';
import { OPENTSDB_VERSION } from '../opentsdb/about.ts';
import type { SocketDecoder, SocketInput, SocketProtocol } from './protocol.ts';
import type { SocketTarget } from './socket-run.ts';
import type { TcpSessions } from './tcp-listener.ts';

/** Time for the first byte of a connection that may be HTTP. */
const FIRST_BYTE_TIMEOUT_MS = 60_000;

const UPPER_A = 0x41;
const UPPER_Z = 0x5a;

/** What is served by HTTP there. */
const PATH =
  /^(\/opentsdb|\/(insert|select)\/[^/]+\/opentsdb)?\/api\/(put|query|suggest|search|version|aggregators|config)\b/;

export function opentsdbTelnet(context: ApiContext): SocketProtocol {
  return { name: 'opentsdb', open: (input) => openTelnet(context, input) };
}

function openTelnet(context: ApiContext, input: SocketInput): SocketDecoder {
  const { settings, version, startTime, clock } = context;
  const isStrict = settings['opentsdb.strict'];
  let isDone = false;
  const decoder = new OpentsdbTelnetDecoder(
    input.collector,
    input.maxLineBytes,
    { isStrict },
    input.seriesTable(isStrict ? 'strict' : ''),
    {
      answer: input.answer,
      version: () => {
        return `net.opentsdb ${OPENTSDB_VERSION} built at revision ${version} (MINT)\nBuilt by Tidemark\n`;
      },
      stats: () => {
        const now = clock.now();
        const uptimeMs = now - startTime;
        return `tsd.uptime ${Math.floor(now / 1000)} ${uptimeMs}\n`;
      },
      exit: () => {
        isDone = true;
      },
    },
  );
  return {
    push: (bytes) => decoder.push(bytes),
    end: () => decoder.end(),
    get isDone() {
      return isDone;
    },
  };
}

/** The port as the HTTP listener shares it with the sessions of telnet. */
export class OpentsdbPort implements SharedPort {
  readonly database: string;
  readonly maxConnections: number;
  readonly #prefix: string;
  readonly #sessions: TcpSessions;
  /** Connections that have not said anything yet. */
  readonly #silent = new Set<Socket>();

  constructor({ settings }: ApiContext, { writer }: SocketTarget, sessions: TcpSessions) {
    this.database = writer.name;
    this.maxConnections = settings['sockets.max-connections'];
    this.#prefix = settings['web.route-prefix'];
    this.#sessions = sessions;
  }

  serves(url: string): boolean {
    return url.startsWith(this.#prefix) && PATH.test(url.slice(this.#prefix.length));
  }

  accept(socket: Socket, serveHttp: () => void): void {
    this.#silent.add(socket);
    socket.once('close', () => this.#silent.delete(socket));
    whenFirstByte(socket, (byte) => {
      this.#silent.delete(socket);
      // Methods of HTTP are in capitals, commands of telnet are not.
      if (byte >= UPPER_A && byte <= UPPER_Z) serveHttp();
      else this.#sessions.accept(socket);
    });
  }

  refuse(client: string): void {
    this.#sessions.refuse(client);
  }

  /** Ends what is not HTTP, having stored what was received. */
  close(graceMs: number): Promise<void> {
    for (const socket of this.#silent) socket.destroy();
    return this.#sessions.close(graceMs);
  }
}

/** Calls back with the first byte, which is still to be read then. */
function whenFirstByte(socket: Socket, use: (byte: number) => void): void {
  const ignore = (): void => {};
  const giveUp = (): void => {
    socket.destroy();
  };
  socket.on('error', ignore);
  socket.setTimeout(FIRST_BYTE_TIMEOUT_MS, giveUp);
  socket.once('data', (bytes: Buffer) => {
    socket.pause();
    socket.setTimeout(0);
    socket.off('timeout', giveUp).off('end', giveUp).off('error', ignore);
    use(bytes[0]!);
    socket.unshift(bytes);
    socket.resume();
  });
  socket.once('end', giveUp);
}
