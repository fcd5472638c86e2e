// DataDog's routes: what its agent sends, in which encodings, with which credentials, and what it is answered.

import { deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { ProtobufWriter } from '../../src/protocol/protobuf-writer.ts';
import { testAccess } from '../support/access.ts';
import { startApi, type TestApi, type TestApiOptions } from '../support/api.ts';

const T = Math.floor(Date.now() / 1000) - 60;

let api: TestApi;
afterEach(() => api.app.close());

function start(options: TestApiOptions = {}): void {
  api = startApi(options);
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function post(
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' },
): Promise<Answer> {
  const payload = Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const answer = await api.app.inject({ method: 'POST', url: path, payload, headers });
  return { status: answer.statusCode, body: answer.body };
}

async function query(expression: string, database = 'default'): Promise<unknown> {
  const params = new URLSearchParams({ query: expression, time: String(T + 1), db: database });
  const answer = await api.app.inject({ method: 'GET', url: `/api/v1/query?${params}` });
  return answer.json().data.result;
}

const V1 = {
  series: [
    {
      metric: 'system.load-1',
      points: [[T, 0.5]],
      host: 'web-1',
      tags: ['env:prod'],
      type: 'gauge',
    },
  ],
};
const V2 = {
  series: [
    {
      metric: 'system.load-1',
      points: [{ timestamp: T, value: 0.5 }],
      resources: [{ name: 'web-1', type: 'host' }],
      tags: ['env:prod'],
      type: 3,
    },
  ],
};
const STORED = [
  {
    metric: { __name__: 'system.load_1', host: 'web-1', env: 'prod' },
    value: [T + 1, '0.5'],
  },
];

describe('series', () => {
  test.each([
    ['/datadog/api/v1/series', V1],
    ['/datadog/api/v1/series/', V1],
    ['/datadog/api/v2/series', V2],
    ['/api/v2/series', V2],
  ])('of %s are stored', async (path, body) => {
    start();
    expect(await post(path, body)).toEqual({ status: 202, body: '{"status":"ok"}' });
    expect(await query('{"system.load_1"}')).toEqual(STORED);
  });

  test('go to the database of the path, with extra labels', async () => {
    start();
    const path = '/insert/team/datadog/api/v1/series?extra_label=dc=eu&extra_label=env=test';
    expect((await post(path, V1)).status).toBe(202);
    expect(await query('{"system.load_1"}', 'team')).toMatchObject([
      { metric: { host: 'web-1', env: 'test', dc: 'eu' } },
    ]);
    expect(await query('{"system.load_1"}')).toEqual([]);
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ])('may be sent as %s', async (encoding, compress) => {
    start();
    const headers = { 'content-encoding': encoding, 'content-type': 'application/json' };
    const body = compress(JSON.stringify(V2));
    expect((await post('/datadog/api/v2/series', body, headers)).status).toBe(202);
    expect(await query('{"system.load_1"}')).toEqual(STORED);
  });

  test('may be protobuf, in version 2', async () => {
    start();
    const writer = new ProtobufWriter();
    const series = writer.beginMessage(1);
    const resource = writer.beginMessage(1);
    writer.string(1, 'host');
    writer.string(2, 'web-1');
    writer.endMessage(resource);
    writer.string(2, 'system.load-1');
    writer.string(3, 'env:prod');
    const point = writer.beginMessage(4);
    writer.double(1, 0.5);
    writer.uint(2, T);
    writer.endMessage(point);
    writer.endMessage(series);
    const headers = { 'content-type': 'application/x-protobuf' };
    const body = Buffer.from(writer.finish());
    expect(await post('/api/v2/series', body, headers)).toEqual({
      status: 202,
      body: '{"status":"ok"}',
    });
    expect(await query('{"system.load_1"}')).toEqual(STORED);
  });

  test('keep their names, if that is wanted', async () => {
    start({ settings: { 'datadog.sanitize-names': false } });
    await post('/datadog/api/v1/series', V1);
    expect(await query('{"system.load-1"}')).toHaveLength(1);
  });

  test('that are wrong are named, the others are stored', async () => {
    start();
    const tooLate = { metric: 'late', points: [[T + 1_000_000, 1]] };
    const answer = await post('/datadog/api/v1/series', {
      series: [{ metric: 'a', points: [[T, 'x']] }, ...V1.series, tooLate],
    });
    expect(answer.status).toBe(202);
    expect(JSON.parse(answer.body)).toEqual({
      status: 'ok',
      errors: ['series 1: point 0: bad value', expect.stringContaining('too far in the future')],
    });
    expect(await query('{"system.load_1"}')).toEqual(STORED);
  });

  test.each([
    ['{', 400, 'malformed JSON'],
    ['{"series":[{"metric":"","points":[[1,1]]}]}', 400, 'series 1: missing metric name'],
    [`{"series":[{"metric":"a","points":[[${T},"x"]]}]}`, 400, 'series 1: point 0: bad value'],
  ])('%j is refused', async (body, status, message) => {
    start();
    const answer = await post('/datadog/api/v1/series', Buffer.from(body));
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body).errors.join()).toContain(message);
  });

  test('in an unknown encoding are refused', async () => {
    start();
    const headers = { 'content-encoding': 'br' };
    const { status, body } = await post('/datadog/api/v2/series', Buffer.from('x'), headers);
    expect(status).toBe(415);
    expect(JSON.parse(body).errors[0]).toContain('Content-Encoding "br"');
  });

  test('are not those of Prometheus', async () => {
    start();
    const answer = await api.app.inject({ method: 'POST', url: '/api/v1/series?match[]=up' });
    expect(answer.json()).toEqual({ status: 'success', data: [] });
  });
});

test('what else the agent asks for is answered', async () => {
  start();
  const validate = await api.app.inject({ method: 'GET', url: '/datadog/api/v1/validate' });
  expect([validate.statusCode, validate.json()]).toEqual([200, { valid: true }]);
  for (const [path, body] of [
    ['/datadog/api/v1/check_run', '{"status":"ok"}'],
    ['/datadog/api/v1/metadata', '{}'],
    ['/datadog/intake/', '{}'],
  ] as const) {
    expect(await post(path, [])).toEqual({ status: 202, body });
  }
});

describe('with authentication', () => {
  test('an API key is a key', async () => {
    const access = testAccess();
    start({ access });
    await access.createUser('root', 'secret', true);
    const made = access.createKey({
      name: 'agent',
      scopes: ['write'],
      databases: ['default'],
      expiresAt: undefined,
    });
    const { id } = made.key;
    const key = `${id}.${made.secret}`;
    const refused = await post('/datadog/api/v1/series', V1, { 'dd-api-key': `${id}.wrong` });
    expect([refused.status, Object.keys(JSON.parse(refused.body))]).toEqual([401, ['errors']]);
    expect((await post('/datadog/api/v1/series', V1)).status).toBe(401);
    expect((await post('/datadog/api/v1/series', V1, { 'dd-api-key': key })).status).toBe(202);
    expect((await post(`/datadog/api/v1/series?api_key=${key}`, V1, {})).status).toBe(202);
    expect((await post('/datadog/api/v1/check_run', [], { 'dd-api-key': key })).status).toBe(202);
    const elsewhere = '/datadog/api/v1/check_run?db=other';
    expect((await post(elsewhere, [], { 'dd-api-key': key })).status).toBe(403);
  });

  test('without it the API key is not looked at', async () => {
    start();
    expect((await post('/datadog/api/v1/series', V1, { 'dd-api-key': '0123abcd' })).status).toBe(
      202,
    );
  });
});
