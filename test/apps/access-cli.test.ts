// Users, keys and registrations from the command line, against the built program with authentication on.

import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import {
  type RunningProgram,
  serverUrl,
  startProgram,
  temporaryFolder,
} from '../support/program.ts';
import { promtool } from '../support/prometheus.ts';

// Every command is a process of its own.
vi.setConfig({ testTimeout: 120_000 });

const peer = promtool();
const folder = temporaryFolder();
const passwordFile = join(folder.path, 'password');
let server: RunningProgram;
let url: string;

beforeAll(async () => {
  writeFileSync(passwordFile, 'correct horse\n');
  await start();
}, 60_000);
afterAll(async () => {
  server.process.kill('SIGKILL');
  await server.exit;
  folder.remove();
});

async function start(): Promise<void> {
  const data = join(folder.path, 'data');
  const args = ['--listen', '127.0.0.1:0', '--data', data, '--auth'];
  server = startProgram(['serve', ...args], { cwd: folder.path });
  url = await serverUrl(server);
}

const AS_ROOT = { TIDEMARK_USER: 'root', TIDEMARK_PASSWORD: 'correct horse' };

/** Exit code, and what was printed. */
async function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = AS_ROOT,
): Promise<[number | null, string]> {
  const program = startProgram([...args, '--server', url], { env });
  return [await program.exit, program.output() + program.errors()];
}

async function ok(...args: string[]): Promise<string> {
  const [code, text] = await run(args);
  expect([code, text]).toEqual([0, text]);
  return text;
}

test('the first administrator, then nobody without a password', async () => {
  const create = ['users', 'create', 'root', '--admin', '--new-password-file', passwordFile];
  expect(server.errors()).toContain('there is no administrator yet');
  expect(await run(['users', 'list'], {})).toEqual([1, expect.stringContaining('403')]);
  expect(await run(create, {})).toEqual([0, '']);
  expect(await run(['users', 'list'], {})).toEqual([1, expect.stringContaining('401')]);
  expect(await ok('users', 'list')).toMatch(/^USER +GRANTS\nroot +admin\n$/);
  const [code, text] = await run(
    ['users', 'list', '--user', 'root', '--password-file', passwordFile],
    {},
  );
  expect([code, text]).toEqual([0, expect.stringContaining('root')]);
  const file = join(folder.path, 'data/access.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).not.toContain('correct horse');
});

test('credentials in the URL work and are not shown', async () => {
  const withUser = url.replace('//', '//root:wrong@');
  const program = startProgram(['users', 'list', '--server', withUser], { env: {} });
  expect(await program.exit).toBe(1);
  expect(program.errors()).toContain(`${url} answered 401: authorization failed`);
  expect(program.errors()).not.toContain('wrong@');
});

test('users: made, granted, changed, dropped', async () => {
  const password = /^password: (\S+)\n$/.exec(await ok('users', 'create', 'bob'))?.[1] ?? '';
  await ok('databases', 'create', 'berlin');
  await ok('users', 'grant', 'bob', 'berlin', 'read');
  const asBob = { TIDEMARK_USER: 'bob', TIDEMARK_PASSWORD: password };
  expect(await run(['databases', 'list'], asBob)).toEqual([0, 'berlin\n']);
  expect((await run(['databases', 'create', 'x'], asBob))[0]).toBe(1);
  await ok('users', 'promote', 'bob');
  expect((await run(['databases', 'list'], asBob))[1]).toBe('berlin\ndefault\n');
  await ok('users', 'demote', 'bob');
  await ok('users', 'revoke', 'bob', 'berlin');
  expect(await run(['databases', 'list'], asBob)).toEqual([0, '']);
  await ok('users', 'password', 'bob', '--new-password-file', passwordFile);
  expect((await run(['databases', 'list'], asBob))[1]).toContain('authorization failed');
  await ok('users', 'drop', 'bob');
  expect((await run(['users', 'drop', 'root']))[1]).toContain('the last administrator');
});

test('keys: made, rotated, retired, dropped', async () => {
  const printed = await ok(
    'keys',
    'create',
    '--scope',
    'read',
    '--database',
    '*',
    '--expires-in',
    '90d',
  );
  const [, id = '', secret = ''] = /^key id: (\S+)\nsecret: (\S+)\n/.exec(printed) ?? [];
  const query = async (bearer: string): Promise<number> => {
    const headers = { Authorization: `Bearer ${id}.${bearer}` };
    return (await fetch(`${url}/api/v1/query?query=1`, { headers })).status;
  };
  expect(await query(secret)).toBe(200);
  const newer = /secret: (\S+)/.exec(await ok('keys', 'rotate', id))?.[1] ?? '';
  expect([await query(secret), await query(newer)]).toEqual([200, 200]);
  await ok('keys', 'retire', id);
  expect([await query(secret), await query(newer)]).toEqual([401, 200]);
  const list = await ok('keys', 'list');
  expect(list).toContain(id);
  expect(list).not.toContain(newer);
  await ok('keys', 'drop', id);
  expect(await query(newer)).toBe(401);
});

test('a registration: configurations that programs take', async () => {
  const text = await ok('remote-write', 'create', 'prod-eu');
  expect(text).toContain('not shown again');
  const json = JSON.parse(await ok('remote-write', 'rotate', 'prod-eu', '--format', 'json')) as {
    prometheusYaml: string;
    openTelemetryYaml: string;
    grafanaYaml: string;
    accessKeyId: string;
    writeUrl: string;
    otlpUrl: string;
  };
  const prometheus = parse(json.prometheusYaml) as {
    remote_write: unknown[];
    remote_read: unknown[];
  };
  expect(prometheus).toMatchObject({
    remote_write: [{ url: json.writeUrl, basic_auth: { username: json.accessKeyId } }],
    remote_read: [{ read_recent: true, basic_auth: { username: json.accessKeyId } }],
  });
  const collector = parse(json.openTelemetryYaml) as {
    exporters: Record<string, { metrics_endpoint: string; headers: Record<string, string> }>;
  };
  const { metrics_endpoint, headers } = collector.exporters['otlphttp/tidemark']!;
  expect(metrics_endpoint).toBe(json.otlpUrl);
  const post = async (more: Readonly<Record<string, string>>): Promise<number> => {
    const answer = await fetch(metrics_endpoint, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...more },
      body: '{"resourceMetrics":[]}',
    });
    return answer.status;
  };
  expect([await post({}), await post(headers)]).toEqual([401, 200]);
  expect(parse(json.grafanaYaml)).toMatchObject({ datasources: [{ name: 'prod-eu' }] });
  expect(await ok('remote-write', 'list')).toMatch(/prod-eu +ts-/);
  expect(await ok('remote-write', 'show', 'prod-eu')).toContain(json.writeUrl);
  if (peer !== undefined) {
    const file = join(folder.path, 'prometheus.yml');
    writeFileSync(file, json.prometheusYaml);
    const checked = spawnSync(peer.path, ['check', 'config', file], { encoding: 'utf8' });
    expect([checked.status, checked.stdout + checked.stderr]).toEqual([
      0,
      expect.stringContaining('is valid prometheus config file'),
    ]);
  }
  await ok('remote-write', 'retire', 'prod-eu');
  await ok('remote-write', 'drop', 'prod-eu');
  expect(await ok('databases', 'list')).toContain('prod-eu');
});

test('a registration: its extra labels, disabled and enabled', async () => {
  const set = (...args: string[]): Promise<string> => ok('remote-write', 'set', 'shop', ...args);
  const create = ['remote-write', 'create', 'shop', '--extra-label'];
  expect((await run([...create, 'region']))[1]).toContain('expected NAME=VALUE');
  await ok(...create, 'region=eu', '--extra-label', 'team=a=b');
  expect(await ok('remote-write', 'show', 'shop')).toMatch(/extra labels +region=eu team=a=b\n/);
  await set('--disable');
  expect(await ok('remote-write', 'list')).toMatch(/shop .* disabled .* region=eu team=a=b\n/);
  await set('--enable', '--no-extra-labels');
  expect(await ok('remote-write', 'list')).toMatch(/shop .* enabled .* 0\n/);
  expect(await run(['remote-write', 'set', 'shop'])).toEqual([
    1,
    expect.stringContaining('changes nothing'),
  ]);
});

test('everything is there after a restart', async () => {
  await ok('remote-write', 'create', 'prod-us');
  server.process.kill('SIGKILL');
  await server.exit;
  await start();
  expect(await ok('users', 'list')).toContain('root');
  expect(await ok('remote-write', 'list')).toContain('prod-us');
  expect(server.errors()).not.toContain('there is no administrator');
});

test('changes are in the log, with who made them', async () => {
  await ok('users', 'create', 'amy');
  const lines = server
    .errors()
    .split('\n')
    .filter((line) => line.includes('"audit":true'));
  expect(lines).toEqual([expect.stringMatching(/"by":"root".*"user":"amy".*"msg":"user created"/)]);
});

test('verify looks at the users and keys as well', async () => {
  server.process.kill('SIGTERM');
  await server.exit;
  const data = join(folder.path, 'data');
  const verify = async (): Promise<[number | null, string]> => {
    const program = startProgram(['verify', '--data', data]);
    return [await program.exit, program.output()];
  };
  expect((await verify())[0]).toBe(0);
  const file = join(data, 'access.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"isAdmin":true', '"isAdmin":null'));
  expect(await verify()).toEqual([1, expect.stringContaining('damaged')]);
  const broken = startProgram(['serve', '--auth', '--listen', '127.0.0.1:0', '--data', data]);
  expect(await broken.exit).toBe(1);
  expect(broken.errors()).toContain('access.json: the checksum does not match');
});
