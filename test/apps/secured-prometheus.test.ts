// Real Prometheus against a server with authentication: what a registration prints, pasted as it is; the ARMS
// sample with only host, key and secret changed; InfluxDB's u and p in the URL; and TLS. What was written is read
// back by a Prometheus whose own storage is empty.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basic } from '../support/access.ts';
import { App } from '../support/app.ts';
import { TestAuthority } from '../support/certificates.ts';
import { freePort, waitFor } from '../support/child.ts';
import { temporaryFolder } from '../support/program.ts';
import { currentPrometheus, Prometheus } from '../support/prometheus.ts';

const peer = currentPrometheus();
if (peer === undefined) {
  process.stdout.write(
    'secured Prometheus: skipped, no Prometheus of version 3 (TIDEMARK_PEERS)\n',
  );
}

const DEADLINE_MS = 60_000;
const begun = Date.now();
const AS_ROOT = { Authorization: basic('root', 'secret') };

interface Registered {
  readonly id: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly prometheusYaml: string;
}

interface Listed {
  readonly name: string;
  readonly lastSeenAt: string;
  readonly samplesReceived: number;
}

/** A `remote_write` and a `remote_read` section, and the database that they should mean. */
interface Way {
  readonly database: string;
  readonly yaml: string;
}

describe.skipIf(peer === undefined)(`Prometheus ${peer?.version} and a server with users`, () => {
  const folder = temporaryFolder();
  let app: App;
  let source: Prometheus | undefined;
  const ways = new Map<string, Way>();

  beforeAll(async () => {
    const authority = new TestAuthority(folder.path);
    const { cert, key } = authority.issue('server');
    const tlsPort = await freePort();
    const listen = `127.0.0.1:${tlsPort},tls-cert=${cert},tls-key=${key}`;
    const flags = ['--auth', '--listen', listen];
    app = await App.start({ dataDir: join(folder.path, 'data'), flags });
    await post('users', { name: 'root', password: 'secret', admin: true });

    const pasted = await register('prod-eu');
    ways.set('as printed', { database: 'prod-eu', yaml: pasted.prometheusYaml });

    const host = app.url;
    const basicAuth = ({ accessKeyId, accessKeySecret }: Registered): string[] => [
      '    basic_auth:',
      `      username: ${accessKeyId}`,
      `      password: ${accessKeySecret}`,
    ];
    const arms = await register('arms');
    const auth = basicAuth(arms);
    ways.set('the ARMS sample', {
      database: 'arms',
      yaml: yaml(
        ['remote_write:', `  - url: "${host}/api/prom_write"`, ...auth],
        ['remote_read:', `  - url: "${host}/api/prom_read"`, '    read_recent: true', ...auth],
      ),
    });

    const hidden = await register('arms-hidden');
    const hiddenUrl = `${host}/prometheus/../../../../api/v3`;
    ways.set('the ARMS sample of version 3', {
      database: 'arms-hidden',
      yaml: yaml(
        ['remote_write:', `  - url: "${hiddenUrl}/write"`, ...basicAuth(hidden)],
        [
          'remote_read:',
          `  - url: "${hiddenUrl}/read"`,
          '    read_recent: true',
          ...basicAuth(hidden),
        ],
      ),
    });

    const token = await register('arms-token');
    const tokenUrl = `${host}/prometheus/1234567890/${token.id}/${token.accessKeySecret}/cn-hangzhou/api/v3`;
    ways.set('the URL of ARMS, with a token in it', {
      database: 'arms-token',
      yaml: yaml(
        ['remote_write:', `  - url: "${tokenUrl}/write"`],
        ['remote_read:', `  - url: "${tokenUrl}/read"`, '    read_recent: true'],
      ),
    });

    await post('databases', { name: 'prometheus' });
    await post('users', { name: 'username', password: 'password' });
    await app.client.send(
      'PUT',
      '/api/v1/admin/users/username/grants/prometheus',
      '{"privilege":"all"}',
      AS_ROOT,
    );
    const influx = (what: string): string =>
      `${host}/api/v1/prom/${what}?db=prometheus&u=username&p=password`;
    ways.set('InfluxDB’s URL', {
      database: 'prometheus',
      yaml: yaml(
        ['remote_write:', `  - url: "${influx('write')}"`],
        ['remote_read:', `  - url: "${influx('read')}"`, '    read_recent: true'],
      ),
    });

    const secured = await register('secured');
    const overTls = secured.prometheusYaml
      .replaceAll(`http://127.0.0.1:${app.port}`, `https://127.0.0.1:${tlsPort}`)
      .replaceAll(
        /^ {4}basic_auth:$/gm,
        `    tls_config:\n      ca_file: ${authority.certFile}\n    basic_auth:`,
      );
    ways.set('TLS', { database: 'secured', yaml: overTls });
  }, 120_000);

  afterAll(async () => {
    await source?.kill();
    await app?.stop();
    folder.remove();
  });

  async function post(path: string, body: object): Promise<unknown> {
    const answer = await app.client.send(
      'POST',
      `/api/v1/admin/${path}`,
      JSON.stringify(body),
      path === 'users' && 'admin' in body ? {} : AS_ROOT,
    );
    if (answer.status > 201) throw new Error(answer.text);
    return (JSON.parse(answer.text) as { data: unknown }).data;
  }

  async function register(name: string): Promise<Registered> {
    return (await post('remote-writes', { name })) as Registered;
  }

  /** How many samples of `up` a database has. */
  async function samplesIn(database: string): Promise<number> {
    const query = encodeURIComponent('sum(count_over_time(up[1h]))');
    const path = `/api/v1/query?query=${query}&db=${database}`;
    const { text } = await app.client.send('GET', path, undefined, AS_ROOT);
    const { data } = JSON.parse(text) as { data: { result: { value: [number, string] }[] } };
    return Number(data.result[0]?.value[1] ?? 0);
  }

  test('writes in every way, each to its own database', { timeout: 180_000 }, async () => {
    const writes = [...ways.values()].map(({ yaml: text }) => section(text, 'remote_write'));
    source = await Prometheus.start({
      peer: peer!,
      folder: join(folder.path, 'source'),
      config: (address) =>
        [
          'global: {scrape_interval: 250ms}',
          `scrape_configs: [{job_name: self, static_configs: [{targets: ["${address}"]}]}]`,
          'remote_write:',
          ...writes,
        ].join('\n'),
    });
    for (const [way, { database }] of ways) {
      await waitFor(`samples written: ${way}`, DEADLINE_MS, async () => {
        return (await samplesIn(database)) > 3 ? 'there' : undefined;
      });
    }
    expect(await samplesIn('default')).toBe(0);
    expect(await source.ownMetric('prometheus_remote_storage_samples_failed_total')).toBe(0);
  });

  test('is read back when the local storage is gone', { timeout: 180_000 }, async () => {
    for (const [way, { yaml: text }] of ways) {
      const reader = await Prometheus.start({
        peer: peer!,
        folder: join(folder.path, `reader ${way}`),
        config: () => `remote_read:\n${section(text, 'remote_read')}`,
      });
      try {
        const found = await reader.api('query', { query: 'count(count_over_time(up[1h]))' });
        expect([way, found]).toMatchObject([
          way,
          { result: [{ value: [expect.anything(), '1'] }] },
        ]);
      } finally {
        await reader.kill();
      }
    }
  });

  test('registrations know when they were seen, and how much they got', async () => {
    const path = '/api/v1/admin/remote-writes';
    const { text } = await app.client.send('GET', path, undefined, AS_ROOT);
    const { data } = JSON.parse(text) as { data: { remoteWrites: Listed[] } };
    const names = ['prod-eu', 'arms', 'arms-hidden', 'arms-token', 'secured'];
    expect(data.remoteWrites.map(({ name }) => name)).toEqual(names);
    for (const { name, lastSeenAt, samplesReceived } of data.remoteWrites) {
      expect([name, Date.parse(lastSeenAt) >= begun, samplesReceived > 100]).toEqual([
        name,
        true,
        true,
      ]);
    }
  });
});

function yaml(...sections: readonly (readonly string[])[]): string {
  return `${sections.map((lines) => lines.join('\n')).join('\n')}\n`;
}

/** What is below a top-level key. */
function section(text: string, key: string): string {
  const lines = text.split('\n');
  const from = lines.indexOf(`${key}:`) + 1;
  const rest = lines.slice(from);
  const to = rest.findIndex((line) => /^\S/.test(line));
  return rest.slice(0, to < 0 ? undefined : to).join('\n');
}
