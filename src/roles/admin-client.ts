// Speaks to a running server's /api/v1/admin, for the command line.

import { serverRefused, serverUnreachable } from './errors.ts';

export interface ServerAddress {
  /** May carry user and password; texts for people never do. */
  readonly url: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

interface Envelope {
  readonly data?: unknown;
  readonly error?: string;
}

export class AdminClient {
  readonly #base: URL;
  readonly #headers: Record<string, string> = {};

  /** Throws CLIENT_REFUSED for what is no URL. */
  constructor({ url, user, password }: ServerAddress) {
    const slashed = url.endsWith('/') ? url : `${url}/`;
    if (!URL.canParse(slashed)) throw serverUnreachable('the server', `"${url}" is not a URL`);
    this.#base = new URL(slashed);
    const name = user ?? decodeURIComponent(this.#base.username);
    const secret = password ?? decodeURIComponent(this.#base.password);
    this.#base.username = '';
    this.#base.password = '';
    if (name !== '') {
      const pair = Buffer.from(`${name}:${secret}`).toString('base64');
      this.#headers.Authorization = `Basic ${pair}`;
    }
  }

  /**
   * The data of the answer; undefined where there is none. `path` lies below /api/v1/admin/, its parts being
   * escaped here. Throws CLIENT_UNREACHABLE or CLIENT_REFUSED.
   */
  async send(method: string, path: readonly string[], body?: unknown): Promise<unknown> {
    const shown = this.#base.href.replace(/\/$/, '');
    const url = new URL(`api/v1/admin/${path.map(encodeURIComponent).join('/')}`, this.#base);
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, {
        method,
        headers: this.#headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      text = await response.text();
    } catch (error) {
      throw serverUnreachable(shown, error);
    }
    const envelope = parse(text);
    if (!response.ok) {
      throw serverRefused(shown, response.status, envelope.error ?? text.slice(0, 200).trim());
    }
    return envelope.data;
  }
}

function parse(text: string): Envelope {
  try {
    return JSON.parse(text) as Envelope;
  } catch {
    return {};
  }
}
