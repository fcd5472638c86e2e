// docs/guides/influxdb-and-opengemini.md as it is written: its lines typed into the real `influx` shell, its YAML
// given to the real Prometheus, with and without users and TLS, against the built program. What was written is read
// back by a Prometheus whose own storage is empty.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { App } from '../support/app.ts';
import { TestAuthority } from '../support/certificates.ts';
import { freePort, removeFolder, temporaryFolder, waitFor } from '../support/child.ts';
import { guideBlocks, shownPattern, typedLines } from '../support/guide.ts';
import { InfluxShell, influxShellVersion } from '../support/influx-shell.ts';
import {
  currentPrometheus,
  olderPrometheus,
  type Peer,
  Prometheus,
} from '../support/prometheus.ts';

const shellVersion = influxShellVersion();
const peers = [currentPrometheus(), olderPrometheus()].filter((peer) => peer !== undefined);
const missing = [
  ...(shellVersion === undefined ? ['the influx shell (Debian: influxdb-client)'] : []),
  ...(peers.length === 0 ? ['Prometheus'] : []),
].join(' and ');
if (missing !== '') process.stderr.write(`the guide’s tests skipped, need ${missing}\n`);

/** Scrapes come twice a second; a busy machine may take its time all the same. */
const WAIT_MS = 120_000;
const TIMEOUT_MS = 600_000;

const BLOCKS = guideBlocks('influxdb-and-opengemini');
const STEPS = 'Prometheus, step by step';
const USERS = 'With a user and a password';
const TLS = 'Over TLS';

function block(heading: string, language: string, n = 0): string {
  const found = BLOCKS.filter((one) => one.heading === heading && one.language === language)[n];
  if (found === undefined) throw new Error(`the guide has no such block below "${heading}"`);
  return found.text;
}

/** One way through the guide. */
interface Way {
  readonly name: string;
  readonly yaml: string;
  readonly isSecure: boolean;
  readonly peer: Peer;
}

/** The guide with a database of one's own. */
function inDatabase(text: string, db: string): string {
  return text.replaceAll(/(\b(?:database|use|on) |\bdb=)prometheus\b/g, `$1${db}`);
}

/** Types the lines of a block, and looks at what they print where the guide shows it. */
async function follow(
  shell: InfluxShell,
  text: string,
  before: readonly string[] = [],
): Promise<void> {
  const lines = typedLines(text);
  const printed = await shell.session([...before, ...lines.map(({ typed }) => typed)]);
  for (const [i, { typed, shown }] of lines.entries()) {
    expect(printed[before.length + i], typed).toMatch(shownPattern(shown));
  }
}

class Server {
  readonly folder: string;
  readonly authority: TestAuthority;
  readonly app: App;
  readonly secureUrl: string;

  private constructor(folder: string, authority: TestAuthority, app: App, secureUrl: string) {
    this.folder = folder;
    this.authority = authority;
    this.app = app;
    this.secureUrl = secureUrl;
  }

  static async start(flags: readonly string[]): Promise<Server> {
    const folder = temporaryFolder('influx-guide');
    const authority = new TestAuthority(folder);
    const { cert, key } = authority.issue('server');
    const port = await freePort();
    const listen = `127.0.0.1:${port},tls-cert=${cert},tls-key=${key}`;
    const app = await App.start({
      dataDir: join(folder, 'data'),
      flags: ['--listen', listen, ...flags],
    });
    return new Server(folder, authority, app, `https://127.0.0.1:${port}`);
  }

  async stop(): Promise<void> {
    await this.app.kill();
    removeFolder(this.folder);
  }

  /** The shell, over TLS as the guide says: with the authority's certificate, or without any check. */
  shell(isSecure: boolean, options: readonly string[] = []): InfluxShell {
    if (!isSecure) return new InfluxShell(this.app.url, options);
    const env = { SSL_CERT_FILE: this.authority.certFile };
    return new InfluxShell(this.secureUrl, options, env);
  }

  /** Writes, looks inside with the shell, and reads back once Prometheus' own data are gone. */
  async follow({ name, yaml, peer }: Way, shell: InfluxShell): Promise<void> {
    const db = databaseOf(name);
    const config = inDatabase(yaml, db)
      .replaceAll('http://127.0.0.1:8086', this.app.url)
      .replaceAll('https://metrics.example.org:8086', this.secureUrl)
      .replaceAll('/etc/prometheus/ca.pem', this.authority.certFile);
    const folder = join(this.folder, db);
    mkdirSync(folder);
    const source = await Prometheus.start({
      peer,
      folder: join(folder, 'source'),
      config: (address) => `
global: {scrape_interval: 500ms}
scrape_configs: [{job_name: prometheus, static_configs: [{targets: ["${address}"]}]}]
${config}`,
    });
    try {
      await waitFor('the first samples', WAIT_MS, async () => {
        const { output } = await shell.execute('show measurements', ['-database', db]);
        const names = ['go_gc_duration_seconds', 'scrape_duration_seconds', 'up'];
        return names.every((one) => output.includes(`\n${one}\n`)) ? true : undefined;
      });
    } finally {
      await source.kill();
    }
    await follow(shell, block(STEPS, '', 1), [`use ${db}`]);

    // Its folder is another, and there is nothing to scrape.
    const [, read = ''] = config.split('remote_read:\n');
    const reader = await Prometheus.start({
      peer,
      folder: join(folder, 'reader'),
      config: () =>
        `remote_read:\n${read.replaceAll(/^( +)- url/gm, '$1- read_recent: true\n$1  url')}`,
    });
    try {
      for (const query of ['scrape_duration_seconds{}[1m]', 'go_gc_duration_seconds']) {
        const { result } = (await reader.api('query', { query })) as { result: unknown[] };
        expect(result, query).not.toEqual([]);
      }
    } finally {
      await reader.kill();
    }
  }
}

function databaseOf(name: string): string {
  return name.replaceAll(/\W+/g, '_');
}

const plainWays: Way[] = peers.map((peer) => ({
  name: `Prometheus ${peer.version}`,
  yaml: block(STEPS, 'yaml'),
  isSecure: false,
  peer,
}));
const [peer] = peers;

describe.skipIf(missing !== '')(`the guide with ${shellVersion}`, () => {
  let server: Server;
  beforeAll(async () => {
    server = await Server.start([]);
  }, TIMEOUT_MS);
  afterAll(() => server?.stop());

  const withoutUser = block(TLS, 'yaml').replaceAll('&u=username&p=password', '');
  const ways = [...plainWays, { name: 'over TLS', yaml: withoutUser, isSecure: true, peer: peer! }];

  test.each(ways)('$name', { timeout: TIMEOUT_MS }, async (way) => {
    const shell = server.shell(way.isSecure);
    await follow(shell, inDatabase(block(STEPS, ''), databaseOf(way.name)));
    await server.follow(way, shell);
  });

  test('the shell knows what to trust', { timeout: TIMEOUT_MS }, async () => {
    const trusting = new InfluxShell(server.secureUrl, ['-unsafeSsl']);
    expect(await trusting.execute('show databases')).toMatchObject({ code: 0 });
    expect(await server.shell(true).execute('show databases')).toMatchObject({ code: 0 });
    const wary = await new InfluxShell(server.secureUrl).execute('show databases');
    expect(wary).toMatchObject({ code: 1, output: expect.stringContaining('unknown authority') });
    const { port } = new URL(server.secureUrl);
    const plain = await new InfluxShell(`http://127.0.0.1:${port}`).execute('show databases');
    expect(plain).toMatchObject({ code: 1, output: expect.stringContaining('Failed to connect') });
  });
});

describe.skipIf(missing !== '')(`the guide with users, with ${shellVersion}`, () => {
  let server: Server;
  beforeAll(async () => {
    server = await Server.start(['--auth']);
  }, TIMEOUT_MS);
  afterAll(() => server?.stop());

  const admin = ['-username', 'root', '-password', 'secret'];
  const user = ['-username', 'username', '-password', 'password'];

  test('the administrator is made first, and alone', { timeout: TIMEOUT_MS }, async () => {
    const anyone = server.shell(false);
    expect((await anyone.execute('show databases')).output).toContain(
      'create admin user first or disable authentication',
    );
    await follow(anyone, block(USERS, ''));
    expect((await anyone.execute('show databases')).output).toContain(
      'unable to parse authentication credentials',
    );
  });

  test.each<Way>([
    { name: 'u and p', yaml: block(USERS, 'yaml'), isSecure: false, peer: peer! },
    { name: 'basic_auth', yaml: block(USERS, 'yaml', 1), isSecure: false, peer: peer! },
    { name: 'u and p over TLS', yaml: block(TLS, 'yaml'), isSecure: true, peer: peer! },
  ])('$name', { timeout: TIMEOUT_MS }, async (way) => {
    const text = inDatabase(block(USERS, '', 1), databaseOf(way.name));
    await follow(server.shell(way.isSecure, admin), text);
    await server.follow(way, server.shell(way.isSecure, user));
  });

  test('a user may do what is granted', { timeout: TIMEOUT_MS }, async () => {
    const shell = server.shell(false, user);
    expect((await shell.execute('create database other')).output).toContain(
      "error authorizing query: username not authorized to execute statement 'CREATE DATABASE other', requires admin privilege",
    );
    expect((await shell.execute('show databases')).output).toBe(
      'name: databases\nname\n----\nbasic_auth\nu_and_p\nu_and_p_over_TLS\n',
    );
    const grants = await server.shell(false, admin).execute('show grants for username');
    expect(grants.output).toContain('ALL PRIVILEGES');
    const env = { INFLUX_USERNAME: 'username', INFLUX_PASSWORD: 'password' };
    expect(await new InfluxShell(server.app.url, [], env).execute('show databases')).toEqual(
      await shell.execute('show databases'),
    );
    const wrong = await server
      .shell(false, ['-username', 'root', '-password', 'x'])
      .execute('show users');
    expect(wrong).toMatchObject({
      code: 1,
      output: expect.stringContaining('authorization failed'),
    });
  });
});
