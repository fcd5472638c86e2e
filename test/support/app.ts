// The built server as a process of its own, on a loopback port and a folder of the test's choice.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Child, type ExitStatus, freePort } from './child.ts';
import { Client } from './client.ts';

/** The repository's folder: the same from test/support/app.ts and dist/test/support/app.js. */
export const ROOT: string = join(
  import.meta.dirname,
  import.meta.filename.endsWith('.ts') ? '../..' : '../../..',
);
const PROGRAM = join(ROOT, 'bin/tidemark.js');
const BUILT = ['dist/bundle/server/main.js', 'dist/kernel.wasm'];

/** Long enough for a machine that is busy with something else. */
const READY_TIMEOUT_MS = 120_000;
const POLL_MS = 10;

export interface AppOptions {
  readonly dataDir: string;
  /** A free one if left out. A restart needs the same again. */
  readonly port?: number;
  readonly flags?: readonly string[];
}

/** The program ended or did not become ready. */
export class AppStartError extends Error {
  override readonly name: string = 'AppStartError';
}

/** One run of the server. */
export class App {
  readonly port: number;
  readonly url: string;
  readonly client: Client;
  readonly #child: Child;

  private constructor(child: Child, port: number) {
    this.#child = child;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.client = new Client(this.url);
  }

  /** Starts the process and does not wait. */
  static async launch({ dataDir, port, flags = [] }: AppOptions): Promise<App> {
    for (const path of BUILT) {
      if (!existsSync(join(ROOT, path))) {
        throw new Error(`${path} is missing: build with 'npm run build', or run 'npm test'`);
      }
    }
    const chosen = port ?? (await freePort());
    const args = [PROGRAM, 'serve', '--data', dataDir, '--listen', `127.0.0.1:${chosen}`, ...flags];
    return new App(await Child.start(process.execPath, args), chosen);
  }

  /** Starts the process and waits until it takes requests. */
  static async start(options: AppOptions): Promise<App> {
    const app = await App.launch(options);
    await app.ready();
    return app;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** The end of what it has written. */
  get output(): string {
    return this.#child.output;
  }

  get exited(): Promise<ExitStatus> {
    return this.#child.exited;
  }

  /** How it ended; undefined while it runs. */
  get status(): ExitStatus | undefined {
    return this.#child.status;
  }

  /** Waits until it takes requests; kills it and throws {@link AppStartError} if it does not. */
  async ready(timeoutMs: number = READY_TIMEOUT_MS): Promise<void> {
    const end = performance.now() + timeoutMs;
    while (this.#child.status === undefined && performance.now() < end) {
      if (await this.client.isReady()) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    const status = this.#child.status;
    const why = status ? `ended with code ${status.code}` : `was not ready in ${timeoutMs} ms`;
    await this.kill();
    throw new AppStartError(`the server ${why}:\n${this.output}`);
  }

  /** SIGKILL, and waits for the end. */
  kill(): Promise<ExitStatus> {
    return this.#child.kill();
  }

  /** SIGTERM without waiting. */
  terminate(): void {
    this.#child.signal('SIGTERM');
  }

  /** SIGTERM, and waits; rejects if it takes more than the ten seconds that are promised. */
  stop(): Promise<ExitStatus> {
    return this.#child.stop(11_000);
  }
}
