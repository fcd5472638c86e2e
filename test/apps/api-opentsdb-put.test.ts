// /api/put: what is stored, and what senders are answered in each of the ways they may ask for.

import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { startApi, type TestApi, type TestApiOptions } from '../support/api.ts';

const T = Math.floor(Date.now() / 1000) - 60;
const POINT = { metric: 'sys.cpu', timestamp: T, value: 1.5, tags: { host: 'a' } };

let api: TestApi;
afterEach(() => api.app.close());

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function put(
  body: unknown,
  params = '',
  headers: Readonly<Record<string, string>> = {},
  path = '/api/put',
): Promise<Answer> {
  const payload = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const answer = await api.app.inject({
    method: 'POST',
    url: `${path}${params}`,
    payload,
    headers,
  });
  return {
    status: answer.statusCode,
    body: answer.body === '' ? '' : (JSON.parse(answer.body) as unknown),
  };
}

async function stored(database = 'default'): Promise<number> {
  const params = new URLSearchParams({ 'match[]': '{__name__=~".+"}', db: database });
  const answer = await api.app.inject({ method: 'GET', url: `/api/v1/export?${params}` });
  const lines = answer.body.split('\n').filter(Boolean);
  return lines.reduce((sum, line) => sum + JSON.parse(line).values.length, 0);
}

function start(options: TestApiOptions = {}): void {
  api = startApi(options);
}

describe('points are stored', () => {
  test.each([
    ['', 204, ''],
    ['?sync', 204, ''],
    ['?summary', 200, { success: 2, failed: 0 }],
    ['?details', 200, { success: 2, failed: 0, errors: [] }],
    ['?details&sync&sync_timeout=100', 200, { success: 2, failed: 0, timeouts: 0, errors: [] }],
    ['?details=true&summary=true', 200, { success: 2, failed: 0, errors: [] }],
  ])('with %j', async (params, status, body) => {
    start();
    expect(await put([POINT, { ...POINT, timestamp: T * 1000 + 1 }], params)).toEqual({
      status,
      body,
    });
    expect(await stored()).toBe(2);
  });

  test('and answer a query', async () => {
    start();
    expect(await put(POINT)).toEqual({ status: 204, body: '' });
    const url = `/api/v1/query?query=${encodeURIComponent('{"sys.cpu"}')}&time=${T + 1}`;
    const answer = await api.app.inject({ method: 'GET', url });
    expect(answer.json().data.result).toEqual([
      { metric: { __name__: 'sys.cpu', host: 'a' }, value: [T + 1, '1.5'] },
    ]);
  });

  test.each(['/opentsdb/api/put', '/insert/team/opentsdb/api/put'])('at %s', async (path) => {
    start();
    expect((await put(POINT, '?extra_label=dc=eu', {}, path)).status).toBe(204);
    expect(await stored(path.includes('team') ? 'team' : 'default')).toBe(1);
  });

  test('compressed', async () => {
    start();
    const body = gzipSync(JSON.stringify([POINT]));
    expect((await put(body, '', { 'content-encoding': 'gzip' })).status).toBe(204);
    expect(await stored()).toBe(1);
  });
});

describe('of points of which some are wrong the others are stored', () => {
  const WRONG = { ...POINT, value: 'x' };
  const late = { ...POINT, timestamp: T + 1_000_000 };

  test('without details', async () => {
    start();
    expect(await put([WRONG, POINT])).toEqual({
      status: 400,
      body: {
        error: {
          code: 400,
          message: 'One or more data points had errors',
          details: 'Please see the TSD logs or append "details" to the put request',
        },
      },
    });
    expect(await stored()).toBe(1);
  });

  test('with a summary', async () => {
    start();
    expect(await put([WRONG, POINT, late], '?summary')).toEqual({
      status: 400,
      body: { success: 1, failed: 2 },
    });
  });

  test('with details', async () => {
    start();
    expect(await put([WRONG, POINT, late, null], '?details')).toEqual({
      status: 400,
      body: {
        success: 1,
        failed: 3,
        errors: [
          {
            error: 'Unable to parse value to a number',
            datapoint: { metric: 'sys.cpu', timestamp: T, value: 'x', tags: { host: 'a' } },
          },
          { error: 'Unexpected null datapoint encountered in set.', datapoint: null },
          { error: expect.stringContaining('too far in the future'), datapoint: null },
        ],
      },
    });
  });
});

describe('refused as a whole', () => {
  test.each([
    ['', 400, 'Missing request content'],
    ['[]', 400, 'No datapoints found in content'],
    ['7', 400, 'The JSON must start as an object or an array'],
    ['{"metric":', 400, expect.stringContaining('malformed JSON')],
  ])('%j', async (body, code, message) => {
    start();
    expect(await put(body, '?details')).toEqual({
      status: code,
      body: { error: { code, message } },
    });
  });

  test('a body that is too large', async () => {
    start({ settings: { 'limits.max-body-size': 10 } });
    expect(await put(POINT)).toMatchObject({ status: 413, body: { error: { code: 413 } } });
  });

  test('another method', async () => {
    start();
    const answer = await api.app.inject({ method: 'GET', url: '/api/put' });
    expect([answer.statusCode, answer.json().error.code]).toEqual([405, 405]);
  });

  test('an unknown database', async () => {
    start();
    expect(await put(POINT, '?db=nope')).toMatchObject({
      status: 404,
      body: { error: { code: 404 } },
    });
  });

  test('while the server starts', async () => {
    start({ starting: true });
    expect(await put(POINT)).toMatchObject({ status: 503, body: { error: { code: 503 } } });
  });
});

test('OpenTSDB’s rules hold if they are wanted', async () => {
  start({ settings: { 'opentsdb.strict': true } });
  expect(
    await put([{ ...POINT, tags: {} }, { ...POINT, metric: 'a:b' }, POINT], '?details'),
  ).toMatchObject({
    body: {
      success: 1,
      errors: [
        { error: 'Missing tags' },
        { error: 'Invalid metric name ("a:b"): illegal character: :' },
      ],
    },
  });
});
