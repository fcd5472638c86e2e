// The same requests to a real Prometheus and to us, over the same data: the same status, the same JSON.
// Times of the process and versions are masked; what differs for a reason has its reason in a table.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi, V1_TYPE, writeBody } from '../support/api.ts';
import { makeApiData } from '../support/api-data.ts';
import { type Answer, explainedBy, isSame } from '../support/api-differences.ts';
import {
  type ApiRequest,
  type Params,
  printRequest,
  request,
  wireForm,
} from '../support/api-requests.ts';
import { currentPrometheus, Prometheus } from '../support/prometheus.ts';

const peer = currentPrometheus();
if (peer === undefined) {
  process.stdout.write('api-differential: skipped, no Prometheus 3 found (TIDEMARK_PEERS)\n');
}

/** The end of the data: a whole quarter of a minute. */
const NOW = Math.floor(Date.now() / 15_000) * 15_000;
const seconds = (t: number): string => String(t / 1000);
const AT = { time: seconds(NOW) };
const RANGE = { start: seconds(NOW - 10 * 60_000), end: seconds(NOW), step: '60' };
const ALL = '{__name__!=""}';

const get = (path: string, params: Params = {}): ApiRequest => request(`/api/v1/${path}`, params);
const post = (path: string, params: Params = {}): ApiRequest =>
  request(`/api/v1/${path}`, params, { method: 'POST' });
const both = (path: string, params: Params = {}): ApiRequest[] => [
  get(path, params),
  post(path, params),
];

const QUERIES: readonly string[] = [
  ...['1', '-0', '1e-7', '1e21', '123456789.125', 'NaN', 'Inf', '-Inf', '"text"', '"ü\\n<&>"'],
  ...['time()', 'vector(1)', 'up', 'odd_values', 'requests_total', 'requests_total[1m]'],
  ...['rate(requests_total[5m])', 'sum by (job) (rate(requests_total[5m]))', 'nothing'],
  ...['{"my.metric"}', 'native', 'native[1m]', 'custom', 'rate(native[5m])', 'gone', 'stale'],
  ...['histogram_count(native)', 'topk(2, requests_total)', 'sort_desc(requests_total)'],
  ...['rate(temperature[5m])', 'temperature + on() requests_total', 'requests_total offset 5m'],
  ...['max_over_time(temperature[5m:1m])', 'label_replace(up, "x", "$1", "job", "(.*)")'],
  ...['up @ start()', 'absent(nothing)', 'quantile(2, temperature)', 'sum(native) + sum(up)'],
];

const BROKEN: readonly string[] = [
  ...['', ' ', 'sum(', 'up{', 'up{a=~"("}', 'foo bar', '1 +', 'rate(up)', 'unknown()', '{}'],
  ...['sum by', 'up[5m', 'up offset', '"unterminated', 'up{a="b"} @ x', 'up[0s]', 'a and 1'],
  ...['topk("a", up)', 'up{__name__="down"}', 'count_values(1, up)', '\\', 'up{job="a"', '1.2.3'],
];

function queryRequests(): ApiRequest[] {
  return [
    ...QUERIES.flatMap((query) => [
      get('query', { query, ...AT }),
      get('query_range', { query, ...RANGE }),
    ]),
    ...BROKEN.flatMap((query) => [
      get('query', { query }),
      get('query_range', { query, ...RANGE }),
      get('format_query', { query }),
      get('query_exemplars', { query }),
    ]),
    ...both('query', { query: 'requests_total', ...AT, limit: '1' }),
    ...both('query', { query: 'requests_total', ...AT, limit: '0' }),
    ...both('query_range', { query: 'requests_total', ...RANGE, limit: '1' }),
    ...both('query', { query: 'up', time: new Date(NOW).toISOString() }),
    ...both('query', { query: 'up', ...AT, stats: 'true' }),
    ...both('query_range', { query: 'up', ...RANGE, stats: 'all' }),
    ...both('query', { query: 'up', time: seconds(NOW + 60_000), lookback_delta: '30s' }),
    ...both('query', { query: 'up', time: seconds(NOW + 60_000), lookback_delta: '90' }),
    ...both('query', { query: '1', timeout: '5s', time: '1435781451.7816' }),
    get('query_range', { query: '1', ...RANGE, step: '1m' }),
    get('query_range', { query: '1', start: '0', end: '11000', step: '1' }),
    get('query_range', { query: '1', start: '0', end: '11001', step: '1' }),
    get('query_range', { query: '1', start: '5', end: '4', step: '1' }),
    get('query_range', { query: '1', start: '5', end: '6', step: '0' }),
    get('query_range', { query: '1', start: '5', end: '6', step: '-1' }),
    get('query_range', { query: 'time()', start: '1.5', end: '3.2', step: '0.4' }),
    get('query_range', {}),
    get('query_range', { start: '1' }),
    get('query_range', { start: '1', end: '2' }),
    get('query_range', { start: 'x' }),
    get('query_range', { start: '1', end: 'x' }),
    get('query_range', { start: '1', end: '2', step: 'x' }),
    get('query_range', { query: '1', start: '1', end: '2', step: '1e11' }),
    ...['time', 'timeout', 'lookback_delta', 'limit']
      .flatMap((name) =>
        ['x', '-1', '1.5', '99999999999999999999', '1h', '2024-02-30T00:00:00Z'].map((value) =>
          get('query', { query: '1', ...(name === 'time' ? {} : AT), [name]: value }),
        ),
      )
      .filter(isComparable),
  ];
}

/** Values that both servers take have answers that depend on the present. */
function isComparable({ params }: ApiRequest): boolean {
  const [name, value] = params.at(-1)!;
  return !(name === 'timeout' && (value === '-1' || value === '1.5' || value === '1h'));
}

const SELECTORS: readonly (readonly string[])[] = [
  ...[['up'], [ALL], ['nothing'], ['up', 'temperature'], ['up', 'up'], ['{job="a"}']],
  ...[['{job=~"a|b"}'], ['{job!~"a"}'], ['{job=~".+"}'], ['{"my.metric"}']],
  ...[['{}'], ['{job=~".*"}'], ['{job!="a"}'], ['up{'], ['up{job}'], ['up', '{}'], ['{a=~"("}']],
  ...[['1'], ['rate(up[5m])'], ['up offset 5m'], ['']],
];

function metadataRequests(): ApiRequest[] {
  const paths = ['labels', 'series', 'label/job/values', 'label/__name__/values'];
  return [
    ...paths.flatMap((path) => [
      get(path),
      ...SELECTORS.map((match) => get(path, { 'match[]': match })),
      ...['1', '2', '0', '-1', 'x', '1.5'].map((limit) => get(path, { 'match[]': ALL, limit })),
      ...['x', '', '2015-07-01T20:10:30.781Z', '-5'].map((start) =>
        get(path, { 'match[]': ALL, start }),
      ),
      get(path, { 'match[]': ALL, start: '5', end: '4' }),
      get(path, { 'match[]': ALL, end: 'x', limit: 'y' }),
      get(path, { 'match[]': ALL, start: seconds(NOW - 60_000), end: seconds(NOW) }),
    ]),
    ...SELECTORS.flatMap((match) => [
      post('labels', { 'match[]': match }),
      post('series', { 'match[]': match }),
    ]),
    ...['nothing', 'my.label', 'U__my_2e_label', 'U__', 'U__a__b', 'U__zz_', 'ü', '1a', 'le'].map(
      (name) => get(`label/${encodeURIComponent(name)}/values`),
    ),
    ...[{ limit: 'x' }, { limit: '0' }, { limit_per_metric: 'x' }, { metric: 'nothing' }].map(
      (params) => get('metadata', params),
    ),
    ...[
      'requests_total',
      'rate(requests_total[5m])',
      'nothing',
      '1',
      'up or requests_total',
    ].flatMap((query) => both('query_exemplars', { query })),
    get('query_exemplars', {
      query: 'requests_total',
      start: seconds(NOW - 60_000),
      end: seconds(NOW),
    }),
    get('query_exemplars', { query: 'test', start: String(NOW - 60_000), end: String(NOW) }),
    get('query_exemplars', { query: 'up', start: '5', end: '4' }),
    get('query_exemplars', { query: 'up', start: 'x' }),
    ...QUERIES.flatMap((query) => both('format_query', { query })),
    get('format_query', {
      query:
        'sum by (job, instance) (rate(requests_total{job=~"a|b",instance!=""}[5m])) / on (job, instance) group_left () sum by (job) (up)',
    }),
    ...QUERIES.map((query) => get('parse_query', { query })),
  ];
}

function otherRequests(): ApiRequest[] {
  return [
    ...['', 'active', 'dropped', 'any', 'x'].map((state) => get('targets', { state })),
    ...[{}, { limit: 'x' }, { match_target: '{' }, { metric: 'up' }].map((params) =>
      get('targets/metadata', params),
    ),
    ...['scrape_pools', 'alertmanagers', 'alerts', 'notifications', 'rules'].map((path) =>
      get(path),
    ),
    ...[
      { type: 'alert' },
      { type: 'Record' },
      { type: 'x' },
      { exclude_alerts: 'TRUE' },
      { exclude_alerts: 'x' },
      { group_limit: 'x' },
      { group_limit: '0' },
      { group_limit: '3000000000' },
      { group_limit: '5' },
      { group_next_token: 'x' },
      { group_limit: '5', group_next_token: 'x' },
      { 'match[]': '{}' },
      { 'match[]': 'up{' },
      { 'rule_name[]': ['a', 'b'], 'file[]': 'x' },
    ].map((params) => get('rules', params)),
    ...['buildinfo', 'runtimeinfo', 'config', 'walreplay', 'tsdb'].map((path) =>
      get(`status/${path}`),
    ),
    ...['0', '-1', 'x', '10001', '1'].map((limit) => get('status/tsdb', { limit })),
    request('/api/v1/query', {}, { method: 'OPTIONS' }),
    ...['delete_series', 'clean_tombstones'].map((path) => post(`admin/tsdb/${path}`)),
    post('admin/tsdb/delete_series', { 'match[]': 'up{' }),
    post('admin/tsdb/delete_series', { 'match[]': 'nothing', start: 'x' }),
    post('admin/tsdb/delete_series', { 'match[]': 'nothing' }),
    request('/federate', { 'match[]': 'up{' }),
    request('/federate', { 'match[]': '' }),
    request('/federate'),
    ...[ALL, 'up', 'odd_values', 'requests_total', '{"my.metric"}', 'custom', 'stale'].flatMap(
      (match) =>
        [
          '',
          'text/plain;version=0.0.4',
          'text/plain;version=1.0.0;escaping=allow-utf-8',
          'text/plain;version=1.0.0;escaping=values',
          'text/plain;escaping=dots;q=0.5,text/html',
        ].map((accept) =>
          request('/federate', { 'match[]': match }, accept === '' ? {} : { headers: { accept } }),
        ),
    ),
  ];
}

/** Answers of which only the form can be compared. */
const FORM_ONLY = /^\/api\/v1\/status\/(buildinfo|runtimeinfo|config|walreplay|tsdb)/;

describe.skipIf(peer === undefined)(`beside Prometheus ${peer?.version}`, () => {
  let api: TestApi;
  let prometheus: Prometheus;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tidemark-api-differential-'));
    const features = ['exemplar-storage', 'native-histograms', 'promql-experimental-functions'];
    prometheus = await Prometheus.start({
      peer: peer!,
      folder,
      config: () => 'global:\n  scrape_interval: 1h\n',
      flags: [
        '--web.enable-remote-write-receiver',
        '--web.enable-admin-api',
        `--enable-feature=${features.join(',')}`,
      ],
    });
    api = startApi({
      settings: {
        'enable-feature': ['promql-experimental-functions'],
        'web.enable-admin-api': true,
      },
    });
    const payload = writeBody(1, ...makeApiData(NOW));
    const headers = {
      'content-type': V1_TYPE,
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
    };
    // A copy: bodies are freed once they are stored.
    const sent = { headers, payload: Buffer.from(payload) };
    const own = await api.app.inject({ method: 'POST', url: '/api/v1/write', ...sent });
    expect([own.statusCode, own.body]).toEqual([204, '']);
    const url = `${prometheus.url}/api/v1/write`;
    const theirs = await fetch(url, { method: 'POST', headers, body: new Uint8Array(payload) });
    expect([theirs.status, await theirs.text()]).toEqual([204, '']);
  }, 60_000);

  afterAll(async () => {
    await prometheus?.kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  async function askOurs(one: ApiRequest): Promise<Answer> {
    const { url, headers, body } = wireForm(one);
    const answer = await api.app.inject({
      method: one.method,
      url,
      headers,
      ...(body === undefined ? {} : { payload: body }),
    });
    const type = String(answer.headers['content-type'] ?? '');
    return toAnswer(answer.statusCode, type, answer.body);
  }

  async function askTheirs(one: ApiRequest): Promise<Answer> {
    const { url, headers, body } = wireForm(one);
    const init = { method: one.method, headers: { accept: '', ...headers } };
    const response = await fetch(
      prometheus.url + url,
      body === undefined ? init : { ...init, body },
    );
    const type = response.headers.get('content-type') ?? '';
    return toAnswer(response.status, type, await response.text());
  }

  async function compare(requests: readonly ApiRequest[]): Promise<void> {
    const unexplained: string[] = [];
    for (const one of requests) {
      const [own, theirs] = [await askOurs(one), await askTheirs(one)].map((answer) =>
        masked(one, answer),
      ) as [Answer, Answer];
      if (isSame(own, theirs) || explainedBy(one, own, theirs) !== undefined) continue;
      unexplained.push(`${printRequest(one)}\n  ours   ${print(own)}\n  theirs ${print(theirs)}\n`);
    }
    expect(unexplained.join('')).toBe('');
  }

  test('queries', () => compare(queryRequests()), 60_000);
  test('labels, series, exemplars, the language', () => compare(metadataRequests()), 60_000);
  test('everything else', () => compare(otherRequests()), 60_000);
});

/** The start of an answer, for messages. */
function print({ status, contentType, body }: Answer): string {
  return `${status} ${contentType} ${JSON.stringify(body).slice(-500)}`;
}

function toAnswer(status: number, contentType: string, text: string): Answer {
  const isJson = contentType.startsWith('application/json');
  return { status, contentType, body: isJson ? sortKeys(JSON.parse(text)) : text };
}

/** Order of keys inside of labels is compared elsewhere; here the same JSON means the same values. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, sortKeys(one)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function masked({ path }: ApiRequest, { status, contentType, body }: Answer): Answer {
  return { status, contentType, body: FORM_ONLY.test(path) ? formOf(body) : maskStats(body) };
}

/** Every number and text by its type alone, lists by their first item. */
function formOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(formOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, formOf(one)]));
}

function maskStats(body: unknown): unknown {
  const data = (body as { data?: { stats?: unknown } } | null)?.data;
  if (data?.stats === undefined) return body;
  return { ...(body as object), data: { ...data, stats: formOf(data.stats) } };
}
