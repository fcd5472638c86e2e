// /api/v1/query and /api/v1/query_range as far as HTTP goes: what becomes of parameters, how answers
// and failures are sent. Evaluation is a fake.

import { gunzipSync, inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { AppError, type ErrorKind } from '../../src/runtime/error.ts';
import { startApi, type TestApi } from '../support/api.ts';
import { FakeQueries } from '../support/fake-queries.ts';
import { LiveApi } from '../support/live-api.ts';

interface Faked extends TestApi {
  readonly queries: FakeQueries;
}

function faked(settings: Parameters<typeof startApi>[0] = {}): Faked {
  const queries = new FakeQueries();
  return { ...startApi({ ...settings, queries }), queries };
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const RANGE = '/api/v1/query_range?query=up&start=100&end=200&step=10';

test('an instant query, by GET and by POST, below every prefix', async () => {
  const query = 'query=1%2B1&time=4.5&limit=7&timeout=10s&lookback_delta=1m&stats=all&nocache=1';
  for (const prefix of ['', '/prometheus', '/select/0/prometheus']) {
    for (const method of ['GET', 'POST'] as const) {
      const { app, queries } = faked();
      const url = `${prefix}/api/v1/query`;
      const answer =
        method === 'GET'
          ? await app.inject(`${url}?${query}`)
          : await app.inject({ method, url, headers: FORM, payload: query });
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['content-type']).toBe('application/json');
      expect(answer.body).toBe('{"status":"success","data":null}');
      expect(queries.request).toEqual({
        query: '1+1',
        startT: 4500,
        endT: 4500,
        stepMs: undefined,
        limit: 7,
        timeoutMs: 10_000,
        lookbackMs: 60_000,
        stats: 'total',
        useCache: false,
        trace: false,
        warnings: [],
      });
    }
  }
});

test('defaults: now, no limit, the cache, no statistics', async () => {
  const { app, queries } = faked();
  const before = Date.now();
  await app.inject('/api/v1/query?query=up');
  const { startT, ...rest } = queries.request;
  expect(startT).toBeGreaterThanOrEqual(before);
  expect(rest).toEqual({
    query: 'up',
    endT: startT,
    stepMs: undefined,
    limit: 0,
    timeoutMs: undefined,
    lookbackMs: undefined,
    stats: 'none',
    useCache: true,
    trace: false,
    warnings: [],
  });
});

test('a range query: the body wins over the URL', async () => {
  const { app, queries } = faked();
  const payload = 'start=1435781430.781&end=2015-07-01T20:11:00Z&step=1m30s&trace=1';
  await app.inject({ method: 'POST', url: RANGE, headers: FORM, payload });
  expect(queries.request).toMatchObject({
    query: 'up',
    startT: 1435781430781,
    endT: 1435781460000,
    stepMs: 90_000,
    trace: true,
  });
});

test('the database is chosen as everywhere', async () => {
  const { app, storage, queries } = faked();
  await storage.createDatabase('team');
  await app.inject('/select/team/prometheus/api/v1/query?query=1');
  await app.inject({ url: '/api/v1/query?query=1', headers: { 'x-scope-orgid': 'team' } });
  expect(queries.requests.map(({ database }) => database.name)).toEqual(['team', 'team']);
  expect((await app.inject('/api/v1/query?query=1&db=none')).statusCode).toBe(404);
});

test.each<[stats: string, expected: string, warns: boolean]>([
  ['true', 'total', false],
  ['all', 'total', false],
  ['yes', 'total', true],
])('stats=%s', async (stats, expected, warns) => {
  const { app, queries } = faked();
  await app.inject(`/api/v1/query?query=1&stats=${stats}`);
  expect(queries.request.stats).toBe(expected);
  const text =
    'value "yes" for parameter "stats" is deprecated and will be rejected in the next major release, use "true" or "all"';
  expect(queries.request.warnings).toEqual(warns ? [text] : []);
});

test('no time at all is a timeout at once', async () => {
  const { app, queries } = faked();
  const answer = await app.inject('/api/v1/query?query=1&timeout=0');
  expect([answer.statusCode, answer.json()]).toMatchObject([503, { errorType: 'timeout' }]);
  expect(queries.requests).toEqual([]);
});

test('statistics per step need the feature', async () => {
  const { app, queries } = faked({ settings: { 'enable-feature': ['promql-per-step-stats'] } });
  await app.inject('/api/v1/query?query=1&stats=all');
  await app.inject('/api/v1/query?query=1&stats=true');
  expect(queries.requests.map(({ stats }) => stats)).toEqual(['perStep', 'total']);
});

const ZERO_STEP =
  'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer';
const RESOLUTION =
  'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)';

test.each<[url: string, error: string]>([
  ['query?limit=x', 'invalid parameter "limit": strconv.Atoi: parsing "x": invalid syntax'],
  ['query?limit=-1', 'invalid parameter "limit": limit must be non-negative'],
  [
    'query?time=x',
    `invalid parameter "time": invalid time value for 'time': cannot parse "x" to a valid timestamp`,
  ],
  ['query?timeout=x', 'invalid parameter "timeout": cannot parse "x" to a valid duration'],
  [
    'query?lookback_delta=x',
    'error parsing lookback delta duration: cannot parse "x" to a valid duration',
  ],
  ['query_range', 'invalid parameter "start": cannot parse "" to a valid timestamp'],
  ['query_range?start=x', 'invalid parameter "start": cannot parse "x" to a valid timestamp'],
  ['query_range?start=1', 'invalid parameter "end": cannot parse "" to a valid timestamp'],
  [
    'query_range?start=2&end=1&step=1',
    'invalid parameter "end": end timestamp must not be before start time',
  ],
  ['query_range?start=1&end=2', 'invalid parameter "step": cannot parse "" to a valid duration'],
  ['query_range?start=1&end=2&step=0', ZERO_STEP],
  ['query_range?start=1&end=2&step=-1', ZERO_STEP],
  ['query_range?start=1&end=2&step=1e-4', ZERO_STEP],
  [
    'query_range?start=1&end=2&step=1e10',
    'invalid parameter "step": cannot parse "1e10" to a valid duration. It overflows int64',
  ],
  ['query_range?start=0&end=11001&step=1', RESOLUTION],
])('GET /api/v1/%s is 400', async (url, error) => {
  const { app, queries } = faked();
  const answer = await app.inject(`/api/v1/${url}`);
  expect(answer.statusCode).toBe(400);
  expect(answer.body).toBe(JSON.stringify({ status: 'error', errorType: 'bad_data', error }));
  expect(queries.requests).toEqual([]);
});

test('11,000 steps are allowed, and what is left of one more', async () => {
  const { app } = faked();
  const answer = await app.inject('/api/v1/query_range?query=1&start=0&end=11000.999&step=1');
  expect(answer.statusCode).toBe(200);
});

test.each<[kind: ErrorKind, code: string, status: number, errorType: string, error: string]>([
  ['bad_data', 'PROMQL_PARSE', 400, 'bad_data', 'invalid parameter "query": why'],
  ['limit', 'PROMQL_EXECUTION', 422, 'execution', 'why'],
  ['timeout', 'PROMQL_TIMEOUT', 503, 'timeout', 'why'],
  ['canceled', 'PROMQL_CANCELED', 499, 'canceled', 'why'],
  ['unavailable', 'QUERY_QUEUE_FULL', 503, 'unavailable', 'why'],
  ['corrupt', 'TSDB_PART_CORRUPT', 500, 'internal', 'why'],
])('a query that fails with %s %s is %d', async (kind, code, status, errorType, error) => {
  const { app, queries } = faked();
  queries.error = new AppError(kind, code, 'why');
  const answer = await app.inject(RANGE);
  expect(answer.statusCode).toBe(status);
  expect(answer.body).toBe(JSON.stringify({ status: 'error', errorType, error }));
});

test('answers are gzipped or deflated as they are streamed', async () => {
  const { app, queries } = faked();
  const pieces = Array.from({ length: 100 }, (_, i) => `piece ${i},`);
  queries.pieces = pieces;
  const whole = pieces.join('');
  const zipped = await app.inject({ url: RANGE, headers: { 'accept-encoding': 'gzip' } });
  expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
  expect(gunzipSync(zipped.rawPayload).toString()).toBe(whole);
  const deflated = await app.inject({
    url: RANGE,
    headers: { 'accept-encoding': 'gzip;q=0, deflate' },
  });
  expect(deflated.headers['content-encoding']).toBe('deflate');
  expect(inflateSync(deflated.rawPayload).toString()).toBe(whole);
  const plain = await app.inject(RANGE);
  expect([plain.headers['content-encoding'], plain.body]).toEqual([undefined, whole]);
});

test('a whole answer arrives, and its memory is given back if nobody else has it', async () => {
  const queries = new FakeQueries();
  const live = await LiveApi.start({ queries });
  const text = JSON.stringify({ status: 'success', data: 'x'.repeat(2 ** 17) });
  try {
    for (const isOwn of [true, false]) {
      for (const coding of ['identity', 'gzip']) {
        const whole = new TextEncoder().encode(text).slice();
        Object.assign(queries, { whole, isOwn });
        const headers = { 'accept-encoding': coding };
        const answer = await fetch(live.url + RANGE, { headers });
        expect(await answer.text()).toBe(text);
        expect(whole.length).toBe(isOwn ? 0 : text.length);
      }
    }
  } finally {
    await live.close();
  }
});

test('the answer is JSON whatever Accept says', async () => {
  const { app } = faked();
  const answer = await app.inject({ url: RANGE, headers: { accept: 'text/html, image/png' } });
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'application/json']);
});

test('forms of more than 10 MiB are accepted', async () => {
  const { app, queries } = faked();
  const query = 'x'.repeat(11 * 2 ** 20);
  await app.inject({
    method: 'POST',
    url: '/api/v1/query',
    headers: FORM,
    payload: `query=${query}`,
  });
  expect(queries.request.query.length).toBe(query.length);
});

test('PUT and DELETE are 405', async () => {
  const { app } = faked();
  const answer = await app.inject({ method: 'PUT', url: '/api/v1/query' });
  expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'GET, POST']);
});

test('active and top queries are shown, and canceled by id', async () => {
  const { app, queries } = faked();
  queries.activeQueries = [
    {
      id: '7',
      language: 'promql',
      database: 'default',
      about: ['default'],
      query: 'up',
      startT: 100_500,
      endT: 200_000,
      stepMs: 1500,
      receivedAt: Date.now() - 2000,
      ageMs: 2000,
      state: 'running',
    },
  ];
  queries.topQueries = [1, 2].map((i) => ({
    database: 'default',
    about: ['default'],
    query: `q${i}`,
    count: 4,
    totalSeconds: 2,
    maxSeconds: 1,
    samplesRead: 1000,
  }));
  const active = (await app.inject('/api/v1/status/active_queries')).json() as {
    data: { queries: { durationSeconds: number }[] };
  };
  expect(active.data.queries).toMatchObject([
    { id: '7', query: 'up', start: 100.5, end: 200, step: 1.5, state: 'running' },
  ]);
  expect(active.data.queries[0]!.durationSeconds).toBeGreaterThanOrEqual(2);
  expect((await app.inject('/api/v1/status/top_queries?limit=1')).json()).toEqual({
    status: 'success',
    data: {
      queries: [
        {
          database: 'default',
          query: 'q1',
          count: 4,
          totalSeconds: 2,
          averageSeconds: 0.5,
          maxSeconds: 1,
          samplesRead: 1000,
        },
      ],
    },
  });
  const cancel = (id: string) =>
    app.inject({ method: 'POST', url: `/api/v1/admin/queries/${id}/cancel` });
  expect((await cancel('7')).statusCode).toBe(204);
  const missing = await cancel('8');
  expect([missing.statusCode, (missing.json() as { errorType: string }).errorType]).toEqual([
    404,
    'not_found',
  ]);
  const get = await app.inject('/api/v1/admin/queries/7/cancel');
  expect([get.statusCode, queries.canceled]).toEqual([405, ['7', '8']]);
});
