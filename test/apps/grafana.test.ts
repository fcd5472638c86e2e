// The calls of Grafana's Prometheus data source, as it makes them: "Save & test", exemplar probe,
// variables, query builder, panels, Explore, alerting.

import { gunzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { labelsFromObject } from '../../src/model/labels.ts';
import { ResetHint, rawFloat64 } from '../../src/model/native-histogram.ts';
import { series, startApi, type TestApi } from '../support/api.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const MINUTE = 60_000;
/** The end of the last whole minute: panels are aligned to their step. */
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;

let api: TestApi;
beforeAll(async () => {
  api = startApi();
  const times = Array.from({ length: 31 }, (_, i) => NOW - (30 - i) * MINUTE);
  const counter = times.map((t, i): [number, number] => [t, i * 60]);
  await api.storage.database('default')!.write({
    series: [
      {
        ...series({ __name__: 'http_requests_total', job: 'api', 'k8s.pod': 'p-1' }, ...counter),
        exemplars: [
          { labels: labelsFromObject({ trace_id: 'abc' }), value: 0.25, t: NOW - MINUTE },
        ],
      },
      series({ __name__: 'http_requests_total', job: 'web' }, ...counter),
      series({ __name__: 'up', job: 'api' }, [NOW - MINUTE, 0], [NOW, 1]),
      {
        labels: labelsFromObject({ __name__: 'latency', job: 'api' }),
        samples: {
          length: 1,
          t: Float64Array.of(NOW),
          v: new Float64Array(1),
          startT: undefined,
          histograms: [
            {
              kind: 'integer',
              resetHint: ResetHint.unknown,
              schema: 0,
              zeroThreshold: 0.001,
              zeroCount: 1n,
              count: 6n,
              sum: rawFloat64(10.5),
              positiveSpans: [{ offset: 0, length: 2 }],
              negativeSpans: [{ offset: 0, length: 1 }],
              positiveCounts: [2n, 1n],
              negativeCounts: [2n],
              customValues: [],
            },
          ],
        },
        exemplars: [],
      },
    ],
    metadata: [
      { metric: 'http_requests_total', type: 'counter', help: 'Requests.', unit: '' },
      { metric: 'up', type: 'gauge', help: 'Is it up?', unit: '' },
    ],
    rejections: [],
  });
});

interface Answer {
  readonly status: number;
  readonly body: {
    readonly status: string;
    readonly data: unknown;
    readonly [key: string]: unknown;
  };
}

async function get(path: string, params: Record<string, string> = {}): Promise<Answer> {
  const answer = await api.app.inject(`/api/v1/${path}?${new URLSearchParams(params)}`);
  return { status: answer.statusCode, body: answer.json() };
}

/** The default method. Where it is refused, the data source repeats the call as GET. */
async function post(path: string, params: Record<string, string>): Promise<Answer> {
  const payload = new URLSearchParams(params).toString();
  const url = `/api/v1/${path}`;
  const answer = await api.app.inject({ method: 'POST', url, headers: FORM, payload });
  const posted = { status: answer.statusCode, body: answer.json() as Answer['body'] };
  expect(await get(path, params)).toEqual(posted);
  return posted;
}

const seconds = (t: number): string => String(t / 1000);
const success = (data: unknown): unknown => ({ status: 200, body: { status: 'success', data } });

test('"Save & test": one and one, then what kind of server it is', async () => {
  expect(await post('query', { query: '1+1', time: '4' })).toEqual(
    success({ resultType: 'scalar', result: [4, '2'] }),
  );
  const { body } = await get('status/buildinfo');
  const data = body.data as Record<string, unknown>;
  expect(data.version).toMatch(/^\d+\.\d+\.\d+$/);
  // With features the data source would take us for Mimir.
  expect(data).not.toHaveProperty('features');
});

test('the exemplar probe has milliseconds where seconds belong', async () => {
  const probe = { query: 'test', start: String(NOW - MINUTE), end: String(NOW) };
  expect(await post('query_exemplars', probe)).toEqual(success([]));
});

test('variables: label names and values by time, with the limit that is always sent', async () => {
  const range = { start: seconds(NOW - 60 * MINUTE), end: seconds(NOW), limit: '40000' };
  expect(await post('labels', range)).toEqual(success(['__name__', 'job', 'k8s.pod']));
  expect(await get('label/job/values', range)).toEqual(success(['api', 'web']));
  const matched = { ...range, 'match[]': 'http_requests_total{job="api"}' };
  expect(await get('label/job/values', matched)).toEqual(success(['api']));
  expect(await get('label/U__k8s_2e_pod/values', range)).toEqual(success(['p-1']));
  expect(await get('label/__name__/values', range)).toEqual(
    success(['http_requests_total', 'latency', 'up']),
  );
  expect(await post('series', { ...range, 'match[]': 'up' })).toEqual(
    success([{ __name__: 'up', job: 'api' }]),
  );
});

test('the selector for everything is taken, and cut at the limit', async () => {
  const everything = { 'match[]': '{__name__!=""}' };
  const all = await post('series', { ...everything, limit: '40000' });
  expect((all.body.data as unknown[]).length).toBe(4);
  expect(all.body).not.toHaveProperty('warnings');
  const cut = await post('series', { ...everything, limit: '3' });
  expect((cut.body.data as unknown[]).length).toBe(3);
  expect(cut.body.warnings).toEqual(['results truncated due to limit']);
});

test('metadata for the query builder', async () => {
  expect(await get('metadata', { limit: '40000' })).toEqual(
    success({
      http_requests_total: [{ type: 'counter', help: 'Requests.', unit: '' }],
      up: [{ type: 'gauge', help: 'Is it up?', unit: '' }],
    }),
  );
});

test('a panel: a range aligned to its step, with fractions', async () => {
  const answer = await post('query_range', {
    query: 'sum by (job) (rate(http_requests_total{job=~"api|web"}[5m0s]))',
    start: `${(NOW - 10 * MINUTE) / 1000}.000`,
    end: `${NOW / 1000}.000`,
    step: '300',
  });
  expect(answer).toEqual(
    success({
      resultType: 'matrix',
      result: ['api', 'web'].map((job) => ({
        metric: { job },
        values: [10, 5, 0].map((ago) => [(NOW - ago * MINUTE) / 1000, '1']),
      })),
    }),
  );
});

test('Explore sends both a range and an instant', async () => {
  const query = 'up{job="api"}';
  const instant = await post('query', { query, time: seconds(NOW) });
  expect(instant).toEqual(
    success({
      resultType: 'vector',
      result: [{ metric: { __name__: 'up', job: 'api' }, value: [NOW / 1000, '1'] }],
    }),
  );
  const range = { start: seconds(NOW - MINUTE), end: seconds(NOW), step: '15' };
  expect(await post('query_range', { query, ...range })).toEqual(
    success({
      resultType: 'matrix',
      result: [
        {
          metric: { __name__: 'up', job: 'api' },
          values: expect.arrayContaining([[NOW / 1000, '1']]),
        },
      ],
    }),
  );
});

test('resultType comes before result, for the streaming decoder', async () => {
  const answer = await api.app.inject('/api/v1/query?query=1');
  expect(answer.body).toMatch(/^\{"status":"success","data":\{"resultType":"scalar","result":\[/);
});

test('a heatmap: buckets as [boundaries, lower, upper, count]', async () => {
  const { body } = await post('query', { query: 'latency', time: seconds(NOW) });
  expect(body.data).toEqual({
    resultType: 'vector',
    result: [
      {
        metric: { __name__: 'latency', job: 'api' },
        histogram: [
          NOW / 1000,
          {
            count: '6',
            sum: '10.5',
            buckets: [
              [1, '-1', '-0.5', '2'],
              [3, '-0.001', '0.001', '1'],
              [0, '0.5', '1', '2'],
              [0, '1', '2', '1'],
            ],
          },
        ],
      },
    ],
  });
});

test('exemplars on a panel', async () => {
  const answer = await post('query_exemplars', {
    query: 'rate(http_requests_total[5m])',
    start: seconds(NOW - 30 * MINUTE),
    end: seconds(NOW),
  });
  expect(answer).toEqual(
    success([
      {
        seriesLabels: { __name__: 'http_requests_total', job: 'api', 'k8s.pod': 'p-1' },
        exemplars: [
          { labels: { trace_id: 'abc' }, value: '0.25', timestamp: (NOW - MINUTE) / 1000 },
        ],
      },
    ]),
  );
});

test('warnings and infos are notices beside the data', async () => {
  const { body } = await post('query', { query: 'rate(up[5m])', time: seconds(NOW) });
  expect(body.infos).toEqual([
    'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "up" (1:6)',
  ]);
});

test('a query with a mistake: the message that people see', async () => {
  const { status, body } = await post('query', { query: 'sum(up', time: seconds(NOW) });
  expect([status, body]).toEqual([
    400,
    {
      status: 'error',
      errorType: 'bad_data',
      error: 'invalid parameter "query": 1:7: parse error: unclosed left parenthesis',
    },
  ]);
});

test('rules and alerts for the alert list and for expanding recording rules', async () => {
  expect(await get('rules')).toEqual(success({ groups: [] }));
  expect(await get('rules', { type: 'alert' })).toEqual(success({ groups: [] }));
  expect(await get('alerts')).toEqual(success({ alerts: [] }));
});

test('answers are gzipped for who asks', async () => {
  const params = new URLSearchParams({
    query: 'http_requests_total',
    start: seconds(NOW - 30 * MINUTE),
    end: seconds(NOW),
    step: '15',
  });
  const url = `/api/v1/query_range?${params}`;
  const plain = await api.app.inject(url);
  const zipped = await api.app.inject({ url, headers: { 'accept-encoding': 'gzip' } });
  expect(zipped.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(zipped.rawPayload).toString()).toBe(plain.body);
});

test('a long query in a form, as dashboards with many variables make them', async () => {
  const query = `up{job=~"${Array.from({ length: 20_000 }, (_, i) => `job-${i}`).join('|')}|api"}`;
  const payload = new URLSearchParams({ query, time: seconds(NOW) }).toString();
  const url = '/api/v1/query';
  const answer = await api.app.inject({ method: 'POST', url, headers: FORM, payload });
  expect([answer.statusCode, answer.body.slice(0, 500)]).toEqual([200, expect.anything()]);
  expect((answer.json() as { data: { result: unknown[] } }).data.result.length).toBe(1);
});
