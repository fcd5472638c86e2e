// Real senders of other protocols at the built server: collectd by four of its plugins, Python's pickle, carbon-relay,
// curl and a client of the Pushgateway; Telegraf is imitated. Each sends one and the same value, and one and the same
// query finds it.

import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Gauge, Pushgateway, Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { App, ROOT } from '../support/app.ts';
import { type Child, freePort, removeFolder, temporaryFolder, waitFor } from '../support/child.ts';
import { guideBlocks } from '../support/guide.ts';
import {
  carbonRelay,
  collectd,
  python,
  startCarbonRelay,
  startCollectd,
} from '../support/senders.ts';

const VALUE = 42.5;
const DEADLINE_MS = 60_000;
const run = promisify(execFile);

const programs = { collectd: collectd(), 'carbon-relay': carbonRelay(), python3: python() };
for (const [name, program] of Object.entries(programs)) {
  if (program === undefined) process.stdout.write(`${name}: skipped, no ${name} found\n`);
}

let folder: string;
let app: App;
const ports = { graphite: 0, pickle: 0, opentsdb: 0, influx: 0 };
const children: Child[] = [];

beforeAll(async () => {
  folder = temporaryFolder('senders');
  for (const name of ['graphite', 'pickle', 'opentsdb', 'influx'] as const) {
    ports[name] = await freePort();
  }
  app = await App.start({
    dataDir: join(folder, 'data'),
    flags: [
      '--graphite.listen',
      `127.0.0.1:${ports.graphite}`,
      '--graphite.pickle-listen',
      `127.0.0.1:${ports.pickle}`,
      '--opentsdb.listen',
      `127.0.0.1:${ports.opentsdb}`,
      '--influx.listen',
      `127.0.0.1:${ports.influx}`,
    ],
  });
}, DEADLINE_MS);

afterAll(async () => {
  await Promise.all(children.map((child) => child.kill()));
  await app?.stop();
  removeFolder(folder);
});

/** A text of a guide with the addresses of this run. */
function here(text: string): string {
  return text
    .replaceAll('127.0.0.1:8086', new URL(app.url).host)
    .replaceAll(/\b2003\b/g, String(ports.graphite))
    .replaceAll(/\b2004\b/g, String(ports.pickle))
    .replaceAll(/\b4242\b/g, String(ports.opentsdb));
}

/** Waits until the metric has the value. */
async function answered(
  metric: string,
  database = 'default',
): Promise<Readonly<Record<string, string>>> {
  const query = encodeURIComponent(`{__name__="${metric}"} == ${VALUE}`);
  const result = await waitFor(`${metric}\n${app.output}`, DEADLINE_MS, async () => {
    const { text } = await app.client.send('GET', `/api/v1/query?query=${query}&db=${database}`);
    const { data } = JSON.parse(text) as { data: { result: { metric: Record<string, string> }[] } };
    return data.result[0];
  });
  return result.metric;
}

describe.skipIf(programs.collectd === undefined)('collectd', () => {
  beforeAll(async () => {
    const home = join(folder, 'collectd');
    mkdirSync(home);
    writeFileSync(join(home, 'values'), `${VALUE}\n`);
    const [http, graphite, tsdb] = guideBlocks('collectd')
      .filter(({ text }) => text.startsWith('LoadPlugin'))
      .map(({ text }) => here(text));
    const table = `LoadPlugin table
<Plugin table>
  <Table "${home}/values">
    Plugin "fixed"
    Instance "file"
    Separator " "
    <Result>
      Type gauge
      InstancePrefix "answer"
      ValuesFrom 0
    </Result>
  </Table>
</Plugin>`;
    const others = `  <Node "plain">
    Host "127.0.0.1"
    Port "${ports.graphite}"
    Prefix "plain."
  </Node>
  <Node "udp">
    Host "127.0.0.1"
    Port "${ports.graphite}"
    Protocol "udp"
    Prefix "udp."
    UseTags true
  </Node>
</Plugin>`;
    const plugins = [table, http!, graphite!.replace('</Plugin>', others), tsdb!];
    const child = await startCollectd(programs.collectd!, home, plugins);
    children.push(child);
    // It gathers what it sends; the rest leaves when it ends.
    await waitFor(`collectd\n${child.output}`, DEADLINE_MS, async () => {
      const { text } = await app.client.send('GET', '/metrics');
      const isConnected = (protocol: string): boolean => {
        return text.includes(`tidemark_socket_connections_total{protocol="${protocol}"}`);
      };
      return isConnected('graphite') && isConnected('opentsdb') ? true : undefined;
    });
    await child.stop();
  }, DEADLINE_MS);

  test(
    'by write_tsdb',
    async () => {
      expect(await answered('fixed.file.gauge.answer')).toMatchObject({
        fqdn: 'web-1',
        status: 'production',
      });
    },
    DEADLINE_MS,
  );

  test(
    'by write_graphite, plain',
    async () => {
      await answered('plain.web-1.fixed-file.gauge-answer');
    },
    DEADLINE_MS,
  );

  test(
    'by write_graphite, with tags, over TCP and UDP',
    async () => {
      for (const name of ['fixed.gauge', 'udp.fixed.gauge']) {
        expect(await answered(name)).toMatchObject({
          host: 'web-1',
          plugin: 'fixed',
          plugin_instance: 'file',
          type: 'gauge',
          type_instance: 'answer',
        });
      }
    },
    DEADLINE_MS,
  );

  test(
    'by write_http, in JSON',
    async () => {
      expect(await answered('collectd_fixed_gauge')).toMatchObject({
        instance: 'web-1',
        fixed: 'file',
        type: 'answer',
      });
    },
    DEADLINE_MS,
  );
});

test.skipIf(programs.python3 === undefined)(
  'Python’s pickle, in every version',
  async () => {
    const script = `
import pickle, socket, struct, time
s = socket.create_connection(("127.0.0.1", ${ports.pickle}))
for version in range(pickle.HIGHEST_PROTOCOL + 1):
    points = [("python.v%d" % version, (time.time(), ${VALUE})), ("python.other;a=b", (-1, 7))]
    data = pickle.dumps(points, protocol=version)
    s.sendall(struct.pack("!L", len(data)) + data)
s.close()
`;
    await run(programs.python3!, ['-c', script]);
    for (let version = 0; version <= 5; version++) await answered(`python.v${version}`);
  },
  DEADLINE_MS,
);

test.skipIf(programs['carbon-relay'] === undefined)(
  'carbon-relay',
  async () => {
    const linePort = await freePort();
    const relay = await startCarbonRelay(programs['carbon-relay']!, join(folder, 'carbon'), {
      linePort,
      picklePort: await freePort(),
      destinationPort: ports.pickle,
    });
    children.push(relay);
    await waitFor(`carbon-relay\n${relay.output}`, DEADLINE_MS, async () => {
      await sendLine(linePort, `carbon.answer ${VALUE} ${Math.floor(Date.now() / 1000)}\n`);
      return true;
    });
    await answered('carbon.answer');
  },
  DEADLINE_MS,
);

test(
  'a socket with lines',
  async () => {
    await sendLine(ports.graphite, `plain.socket ${VALUE} -1`);
    await answered('plain.socket');
  },
  DEADLINE_MS,
);

function sendLine(port: number, line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(line));
    socket.on('error', reject);
    socket.on('close', () => resolve());
    socket.resume();
  });
}

describe('curl', () => {
  async function curl(path: string, body: unknown, base = app.url): Promise<string> {
    const args = ['-s', '-S', '-w', ' %{http_code}', '-H', 'Content-Type: application/json'];
    args.push('-d', JSON.stringify(body), `${base}${path}`);
    return (await run('curl', args)).stdout;
  }
  const now = Math.floor(Date.now() / 1000);

  test(
    'OpenTSDB',
    async () => {
      const point = { metric: 'curl.opentsdb', timestamp: now, value: VALUE, tags: { host: 'a' } };
      const base = `http://127.0.0.1:${ports.opentsdb}`;
      expect(await curl('/api/put?summary', [point], base)).toBe('{"success":1,"failed":0} 200');
      await answered('curl.opentsdb');
    },
    DEADLINE_MS,
  );

  test(
    'DataDog, both versions',
    async () => {
      const v1 = { series: [{ metric: 'curl.v1', points: [[now, VALUE]], tags: ['a:b'] }] };
      const v2 = { series: [{ metric: 'curl.v2', points: [{ timestamp: now, value: VALUE }] }] };
      expect(await curl('/datadog/api/v1/series', v1)).toBe('{"status":"ok"} 202');
      expect(await curl('/datadog/api/v2/series', v2)).toBe('{"status":"ok"} 202');
      await answered('curl.v1');
      await answered('curl.v2');
    },
    DEADLINE_MS,
  );

  test(
    'collectd',
    async () => {
      const list = {
        values: [VALUE],
        dstypes: ['gauge'],
        dsnames: ['value'],
        time: now,
        host: 'curl',
        plugin: 'curl',
        type: 'answer',
      };
      expect(await curl('/collectd-post', [list])).toBe(' 204');
      await answered('collectd_curl_answer');
    },
    DEADLINE_MS,
  );
});

test(
  'a client of the Pushgateway',
  async () => {
    const registry = new Registry();
    const gauge = new Gauge({
      name: 'pushed',
      help: 'A.',
      labelNames: ['a'],
      registers: [registry],
    });
    gauge.set({ a: 'b' }, VALUE);
    const gateway = new Pushgateway(`${app.url}/api/v1/import/prometheus`, {}, registry);
    await gateway.pushAdd({ jobName: 'added', groupings: { shard: '1/2' } });
    expect(await answered('pushed')).toMatchObject({ a: 'b', job: 'added', shard: '1/2' });
    gauge.set({ a: 'b' }, VALUE + 1);
    await gateway.push({ jobName: 'put' });
    const { text } = await app.client.send('GET', '/api/v1/query?query=pushed{job="put"}');
    expect(text).toContain(`"${VALUE + 1}"`);
  },
  DEADLINE_MS,
);

describe('what Telegraf sends', () => {
  const line = (name: string): string => `${name},host=a value=${VALUE} ${Date.now()}000000\n`;
  const post = (path: string, body = '', headers: Readonly<Record<string, string>> = {}) =>
    app.client.send('POST', path, body, headers);

  test(
    'to InfluxDB 1.x, whose database it makes',
    async () => {
      const q = encodeURIComponent('CREATE DATABASE "telegraf"');
      expect((await post(`/query?q=${q}`)).status).toBe(200);
      const path = '/write?consistency=any&db=telegraf';
      expect((await post(path, line('telegraf_1'))).status).toBe(204);
      expect(await answered('telegraf_1', 'telegraf')).toMatchObject({ host: 'a' });
    },
    DEADLINE_MS,
  );

  test(
    'to InfluxDB 2',
    async () => {
      const path = '/api/v2/write?bucket=telegraf&org=any&precision=ns';
      const headers = { Authorization: 'Token id.secret' };
      expect((await post(path, line('telegraf_2'), headers)).status).toBe(204);
      await answered('telegraf_2', 'telegraf');
    },
    DEADLINE_MS,
  );

  test(
    'as metrics, over HTTP and TCP',
    async () => {
      const path = '/influx/write?consistency=any&db=default';
      expect((await post(path, line('telegraf_3'))).status).toBe(204);
      await answered('telegraf_3_value');
      await sendLine(ports.influx, line('telegraf_4'));
      await answered('telegraf_4_value');
    },
    DEADLINE_MS,
  );
});

/** Whether Python finds the packages that a script imports. */
async function canImport(script: string): Promise<boolean> {
  const imports = script.split('\n').filter((line) => /^(import|from) /.test(line));
  return run(programs.python3!, ['-c', imports.join('\n')]).then(
    () => true,
    () => false,
  );
}

describe('guides', () => {
  test.each(['graphite', 'opentsdb', 'datadog', 'push'])(
    '%s: what it says to run is run, and its queries are answered',
    async (guide) => {
      const blocks = guideBlocks(guide);
      for (const { language, text } of blocks) {
        if (language === 'bash') await run('bash', ['-e', '-c', here(text)]);
        if (language === 'js') {
          const args = ['--input-type=module', '-e', here(text)];
          await run(process.execPath, args, { cwd: ROOT });
        }
        if (language === 'python' && programs.python3 !== undefined && (await canImport(text))) {
          await run(programs.python3, ['-c', here(text)]);
        }
      }
      const queries = blocks.filter(({ language }) => language === 'promql');
      expect(queries.length).toBeGreaterThan(0);
      for (const { text } of queries) {
        await waitFor(text, DEADLINE_MS, async () => {
          const path = `/api/v1/query?query=${encodeURIComponent(text)}`;
          const answer = JSON.parse((await app.client.send('GET', path)).text);
          return answer.data.result.length > 0 ? true : undefined;
        });
      }
    },
    DEADLINE_MS,
  );
});

test(
  'what was sent is there after a restart',
  async () => {
    await app.stop();
    app = await App.start({ dataDir: join(folder, 'data'), port: app.port });
    await answered('plain.socket');
    await answered('curl.opentsdb');
  },
  DEADLINE_MS,
);
