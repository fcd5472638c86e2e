// What a server believes of what stands in front of it: proxies that say for whom a request is, and the names that
// requests are for.

import { afterEach, describe, expect, test } from 'vitest';
import { Listeners } from '../../src/api/listeners.ts';
import { networksType } from '../../src/config/network-types.ts';
import type { Settings } from '../../src/config/settings.ts';
import type { Logger } from '../../src/runtime/log.ts';
import { basic, testAccess } from '../support/access.ts';
import { startApi, type TestApi } from '../support/api.ts';
import { type KeepAliveAnswer, KeepAliveClient } from '../support/keep-alive-client.ts';

const AS_ROOT = { authorization: basic('root', 'right') };

const ends: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

interface Running {
  readonly api: TestApi;
  readonly lines: string[];
  readonly send: (
    headers: Readonly<Record<string, string>>,
    request?: { method?: string; url?: string; payload?: string; localAddress?: string },
  ) => Promise<KeepAliveAnswer>;
}

async function start(settings: Partial<Settings> = {}, host = '127.0.0.1'): Promise<Running> {
  const lines: string[] = [];
  const logger: Logger = {
    log: (severity, message, fields) => lines.push(JSON.stringify([severity, message, fields])),
  };
  const access = testAccess(settings.auth === true);
  const api = startApi({ settings, access, logger });
  await api.app.ready();
  const listeners = new Listeners(api.app, { maxConnections: 100, logger });
  const { port } = await listeners.listen({ host, port: 0 });
  const client = new KeepAliveClient(1);
  ends.push(
    () => client.close(),
    () => listeners.close(100),
  );
  return {
    api,
    lines,
    send: (headers, request = {}) =>
      client.send(port, {
        method: 'GET',
        url: '/api/v1/status/buildinfo',
        payload: undefined,
        headers,
        ...request,
      }),
  };
}

describe('proxies', () => {
  const trusted = { auth: true, 'web.trusted-proxies': networksType.parse(['127.0.0.0/30'])! };
  const forwarded = {
    'x-forwarded-for': '203.0.113.9, 198.51.100.7',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'metrics.example.org',
  };

  async function register({ api, send }: Running, localAddress?: string): Promise<string> {
    await api.context.access.createUser('root', 'right', true);
    const answer = await send(
      { ...forwarded, ...AS_ROOT },
      {
        method: 'POST',
        url: '/api/v1/admin/remote-writes',
        payload: '{"name":"x"}',
        ...(localAddress === undefined ? {} : { localAddress }),
      },
    );
    return (JSON.parse(String(answer.body)) as { data: { writeUrl: string } }).data.writeUrl;
  }

  test('that are trusted say for whom, how and under which name', async () => {
    const running = await start(trusted);
    expect(await register(running)).toMatch(/^https:\/\/metrics\.example\.org\/e\/ts-/);
    // The last that is no proxy: what is before it, the client may have made up.
    expect(running.lines.filter((line) => line.includes('"audit":true')).join()).toContain(
      '"client":"198.51.100.7"',
    );
  });

  test('that are not trusted say nothing', async () => {
    for (const [settings, from] of [
      [{ auth: true }, undefined],
      [trusted, '127.0.0.9'],
    ] as const) {
      const running = await start(settings);
      expect(await register(running, from)).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/e\/ts-/);
      expect(running.lines.join()).toContain(`"client":"${from ?? '127.0.0.1'}"`);
      expect(running.lines.join()).not.toContain('198.51.100.7');
    }
  });

  test('what is no host or scheme is not repeated', async () => {
    const running = await start(trusted);
    await running.api.context.access.createUser('root', 'right', true);
    running.api.context.access.createRemoteWrite('x', 'default');
    const { body } = await running.send(
      { ...AS_ROOT, 'x-forwarded-host': 'a"b', 'x-forwarded-proto': 'javascript' },
      { url: '/api/v1/admin/remote-writes' },
    );
    expect(String(body)).toContain('"writeUrl":"http://localhost/e/ts-');
  });

  test('guesses count for the client, not for the proxy', async () => {
    const { api, send } = await start(trusted);
    await api.context.access.createUser('root', 'right', true);
    const guess = async (n: number, client: string): Promise<number> => {
      const headers = { authorization: basic('root', `x${n}`), 'x-forwarded-for': client };
      return (await send(headers)).status;
    };
    const statuses: number[] = [];
    for (let i = 0; i < 7; i++) statuses.push(await guess(i, '203.0.113.9'));
    expect(statuses).toEqual([401, 401, 401, 401, 401, 503, 503]);
    expect(await guess(8, '203.0.113.10')).toBe(401);
  });

  test('the host that a registration is reached by may come from a proxy', async () => {
    const { api, send } = await start(trusted);
    await api.storage.createDatabase('mine');
    await api.context.access.createUser('root', 'right', true);
    const { remoteWrite, key, secret } = api.context.access.createRemoteWrite('x', 'mine');
    const foreign = api.context.access.createRemoteWrite('y', 'default');
    const host = { 'x-forwarded-host': `${remoteWrite.id}.metrics.example.org` };
    const ask = async (authorization: string): Promise<number> =>
      (await send({ ...host, authorization }, { url: '/api/v1/labels' })).status;
    expect(await ask(basic(key.id, secret))).toBe(200);
    expect(await ask(basic(foreign.key.id, foreign.secret))).toBe(403);
  });
});

describe('names', () => {
  const own = [
    '127.0.0.1:8086',
    '10.1.2.3',
    '[::1]:8086',
    'localhost:8086',
    'LOCALHOST',
    'a.localhost',
    'tidemark:8086',
  ];

  async function statuses(
    running: Running,
    hosts: readonly string[],
  ): Promise<ReadonlyMap<string, number>> {
    const all = new Map<string, number>();
    for (const host of hosts) all.set(host, (await running.send({ host })).status);
    return all;
  }

  test('of web pages are refused where everybody may do everything', async () => {
    const running = await start();
    expect(await statuses(running, own)).toEqual(new Map(own.map((host) => [host, 200])));
    const foreign = [
      'evil.example',
      'evil.example.:8086',
      '127.0.0.1.evil.example',
      'localhost.evil.example',
    ];
    expect(await statuses(running, foreign)).toEqual(new Map(foreign.map((host) => [host, 403])));
    const { body } = await running.send({ host: 'evil.example' });
    expect(String(body)).toContain('--web.allowed-hosts');
    // Nothing is done for them, either.
    await running.send(
      { host: 'evil.example' },
      { method: 'POST', url: '/api/v1/admin/databases', payload: '{"name":"x"}' },
    );
    expect(running.api.storage.database('x')).toBeUndefined();
  });

  test('are no matter once there are users, and are before', async () => {
    const running = await start({ auth: true });
    expect((await running.send({ host: 'any.example' })).status).toBe(403);
    await running.api.context.access.createUser('root', 'right', true);
    expect((await running.send({ host: 'any.example', ...AS_ROOT })).status).toBe(200);
  });

  test('that are configured are allowed', async () => {
    const running = await start({
      'web.external-url': 'https://metrics.example.org:8443/x',
      'web.allowed-hosts': ['store.example.org'],
    });
    const hosts = [
      'metrics.example.org',
      'Store.Example.org:80',
      'ts-0123456789ab.store.example.org',
      '127.0.0.1',
      'other.example.org',
      'a.store.example.org',
    ];
    expect([...(await statuses(running, hosts)).values()]).toEqual([200, 200, 404, 200, 403, 403]);
    const any = await start({ 'web.allowed-hosts': ['*'] });
    expect((await any.send({ host: 'evil.example' })).status).toBe(200);
  });

  test('are no matter on an address that others reach, unless some are configured', async () => {
    const open = await start({}, '0.0.0.0');
    expect((await open.send({ host: 'any.example' })).status).toBe(200);
    const named = await start({ 'web.allowed-hosts': ['store.example.org'] }, '0.0.0.0');
    expect((await named.send({ host: 'any.example' })).status).toBe(403);
  });
});
