// The InfluxDB face beyond what InfluxDB itself can be compared with: samples of Prometheus seen by InfluxQL
// and points seen by PromQL, limits, interruption, browsers.

import { gzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { snappyEncode } from '../../src/codec/snappy.ts';
import { labelsFromObject } from '../../src/model/labels.ts';
import { floatColumns } from '../../src/model/sample.ts';
import { setStaleAt } from '../../src/model/stale.ts';
import type { Logger } from '../../src/runtime/log.ts';
import { SharedBudget } from '../../src/runtime/shared-budget.ts';
import { DEFAULT_LIMITS } from '../../src/storage/admission.ts';
import { MemoryStorage } from '../../src/storage/memory-store.ts';
import { basic, testAccess } from '../support/access.ts';
import { series, startApi, type TestApi, type TestApiOptions, writeBody } from '../support/api.ts';

const T = 1_700_000_000_000;

function start(options: TestApiOptions = {}): TestApi {
  const limits = { ...DEFAULT_LIMITS, retentionMs: 0 };
  const { settings, ...rest } = options;
  return startApi({
    storage: new MemoryStorage({ limits }),
    settings: { retention: 0, ...settings },
    ...rest,
  });
}

async function query(
  { app }: TestApi,
  q: string,
  params: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const url = `/query?${new URLSearchParams({ db: 'default', epoch: 'ms', ...params, q })}`;
  const { results } = (await app.inject({ method: 'POST', url })).json<{ results: unknown[] }>();
  return results.length === 1 ? results[0] : results;
}

/** Rows of the first series, or the error. */
async function rows(
  api: TestApi,
  q: string,
  params: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const result = (await query(api, q, params)) as {
    series?: [{ values?: unknown[][] }];
    error?: string;
  };
  return result.error ?? result.series?.[0].values ?? [];
}

function write({ app }: TestApi, lines: string, params: Record<string, string> = {}) {
  const url = `/write?${new URLSearchParams({ db: 'default', ...params })}`;
  return app.inject({ method: 'POST', url, payload: lines });
}

async function promql({ app }: TestApi, q: string, db = 'default'): Promise<unknown> {
  const url = `/api/v1/query?${new URLSearchParams({ db, query: q, time: String(T / 1000) })}`;
  const answer = (await app.inject(url)).json<{ data: { result: { metric: object }[] } }>();
  return answer.data.result.map(({ metric }) => metric);
}

test('what Prometheus wrote: name and labels are tags, markers are hidden, infinities are null', async () => {
  const api = start();
  const v = Float64Array.from([1, Number.NaN, Number.POSITIVE_INFINITY, 0]);
  setStaleAt(v, 3);
  const t = Float64Array.from(v, (_, i) => T + i * 1000);
  const labels = labelsFromObject({ __name__: 'up', job: 'node', time: 'now' });
  await api.storage.database('default')!.write({
    series: [{ labels, samples: floatColumns(t, v), exemplars: [] }],
    metadata: [],
    rejections: [],
  });
  expect(await query(api, 'SELECT * FROM up')).toEqual({
    statement_id: 0,
    series: [
      {
        name: 'up',
        columns: ['time', '__name__', 'job', 'time_1', 'value'],
        values: [
          [T, 'up', 'node', 'now', 1],
          [T + 2000, 'up', 'node', 'now', null],
        ],
      },
    ],
  });
  expect(await rows(api, 'SELECT count(value) FROM up')).toEqual([[0, 2]]);
  expect(await rows(api, 'SHOW TAG KEYS')).toEqual([['__name__'], ['job'], ['time_1']]);
  expect(await rows(api, 'SHOW SERIES')).toEqual([['up,__name__=up,job=node,time_1=now']]);
  expect(
    await rows(api, "SELECT value FROM up WHERE __name__ = 'up' AND job =~ /^(node)$/"),
  ).toHaveLength(2);
});

test('fields are metrics, and come back with name and type where metrics collide', async () => {
  const api = start();
  const body = writeBody(1, series({ __name__: 'a_b_c', host: 'p' }, [T, 9]));
  await api.app.inject({
    method: 'POST',
    url: '/api/v1/prom/write?db=default',
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
    payload: body,
  });
  expect(
    (await write(api, `a,host=x b_c=1i ${T}000000\na_b,host=x c=true ${T}000000`)).statusCode,
  ).toBe(204);
  expect((await write(api, `m value=5,other=2 ${T}000000`)).statusCode).toBe(204);
  expect(await rows(api, 'SHOW MEASUREMENTS')).toEqual([['a'], ['a_b'], ['a_b_c'], ['m']]);
  expect(await rows(api, 'SELECT * FROM a')).toEqual([[T, 1, 'x']]);
  expect(await rows(api, 'SELECT * FROM a_b')).toEqual([[T, true, 'x']]);
  expect(await rows(api, 'SELECT value FROM a_b_c')).toEqual([[T, 9]]);
  expect(await rows(api, 'SHOW FIELD KEYS FROM a')).toEqual([['b_c', 'integer']]);
  expect(await promql(api, '{__name__=~"m.*"}')).toEqual([
    { __name__: 'm' },
    { __name__: 'm_other' },
  ]);
  expect(await promql(api, 'a_b_c')).toEqual([
    { __name__: 'a_b_c', __origin__: 'a.b_c', host: 'x' },
    { __name__: 'a_b_c', __origin__: 'a_b.c', host: 'x' },
    { __name__: 'a_b_c', host: 'p' },
  ]);
  await query(api, 'DROP MEASUREMENT a_b');
  expect(await rows(api, 'SHOW MEASUREMENTS')).toEqual([['a'], ['a_b_c'], ['m']]);
  expect((await write(api, `a_b,host=x c=1.5 ${T}000000`)).statusCode).toBe(204);
  expect(await rows(api, 'SELECT c FROM a_b')).toEqual([[T, 1.5]]);
});

test('points whose names nobody can store are refused however often they come, and nothing else is', async () => {
  const api = start();
  expect((await write(api, `m,host=x v=1 ${T}000000`)).statusCode).toBe(204);
  const lines = [
    `m,time=x v=1 ${T}000000`,
    `m,__name__=n v=1 ${T}000000`,
    `m,__origin__=n v=1 ${T}000000`,
    `m,host=x time=1 ${T}000000`,
  ];
  for (let i = 0; i < 2; i++) {
    for (const line of lines) {
      const refused = await write(api, `${line}\nm,host=x v=2 ${T + i}000000`);
      expect(refused.statusCode).toBe(400);
      expect(refused.body).toMatch(/partial write: invalid (tag key|field name): .* dropped=1/);
    }
  }
  expect(await rows(api, 'SELECT v FROM m')).toEqual([
    [T, 2],
    [T + 1, 2],
  ]);
});

test('strings are left out and counted, the rest of their points stays', async () => {
  const api = start();
  expect((await write(api, `log,app=x message="hi",size=3i ${T}000000`)).statusCode).toBe(204);
  expect((await write(api, `log,app=x message="only" ${T}000000`)).statusCode).toBe(204);
  expect(await rows(api, 'SELECT * FROM log')).toEqual([[T, 'x', 3]]);
  const refused = await write(api, `log,app=x message=1 ${T}000000`);
  expect(refused.body).toContain('is type float, already exists as type string dropped=1');
  const metrics = (await api.app.inject('/metrics')).body;
  expect(metrics).toContain(
    'tidemark_lossy_values_total{protocol="line_protocol",reason="string_dropped"} 2',
  );
});

test('integers that no sample holds are rounded and counted', async () => {
  const api = start();
  await write(
    api,
    `m a=9007199254740993i,b=9007199254740994i,c=-9223372036854775808i,d=9223372036854775807i ${T}000000`,
  );
  expect(await rows(api, 'SELECT a, b, c, d FROM m')).toEqual([
    [T, 2 ** 53, 2 ** 53 + 2, -(2 ** 63), 2 ** 63],
  ]);
  expect((await api.app.inject('/metrics')).body).toContain(
    'tidemark_lossy_values_total{protocol="line_protocol",reason="integer_rounded"} 2',
  );
});

test('strings are refused if settings say so, and other points stay', async () => {
  const api = start({ settings: { 'influx.strings': 'reject' } });
  const refused = await write(
    api,
    `log,app=x message="hi",size=3i ${T}000000\nlog,app=x size=4i ${T}000000\nlog,app=y text="a" ${T}000000`,
  );
  expect([refused.statusCode, refused.json()]).toEqual([
    400,
    {
      error:
        'partial write: strings are not stored (--influx.strings): input field "text" on measurement "log" is type string dropped=2',
    },
  ]);
  expect(await rows(api, 'SELECT * FROM log')).toEqual([[T, 'x', 4]]);
  expect((await write(api, `log,app=x message=1 ${T}000000`)).statusCode).toBe(204);
  const metrics = (await api.app.inject('/metrics')).body;
  expect(metrics).not.toContain('reason="string_dropped"');
  expect(metrics).toContain(
    'tidemark_rejected_samples_total{protocol="line_protocol",reason="invalid_line"} 2',
  );
});

test('extra labels are tags of every point, over its own', async () => {
  const api = start();
  const lines = `m,dc=us,host=a v=1 ${T}000000\nm v=2 ${T + 1}000000`;
  const url = '/write?db=default&extra_label=dc=eu&extra_label=host=';
  const answer = await api.app.inject({ method: 'POST', url, payload: lines });
  expect(answer.statusCode).toBe(204);
  await write(api, `m,dc=us v=3 ${T + 2}000000`);
  expect(await rows(api, 'SELECT * FROM m')).toEqual([
    [T, 'eu', 1],
    [T + 1, 'eu', 2],
    [T + 2, 'us', 3],
  ]);
  expect((await write(api, lines, { extra_label: 'dc' })).statusCode).toBe(400);
});

test('times finer than a millisecond are cut and counted; of two in one the last counts', async () => {
  const api = start();
  await write(api, `m a=1,b=2 ${T}000001\nm a=3 ${T}999999\nm a=4 ${T + 1}000000`);
  expect(await rows(api, 'SELECT a, b FROM m')).toEqual([
    [T, 3, 2],
    [T + 1, 4, null],
  ]);
  expect((await api.app.inject('/metrics')).body).toContain(
    'tidemark_lossy_values_total{protocol="line_protocol",reason="time_below_millisecond"} 3',
  );
});

test('metrics of fields are named as the server or the database says, when they are new', async () => {
  const api = start({ settings: { 'influx.naming': 'always-suffix' } });
  const set = (fieldNaming: string) =>
    api.app.inject({
      method: 'PATCH',
      url: '/api/v1/admin/databases/own',
      payload: JSON.stringify({ fieldNaming }),
    });
  await query(api, 'CREATE DATABASE own');
  await query(api, 'CREATE RETENTION POLICY long ON own DURATION INF REPLICATION 1');
  expect((await set('other')).statusCode).toBe(400);
  expect((await set('value-as-name')).json()).toMatchObject({
    data: { fieldNaming: 'value-as-name' },
  });
  const point = `m value=1,f=2 ${T}000000`;
  await write(api, point);
  await write(api, point, { db: 'own' });
  await write(api, point, { db: 'own', rp: 'long' });
  const named = async (db: string) =>
    ((await promql(api, '{__name__=~".+"}', db)) as { __name__: string }[]).map(
      ({ __name__ }) => __name__,
    );
  expect(await named('default')).toEqual(['m_f', 'm_value']);
  expect(await named('own')).toEqual(['m', 'm_f']);
  expect(await named('own..long')).toEqual(['m', 'm_f']);
  // What is known keeps its name.
  await set('default');
  await write(api, `m value=3 ${T + 1000}000000\nn value=4 ${T}000000`, { db: 'own' });
  expect(await named('own')).toEqual(['m', 'm_f', 'n_value']);
  expect(await rows(api, 'SELECT * FROM m', { db: 'own' })).toEqual([
    [T, 2, 1],
    [T + 1000, null, 3],
  ]);
  expect(await rows(api, 'SHOW FIELD KEYS FROM n', { db: 'own' })).toEqual([['value', 'float']]);
  expect(await rows(api, 'SELECT * FROM m')).toEqual([[T, 2, 1]]);
  expect(await rows(api, 'SHOW MEASUREMENTS')).toEqual([['m']]);
  await query(api, 'DROP MEASUREMENT m');
  expect(await named('default')).toEqual([]);
});

test('a retention policy is a database of the store', async () => {
  const api = start();
  await query(api, 'CREATE DATABASE db');
  await query(api, 'CREATE RETENTION POLICY long ON db DURATION INF REPLICATION 1');
  await write(api, `m value=1 ${T}000000`, { db: 'db' });
  await write(api, `m value=2 ${T}000000`, { db: 'db', rp: 'long' });
  const body = writeBody(1, series({ __name__: 'up' }, [T, 7]));
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' };
  for (const rp of ['long', 'nosuch']) {
    const url = `/api/v1/prom/write?db=db&rp=${rp}`;
    const { statusCode, headers: sent } = await api.app.inject({
      method: 'POST',
      url,
      headers,
      payload: body,
    });
    expect([statusCode, sent['x-influxdb-version']]).toEqual([rp === 'long' ? 204 : 500, '1.8.10']);
  }
  expect(await rows(api, 'SELECT value FROM db.autogen.m')).toEqual([[T, 1]]);
  expect(await rows(api, 'SELECT value FROM db.long.m')).toEqual([[T, 2]]);
  expect(await rows(api, 'SELECT value FROM db.long.up')).toEqual([[T, 7]]);
  expect(await promql(api, 'up', 'db..long')).toHaveLength(1);
  expect(await rows(api, 'SHOW DATABASES')).toEqual([['db'], ['default']]);
  await query(api, 'ALTER RETENTION POLICY long ON db DEFAULT');
  expect(await promql(api, 'up', 'db')).toHaveLength(1);
  await query(api, 'CREATE RETENTION POLICY short ON db DURATION 1h REPLICATION 1');
  expect((await write(api, `m value=3 ${T}000000`, { db: 'db', rp: 'short' })).body).toContain(
    'points beyond retention policy dropped=1',
  );
  await query(api, 'DROP DATABASE db');
  expect(api.storage.databaseNames()).toEqual(['default']);
});

test('limits of time and memory end a statement with their name', async () => {
  const lines = Array.from({ length: 200 }, (_, i) => `m value=${i} ${T + i}000000`).join('\n');
  const small = start({ settings: { 'query.max-samples': 100 } });
  await write(small, lines);
  expect(await rows(small, 'SELECT median(value) FROM m')).toContain('--query.max-samples');
  expect(await rows(small, 'SELECT mean(value) FROM m')).toEqual([[0, 99.5]]);
  const slow = start({ settings: { 'query.timeout': 0 } });
  await write(slow, lines);
  expect(await rows(slow, 'SELECT value FROM m')).toContain('query-timeout limit exceeded');
});

test.each([
  'SELECT count(value) FROM m WHERE time >= 0 AND time < 99999d GROUP BY time(1ns)',
  'SELECT sum(c) FROM (SELECT count(value) AS c FROM m WHERE time >= 0 AND time < 99999d GROUP BY time(1ns) fill(0))',
])(
  'a statement without end is listed and can be ended: %s',
  async (statement) => {
    const api = start();
    await write(api, `m value=1 ${T}000000`);
    const running = rows(api, `${statement}; SHOW DATABASES`);
    const list = async (): Promise<unknown[][]> => (await rows(api, 'SHOW QUERIES')) as unknown[][];
    let other = await list();
    while (other.length < 2) other = await list();
    expect(other[0]!.slice(1, 3)).toEqual([expect.stringContaining('time(1ns)'), 'default']);
    expect(await rows(api, 'KILL QUERY 4711')).toBe('no such query id: 4711');
    await query(api, `KILL QUERY ${String(other[0]![0])}`);
    await running;
    expect(await list()).toHaveLength(1);
  },
  20_000,
);

test('bodies may be compressed, up to a limit', async () => {
  const api = start();
  const send = (payload: Buffer) =>
    api.app.inject({
      method: 'POST',
      url: '/write?db=default',
      headers: { 'content-encoding': 'gzip' },
      payload,
    });
  expect((await send(gzipSync(`m value=1 ${T}000000`))).statusCode).toBe(204);
  expect(await rows(api, 'SELECT value FROM m')).toEqual([[T, 1]]);
  const bomb = await send(gzipSync(Buffer.alloc(25_000_001, 0x20)));
  expect([bomb.statusCode, bomb.body]).toEqual([413, '{"error":"Request Entity Too Large"}\n']);
});

test('forms with parts are judged by the database that they name, on all faces', async () => {
  const access = testAccess();
  const api = start({ settings: { auth: true }, access });
  await access.createUser('root', 'secret', true);
  await access.createUser('reader', 'right', false);
  access.setPrivilege('reader', 'mine', 'read');
  const headers = { authorization: basic('reader', 'right') };
  const ask = async (url: string, parts: Readonly<Record<string, string>>): Promise<number> => {
    const form = new FormData();
    for (const [name, content] of Object.entries(parts)) form.append(name, content);
    const payload = new Response(form);
    const type = { 'content-type': payload.headers.get('content-type')! };
    const body = Buffer.from(await payload.arrayBuffer());
    const all = { ...headers, ...type };
    return (await api.app.inject({ method: 'POST', url, headers: all, payload: body })).statusCode;
  };
  for (const name of ['mine', 'other']) await api.storage.createDatabase(name);
  for (const [path, key, text] of [
    ['/query', 'q', 'SELECT * FROM m'],
    ['/api/v1/query', 'query', 'up'],
  ] as const) {
    expect(await ask(path, { [key]: text, db: 'mine' })).toBe(200);
    expect(await ask(path, { [key]: text, db: 'other' })).toBe(403);
    expect(await ask(`${path}?db=other`, { [key]: text, db: 'mine' })).toBe(403);
    expect(await ask(`${path}?db=mine`, { [key]: text, db: 'other' })).toBe(200);
  }
});

test('pages of other sites change nothing', async () => {
  const api = start();
  const headers = { origin: 'http://evil.example', host: 'localhost:8086' };
  const ask = (q: string) =>
    api.app.inject({ url: `/query?db=default&q=${encodeURIComponent(q)}`, headers });
  expect((await ask('DROP DATABASE "default"')).statusCode).toBe(403);
  expect((await ask("CREATE USER x WITH PASSWORD 'y' WITH ALL PRIVILEGES")).statusCode).toBe(403);
  expect((await ask('KILL QUERY 1')).statusCode).toBe(403);
  expect((await ask('SHOW DATABASES')).statusCode).toBe(200);
});

test('a body counts as memory in use until its points are stored', async () => {
  const api = start();
  const database = api.storage.database('default')!;
  const held: number[] = [];
  const store = database.write.bind(database);
  database.write = (batch) => {
    held.push(api.context.bodies.heldBytes);
    return store(batch);
  };
  const body = `m value=1 ${T}000000`;
  expect((await write(api, body)).statusCode).toBe(204);
  expect([held, api.context.bodies.heldBytes]).toEqual([[body.length], 0]);
});

test('remote write and read for InfluxDB are refused in its words', async () => {
  const api = start();
  const type = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' };
  const push = (url: string, payload: Buffer) =>
    api.app.inject({ method: 'POST', url, headers: type, payload });
  const good = writeBody(1, series({ __name__: 'up' }, [T, 7]));
  const nothing = Buffer.from(snappyEncode(new Uint8Array(0)));
  const unsorted = writeBody(1, series({ __name__: 'up', a: 'x' }, [T, 7]), series({}, [T, 1]));
  for (const [url, payload, status, message] of [
    ['write?db=nosuch', good, 404, /^database not found: "nosuch"/],
    ['write?db=default&rp=nosuch', good, 500, /^retention policy not found: nosuch$/],
    ['write?db=default&consistency=x', good, 400, /^invalid consistency level$/],
    ['write?db=default', Buffer.from('garbage'), 400, /^snappy: corrupt input/],
    ['write?db=default', unsorted, 400, /^partial write: 1 refused/],
    ['read?db=nosuch', nothing, 404, /^database not found: "nosuch"/],
    ['read?db=default', Buffer.from('garbage'), 400, /^snappy: corrupt input/],
  ] as const) {
    const answer = await push(`/api/v1/prom/${url}`, payload);
    const { error } = answer.json<{ error: string }>();
    expect([url, answer.statusCode, error]).toEqual([url, status, expect.stringMatching(message)]);
    expect(answer.headers['x-influxdb-error']).toBe(error.replaceAll('\n', ' '));
  }
});

test('databases are created by writes only if settings say so', async () => {
  const api = start({ settings: { 'influx.auto-create-database': true } });
  expect((await write(api, `m value=1 ${T}000000`, { db: 'fresh' })).statusCode).toBe(204);
  expect(await rows(api, 'SELECT value FROM m', { db: 'fresh' })).toEqual([[T, 1]]);
  const pushed = await api.app.inject({
    method: 'POST',
    url: '/api/v1/prom/write?db=pushed',
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
    payload: writeBody(1, series({ __name__: 'up' }, [T, 7])),
  });
  expect(pushed.statusCode).toBe(204);
  expect(await rows(api, 'SELECT value FROM up', { db: 'pushed' })).toEqual([[T, 7]]);
  const logged: unknown[] = [];
  const logger: Logger = {
    log: (severity, _, fields) => {
      if (severity === 'warn') logged.push(fields?.database);
    },
  };
  const strict = start({ logger });
  for (const db of ['fresh', 'fresh', 'other']) {
    expect((await write(strict, 'm value=1', { db })).statusCode).toBe(404);
    const url = `/api/v1/prom/write?db=${db}`;
    expect((await strict.app.inject({ method: 'POST', url })).statusCode).toBe(404);
  }
  expect(logged).toEqual(['fresh', 'other']);
});

test('the version that clients are told is a setting', async () => {
  const api = start({ settings: { 'influx.version': '1.6.7' } });
  const ping = await api.app.inject('/ping');
  expect([ping.statusCode, ping.headers['x-influxdb-version']]).toEqual([204, '1.6.7']);
  const starting = start({ starting: true });
  expect((await starting.app.inject('/health')).statusCode).toBe(503);
});

test('large answers come in pieces and whole', async () => {
  const api = start();
  const lines = Array.from({ length: 30_000 }, (_, i) => `m,h=${i % 3} value=${i} ${T + i}000000`);
  await write(api, lines.join('\n'));
  const all = (await rows(api, 'SELECT value FROM m')) as number[][];
  expect(all).toHaveLength(30_000);
  expect(all.every(([t, v], i) => t === T + i && v === i)).toBe(true);
  const down = (await rows(api, 'SELECT value FROM m ORDER BY time DESC')) as number[][];
  expect(down).toEqual(all.toReversed());
  const url = `/query?db=default&epoch=ms&chunked=true&q=${encodeURIComponent('SELECT value FROM m')}`;
  const documents = (await api.app.inject(url)).body.trim().split('\n');
  expect(documents).toHaveLength(3);
  const parsed = documents.map((text) => JSON.parse(text).results[0]);
  expect(parsed.map(({ partial }) => partial)).toEqual([true, true, undefined]);
  expect(parsed.flatMap(({ series: [one] }) => one.values)).toEqual(all);
});

test.each(['/write?db=mine', '/api/v2/write?bucket=mine', '/api/v2/write?bucket=mine/autogen'])(
  '%s takes memory of the database that it writes to',
  async (url) => {
    const api = start();
    await query(api, 'CREATE DATABASE mine');
    const take = vi.spyOn(SharedBudget.prototype, 'take');
    const payload = `m v=1 ${T}000000`;
    expect((await api.app.inject({ method: 'POST', url, payload })).statusCode).toBe(204);
    expect(take.mock.calls).toEqual([['mine', payload.length]]);
    take.mockRestore();
  },
);
