// HTTP to a running server, for what is too large to be held: answers as streams, bodies in blocks. Trailers are seen,
// which fetch does not show.

import * as http from 'node:http';
import * as https from 'node:https';
import { serverRefused, serverUnreachable } from '../errors.ts';
import { type ServerAddress, type ServerBase, serverBase } from '../server-address.ts';

export type Params = readonly (readonly [name: string, value: string])[];

/** Of an answer that is not a stream. */
export interface ServerAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** Texts of answers are for people; more of them is of no use. */
const MAX_TEXT_BYTES = 64 * 1024;

export class Connection {
  readonly #base: ServerBase;
  readonly #agent: http.Agent;

  /** Throws CLIENT_UNREACHABLE for what is no URL. */
  constructor(address: ServerAddress) {
    this.#base = serverBase(address);
    const options = { keepAlive: true, maxSockets: 2 };
    this.#agent =
      this.#base.url.protocol === 'https:' ? new https.Agent(options) : new http.Agent(options);
  }

  /** For people. */
  get server(): string {
    return this.#base.shown;
  }

  close(): void {
    this.#agent.destroy();
  }

  /**
   * The answer to a GET, to be read or destroyed. Parameters travel as a form: selectors may be long. Throws
   * CLIENT_UNREACHABLE or CLIENT_REFUSED.
   */
  async open(
    path: string,
    params: Params,
    headers: http.OutgoingHttpHeaders = {},
  ): Promise<http.IncomingMessage> {
    const body = printForm(params);
    const answer = await this.#send(path, Buffer.from(body), {
      'Content-Type': 'application/x-www-form-urlencoded',
      // One that has been idle may be closed just now, and a stream is not asked for again.
      Connection: 'close',
      ...headers,
    });
    if (answer.statusCode === 200) return answer;
    const text = await this.#textOf(answer);
    throw serverRefused(this.server, answer.statusCode ?? 0, messageOf(text));
  }

  /** Sends a block; whatever the status, it is for the caller to judge. Throws CLIENT_UNREACHABLE. */
  async post(
    path: string,
    params: Params,
    body: Uint8Array,
    headers: http.OutgoingHttpHeaders,
  ): Promise<ServerAnswer> {
    const query = printForm(params);
    const answer = await this.#send(query === '' ? path : `${path}?${query}`, body, headers);
    const text = await this.#textOf(answer);
    return { status: answer.statusCode ?? 0, headers: answer.headers, text };
  }

  #send(
    path: string,
    body: Uint8Array,
    headers: http.OutgoingHttpHeaders,
  ): Promise<http.IncomingMessage> {
    const url = new URL(path, this.#base.url);
    const { request } = url.protocol === 'https:' ? https : http;
    return new Promise((resolve, reject) => {
      const sent = request(url, {
        method: 'POST',
        agent: this.#agent,
        headers: { ...this.#base.headers, 'Content-Length': body.length, ...headers },
      });
      sent.once('response', resolve);
      sent.once('error', (error) => reject(serverUnreachable(this.server, error)));
      sent.end(body);
    });
  }

  async #textOf(answer: http.IncomingMessage): Promise<string> {
    const pieces: Buffer[] = [];
    let length = 0;
    try {
      for await (const piece of answer as AsyncIterable<Buffer>) {
        if (length < MAX_TEXT_BYTES) pieces.push(piece);
        length += piece.length;
      }
    } catch (error) {
      throw serverUnreachable(this.server, error);
    }
    return Buffer.concat(pieces).toString('utf8').trim();
  }
}

function printForm(params: Params): string {
  const form = new URLSearchParams();
  for (const [name, value] of params) form.append(name, value);
  return form.toString();
}

/** What the envelope of Prometheus' API says, or the text itself. */
function messageOf(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error === 'string') return error;
  } catch {
    // No JSON.
  }
  return text.slice(0, 1000);
}
