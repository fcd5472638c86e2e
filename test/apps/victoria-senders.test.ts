// docs/guides/victoriametrics.md and the rest of what VictoriaMetrics' tools send: vmagent, fed with every protocol that it
// takes, and vmctl out of VictoriaMetrics, Prometheus, InfluxDB and remote read. Each ends with a query in PromQL.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { series } from '../support/api.ts';
import { App, ROOT } from '../support/app.ts';
import { Child, freePort, removeFolder, temporaryFolder, waitFor } from '../support/child.ts';
import { Client } from '../support/client.ts';
import { guideBlocks } from '../support/guide.ts';
import { InfluxServer, influxdVersion } from '../support/influxdb.ts';
import { currentPrometheus, Prometheus, peerProgram, vmctl } from '../support/prometheus.ts';
import { VictoriaMetrics, victoriaMetrics } from '../support/victoria-metrics.ts';

const VALUE = 42.5;
const DEADLINE_MS = 120_000;
/** A minute ago, a whole second, ms. */
const T = Math.floor(Date.now() / 1000) * 1000 - 60_000;

const vmagent = peerProgram('vmagent');
const migration = vmctl();
const victoria = victoriaMetrics();
const prometheus = currentPrometheus();
const influxd = influxdVersion();
const programs = {
  vmagent,
  vmctl: migration,
  'victoria-metrics': victoria,
  prometheus,
  influxd,
};
for (const [name, program] of Object.entries(programs)) {
  if (program === undefined) process.stdout.write(`${name}: skipped, no ${name} found\n`);
}

const run = promisify(execFile);
const commands = guideBlocks('victoriametrics').flatMap(({ text }) => text.split('\n'));

let folder: string;
let app: App;

beforeAll(async () => {
  folder = temporaryFolder('victoria');
  app = await App.start({ dataDir: join(folder, 'data') });
}, DEADLINE_MS);

afterAll(async () => {
  await app?.stop();
  removeFolder(folder);
});

/** Arguments of the guide's command that begins so, with the addresses of this run in the place of its own. */
function guideArgs(command: string, addresses: Readonly<Record<string, string>>): string[] {
  const line = commands.find((one) => one.startsWith(command));
  if (line === undefined) throw new Error(`the guide does not say ${command}`);
  const text = Object.entries({ 'http://127.0.0.1:8086': app.url, ...addresses }).reduce(
    (all, [given, here]) => all.replaceAll(given, here),
    line,
  );
  return text.split(' ').slice(1);
}

interface Found {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

async function query(expr: string, database = 'default'): Promise<Found[]> {
  const params = new URLSearchParams({ query: expr, db: database });
  const { text } = await app.client.send('GET', `/api/v1/query?${params}`);
  return (JSON.parse(text) as { data: { result: Found[] } }).data.result;
}

/** Waits until a query has an answer. */
function answered(expr: string): Promise<Found> {
  return waitFor(`${expr}\n${app.output}`, DEADLINE_MS, async () => (await query(expr))[0]);
}

describe.skipIf(vmagent === undefined)('vmagent', () => {
  const ports = { http: 0, graphite: 0, opentsdb: 0 };
  let agent: Child;
  let url: string;

  beforeAll(async () => {
    for (const name of ['http', 'graphite', 'opentsdb'] as const) ports[name] = await freePort();
    const [, remoteWrite] = guideArgs('vmagent', {});
    agent = await Child.start(
      vmagent!,
      [
        remoteWrite!,
        `-httpListenAddr=127.0.0.1:${ports.http}`,
        `-graphiteListenAddr=127.0.0.1:${ports.graphite}`,
        `-opentsdbListenAddr=127.0.0.1:${ports.opentsdb}`,
        '-remoteWrite.flushInterval=50ms',
        `-remoteWrite.tmpDataPath=${join(folder, 'vmagent')}`,
      ],
      { cwd: folder },
    );
    url = `http://127.0.0.1:${ports.http}`;
    await waitFor(`vmagent\n${agent.output}`, DEADLINE_MS, async () => {
      return (await fetch(`${url}/health`)).ok ? true : undefined;
    });
  }, DEADLINE_MS);

  afterAll(async () => {
    await agent?.kill();
  });

  const INPUTS: readonly [metric: string, path: string, body: string][] = [
    ['agent_text', '/api/v1/import/prometheus', `agent_text{a="b"} ${VALUE} ${T}\n`],
    ['agent_influx_v', '/influx/write', `agent_influx,a=b v=${VALUE} ${T}000000\n`],
    [
      'agent_json',
      '/api/v1/import',
      `{"metric":{"__name__":"agent_json","a":"b"},"values":[${VALUE}],"timestamps":[${T}]}\n`,
    ],
    [
      'agent_csv',
      '/api/v1/import/csv?format=1:metric:agent_csv,2:label:a,3:time:unix_ms',
      `${VALUE},b,${T}\n`,
    ],
    [
      'agent_datadog',
      '/datadog/api/v1/series',
      JSON.stringify({
        series: [{ metric: 'agent_datadog', points: [[T / 1000, VALUE]], tags: ['a:b'] }],
      }),
    ],
  ];
  test.each(INPUTS)(
    'hands on %s',
    async (metric, path, body) => {
      const answer = await fetch(`${url}${path}`, { method: 'POST', body });
      expect(answer.ok, await answer.text()).toBe(true);
      const { value, ...found } = await answered(`${metric} == ${VALUE}`);
      expect(found.metric).toMatchObject({ __name__: metric, a: 'b' });
      expect(value[1]).toBe(String(VALUE));
    },
    DEADLINE_MS,
  );

  test('nothing is lost by the way it begins with', async () => {
    const { text } = await app.client.send('GET', '/api/v1/status/rejected');
    const { totals } = (JSON.parse(text) as { data: { totals: object } }).data;
    expect(Object.keys(totals).filter((reason) => reason !== 'HTTP_UNSUPPORTED_MEDIA')).toEqual([]);
  });
});

describe.skipIf(migration === undefined)('vmctl', () => {
  async function migrate(args: readonly string[]): Promise<void> {
    const [command, ...options] = args;
    const child = await Child.start(migration!, [
      command!,
      '-s',
      '--disable-progress-bar',
      ...options,
    ]);
    expect(await child.exited, child.output).toMatchObject({ code: 0 });
  }

  test.skipIf(victoria === undefined)(
    'out of VictoriaMetrics',
    async () => {
      const source = await VictoriaMetrics.start(victoria!);
      try {
        const lines = [1, 2, 3].map((n) => {
          const metric = { __name__: `native_${n % 2}`, n: String(n) };
          return JSON.stringify({ metric, values: [n, VALUE], timestamps: [T - 1000, T] });
        });
        await fetch(`${source.url}/api/v1/import`, { method: 'POST', body: lines.join('\n') });
        await waitFor('the samples', DEADLINE_MS, async () => {
          return (await source.export()).length === 3 ? true : undefined;
        });
        await migrate(guideArgs('vmctl vm-native', { 'http://127.0.0.1:8428': source.url }));
        const found = await query('sum by (n) (count_over_time({__name__=~"native_."}[5m]))');
        expect(found.map(({ metric, value }) => `${metric.n} ${value[1]}`).sort()).toEqual([
          '1 2',
          '2 2',
          '3 2',
        ]);
        await twoSteps(source.url);
      } finally {
        await source.stop();
      }
    },
    DEADLINE_MS,
  );

  test.skipIf(influxd === undefined)(
    'out of InfluxDB',
    async () => {
      const source = await InfluxServer.start();
      try {
        await source.query('CREATE DATABASE telegraf');
        await source.write(`moved,host=a v=${VALUE},n=3i ${T}000000\n`, { db: 'telegraf' });
        await migrate(guideArgs('vmctl influx', { 'http://127.0.0.1:8087': source.url }));
        expect((await query(`moved_v == ${VALUE}`))[0]?.metric).toEqual({
          __name__: 'moved_v',
          db: 'telegraf',
          host: 'a',
        });
      } finally {
        await source.stop();
      }
    },
    DEADLINE_MS,
  );

  describe.skipIf(prometheus === undefined)('out of Prometheus', () => {
    let source: Prometheus;
    const home = (): string => join(folder, 'prometheus');

    beforeAll(async () => {
      source = await Prometheus.start({
        peer: prometheus!,
        folder: home(),
        config: () => 'scrape_configs: []\n',
        flags: ['--web.enable-remote-write-receiver', '--web.enable-admin-api'],
      });
      const written = await new Client(source.url).write([
        series({ __name__: 'kept', n: '1' }, [T - 1000, 1], [T, VALUE]),
        series({ __name__: 'kept', n: '2' }, [T, 2]),
      ]);
      expect(written.status).toBe(204);
    }, DEADLINE_MS);

    afterAll(async () => {
      await source?.kill();
    });

    test(
      'by a snapshot',
      async () => {
        const answer = await fetch(`${source.url}/api/v1/admin/tsdb/snapshot`, { method: 'POST' });
        const { data } = (await answer.json()) as { data: { name: string } };
        const args = guideArgs('vmctl prometheus', {}).map((arg) =>
          arg.replace(/data\/snapshots\/.+/, join(home(), 'data/snapshots', data.name)),
        );
        await migrate([...args, '--vm-extra-label=by=snapshot']);
        expect(await query('count_over_time(kept{by="snapshot",n="1"}[5m])')).toMatchObject([
          { value: [expect.anything(), '2'] },
        ]);
      },
      DEADLINE_MS,
    );

    test(
      'by remote read',
      async () => {
        const args = guideArgs('vmctl remote-read', { 'http://127.0.0.1:9090': source.url }).map(
          (arg) =>
            arg.replace(
              /(time-start=).*/,
              `$1${new Date(T - 3_600_000).toISOString().slice(0, 19)}Z`,
            ),
        );
        await migrate([...args, '--vm-extra-label=by=reading']);
        expect(await query('count_over_time(kept{by="reading",n="1"}[5m])')).toMatchObject([
          { value: [expect.anything(), '2'] },
        ]);
      },
      DEADLINE_MS,
    );
  });

  /** The guide's other way: a file in between. */
  async function twoSteps(sourceUrl: string): Promise<void> {
    const script = commands.filter((line) => /^(curl|npx tidemark import)/.test(line)).join('\n');
    const text = script
      .replaceAll('http://127.0.0.1:8428', sourceUrl)
      .replace(
        /npx tidemark import (\S+)/,
        `${process.execPath} ${join(ROOT, 'bin/tidemark.js')} import $1 --server ${app.url} --database copied`,
      );
    await app.client.send('POST', '/api/v1/admin/databases', JSON.stringify({ name: 'copied' }));
    const { stderr, stdout } = await run('bash', ['-e', '-o', 'pipefail', '-c', text], {
      cwd: folder,
    });
    expect(stdout + stderr).toMatch(/compared 3 series, .*: all equal/);
    expect(await query('count({__name__=~"native_."})', 'copied')).toMatchObject([
      { value: [expect.anything(), '3'] },
    ]);
  }
});
