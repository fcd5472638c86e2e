// Many requests over few connections, for tests that make a million of them: `fetch` costs four times as much.

import { Agent, type IncomingHttpHeaders, request } from 'node:http';

/** A server that hangs must fail the test, not hang it as well; a slow machine must do neither. */
const TIMEOUT_MS = 600_000;

export interface KeepAliveRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string | Uint8Array | undefined;
  /** Of this machine, to come from. */
  readonly localAddress?: string;
}

export interface KeepAliveAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export class KeepAliveClient {
  readonly #agent: Agent;

  /** So many from each address of ours. */
  constructor(connections: number) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Rejects only where no whole answer came. */
  send(port: number, asked: KeepAliveRequest): Promise<KeepAliveAnswer> {
    const { method, url, headers, payload, localAddress } = asked;
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          agent: this.#agent,
          host: '127.0.0.1',
          port,
          method,
          path: url,
          timeout: TIMEOUT_MS,
          localAddress,
          headers: {
            ...headers,
            ...(payload === undefined ? {} : { 'content-length': Buffer.byteLength(payload) }),
          },
        },
        (response) => {
          const pieces: Buffer[] = [];
          response.on('data', (piece: Buffer) => pieces.push(piece));
          response.once('error', reject);
          response.once('end', () => {
            const body = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
          });
        },
      );
      sent.once('timeout', () => sent.destroy(new Error(`${method} ${url}: no answer in time`)));
      sent.once('error', reject);
      sent.end(payload);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
