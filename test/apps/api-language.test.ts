// format_query, parse_query and query_exemplars: what needs a parser but no evaluation.

import { expect, test } from 'vitest';
import { labelsFromObject } from '../../src/model/labels.ts';
import { series, startApi, type TestApi } from '../support/api.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const data = (value: unknown): unknown => ({ status: 'success', data: value });

async function ask(api: TestApi, path: string, params: Record<string, string>): Promise<unknown> {
  const query = new URLSearchParams(params).toString();
  const got = await api.app.inject(`/api/v1/${path}?${query}`);
  const url = `/select/0/prometheus/api/v1/${path}`;
  const posted = await api.app.inject({ method: 'POST', url, headers: FORM, payload: query });
  expect([posted.statusCode, posted.body]).toEqual([got.statusCode, got.body]);
  return got.body === '' ? got.statusCode : got.json();
}

test('format_query', async () => {
  const api = startApi();
  expect(await ask(api, 'format_query', { query: ' foo/bar ' })).toEqual(data('foo / bar'));
  const long = `sum by (job) (rate(${'a'.repeat(50)}[5m])) / sum by (job) (rate(${'b'.repeat(50)}[5m]))`;
  expect(await ask(api, 'format_query', { query: long })).toEqual(
    data(
      `  sum by (job) (rate(${'a'.repeat(50)}[5m]))\n/\n  sum by (job) (rate(${'b'.repeat(50)}[5m]))`,
    ),
  );
});

test('parse_query', async () => {
  const api = startApi();
  expect(await ask(api, 'parse_query', { query: '-up{job="a"} offset 5m' })).toEqual(
    data({
      type: 'unaryExpr',
      op: '-',
      expr: {
        type: 'vectorSelector',
        name: 'up',
        matchers: [
          { name: 'job', type: '=', value: 'a' },
          { name: '__name__', type: '=', value: 'up' },
        ],
        offset: 300_000,
        offsetExpr: null,
        startOrEnd: null,
        timestamp: null,
        anchored: false,
        smoothed: false,
      },
    }),
  );
});

test.each<[path: string, query: string, error: string]>([
  [
    'format_query',
    '',
    'invalid parameter "query": unknown position: parse error: no expression found in input',
  ],
  ['parse_query', '1+', 'invalid parameter "query": 1:3: parse error: unexpected end of input'],
  ['query_exemplars', '1+', '1:3: parse error: unexpected end of input'],
  [
    'parse_query',
    'limitk(1, up)',
    'invalid parameter "query": 1:1: parse error: limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions',
  ],
])('%s of %j is 400', async (path, query, error) => {
  const answer = await ask(startApi(), path, { query });
  expect(answer).toEqual({ status: 'error', errorType: 'bad_data', error });
});

test('features and limits of the settings hold', async () => {
  const on = startApi({ settings: { 'enable-feature': ['promql-experimental-functions'] } });
  expect(await ask(on, 'format_query', { query: 'limitk(1, up)' })).toEqual(data('limitk(1, up)'));
  const short = startApi({ settings: { 'query.max-length': 10 } });
  expect(await ask(short, 'format_query', { query: 'up + up + up' })).toMatchObject({
    error: expect.stringContaining('query is 12 bytes long (limit 10, --query.max-length)'),
  });
});

/** A whole second of late: what is too old is refused. */
const T = Math.floor(Date.now() / 1000) * 1000 - 60_000;

async function withExemplars(): Promise<TestApi> {
  const api = startApi();
  const exemplar = (id: string, value: number, t: number) => ({
    labels: labelsFromObject({ trace_id: id }),
    value,
    t,
  });
  await api.storage.database('default')!.write({
    series: [
      {
        ...series({ __name__: 'm', job: 'b' }, [T, 1]),
        exemplars: [exemplar('x', 6, T + 1479), exemplar('y', 1e-7, T + 2000)],
      },
      {
        ...series({ __name__: 'm', job: 'a' }, [T, 1]),
        exemplars: [exemplar('z', Number.NaN, T + 3000)],
      },
    ],
    metadata: [],
    rejections: [],
  });
  return api;
}

test('exemplars of all selectors of the query, in the range, inclusive', async () => {
  const api = await withExemplars();
  const a = {
    seriesLabels: { __name__: 'm', job: 'a' },
    exemplars: [{ labels: { trace_id: 'z' }, value: 'NaN', timestamp: T / 1000 + 3 }],
  };
  const b = {
    seriesLabels: { __name__: 'm', job: 'b' },
    exemplars: [
      { labels: { trace_id: 'x' }, value: '6', timestamp: (T + 1479) / 1000 },
      { labels: { trace_id: 'y' }, value: '1e-07', timestamp: T / 1000 + 2 },
    ],
  };
  const exemplars = (params: Record<string, string>) => ask(api, 'query_exemplars', params);
  expect(await exemplars({ query: 'rate(m[5m])' })).toEqual(data([a, b]));
  expect(await exemplars({ query: 'm{job="a"} / ignoring(job) m{job="b"}' })).toEqual(data([a, b]));
  expect(
    await exemplars({
      query: 'm',
      start: String((T + 1479) / 1000),
      end: String((T + 1479) / 1000),
    }),
  ).toEqual(data([{ ...b, exemplars: [b.exemplars[0]] }]));
  expect(await exemplars({ query: 'nothing' })).toEqual(data([]));
});

test('Grafana probes with milliseconds where seconds belong', async () => {
  const api = await withExemplars();
  const answer = await ask(api, 'query_exemplars', {
    query: 'test',
    start: '1600096945479',
    end: '1600096955479',
  });
  expect(answer).toEqual(data([]));
});

test('a query without selectors has no content; a reversed range is refused', async () => {
  const api = startApi();
  expect(await ask(api, 'query_exemplars', { query: '1' })).toBe(204);
  expect(await ask(api, 'query_exemplars', { query: 'm', start: '2', end: '1' })).toEqual({
    status: 'error',
    errorType: 'bad_data',
    error: 'end timestamp must not be before start timestamp',
  });
});
