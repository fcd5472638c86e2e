// The HTTP side in this process, as in api.ts, on real sockets: for clients that bring their own.

import { Listeners } from '../../src/api/listeners.ts';
import { SILENT_LOGGER } from '../../src/runtime/log.ts';
import { startApi, type TestApi, type TestApiOptions } from './api.ts';
import type { CertificateFiles } from './certificates.ts';

/** Connections may stay open this long past the end of a test. */
const CLOSE_TIMEOUT_MS = 100;

export class LiveApi {
  readonly api: TestApi;
  readonly url: string;
  /** Undefined without certificate. */
  readonly secureUrl: string | undefined;
  readonly #listeners: Listeners;

  private constructor(
    api: TestApi,
    listeners: Listeners,
    url: string,
    secureUrl: string | undefined,
  ) {
    this.api = api;
    this.#listeners = listeners;
    this.url = url;
    this.secureUrl = secureUrl;
  }

  static async start(options: TestApiOptions, tls?: CertificateFiles): Promise<LiveApi> {
    const api = startApi(options);
    await api.app.ready();
    const { metrics } = api.context;
    const listeners = new Listeners(api.app, {
      maxConnections: 100,
      logger: SILENT_LOGGER,
      metrics,
    });
    const address = { host: '127.0.0.1', port: 0 };
    const plain = await listeners.listen(address);
    const secure = tls && (await listeners.listen({ ...address, tls }));
    const secureUrl = secure && `https://127.0.0.1:${secure.port}`;
    return new LiveApi(api, listeners, `http://127.0.0.1:${plain.port}`, secureUrl);
  }

  close(): Promise<void> {
    return this.#listeners.close(CLOSE_TIMEOUT_MS);
  }
}
