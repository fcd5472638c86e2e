// The guide docs/guides/influxdb-and-opengemini.md, step by step, with the real `influx` shell and the real
// Prometheus against the built program.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { App } from '../support/app.ts';
import { removeFolder, temporaryFolder, waitFor } from '../support/child.ts';
import { InfluxShell, influxShellVersion } from '../support/influx-shell.ts';
import { currentPrometheus, olderPrometheus, Prometheus } from '../support/prometheus.ts';

const shellVersion = influxShellVersion();
const peers = [currentPrometheus(), olderPrometheus()].filter((peer) => peer !== undefined);
const missing = [
  ...(shellVersion === undefined ? ['the influx shell (Debian: influxdb-client)'] : []),
  ...(peers.length === 0 ? ['Prometheus'] : []),
].join(' and ');
if (missing !== '') process.stderr.write(`influx shell tests skipped, need ${missing}\n`);

const WAIT_MS = 30_000;

/** As the document has it, with the scrape interval of a test. */
function configuration(address: string, write: string, read: string): string {
  return `
global:
  scrape_interval: 500ms
scrape_configs:
  - job_name: prometheus
    static_configs:
      - targets: ["${address}"]
remote_write:
  - url: "${write}"
remote_read:
  - url: "${read}"
`;
}

describe.skipIf(missing !== '')(`the guide with ${shellVersion}`, () => {
  let folder: string;
  let app: App;
  let shell: InfluxShell;

  beforeAll(async () => {
    folder = temporaryFolder('influx-shell');
    // So that old points may be inserted.
    app = await App.start({ dataDir: join(folder, 'data'), flags: ['--retention', '0'] });
    shell = new InfluxShell(app.url);
  }, 60_000);

  afterAll(async () => {
    await app?.kill();
    removeFolder(folder);
  });

  test('a database is made and used', async () => {
    const printed = await shell.session([
      'create database prometheus',
      'use prometheus',
      'show measurements',
      'use nosuch',
      'use prometheus.autogen',
      'use prometheus.nosuch',
    ]);
    expect(printed[0]).toBe('');
    expect(printed[1]).toBe('Using database prometheus');
    expect(printed[2]).toBe('');
    expect(printed[3]).toContain("ERR: Database nosuch doesn't exist.");
    expect(printed[4]).toBe('Using database prometheus\nUsing retention policy autogen');
    expect(printed[5]).toContain("doesn't exist");
  }, 60_000);

  test.each(peers)(
    'Prometheus $version writes and reads',
    async (peer) => {
      const db = `prometheus${peer.major}`;
      await shell.execute(`create database ${db}`);
      const urls = ['write', 'read'].map((what) => `${app.url}/api/v1/prom/${what}?db=${db}`);
      await scrapedAndReadBack(peer, join(folder, db), urls, shell, db);
    },
    120_000,
  );

  test('points are inserted and selected', async () => {
    const printed = await shell.session([
      'use prometheus',
      'insert cpu,host=a value=0.64 1700000000000000000',
      'insert into autogen cpu,host=b value=2.5 1700000000000000000',
      'insert bad line',
      'precision rfc3339',
      'select * from cpu',
      'select mean(value) from cpu group by host',
      'show series',
      'format json',
      'select * from cpu limit 1',
      'select foo(value) from cpu',
      'drop measurement cpu',
      'show measurements',
    ]);
    expect(printed[1]).toBe('');
    expect(printed[2]).toBe('');
    expect(printed[3]).toBe('ERR: {"error":"unable to parse \'bad line\': invalid field format"}');
    expect(printed[5]).toContain('2023-11-14T22:13:20Z a    0.64');
    expect(printed[6]).toContain('tags: host=b');
    expect(printed[7]).toBe('key\n---\ncpu,host=a\ncpu,host=b');
    expect(JSON.parse(printed[9]!)).toEqual({
      results: [
        {
          series: [
            {
              name: 'cpu',
              columns: ['time', 'host', 'value'],
              values: [['2023-11-14T22:13:20Z', 'a', 0.64]],
            },
          ],
        },
      ],
    });
    expect(printed[10]).toContain('ERR: undefined function foo()');
    expect(printed[12]).not.toContain('cpu');
  }, 60_000);

  test('statements come back with a code', async () => {
    expect(await shell.execute('show databases', ['-format', 'csv'])).toMatchObject({
      code: 0,
      output: expect.stringContaining('name,name\ndatabases,default\ndatabases,prometheus'),
    });
    const wrong = await shell.execute('selec');
    expect(wrong.code).toBe(1);
    expect(wrong.output).toContain('ERR: error parsing query: found selec');
  }, 60_000);
});

describe.skipIf(missing !== '')('the guide with authentication', () => {
  let folder: string;
  let app: App;

  beforeAll(async () => {
    folder = temporaryFolder('influx-shell');
    app = await App.start({ dataDir: join(folder, 'data'), flags: ['--auth'] });
  }, 60_000);

  afterAll(async () => {
    await app?.kill();
    removeFolder(folder);
  });

  test('users are made, and Prometheus writes as one of them', async () => {
    const anyone = new InfluxShell(app.url);
    expect((await anyone.execute('show databases')).output).toContain(
      'create admin user first or disable authentication',
    );
    const made = await anyone.execute(
      "create user root with password 'secret' with all privileges",
    );
    expect(made).toEqual({ code: 0, output: '' });
    const refused = await anyone.execute('show databases');
    expect(refused.output).toContain('unable to parse authentication credentials');

    const admin = new InfluxShell(app.url, ['-username', 'root', '-password', 'secret']);
    for (const statement of [
      'create database prometheus',
      "create user username with password 'password'",
      'grant all on prometheus to username',
    ]) {
      expect(await admin.execute(statement)).toEqual({ code: 0, output: '' });
    }
    expect((await admin.execute('show grants for username')).output).toContain('ALL PRIVILEGES');

    const user = new InfluxShell(app.url, ['-username', 'username', '-password', 'password']);
    expect((await user.execute('create database other')).output).toContain(
      "error authorizing query: username not authorized to execute statement 'CREATE DATABASE other', requires admin privilege",
    );
    expect((await user.execute('show databases')).output).toBe(
      'name: databases\nname\n----\nprometheus\n',
    );
    const credentials = 'db=prometheus&u=username&p=password';
    const urls = ['write', 'read'].map((what) => `${app.url}/api/v1/prom/${what}?${credentials}`);
    await scrapedAndReadBack(peers[0]!, join(folder, 'prom'), urls, user, 'prometheus');
  }, 120_000);
});

/** Prometheus scrapes itself; what it wrote the shell lists, and it reads back once its own data are gone. */
async function scrapedAndReadBack(
  peer: NonNullable<ReturnType<typeof currentPrometheus>>,
  folder: string,
  [write, read]: readonly string[],
  shell: InfluxShell,
  db: string,
): Promise<void> {
  const config = (address: string): string => configuration(address, write!, read!);
  const source = await Prometheus.start({ peer, folder: join(folder, 'first'), config });
  try {
    await waitFor('the first samples', WAIT_MS, async () => {
      const { output } = await shell.execute('show measurements', ['-database', db]);
      return output.includes('scrape_duration_seconds') ? true : undefined;
    });
  } finally {
    await source.kill();
  }
  const { output } = await shell.execute('show measurements', ['-database', db]);
  const names = output.trim().split('\n');
  expect(names.slice(0, 3)).toEqual(['name: measurements', 'name', '----']);
  expect(names.slice(3)).toEqual(names.slice(3).sort());
  expect(names).toContain('go_gc_duration_seconds');
  const tags = await shell.execute('show tag values from up with key = job', ['-database', db]);
  expect(tags.output).toContain('job prometheus');
  const count = await shell.execute('select count(value) from up', ['-database', db]);
  expect(count.output).toContain('name: up');

  // A Prometheus without data of its own, and without anything to scrape.
  const empty = (): string => `remote_read:\n  - url: "${read}"\n    read_recent: true\n`;
  const reader = await Prometheus.start({ peer, folder: join(folder, 'second'), config: empty });
  try {
    for (const query of ['scrape_duration_seconds{}[1m]', 'go_gc_duration_seconds']) {
      const data = (await reader.api('query', { query })) as { result: unknown[] };
      expect(data.result, query).not.toEqual([]);
    }
  } finally {
    await reader.kill();
  }
}
