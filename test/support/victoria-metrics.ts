// VictoriaMetrics as a process: found, started on free ports in a folder of its own, asked, ended.

import { join } from 'node:path';
import { Child, freePort, removeFolder, temporaryFolder, waitFor } from './child.ts';
import { peerProgram } from './prometheus.ts';

const READY_TIMEOUT_MS = 60_000;

export function victoriaMetrics(): string | undefined {
  return peerProgram('victoria-metrics');
}

/** What it listens on besides HTTP. */
export interface VictoriaPorts {
  readonly graphite: number;
  readonly opentsdb: number;
  readonly opentsdbHttp: number;
  readonly influx: number;
}

export class VictoriaMetrics {
  readonly url: string;
  readonly ports: VictoriaPorts;
  readonly #child: Child;
  readonly #folder: string;

  private constructor(url: string, ports: VictoriaPorts, child: Child, folder: string) {
    this.url = url;
    this.ports = ports;
    this.#child = child;
    this.#folder = folder;
  }

  static async start(program: string): Promise<VictoriaMetrics> {
    const folder = temporaryFolder('victoria-metrics');
    const address = `127.0.0.1:${await freePort()}`;
    const ports = {
      graphite: await freePort(),
      opentsdb: await freePort(),
      opentsdbHttp: await freePort(),
      influx: await freePort(),
    };
    const child = await Child.start(program, [
      `-storageDataPath=${join(folder, 'data')}`,
      `-httpListenAddr=${address}`,
      `-graphiteListenAddr=127.0.0.1:${ports.graphite}`,
      `-opentsdbListenAddr=127.0.0.1:${ports.opentsdb}`,
      `-opentsdbHTTPListenAddr=127.0.0.1:${ports.opentsdbHttp}`,
      `-influxListenAddr=127.0.0.1:${ports.influx}`,
      '-retentionPeriod=100y',
      '-search.disableCache',
    ]);
    const url = `http://${address}`;
    await waitFor(`VictoriaMetrics\n${child.output}`, READY_TIMEOUT_MS, async () => {
      return (await fetch(`${url}/health`)).ok ? true : undefined;
    });
    return new VictoriaMetrics(url, ports, child, folder);
  }

  /** Lines of /api/v1/export: everything that has been taken so far. */
  async export(): Promise<string[]> {
    await fetch(`${this.url}/internal/force_flush`);
    // Without an end it is the second that has begun, and what came in it would be missing.
    const end = String(Math.ceil(Date.now() / 1000) + 1);
    const query = new URLSearchParams({ 'match[]': '{__name__!=""}', end });
    const answer = await fetch(`${this.url}/api/v1/export?${query}`);
    return (await answer.text()).split('\n').filter(Boolean);
  }

  async stop(): Promise<void> {
    await this.#child.kill();
    removeFolder(this.#folder);
  }
}
