// Retention and quotas of a database over HTTP: set, shown, met; and that they are its own business.

import type { LightMyRequestResponse } from 'fastify';
import { expect, test, vi } from 'vitest';
import type { BatchSeries } from '../../src/storage/interface.ts';
import { series, startApi, type TestApi, V1_TYPE, writeBody } from '../support/api.ts';
import { FakeQueries } from '../support/fake-queries.ts';

const NOW = Date.now();

async function start(): Promise<TestApi> {
  const api = startApi();
  for (const name of ['a', 'b']) await api.storage.createDatabase(name);
  return api;
}

function send(
  { app }: TestApi,
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  body?: object,
): Promise<LightMyRequestResponse> {
  const payload = body === undefined ? {} : { payload: JSON.stringify(body) };
  return app.inject({ method, url: `/api/v1/${path}`, ...payload });
}

function write(
  { app }: TestApi,
  db: string,
  ...batch: BatchSeries[]
): Promise<LightMyRequestResponse> {
  return app.inject({
    method: 'POST',
    url: `/api/v1/write?db=${db}`,
    payload: writeBody(1, ...batch),
    headers: { 'content-type': V1_TYPE },
  });
}

const one = (i: number, t = NOW): BatchSeries => series({ __name__: 'up', i: String(i) }, [t, i]);
const many = (n: number, t = NOW): BatchSeries[] => Array.from({ length: n }, (_, i) => one(i, t));

test('settings are made with a database, changed one by one, and shown', async () => {
  const api = await start();
  const made = await send(api, 'POST', 'admin/databases', {
    name: 'c',
    retention: '30d',
    maxActiveSeries: 10,
  });
  expect([made.statusCode, made.json()]).toMatchObject([
    201,
    { data: { name: 'c', retention: '30d', maxActiveSeries: 10, maxDiskBytes: 0 } },
  ]);
  await send(api, 'PATCH', 'admin/databases/c', { maxDiskBytes: 5 });
  await send(api, 'PATCH', 'admin/databases/c', { retention: '0', maxActiveSeries: 0 });
  const shown = await send(api, 'GET', 'admin/databases/c');
  expect(shown.json()).toMatchObject({
    data: { retention: '0s', maxActiveSeries: 0, maxDiskBytes: 5 },
  });
  await send(api, 'PATCH', 'admin/databases/c', { retention: 'default' });
  expect(api.storage.database('c')!.settings.retentionMs).toBeUndefined();
});

test.each<[what: string, body: object, message: string]>([
  ['nothing', {}, 'changes nothing'],
  ['no duration', { retention: 'long' }, '"retention" must be a duration'],
  ['no number', { maxActiveSeries: '5' }, '"maxActiveSeries" must be a whole number'],
  ['a negative number', { maxDiskBytes: -1 }, '"maxDiskBytes" must be a whole number'],
  ['a setting that is none', { retention: '1d', maxSerie: 5 }, 'unknown member "maxSerie"'],
])('%s: refused', async (_, body, message) => {
  const answer = await send(await start(), 'PATCH', 'admin/databases/a', body);
  expect([answer.statusCode, (answer.json() as { error: string }).error]).toEqual([
    400,
    expect.stringContaining(message),
  ]);
});

test('openGemini’s clients make one in their way, and again', async () => {
  const api = startApi();
  for (let i = 0; i < 2; i++) {
    const answer = await api.app.inject({
      method: 'POST',
      url: '/api/v1/tsdb/berlin',
      payload: '{"obs_options":{}}',
    });
    expect(answer.statusCode).toBe(200);
  }
  expect(api.storage.databaseNames()).toContain('berlin');
  const bad = await api.app.inject({ method: 'POST', url: '/api/v1/tsdb/a..b' });
  expect(bad.statusCode).toBe(400);
});

test('a database that is there is not changed by being made again', async () => {
  const api = await start();
  expect((await send(api, 'POST', 'admin/databases', { name: 'a' })).statusCode).toBe(200);
  const answer = await send(api, 'POST', 'admin/databases', { name: 'a', retention: '1d' });
  expect(answer.statusCode).toBe(409);
});

test('active series: 400 that names the quota, and the rest is stored', async () => {
  const api = await start();
  await send(api, 'PATCH', 'admin/databases/a', { maxActiveSeries: 3 });
  const answer = await write(api, 'a', ...many(5));
  expect([answer.statusCode, answer.body]).toEqual([
    400,
    expect.stringContaining('maxActiveSeries'),
  ]);
  expect((await write(api, 'a', ...many(3, NOW + 1))).statusCode).toBe(204);
  expect((await write(api, 'b', ...many(5))).statusCode).toBe(204);
});

test('rates: 503 with Retry-After', async () => {
  const api = await start();
  await send(api, 'PATCH', 'admin/databases/a', { maxSamplesPerSecond: 1 });
  expect((await write(api, 'a', ...many(10))).statusCode).toBe(204);
  const answer = await write(api, 'a', ...many(10, NOW + 1));
  expect([answer.statusCode, answer.headers['retry-after'], answer.body]).toEqual([
    503,
    expect.anything(),
    expect.stringContaining('maxSamplesPerSecond'),
  ]);
  expect((await write(api, 'b', ...many(10))).statusCode).toBe(204);
});

test('what each takes is on the status page and in the metrics', async () => {
  const api = await start();
  await send(api, 'PATCH', 'admin/databases/a', { maxActiveSeries: 3 });
  await write(api, 'a', ...many(5));
  const status = await send(api, 'GET', 'status/databases');
  expect(status.json()).toMatchObject({
    data: {
      databases: [
        {
          name: 'a',
          maxActiveSeries: 3,
          usage: { activeSeries: 3, samplesWritten: 3, refusals: { maxActiveSeries: 2 } },
        },
        { name: 'b', usage: { activeSeries: 0 } },
        { name: 'default' },
      ],
    },
  });
  const { body } = await api.app.inject('/metrics');
  for (const line of [
    'tidemark_database_active_series{database="a"} 3',
    'tidemark_database_samples_written_total{database="a"} 3',
    'tidemark_database_quota_refusals_total{database="a",quota="maxActiveSeries"} 2',
    'tidemark_database_quota_refusals_total{database="a",quota="maxConcurrentQueries"} 0',
    'tidemark_database_active_series{database="b"} 0',
  ]) {
    expect(body.split('\n')).toContain(line);
  }
});

test('queries of a retention policy take places of its database', async () => {
  const queries = new FakeQueries();
  let finish: () => void = () => {};
  queries.evaluation = new Promise((resolve) => {
    finish = resolve;
  });
  const api = startApi({ queries });
  const q = 'CREATE DATABASE a; CREATE RETENTION POLICY week ON a DURATION 7d REPLICATION 1';
  await api.app.inject({ method: 'POST', url: `/query?${new URLSearchParams({ q })}` });
  const quota = await send(api, 'PATCH', 'admin/databases/a', { maxConcurrentQueries: 1 });
  expect(quota.statusCode).toBe(200);
  const answers = ['db=a', 'db=a&rp=week', 'db=a&rp=week'].map((where) =>
    send(api, 'GET', `query?query=up&${where}`),
  );
  await vi.waitFor(() => expect(queries.requests.length).toBeGreaterThan(0));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(queries.requests).toHaveLength(1);
  finish();
  expect((await Promise.all(answers)).map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
  expect(queries.requests).toHaveLength(3);
});
