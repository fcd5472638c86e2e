// Speaks to a running server's /api/v1/admin, for the command line.

import { serverRefused, serverUnreachable } from './errors.ts';
import { type ServerAddress, type ServerBase, serverBase } from './server-address.ts';

interface Envelope {
  readonly data?: unknown;
  readonly error?: string;
}

export class AdminClient {
  readonly #base: ServerBase;

  /** Throws CLIENT_UNREACHABLE for what is no URL. */
  constructor(address: ServerAddress) {
    this.#base = serverBase(address);
  }

  /**
   * The data of the answer; undefined where there is none. `path` lies below /api/v1/admin/, its parts being
   * escaped here. Throws CLIENT_UNREACHABLE or CLIENT_REFUSED.
   */
  async send(method: string, path: readonly string[], body?: unknown): Promise<unknown> {
    const { shown, headers, url: base } = this.#base;
    const url = new URL(`api/v1/admin/${path.map(encodeURIComponent).join('/')}`, base);
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, {
        method,
        headers,
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
