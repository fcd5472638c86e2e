// The metadata part of the Prometheus API: labels, values, series, metadata; parameters and forms.

import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { series, startApi, type TestApi } from '../support/api.ts';

const NOW = Date.now();
const HOUR = 3_600_000;

async function filled(): Promise<TestApi> {
  const api = startApi();
  await api.storage.database('default')!.write({
    series: [
      series({ __name__: 'up', job: 'a', 'my.label': 'x' }, [NOW, 1]),
      series({ __name__: 'up', job: 'b' }, [NOW - 2 * HOUR, 1]),
      series({ __name__: 'down', job: 'c' }, [NOW, 1]),
    ],
    metadata: [
      { metric: 'up', type: 'gauge', help: 'Is it up?', unit: '' },
      { metric: 'down', type: 'counter', help: '', unit: 's' },
    ],
    rejections: [],
  });
  return api;
}

const get = async (api: TestApi, url: string): Promise<unknown> =>
  (await api.app.inject(url)).json();
const post = async (api: TestApi, url: string, form: string): Promise<unknown> => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return (await api.app.inject({ method: 'POST', url, headers, payload: form })).json();
};
const data = (value: unknown): unknown => ({ status: 'success', data: value });

test.each<[url: string, expected: unknown]>([
  ['/api/v1/labels', ['__name__', 'job', 'my.label']],
  ['/api/v1/labels?match[]=down', ['__name__', 'job']],
  ['/api/v1/labels?match[]=nothing', []],
  ['/api/v1/label/job/values', ['a', 'b', 'c']],
  ['/api/v1/label/job/values?match[]=up', ['a', 'b']],
  ['/api/v1/label/job/values?match[]=up{job="b"}&match[]=down', ['b', 'c']],
  ['/api/v1/label/U__my_2e_label/values', ['x']],
  ['/api/v1/label/my.label/values', ['x']],
  ['/api/v1/label/nothing/values', []],
  ['/api/v1/label/__name__/values', ['down', 'up']],
  ['/prometheus/api/v1/label/job/values', ['a', 'b', 'c']],
  ['/select/0/prometheus/api/v1/label/job/values', ['a', 'b', 'c']],
  [`/api/v1/label/job/values?end=${(NOW - HOUR) / 1000}`, ['b']],
  [`/api/v1/label/job/values?start=${new Date(NOW - HOUR).toISOString()}`, ['a', 'c']],
  [`/api/v1/label/job/values?start=10&end=5`, []],
  // Grafana asks with milliseconds where seconds belong.
  [`/api/v1/label/job/values?start=${NOW}&end=${NOW + 1}`, []],
  ['/api/v1/label/job/values?start=-292273086-05-16T16:47:06Z', ['a', 'b', 'c']],
  ['/api/v1/series?match[]=down', [{ __name__: 'down', job: 'c' }]],
  [
    '/api/v1/series?match[]={__name__!=""}&match[]=down&limit=0',
    expect.objectContaining({ length: 3 }),
  ],
  ['/api/v1/series?match[]={__name__=~"d.*"}&match[]=down', [{ __name__: 'down', job: 'c' }]],
])('GET %s', async (url, expected) => {
  expect(await get(await filled(), url)).toEqual(data(expected));
});

test('POST forms and URL parameters are merged: lists joined, single values from the body', async () => {
  const api = await filled();
  expect(await post(api, '/api/v1/labels?match[]=down', 'match[]=up{job="a"}')).toEqual(
    data(['__name__', 'job', 'my.label']),
  );
  const both = await post(api, '/api/v1/series?match[]=down&limit=1', 'match[]=up&limit=2');
  expect(both).toMatchObject({
    data: expect.objectContaining({ length: 2 }),
    warnings: ['results truncated due to limit'],
  });
  expect(await post(api, '/api/v1/series', 'match%5B%5D=down')).toEqual(
    await get(api, '/api/v1/series?match[]=down'),
  );
});

test('a list above the limit is cut and says so; one at the limit does not', async () => {
  const api = await filled();
  expect(await get(api, '/api/v1/label/job/values?limit=2')).toEqual({
    ...(data(['a', 'b']) as object),
    warnings: ['results truncated due to limit'],
  });
  expect(await get(api, '/api/v1/label/job/values?limit=3')).toEqual(data(['a', 'b', 'c']));
});

test.each<[url: string, error: string]>([
  ['/api/v1/series', 'no match[] parameter provided'],
  [
    '/api/v1/series?match[]={}',
    'invalid parameter "match[]": match[] must contain at least one non-empty matcher',
  ],
  ['/api/v1/labels?match[]={job=~".*"}', 'match[] must contain at least one non-empty matcher'],
  ['/api/v1/labels?match[]={job!="a"}', 'match[] must contain at least one non-empty matcher'],
  [
    '/api/v1/labels?match[]=up{job}',
    '1:7: parse error: unexpected "}" in label matching, expected label matching operator',
  ],
  [
    '/api/v1/series?match[]=up{job}',
    'invalid parameter "match[]": 1:7: parse error: unexpected "}" in label matching, expected label matching operator',
  ],
  [
    '/api/v1/labels?start=yesterday',
    `invalid parameter "start": invalid time value for 'start': cannot parse "yesterday" to a valid timestamp`,
  ],
  [
    '/api/v1/labels?end=2024-02-30T00:00:00Z',
    `invalid parameter "end": invalid time value for 'end': cannot parse "2024-02-30T00:00:00Z" to a valid timestamp`,
  ],
  ['/api/v1/labels?limit=-1', 'invalid parameter "limit": limit must be non-negative'],
  [
    '/api/v1/labels?limit=x',
    'invalid parameter "limit": strconv.Atoi: parsing "x": invalid syntax',
  ],
  [
    '/api/v1/labels?limit=9223372036854775808',
    'invalid parameter "limit": strconv.Atoi: parsing "9223372036854775808": value out of range',
  ],
  ['/api/v1/label/U__/values', 'invalid label name: ""'],
  ['/api/v1/status/tsdb?limit=0', 'limit must be a positive number'],
  ['/api/v1/status/tsdb?limit=10001', 'limit must not exceed 10000'],
  ['/api/v1/metadata?limit=x', 'limit must be a number'],
  ['/api/v1/metadata?limit_per_metric=x', 'limit_per_metric must be a number'],
])('GET %s is 400', async (url, error) => {
  const answer = await (await filled()).app.inject(url);
  expect(answer.statusCode).toBe(400);
  expect(answer.headers['content-type']).toBe('application/json');
  expect(answer.body).toBe(JSON.stringify({ status: 'error', errorType: 'bad_data', error }));
});

test('an invalid regular expression is 400', async () => {
  const answer = await (await filled()).app.inject('/api/v1/labels?match[]={job=~"("}');
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toMatchObject({
    errorType: 'bad_data',
    error: expect.stringMatching(/error parsing regexp/),
  });
});

test('an unknown database is 404 in every shape', async () => {
  const api = await filled();
  const answer = await api.app.inject('/api/v1/labels?db=nope');
  expect(answer.statusCode).toBe(404);
  expect(answer.json()).toMatchObject({ status: 'error', errorType: 'not_found' });
  expect((await api.app.inject('/select/nope/prometheus/api/v1/labels')).statusCode).toBe(404);
});

test('values and metadata are GET only, the rest takes POST', async () => {
  const api = await filled();
  for (const url of ['/api/v1/label/job/values', '/api/v1/metadata', '/api/v1/status/tsdb']) {
    const answer = await api.app.inject({ method: 'POST', url });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'GET']);
  }
});

test('metadata: all, one, limited', async () => {
  const api = await filled();
  const up = { up: [{ type: 'gauge', help: 'Is it up?', unit: '' }] };
  const down = { down: [{ type: 'counter', help: '', unit: 's' }] };
  expect(await get(api, '/api/v1/metadata')).toEqual(data({ ...down, ...up }));
  expect(await get(api, '/api/v1/metadata?metric=up')).toEqual(data(up));
  expect(await get(api, '/api/v1/metadata?limit=1')).toEqual(data(down));
  expect(await get(api, '/api/v1/metadata?limit=-1&limit_per_metric=1')).toEqual(
    data({ ...down, ...up }),
  );
});

test('long lists come whole, plain or gzipped', async () => {
  const api = startApi();
  const many = Array.from({ length: 5001 }, (_, i) =>
    series({ __name__: 'm', i: String(i).padStart(5, '0') }, [NOW, 1]),
  );
  await api.storage.database('default')!.write({ series: many, metadata: [], rejections: [] });
  const url = '/api/v1/series?match[]=m&limit=5000';
  const plain = await api.app.inject(url);
  expect(plain.headers['content-encoding']).toBeUndefined();
  const body = plain.json() as { data: unknown[]; warnings: string[] };
  expect([body.data.length, body.warnings]).toEqual([5000, ['results truncated due to limit']]);
  const zipped = await api.app.inject({ url, headers: { 'accept-encoding': 'br, gzip' } });
  expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
  expect(JSON.parse(gunzipSync(zipped.rawPayload).toString())).toEqual(body);
  const refused = await api.app.inject({ url, headers: { 'accept-encoding': 'gzip;q=0' } });
  expect(refused.headers['content-encoding']).toBeUndefined();
});

test('reads wait for the log to be replayed', async () => {
  const api = startApi({ starting: true });
  const waiting = api.app.inject('/api/v1/labels');
  await new Promise((resolve) => setImmediate(resolve));
  api.lifecycle.becomeReady(api.storage);
  expect((await waiting).statusCode).toBe(200);
  api.lifecycle.beginStopping();
  const stopping = await api.app.inject('/api/v1/labels');
  expect([stopping.statusCode, stopping.headers['retry-after']]).toEqual([503, '5']);
});
