// VictoriaMetrics' migration tool reads a whole database through the InfluxDB face; what it hands on is caught.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/storage/admission.ts';
import { MemoryStorage } from '../../src/storage/memory-store.ts';
import { series } from '../support/api.ts';
import { Child } from '../support/child.ts';
import { LiveApi } from '../support/live-api.ts';
import { vmctl } from '../support/prometheus.ts';

const T = 1_700_000_000_000;

const program = vmctl();
if (program === undefined) {
  process.stdout.write('vmctl: skipped, no vmctl found (TIDEMARK_PEERS)\n');
}

interface ImportedSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly timestamps: readonly number[];
  readonly values: readonly number[];
}

describe.skipIf(program === undefined)('vmctl influx', () => {
  let live: LiveApi;
  let imported: ImportedSeries[] = [];
  let receiver: Server;

  beforeAll(async () => {
    const limits = { ...DEFAULT_LIMITS, retentionMs: 0 };
    live = await LiveApi.start({
      storage: new MemoryStorage({ limits }),
      settings: { retention: 0 },
    });
    receiver = createServer((request, response) => {
      void buffer(request).then((body) => {
        const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
        if (request.url!.startsWith('/api/v1/import')) imported.push(...parseLines(String(text)));
        response.statusCode = request.url === '/health' ? 200 : 204;
        response.end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    receiver?.close();
    await live?.close();
  });

  async function migrate(...options: string[]): Promise<ImportedSeries[]> {
    imported = [];
    const { port } = receiver.address() as AddressInfo;
    const child = await Child.start(program!, [
      'influx',
      '-s',
      '--disable-progress-bar',
      `--influx-addr=${live.url}`,
      '--influx-database=default',
      `--vm-addr=http://127.0.0.1:${port}`,
      ...options,
    ]);
    expect(await child.exited, child.output).toMatchObject({ code: 0 });
    return imported.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }

  test('points arrive as measurement and field', async () => {
    const payload = [
      `cpu,host=a user=1.5,idle=90i ${T}000000`,
      `cpu,host=a user=2.5 ${T + 1000}000000`,
      `cpu,host=b user=3 ${T}000000`,
    ].join('\n');
    const answer = await live.api.app.inject({ method: 'POST', url: '/write?db=default', payload });
    expect(answer.statusCode).toBe(204);
    expect(await migrate('--influx-filter-series=from cpu')).toEqual([
      {
        metric: { __name__: 'cpu_idle', db: 'default', host: 'a' },
        timestamps: [T],
        values: [90],
      },
      {
        metric: { __name__: 'cpu_user', db: 'default', host: 'a' },
        timestamps: [T, T + 1000],
        values: [1.5, 2.5],
      },
      {
        metric: { __name__: 'cpu_user', db: 'default', host: 'b' },
        timestamps: [T],
        values: [3],
      },
    ]);
  });

  test('metrics of Prometheus keep their names', async () => {
    await live.api.storage.database('default')!.write({
      series: [series({ __name__: 'up', job: 'node' }, [T, 1])],
      metadata: [],
      rejections: [],
    });
    const migrated = await migrate('--influx-prometheus-mode', '--influx-filter-series=from up');
    expect(migrated).toMatchObject([
      { metric: { __name__: 'up', job: 'node' }, timestamps: [T], values: [1] },
    ]);
  });
});

function parseLines(text: string): ImportedSeries[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ImportedSeries);
}
