// Health, metrics, status, administration, InfluxDB's database statements, cross-origin rules.

import { expect, test } from 'vitest';
import { series, startApi, type TestApi, writeBody } from '../support/api.ts';

const NOW = Date.now();

async function filled(api: TestApi): Promise<TestApi> {
  await api.storage.database('default')!.write({
    series: [
      series({ __name__: 'a' }, [NOW - 1000, 1], [NOW, 2]),
      series({ __name__: 'b' }, [NOW, 3]),
    ],
    metadata: [],
    rejections: [],
  });
  return api;
}

const namesOf = async (api: TestApi): Promise<unknown> =>
  ((await api.app.inject('/api/v1/label/__name__/values')).json() as { data: unknown }).data;

test('healthy always, ready when the log is replayed', async () => {
  const api = startApi({ starting: true });
  const status = async (url: string, method: 'GET' | 'HEAD' = 'GET'): Promise<number> =>
    (await api.app.inject({ method, url })).statusCode;
  expect([await status('/-/healthy'), await status('/-/ready')]).toEqual([200, 503]);
  api.lifecycle.becomeReady(api.storage);
  expect([await status('/-/ready'), await status('/-/ready', 'HEAD')]).toEqual([200, 200]);
  api.lifecycle.beginStopping();
  expect([await status('/-/healthy'), await status('/-/ready')]).toEqual([200, 503]);
});

test('/metrics counts requests, samples, refusals and the store’s figures', async () => {
  const api = startApi();
  const payload = writeBody(1, series({ __name__: 'a' }, [NOW, 1]), series({ x: 'y' }, [NOW, 1]));
  await api.app.inject({ method: 'POST', url: '/api/v1/write', payload });
  await api.app.inject({ method: 'POST', url: '/api/v1/write', payload: 'garbage' });
  const { body, headers } = await api.app.inject('/metrics');
  expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = body.split('\n');
  expect(lines).toContain(
    'tidemark_http_requests_total{route="/api/v1/write",method="POST",status="400"} 2',
  );
  expect(lines).toContain(
    'tidemark_samples_received_total{protocol="remote_write",kind="float"} 1',
  );
  expect(lines).toContain(
    'tidemark_rejected_samples_total{protocol="remote_write",reason="missing_metric_name"} 1',
  );
  expect(body).toMatch(
    /tidemark_rejected_requests_total\{protocol="remote_write",reason="CODEC_SNAPPY_CORRUPT"\} 1/,
  );
  expect(lines).toContain('tidemark_series 1');
  expect(lines).toContain('tidemark_ready 1');
});

test('status pages', async () => {
  const api = await filled(startApi({ settings: { 'wal.sync': 'interval' } }));
  const get = async (name: string): Promise<Record<string, unknown>> =>
    ((await api.app.inject(`/api/v1/status/${name}`)).json() as { data: Record<string, unknown> })
      .data;
  const buildInfo = await get('buildinfo');
  expect(buildInfo).toMatchObject({
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    application: 'tidemark',
    applicationVersion: '0.0.0-test',
  });
  // Grafana takes a server with features for Mimir.
  expect(buildInfo).not.toHaveProperty('features');
  expect(await get('flags')).toMatchObject({ 'wal.sync': 'interval', retention: '400d' });
  expect(await get('runtimeinfo')).toMatchObject({ storageRetention: '400d' });
  expect(await get('tsdb?limit=1')).toMatchObject({
    headStats: { numSeries: 2, minTime: NOW - 1000, maxTime: NOW },
    seriesCountByMetricName: [expect.anything()],
  });
  expect((await api.app.inject('/api/v1/status/tsdb?limit=0')).statusCode).toBe(400);
});

test('the ledger of refusals keeps the latest thousand, newest first', async () => {
  const api = startApi();
  for (let i = 0; i < 1005; i++) {
    api.context.rejections.addRequest('remote_write', 'default', 'SOME_CODE', `no ${i}`);
  }
  const answer = await api.app.inject('/api/v1/status/rejected?limit=2000');
  const { data } = answer.json() as { data: { totals: unknown; entries: { message: string }[] } };
  expect(data.totals).toEqual({ SOME_CODE: 1005 });
  expect(data.entries).toHaveLength(1000);
  expect([data.entries[0]?.message, data.entries.at(-1)?.message]).toEqual(['no 1004', 'no 5']);
});

test.each(['delete_series?match[]=a', 'clean_tombstones', 'snapshot'])(
  'admin %s is off by default',
  async (action) => {
    const api = await filled(startApi());
    const answer = await api.app.inject({ method: 'POST', url: `/api/v1/admin/tsdb/${action}` });
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toEqual({
      status: 'error',
      errorType: 'unavailable',
      error: 'admin APIs disabled',
    });
    expect(await namesOf(api)).toEqual(['a', 'b']);
  },
);

test('admin, enabled', async () => {
  const api = await filled(startApi({ settings: { 'web.enable-admin-api': true } }));
  const status = async (url: string, method: 'GET' | 'POST' | 'PUT' = 'POST'): Promise<number> =>
    (await api.app.inject({ method, url: `/api/v1/admin/tsdb/${url}` })).statusCode;
  expect(await status('delete_series?match[]=a', 'GET')).toBe(405);
  expect(await status('delete_series')).toBe(400);
  expect(await status('delete_series?match[]={}')).toBe(400);
  expect(await status('delete_series?match[]=a&start=2&end=1')).toBe(400);
  expect(await namesOf(api)).toEqual(['a', 'b']);
  expect(await status(`delete_series?match[]=a&end=${(NOW - 1) / 1000}`)).toBe(204);
  expect(await namesOf(api)).toEqual(['a', 'b']);
  expect(await status('delete_series?match[]=a', 'PUT')).toBe(204);
  expect(await namesOf(api)).toEqual(['b']);
  expect(await status('clean_tombstones')).toBe(204);
  // The in-memory store has no files: unsupported is 501.
  expect(await status('snapshot')).toBe(501);
});

test('CORS is off unless configured; OPTIONS answers all the same', async () => {
  const headers = { origin: 'https://g.example' };
  const off = startApi();
  const plain = await off.app.inject({ url: '/api/v1/labels', headers });
  expect(Object.keys(plain.headers).filter((name) => name.startsWith('access-control'))).toEqual(
    [],
  );
  const preflight = await off.app.inject({ method: 'OPTIONS', url: '/api/v1/labels', headers });
  expect([preflight.statusCode, preflight.headers['access-control-allow-origin']]).toEqual([
    204,
    undefined,
  ]);

  const on = startApi({ settings: { 'web.cors-origin': ['https://g.example'] } });
  const answer = await on.app.inject({ url: '/api/v1/labels', headers });
  expect(answer.headers['access-control-allow-origin']).toBe('https://g.example');
  const other = await on.app.inject({
    url: '/api/v1/labels',
    headers: { origin: 'https://x.example' },
  });
  expect(other.headers['access-control-allow-origin']).toBeUndefined();
  expect(other.headers.vary).toContain('Origin');
});

test('CREATE, SHOW and DROP DATABASE as InfluxDB answers them', async () => {
  const api = startApi();
  const query = async (q: string, method: 'GET' | 'POST' = 'POST', headers = {}) =>
    api.app.inject({ method, url: `/query?q=${encodeURIComponent(q)}`, headers });
  const created = await query('CREATE DATABASE prometheus');
  expect([created.statusCode, created.body]).toEqual([200, '{"results":[{"statement_id":0}]}\n']);
  expect(created.headers).toMatchObject({
    'content-type': 'application/json',
    'x-influxdb-version': '1.8.10',
  });
  expect((await query('CREATE DATABASE prometheus')).statusCode).toBe(200);
  expect((await query('SHOW DATABASES', 'GET')).json()).toEqual({
    results: [
      {
        statement_id: 0,
        series: [{ name: 'databases', columns: ['name'], values: [['default'], ['prometheus']] }],
      },
    ],
  });
  expect((await query('DROP DATABASE prometheus; DROP DATABASE nosuch')).json()).toEqual({
    results: [{ statement_id: 0 }, { statement_id: 1 }],
  });
  expect(api.storage.databaseNames()).toEqual(['default']);
  expect((await query('CREATE DATABASE "a b"; SHOW DATABASES')).json()).toEqual({
    results: [
      { statement_id: 0, error: 'invalid name' },
      { statement_id: 1, error: 'not executed' },
    ],
  });
  const inUrl = await query('CREATE DATABASE zz', 'GET');
  expect(inUrl.body).toContain("deprecated use of 'CREATE DATABASE zz' in a read only context");
  const evil = await query('DROP DATABASE zz', 'GET', { 'sec-fetch-site': 'cross-site' });
  expect([evil.statusCode, api.storage.database('zz')?.name]).toEqual([403, 'zz']);
  expect((await query(';')).body).toBe('{}\n');
  expect((await query(' ')).body).toBe('{"error":"missing required parameter \\"q\\""}\n');
  const wrong = await query('SELECT 1');
  expect(wrong.statusCode).toBe(400);
  expect(wrong.json()).toEqual({
    error: 'error parsing query: found EOF, expected FROM at line 1, char 9',
  });
});

test('a form can carry the statement', async () => {
  const api = startApi();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  await api.app.inject({ method: 'POST', url: '/query', headers, payload: 'q=CREATE+DATABASE+y' });
  expect(api.storage.databaseNames()).toEqual(['default', 'y']);
});

test('/ping', async () => {
  const { app } = startApi();
  const ping = await app.inject('/ping?wait_for_leader=1s');
  expect([ping.statusCode, ping.body]).toEqual([204, '']);
  expect((await app.inject('/ping?verbose=true')).json()).toEqual({ version: '1.8.10' });
});

test('unknown paths are 404, broken escapes 400', async () => {
  const { app } = startApi();
  expect((await app.inject('/nothing')).body).toBe('no such path: /nothing\n');
  expect((await app.inject('/api/v1/label/%zz/values')).statusCode).toBe(400);
});
