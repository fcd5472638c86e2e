// InfluxDB 1.x as a process: found, started on free ports in a folder of its own, asked, ended.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child, freePort, temporaryFolder, waitFor } from './child.ts';

/** Long enough for a machine that is busy with something else. */
const READY_TIMEOUT_MS = 120_000;

/** Who asks. */
export interface InfluxUser {
  readonly name: string;
  readonly password: string;
}

/** `InfluxDB v1.6.7~rc0 …`, undefined if there is no such program. */
export function influxdVersion(): string | undefined {
  try {
    return execFileSync('influxd', ['version'], { stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return undefined;
  }
}

export class InfluxServer {
  readonly url: string;
  readonly #child: Child;

  private constructor(url: string, child: Child) {
    this.url = url;
    this.#child = child;
  }

  static async start(options: { readonly isAuthenticated?: boolean } = {}): Promise<InfluxServer> {
    const folder = temporaryFolder('influxd');
    const address = `127.0.0.1:${await freePort()}`;
    const config = join(folder, 'influxdb.conf');
    writeFileSync(
      config,
      `reporting-disabled = true
bind-address = "127.0.0.1:${await freePort()}"
[meta]
dir = "${folder}/meta"
[data]
dir = "${folder}/data"
wal-dir = "${folder}/wal"
[http]
bind-address = "${address}"
log-enabled = false
auth-enabled = ${options.isAuthenticated === true}
[monitor]
store-enabled = false
[subscriber]
enabled = false
`,
    );
    const child = await Child.start('influxd', ['-config', config]);
    const url = `http://${address}`;
    await waitFor('influxd', READY_TIMEOUT_MS, async () => {
      const { status } = await fetch(`${url}/ping`);
      return status === 204 ? true : undefined;
    });
    return new InfluxServer(url, child);
  }

  /** POST /query; parameters are sent in the body. */
  async query(
    q: string,
    options: { readonly user?: InfluxUser; readonly params?: Record<string, string> } = {},
  ): Promise<{ readonly status: number; readonly body: string }> {
    const response = await fetch(`${this.url}/query`, {
      method: 'POST',
      body: new URLSearchParams({ ...options.params, q }),
      headers: authorization(options.user),
    });
    return { status: response.status, body: await response.text() };
  }

  /** POST /write. */
  async write(
    lines: string | Uint8Array,
    params: Record<string, string>,
    user?: InfluxUser,
  ): Promise<{ readonly status: number; readonly body: string }> {
    const response = await fetch(`${this.url}/write?${new URLSearchParams(params)}`, {
      method: 'POST',
      body: lines,
      headers: authorization(user),
    });
    return { status: response.status, body: await response.text() };
  }

  async stop(): Promise<void> {
    await this.#child.stop();
  }
}

function authorization(user: InfluxUser | undefined): Record<string, string> {
  if (user === undefined) return {};
  const credentials = Buffer.from(`${user.name}:${user.password}`).toString('base64');
  return { Authorization: `Basic ${credentials}` };
}
