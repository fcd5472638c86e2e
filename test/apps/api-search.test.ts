// /api/v1/search/…: what fits, in which order, in lines of JSON.

import { expect, test } from 'vitest';
import { series, startApi, type TestApi } from '../support/api.ts';

const NOW = Date.now();
const HOUR = 3_600_000;

async function filled(): Promise<TestApi> {
  const api = startApi({ settings: { 'enable-feature': ['search-api'] } });
  const names = ['http_requests_total', 'http_errors_total', 'grpc_requests_total', 'up'];
  await api.storage.database('default')!.write({
    series: [
      ...names.map((name, i) => series({ __name__: name, job: `job-${i}` }, [NOW - 1000, 1])),
      series({ __name__: 'yesterday', job: 'x' }, [NOW - 24 * HOUR, 1]),
    ],
    metadata: [{ metric: 'up', type: 'gauge', help: 'Is it up?', unit: '' }],
    rejections: [],
  });
  return api;
}

async function lines(api: TestApi, url: string): Promise<unknown[]> {
  const answer = await api.app.inject(`/api/v1/search/${url}`);
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
  return answer.body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

const names = (...list: string[]): unknown => ({ results: list.map((name) => ({ name })) });
const end = (hasMore = false): unknown => ({ status: 'success', has_more: hasMore });

test.each<[url: string, expected: unknown[]]>([
  [
    'metric_names',
    [names('grpc_requests_total', 'http_errors_total', 'http_requests_total', 'up'), end()],
  ],
  [
    'metric_names?search[]=',
    [names('grpc_requests_total', 'http_errors_total', 'http_requests_total', 'up'), end()],
  ],
  ['metric_names?limit=2', [names('grpc_requests_total', 'http_errors_total'), end(true)]],
  [
    'metric_names?batch_size=3',
    [names('grpc_requests_total', 'http_errors_total', 'http_requests_total'), names('up'), end()],
  ],
  [
    'metric_names?sort_by=alpha&sort_dir=dsc&limit=3',
    [names('up', 'http_requests_total', 'http_errors_total'), end(true)],
  ],
  ['metric_names?search[]=nothing', [names(), end()]],
  ['metric_names?search[]=htot', [names('http_errors_total', 'http_requests_total'), end()]],
  ['metric_names?search[]=UP', [names(), end()]],
  ['metric_names?search[]=UP&case_sensitive=false', [names('up'), end()]],
  ['metric_names?search[]=up&search[]=grpc', [names('grpc_requests_total', 'up'), end()]],
  [
    'metric_names?search[]=requests&sort_by=alpha&sort_dir=dsc',
    [names('http_requests_total', 'grpc_requests_total'), end()],
  ],
  ['metric_names?search[]=http_requests&sort_by=score', [names('http_requests_total'), end()]],
  ['metric_names?search[]=htp_reqests_total&fuzz_alg=jarowinkler', [names(), end()]],
  [
    'metric_names?search[]=htp_reqests_total&fuzz_alg=jarowinkler&fuzz_threshold=80&sort_by=score&limit=1',
    [names('http_requests_total'), end(true)],
  ],
  [
    'metric_names?search[]=rpc&fuzz_alg=jarowinkler&include_score=1',
    [{ results: [{ name: 'grpc_requests_total', score: 1 - 0.9 / 16 }] }, end()],
  ],
  [
    'metric_names?search[]=up&include_metadata=true&include_score=true',
    [{ results: [{ name: 'up', score: 1, type: 'gauge', help: 'Is it up?' }] }, end()],
  ],
  [
    `metric_names?start=${(NOW - 48 * HOUR) / 1000}&end=${(NOW - 23 * HOUR) / 1000}`,
    [names('yesterday'), end()],
  ],
  ['metric_names?match[]={job="job-3"}', [names('up'), end()]],
  ['label_names', [names('__name__', 'job'), end()]],
  ['label_names?search[]=jb', [names('job'), end()]],
  [
    'label_values?label=job&search[]=3&fuzz_alg=jarowinkler',
    [{ results: [{ value: 'job-3' }] }, end()],
  ],
  ['label_values?label=none', [{ results: [] }, end()]],
])('%s', async (url, expected) => {
  expect(await lines(await filled(), url)).toEqual(expected);
});

test.each<[url: string, error: string]>([
  ['metric_names?start=x', `invalid time value for 'start': cannot parse "x" to a valid timestamp`],
  ['metric_names?start=2&end=1', 'end timestamp must not be before start timestamp'],
  ['metric_names?match[]={}', 'match[] must contain at least one non-empty matcher'],
  [`metric_names?${'search[]=a&'.repeat(33)}`, 'too many search[] terms: got 33, maximum is 32'],
  ['metric_names?fuzz_threshold=101', 'invalid fuzz_threshold "101": must be 0-100'],
  ['metric_names?fuzz_alg=x', 'unsupported fuzz_alg "x": must be one of [subsequence jarowinkler]'],
  ['metric_names?case_sensitive=x', 'invalid case_sensitive "x": must be boolean'],
  ['metric_names?sort_dir=asc', 'sort_dir is only valid when sort_by is set'],
  ['metric_names?sort_by=score&sort_dir=asc', 'sort_dir is not supported for sort_by=score'],
  ['metric_names?sort_by=alpha&sort_dir=up', 'invalid sort_dir "up": must be "asc" or "dsc"'],
  ['metric_names?sort_by=score', 'sort_by=score requires search[] to be set'],
  [
    'label_names?sort_by=size',
    'invalid sort_by "size" for label_names: must be "alpha" or "score"',
  ],
  ['metric_names?limit=0', 'invalid limit "0": must be a positive integer'],
  ['metric_names?limit=10001', 'limit 10001 exceeds the configured maximum (10000)'],
  ['metric_names?batch_size=x', 'invalid batch_size "x": must be a positive integer'],
  ['metric_names?include_metadata=x', 'invalid include_metadata "x": must be boolean'],
  ['label_values', 'missing required parameter "label"'],
])('%s is 400', async (url, error) => {
  const answer = await (await filled()).app.inject(`/api/v1/search/${url}`);
  expect(answer.json()).toEqual({ status: 'error', errorType: 'bad_data', error });
  expect(answer.statusCode).toBe(400);
});

test('takes forms; is off without its feature', async () => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const request = {
    method: 'POST',
    url: '/prometheus/api/v1/search/metric_names?limit=1',
    headers,
    payload: 'search[]=up&limit=2',
  } as const;
  const answer = await (await filled()).app.inject(request);
  expect(answer.body).toBe('{"results":[{"name":"up"}]}\n{"status":"success","has_more":false}\n');
  const off = await startApi().app.inject(request);
  expect([off.statusCode, off.json()]).toMatchObject([500, { errorType: 'unavailable' }]);
});
