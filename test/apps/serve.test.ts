// The built program: start-up lines, settings from everywhere, databases, signals, exit codes.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  type RunningProgram,
  serverUrl,
  startProgram,
  temporaryFolder,
  until,
} from '../support/program.ts';

let folder: ReturnType<typeof temporaryFolder>;
const running: RunningProgram[] = [];
beforeAll(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  for (const program of running.splice(0)) {
    program.process.kill('SIGKILL');
    await program.exit;
  }
});
afterAll(() => folder.remove());

function serve(args: string[] = [], env: Record<string, string> = {}): RunningProgram {
  const listen = ['--listen', '127.0.0.1:0'];
  const program = startProgram(['serve', ...listen, ...args], { cwd: folder.path, env });
  running.push(program);
  return program;
}

test('prints what to paste where, and stops on SIGTERM', async () => {
  const program = serve(['--web.route-prefix', '/tm']);
  const url = await serverUrl(program);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/tm$/);
  expect(program.output()).toContain(
    `remote_write:\n  - url: "${url}/api/v1/write"\nremote_read:\n  - url: "${url}/api/v1/read"\n`,
  );
  expect(program.output()).not.toContain('WARNING');
  program.process.kill('SIGTERM');
  expect(await program.exit).toBe(0);
  expect(program.errors()).toContain('"msg":"stopped"');
});

test('POST /-/quit stops it in good order, if that is enabled', async () => {
  const program = serve(['--web.enable-lifecycle=true']);
  const url = await serverUrl(program);
  expect((await fetch(`${url}/-/quit`, { method: 'POST' })).status).toBe(200);
  expect(await program.exit).toBe(0);
  expect(program.errors()).toContain('"msg":"stopped"');
});

test('SIGHUP and /-/reload read settings and certificates again, and end nothing', async () => {
  const file = join(folder.path, 'reloaded.yaml');
  writeFileSync(file, 'log: {level: warn}\n');
  const program = serve(['--config.file', file, '--web.enable-lifecycle']);
  const url = await serverUrl(program);
  const reload = (): Promise<Response> => fetch(`${url}/-/reload`, { method: 'POST' });
  expect((await reload()).status).toBe(200);
  expect(program.errors()).toBe('');

  writeFileSync(file, 'log: {level: info}\nretention: 5d\n');
  program.process.kill('SIGHUP');
  const told = '"settings":["retention"],"msg":"reloaded; these settings change with a restart"';
  await until(() => program.errors().includes(told), program.errors);

  writeFileSync(file, 'log: {levels: info}\n');
  program.process.kill('SIGHUP');
  await until(() => program.errors().includes('settings not reloaded'), program.errors);
  const refused = await reload();
  expect([refused.status, await refused.text()]).toEqual([
    500,
    expect.stringMatching(/^failed to reload config: .*reloaded\.yaml:1:7/),
  ]);
  const info = await fetch(`${url}/api/v1/status/runtimeinfo`);
  expect(await info.json()).toMatchObject({ data: { reloadConfigSuccess: false } });
});

test('flags, variables and file are the same settings', async () => {
  const file = join(folder.path, 'settings.yaml');
  writeFileSync(file, 'retention: 1d\nlog: {level: warn}\nwal: {sync: interval}\n');
  const program = serve(['--limits.max-labels=7', '--config.file', file], {
    TIDEMARK_RETENTION: '2d',
  });
  const answer = await fetch(`${await serverUrl(program)}/api/v1/status/flags`);
  const { data } = (await answer.json()) as { data: Record<string, string> };
  expect(data).toMatchObject({
    retention: '2d',
    'log.level': 'warn',
    'wal.sync': 'interval',
    'limits.max-labels': '7',
  });
  expect(program.output()).toContain('WARNING: --wal.sync=interval: a power cut may lose up to 1s');
});

test('databases are created, listed and dropped from the command line', async () => {
  const url = await serverUrl(serve());
  const run = async (...args: string[]): Promise<[number | null, string]> => {
    const program = startProgram(['databases', ...args, '--server', url]);
    return [await program.exit, program.output() + program.errors()];
  };
  expect(await run('create', 'my-db')).toEqual([0, '']);
  expect(await run('create', 'my-db')).toEqual([0, '']);
  expect(await run('list')).toEqual([0, 'default\nmy-db\n']);
  expect(await run('drop', 'my-db')).toEqual([0, '']);
  expect(await run('list')).toEqual([0, 'default\n']);
  const [code, text] = await run('create', 'a/b');
  expect([code, text]).toEqual([1, expect.stringContaining('invalid database name "a/b"')]);
});

test('an address in use is a clear line and exit code 1', async () => {
  const url = new URL(await serverUrl(serve()));
  const second = startProgram(
    ['serve', '--listen', url.host, '--data', join(folder.path, 'other')],
    { cwd: folder.path },
  );
  expect(await second.exit).toBe(1);
  expect(second.errors()).toBe(`tidemark: cannot listen on ${url.host}: the address is in use\n`);
});
