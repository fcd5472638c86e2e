// Who gets in, what is said to whom, and what is never said: beyond the matrix of routes.

import type { LightMyRequestResponse } from 'fastify';
import { describe, expect, test } from 'vitest';
import type { AccessStore, NewKey } from '../../src/access/index.ts';
import type { About, ActiveQuery, QueryService } from '../../src/query/interface.ts';
import type { Logger } from '../../src/runtime/log.ts';
import { MemoryStorage } from '../../src/storage/memory-store.ts';
import { basic, testAccess } from '../support/access.ts';
import { series, startApi, type TestApi, V1_TYPE, writeBody } from '../support/api.ts';
import { FakeQueries } from '../support/fake-queries.ts';

const NOW = Date.now();
const BODY = writeBody(1, series({ __name__: 'up' }, [NOW, 1]));

interface Setup {
  readonly api: TestApi;
  readonly access: AccessStore;
  readonly lines: string[];
}

async function start(isRequired = true, queries?: QueryService): Promise<Setup> {
  const access = testAccess(isRequired);
  const lines: string[] = [];
  const logger = loggerTo(lines);
  const options = queries === undefined ? {} : { queries };
  const api = startApi({ settings: { auth: isRequired }, access, logger, ...options });
  await api.storage.createDatabase('mine');
  await api.storage.createDatabase('other');
  return { api, access, lines };
}

function loggerTo(lines: string[]): Logger {
  return {
    log: (severity, message, fields) => lines.push(JSON.stringify([severity, message, fields])),
  };
}

async function startWithUsers(queries?: QueryService): Promise<Setup> {
  const setup = await start(true, queries);
  await setup.access.createUser('root', 'secret', true);
  await setup.access.createUser('bob', 'pass', false);
  setup.access.setPrivilege('bob', 'mine', 'all');
  return setup;
}

function keyFor(access: AccessStore, ...databases: string[]): NewKey {
  return access.createKey({ name: '', scopes: ['read', 'write'], databases, expiresAt: undefined });
}

function push(
  { app }: TestApi,
  url: string,
  authorization?: string,
): Promise<LightMyRequestResponse> {
  const headers = {
    'content-type': V1_TYPE,
    ...(authorization === undefined ? {} : { authorization }),
  };
  return app.inject({ method: 'POST', url, payload: BODY, headers });
}

/** Metric names of a database. */
async function names({ storage }: TestApi, database: string): Promise<string[]> {
  const querier = storage.database(database)!.querier({ minT: 0, maxT: NOW + 1000 });
  try {
    return await querier.labelValues('__name__', []);
  } finally {
    querier.close();
  }
}

describe('without authentication', () => {
  test('wrong credentials are ignored', async () => {
    const { api } = await start(false);
    for (const authorization of [basic('root', 'root'), 'Bearer x', 'nonsense']) {
      expect((await push(api, '/api/v1/write', authorization)).statusCode).toBe(204);
    }
    expect((await push(api, '/api/v1/write?u=a&p=b')).statusCode).toBe(204);
  });

  test('a key says all the same which database is meant', async () => {
    const { api, access } = await start(false);
    const { key, secret } = keyFor(access, 'mine');
    await push(api, '/api/prom_write', basic(key.id, secret));
    expect([await names(api, 'mine'), await names(api, 'default')]).toEqual([['up'], []]);
    await push(api, '/api/prom_write', basic(key.id, 'wrong'));
    expect(await names(api, 'default')).toEqual(['up']);
  });
});

describe('until there is an administrator', () => {
  test('only making the first one is allowed, to whoever comes', async () => {
    const { api, access, lines } = await start();
    const create = (payload: object): Promise<LightMyRequestResponse> =>
      api.app.inject({
        method: 'POST',
        url: '/api/v1/admin/users',
        payload: JSON.stringify(payload),
      });
    const read = await api.app.inject('/api/v1/query?query=1');
    expect([read.statusCode, read.json()]).toMatchObject([
      403,
      { errorType: 'forbidden', error: 'create admin user first or disable authentication' },
    ]);
    const write = await push(api, '/api/v1/prom/write?db=mine');
    expect([write.statusCode, write.body]).toEqual([
      403,
      expect.stringContaining('user is required to write to database \\"mine\\"'),
    ]);
    expect((await api.app.inject('/api/v1/admin/users')).statusCode).toBe(403);
    expect((await create({ name: 'bob', password: 'x' })).statusCode).toBe(403);
    const made = await create({ name: 'root', admin: true });
    const { password } = (made.json() as { data: { password: string } }).data;
    expect(made.statusCode).toBe(201);
    expect((await create({ name: 'eve', password: 'x', admin: true })).statusCode).toBe(401);
    expect(access.users().map(({ name }) => name)).toEqual(['root']);
    const asRoot = { authorization: basic('root', password) };
    const list = await api.app.inject({ url: '/api/v1/admin/users', headers: asRoot });
    expect(list.json()).toMatchObject({ data: { users: [{ name: 'root', admin: true }] } });
    expect(lines.filter((line) => line.includes('"audit":true'))).toEqual([
      expect.stringContaining('"user created"'),
    ]);
  });

  test('of several that would make it at once one does, whichever way they go', async () => {
    const { api, access } = await start();
    const create = (name: string): Promise<LightMyRequestResponse> =>
      api.app.inject({
        method: 'POST',
        url: '/api/v1/admin/users',
        payload: JSON.stringify({ name, password: 'x', admin: true }),
      });
    const q = (name: string): Promise<LightMyRequestResponse> => {
      const text = `CREATE USER ${name} WITH PASSWORD 'x' WITH ALL PRIVILEGES`;
      return api.app.inject({ method: 'POST', url: `/query?q=${encodeURIComponent(text)}` });
    };
    const answers = await Promise.all([q('a'), q('b'), create('c'), create('d')]);
    expect(access.users()).toHaveLength(1);
    const refusals = answers.filter(({ body }) =>
      body.includes('there is an administrator by now'),
    );
    expect(refusals).toHaveLength(3);
  });

  test('keys made before go on working', async () => {
    const { api, access } = await start();
    const { key, secret } = keyFor(access, 'mine');
    const ok = await push(api, '/api/v1/write', basic(key.id, secret));
    expect([ok.statusCode, await names(api, 'mine')]).toEqual([204, ['up']]);
    expect((await push(api, '/api/v1/write?db=other', basic(key.id, secret))).statusCode).toBe(403);
  });
});

describe('answers', () => {
  test('401 in the shape of each face', async () => {
    const { api } = await startWithUsers();
    const prometheus = await api.app.inject('/api/v1/query?query=1');
    expect([prometheus.headers['www-authenticate'], prometheus.json()]).toEqual([
      'Basic realm="Tidemark"',
      {
        status: 'error',
        errorType: 'unauthorized',
        error: 'unable to parse authentication credentials',
      },
    ]);
    const write = await push(api, '/api/prom_write', basic('bob', 'wrong'));
    expect([write.statusCode, write.headers['www-authenticate'], write.body]).toEqual([
      401,
      'Basic realm="remote-write"',
      'authorization failed\n',
    ]);
    const influx = await api.app.inject({
      url: '/query?q=SHOW%20DATABASES',
      headers: { authorization: basic('', 'x') },
    });
    expect([influx.statusCode, influx.headers['www-authenticate'], influx.json()]).toEqual([
      401,
      'Basic realm="InfluxDB"',
      { error: 'username required' },
    ]);
  });

  test('403 says who may not do what, as InfluxDB and openGemini do', async () => {
    const { api } = await startWithUsers();
    const bob = basic('bob', 'pass');
    const write = await push(api, '/api/v1/write?db=other', bob);
    expect(write.body).toBe('"bob" user is not authorized to write to database "other"\n');
    const headers = { authorization: bob };
    const read = await api.app.inject({ url: '/api/v1/query?query=1&db=other', headers });
    expect((read.json() as { error: string }).error).toBe(
      'user "bob" is not authorized to read from database "other"',
    );
  });

  test('an unknown database is 404, but only to who is known', async () => {
    const { api } = await startWithUsers();
    expect((await push(api, '/api/v1/write?db=nodb')).statusCode).toBe(401);
    expect((await push(api, '/api/v1/write?db=nodb', basic('bob', 'pass'))).statusCode).toBe(404);
  });

  test('a tenant is made by its first write only if that is allowed to write there', async () => {
    const { api } = await startWithUsers();
    const url = '/insert/12:3/prometheus/api/v1/write';
    expect((await push(api, url, basic('bob', 'pass'))).statusCode).toBe(403);
    expect(api.storage.database('12:3')).toBeUndefined();
    expect((await push(api, url, basic('root', 'secret'))).statusCode).toBe(204);
  });

  test('X-Scope-OrgID opens nothing', async () => {
    const { api } = await startWithUsers();
    const headers = { authorization: basic('bob', 'pass'), 'x-scope-orgid': 'other' };
    const answer = await api.app.inject({ url: '/api/v1/query?query=1', headers });
    expect(answer.statusCode).toBe(403);
  });

  test('a wrong method is 405, whoever asks', async () => {
    const { api } = await startWithUsers();
    expect((await api.app.inject({ method: 'PUT', url: '/api/v1/query' })).statusCode).toBe(405);
    expect((await api.app.inject({ method: 'OPTIONS', url: '/api/v1/query' })).statusCode).toBe(
      204,
    );
    expect((await api.app.inject('/nowhere')).statusCode).toBe(404);
  });

  test('too many guesses are told to come back, not that they are wrong', async () => {
    const { api } = await startWithUsers();
    const statuses: number[] = [];
    for (let i = 0; i < 8; i++) {
      statuses.push((await push(api, '/api/v1/write?db=mine', basic('bob', `x${i}`))).statusCode);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 503, 503, 503]);
    const last = await push(api, '/api/v1/write?db=mine', basic('bob', 'again'));
    expect(last.headers['retry-after']).toBeDefined();
    expect((await push(api, '/api/v1/write?db=mine', basic('root', 'secret'))).statusCode).toBe(
      204,
    );
  });
});

describe('credentials', () => {
  test('u and p in the URL beat a wrong header; in a form they are nothing', async () => {
    const { api } = await startWithUsers();
    const ok = await push(api, '/api/v1/prom/write?db=mine&u=bob&p=pass', basic('x', 'y'));
    expect(ok.statusCode).toBe(204);
    const form = await api.app.inject({
      method: 'POST',
      url: '/api/v1/query',
      payload: 'query=1&db=mine&u=bob&p=pass',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(form.statusCode).toBe(401);
  });

  test('a key opens by basic, bearer, token and URL', async () => {
    const { api, access } = await startWithUsers();
    const { key, secret } = keyFor(access, 'mine');
    for (const authorization of [
      basic(key.id, secret),
      `Bearer ${key.id}:${secret}`,
      `Bearer ${key.id}.${secret}\n`,
      `Token ${key.id}:${secret}`,
    ]) {
      expect((await push(api, '/api/v1/write', authorization)).statusCode).toBe(204);
    }
    expect((await push(api, `/api/v1/write?u=${key.id}&p=${secret}`)).statusCode).toBe(204);
    expect(await names(api, 'mine')).toEqual(['up']);
  });
});

describe('lists', () => {
  test('leave out what who asks may not see', async () => {
    const { api, access } = await startWithUsers();
    const { key, secret } = keyFor(access, 'other');
    await push(api, '/api/v1/write?db=other', basic(key.id, secret));
    for (const database of ['mine', 'other']) {
      await api.app.inject({
        method: 'POST',
        url: `/api/v1/write?db=${database}`,
        payload: 'garbage',
        headers: { authorization: basic('root', 'secret') },
      });
      await api.app.inject({
        url: `/api/v1/query?query=1&db=${database}`,
        headers: { authorization: basic('root', 'secret') },
      });
    }
    const get = async (url: string, authorization: string): Promise<unknown> => {
      const answer = await api.app.inject({ url, headers: { authorization } });
      return (answer.json() as { data: unknown }).data;
    };
    const bob = basic('bob', 'pass');
    const root = basic('root', 'secret');
    for (const list of ['admin/databases', 'status/databases']) {
      expect(await get(`/api/v1/${list}`, bob)).toMatchObject({ databases: [{ name: 'mine' }] });
      expect(await get(`/api/v1/${list}`, root)).toMatchObject({
        databases: [{ name: 'default' }, { name: 'mine' }, { name: 'other' }],
      });
    }
    for (const list of ['rejected', 'top_queries']) {
      const [seen, all] = [
        JSON.stringify(await get(`/api/v1/status/${list}`, bob)),
        JSON.stringify(await get(`/api/v1/status/${list}`, root)),
      ];
      expect([seen.includes('"mine"'), seen.includes('"other"')]).toEqual([true, false]);
      expect([all.includes('"mine"'), all.includes('"other"')]).toEqual([true, true]);
    }
  });
});

interface Listed<T extends string> {
  readonly data: { readonly queries: readonly Readonly<Record<T, string>>[] };
}
interface InfluxRows {
  readonly results: readonly { readonly series: readonly { readonly values: unknown[][] }[] }[];
}

describe('queries of others', () => {
  const query = (id: string, database: string, about: About): ActiveQuery => ({
    id,
    language: 'influxql',
    database,
    about,
    query: 'a text',
    startT: undefined,
    endT: undefined,
    stepMs: undefined,
    receivedAt: NOW,
    ageMs: 0,
    state: 'running',
  });

  test('are seen by who may read everything that they are about', async () => {
    const queries = new FakeQueries();
    queries.activeQueries = [
      query('1', 'mine', ['mine']),
      query('2', 'mine', ['mine', 'other']),
      query('3', '', []),
      query('4', 'mine', 'all'),
    ];
    const figures = { count: 1, totalSeconds: 1, maxSeconds: 1, samplesRead: 1 };
    queries.topQueries = queries.activeQueries.map(({ database, about, id }) => {
      return { database, about, query: `query ${id}`, ...figures };
    });
    const { api } = await startWithUsers(queries);
    const seen = async (login: string): Promise<unknown[]> => {
      const get = async (url: string): Promise<unknown> =>
        (await api.app.inject({ url, headers: { authorization: login } })).json();
      const active = (await get('/api/v1/status/active_queries')) as Listed<'id'>;
      const top = (await get('/api/v1/status/top_queries')) as Listed<'query'>;
      const shown = (await get('/query?q=SHOW%20QUERIES&db=mine')) as InfluxRows;
      return [
        active.data.queries.map(({ id }) => Number(id)),
        top.data.queries.map((one) => Number(one.query.replace('query ', ''))),
        shown.results[0]!.series[0]!.values.map(([id]) => id),
      ];
    };
    const own = [1, 3];
    expect(await seen(basic('bob', 'pass'))).toEqual([own, own, own]);
    const all = [1, 2, 3, 4];
    expect(await seen(basic('root', 'secret'))).toEqual([all, all, all]);
  });

  test('are about what their statements name, whichever database the request names', async () => {
    const queries = new FakeQueries();
    const { api } = await startWithUsers(queries);
    for (const q of [
      'SELECT * FROM other..m',
      'SHOW DATABASES',
      "CREATE USER x WITH PASSWORD 'p'",
      'SELECT * FROM (SELECT * FROM m)',
    ]) {
      const url = `/query?db=mine&q=${encodeURIComponent(q)}`;
      await api.app.inject({
        method: 'POST',
        url,
        headers: { authorization: basic('root', 'secret') },
      });
    }
    expect(queries.listed.map(({ about }) => about)).toEqual([
      ['mine', 'other'],
      ['mine'],
      'all',
      ['mine'],
    ]);
  });
});

describe('registrations', () => {
  test('a name in, everything out; the key’s own database behind every URL', async () => {
    const { api } = await startWithUsers();
    const root = { authorization: basic('root', 'secret'), host: 'metrics.example.org:8086' };
    const post = (payload: object): Promise<LightMyRequestResponse> =>
      api.app.inject({
        method: 'POST',
        url: '/api/v1/admin/remote-writes',
        payload: JSON.stringify(payload),
        headers: root,
      });
    const made = await post({ name: 'prod-eu' });
    expect(made.statusCode).toBe(201);
    const { data } = made.json() as { data: Record<string, string> };
    const { id = '', accessKeyId = '', accessKeySecret = '' } = data;
    expect(data).toMatchObject({
      name: 'prod-eu',
      database: 'prod-eu',
      writeUrl: `http://metrics.example.org:8086/e/${id}/api/prom_write`,
      readUrl: `http://metrics.example.org:8086/e/${id}/api/prom_read`,
      queryUrl: `http://metrics.example.org:8086/e/${id}`,
      lastSeenAt: null,
      samplesReceived: 0,
    });
    const own = basic(accessKeyId, accessKeySecret);
    for (const [url, status] of [
      ['/api/prom_write', 200],
      ['/api/v3/write', 200],
      [`/e/${id}/api/prom_write`, 200],
      [`/e/${id}/api/v1/write`, 204],
      [`/prometheus/123/${id}/x/eu/api/v3/write`, 200],
    ] as const) {
      expect([url, (await push(api, url, own)).statusCode]).toEqual([url, status]);
    }
    const inPath = `/prometheus/123/${id}/${accessKeySecret}/eu/api/v3/write`;
    expect((await push(api, inPath)).statusCode).toBe(200);
    expect((await push(api, inPath.replace(accessKeySecret, 'wrong'))).statusCode).toBe(401);
    expect(await names(api, 'prod-eu')).toEqual(['up']);
    expect(await names(api, 'default')).toEqual([]);
    const influx: [url: string, payload: string][] = [
      ['/write', 'm value=1'],
      [`/e/${id}/write?db=telegraf`, 'm value=2'],
      [`/e/${id}/api/v2/write?bucket=telegraf`, 'm value=3'],
      [`/e/${id}/influx/api/v2/write?bucket=telegraf`, 'm value=4'],
    ];
    for (const [url, payload] of influx) {
      const headers = { authorization: own };
      const answer = await api.app.inject({ method: 'POST', url, payload, headers });
      expect([url, answer.statusCode]).toEqual([url, 204]);
    }
    for (const url of ['/query', `/e/${id}/query?db=telegraf`]) {
      const shown = await api.app.inject({
        method: 'POST',
        url,
        payload: 'q=SHOW MEASUREMENTS',
        headers: { authorization: own, 'content-type': 'application/x-www-form-urlencoded' },
      });
      expect([url, shown.body]).toEqual([url, expect.stringContaining('[["m"],')]);
    }
    const foreign = basic('bob', 'pass');
    expect((await push(api, `/e/${id}/api/prom_write`, foreign)).statusCode).toBe(403);
    const query = await api.app.inject({
      url: `/e/${id}/api/v1/query?query=up`,
      headers: { authorization: own },
    });
    expect((query.json() as { data: { result: unknown[] } }).data.result).toHaveLength(1);
    const list = await api.app.inject({ url: '/api/v1/admin/remote-writes', headers: root });
    expect(list.json()).toMatchObject({
      data: {
        remoteWrites: [
          { name: 'prod-eu', samplesReceived: 10, lastSeenAt: expect.stringMatching(/^20/) },
        ],
      },
    });
    expect((await post({ name: 'prod-eu' })).statusCode).toBe(409);
    const taken = await post({ name: 'mine' });
    expect([taken.statusCode, taken.body]).toEqual([409, expect.stringContaining('already')]);
    expect((await post({ name: 'mine', database: 'mine' })).statusCode).toBe(201);
  });

  test('unknown ones are 404 to who is known, 401 to others', async () => {
    const { api } = await startWithUsers();
    const url = '/e/ts-000000000000/api/prom_write';
    expect((await push(api, url)).statusCode).toBe(401);
    expect((await push(api, url, basic('root', 'secret'))).statusCode).toBe(404);
    expect((await push(api, '/e/nonsense/api/prom_write')).statusCode).toBe(404);
  });

  test('their host names work as well', async () => {
    const { api, access } = await startWithUsers();
    const { remoteWrite, key, secret } = access.createRemoteWrite('x', 'mine');
    await api.app.inject({
      method: 'POST',
      url: '/api/v1/write',
      payload: BODY,
      headers: {
        'content-type': V1_TYPE,
        host: `${remoteWrite.id}.example.org`,
        authorization: basic(key.id, secret),
      },
    });
    expect(await names(api, 'mine')).toEqual(['up']);
  });
});

describe('administrators are told', () => {
  const requests: [what: string, method: 'POST' | 'PATCH' | 'PUT', path: string, body: object][] = [
    ['a database with a policy’s name', 'POST', 'databases', { name: 'mine..week' }],
    ['a registration of such a name', 'POST', 'remote-writes', { name: 'a..b' }],
    [
      'a key for a policy alone',
      'POST',
      'keys',
      { scopes: ['read'], databases: ['mine', 'mine..week'] },
    ],
    ['a grant on a policy', 'PUT', 'users/bob/grants/mine..week', { privilege: 'read' }],
    [
      'a key with two ends',
      'POST',
      'keys',
      { scopes: ['read'], databases: ['mine'], expiresIn: '1d', expiresAt: '2100-01-01T00:00:00Z' },
    ],
    ['a change of nothing', 'PATCH', 'users/bob', {}],
  ];
  test.each(requests)('%s: 400', async (_, method, path, body) => {
    const { api, access } = await startWithUsers();
    const before = [access.users(), access.keys(), api.storage.databaseNames()];
    const answer = await api.app.inject({
      method,
      url: `/api/v1/admin/${path}`,
      payload: JSON.stringify(body),
      headers: { authorization: basic('root', 'secret') },
    });
    expect(answer.statusCode).toBe(400);
    expect([access.users(), access.keys(), api.storage.databaseNames()]).toEqual(before);
  });

  test('no first write makes a policy’s database either', async () => {
    const { api } = await startWithUsers();
    const url = '/insert/mine..week/prometheus/api/v1/write';
    expect((await push(api, url, basic('bob', 'pass'))).statusCode).toBe(404);
  });
});

test('what changes data, or what others do, is in the log with who did it', async () => {
  const { api, lines } = await start(false);
  const post = (url: string): Promise<LightMyRequestResponse> =>
    api.app.inject({ method: 'POST', url });
  await post(`/query?q=${encodeURIComponent('CREATE DATABASE made')}`);
  await push(api, '/insert/12:3/prometheus/api/v1/write');
  const queries = new FakeQueries();
  queries.activeQueries = [{ id: '7' } as ActiveQuery];
  const settings = { 'web.enable-admin-api': true, 'web.enable-lifecycle': true };
  const storage = new MemoryStorage();
  storage.snapshot = async () => '20261126T200000Z-1';
  const operated = startApi({ settings, storage, queries, logger: loggerTo(lines) });
  for (const url of [
    '/api/v1/admin/tsdb/delete_series?match[]=up',
    '/api/v1/admin/tsdb/clean_tombstones',
    '/api/v1/admin/tsdb/snapshot',
    '/api/v1/admin/queries/7/cancel',
    '/-/reload',
    '/-/quit',
  ]) {
    const { statusCode, body } = await operated.app.inject({ method: 'POST', url });
    expect([url, statusCode < 300], body).toEqual([url, true]);
  }
  const audited = lines.filter((line) => line.includes('"audit":true'));
  expect(audited.map((line) => (JSON.parse(line) as string[])[1])).toEqual([
    'statement executed',
    'database created by its first write',
    'series deleted',
    'tombstones cleaned',
    'snapshot made',
    'query canceled',
    'asked to reload',
    'asked to quit',
  ]);
  expect(audited.every((line) => line.includes('"by":"anyone"'))).toBe(true);
});

test('a secret is in no log line, metric, error or list', async () => {
  const { api, access, lines } = await startWithUsers();
  const canary = 'canary-2f81';
  const { key, secret } = keyFor(access, 'mine');
  const seen: string[] = [];
  const send = async (url: string, authorization: string, payload?: string): Promise<void> => {
    const method = payload === undefined ? 'GET' : 'POST';
    const headers = { authorization };
    const answer = await api.app.inject({
      method,
      url,
      headers,
      ...(payload === undefined ? {} : { payload }),
    });
    seen.push(answer.body, JSON.stringify(answer.headers));
  };
  const root = basic('root', 'secret');
  await send('/api/v1/query?query=1', basic('bob', canary));
  await send(`/api/v1/query?query=1&u=bob&p=${canary}`, root);
  await send(`/nowhere?u=bob&p=${canary}`, root);
  await send(`/query?q=nonsense&u=bob&p=${canary}`, root);
  for (const id of ['ts-000000000000', 'nonsense']) {
    await send(`/prometheus/1/${id}/${canary}/eu/api/v3/write`, '');
    await send(`/prometheus/1/${id}/${canary}/eu/api/v3/write`, root, 'x');
    await send(`/prometheus/1/${id}/${canary}/eu/api/v3/nowhere`, root);
  }
  await send('/api/v1/admin/users', root, JSON.stringify({ name: 'eve', password: canary, x: 1 }));
  await send('/api/v1/admin/users', root, `{"name":"eve","password":"${canary}"`);
  await send('/api/v1/admin/users', root, JSON.stringify({ name: 'eve', password: canary }));
  await send('/api/v1/query?query=1', basic(key.id, secret));
  for (const list of ['users', 'keys', 'remote-writes']) await send(`/api/v1/admin/${list}`, root);
  await send('/metrics', root);
  await send('/api/v1/status/flags', root);
  expect(seen.length).toBeGreaterThan(20);
  for (const text of [...seen, ...lines]) {
    expect(text).not.toContain(canary);
    expect(text).not.toContain(secret);
  }
});
