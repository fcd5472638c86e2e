// collectd's write_http, as requests.

import { afterEach, expect, test } from 'vitest';
import { startApi, type TestApi } from '../support/api.ts';

const T = Math.floor(Date.now() / 1000) - 60;
const LIST = {
  values: [0.5, 0.25, 0.125],
  dstypes: ['gauge', 'gauge', 'gauge'],
  dsnames: ['shortterm', 'midterm', 'longterm'],
  time: T,
  interval: 10,
  host: 'web-1',
  plugin: 'load',
  plugin_instance: '',
  type: 'load',
  type_instance: '',
};

let api: TestApi;
afterEach(() => api.app.close());

async function post(
  path: string,
  body: unknown,
  contentType = 'application/json',
): Promise<{ readonly status: number; readonly body: string }> {
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = { 'content-type': contentType };
  const answer = await api.app.inject({ method: 'POST', url: path, payload, headers });
  return { status: answer.statusCode, body: answer.body };
}

async function query(expression: string, database = 'default'): Promise<unknown> {
  const params = new URLSearchParams({ query: expression, time: String(T + 1), db: database });
  const answer = await api.app.inject({ method: 'GET', url: `/api/v1/query?${params}` });
  return answer.json().data.result;
}

test.each(['/api/v1/import/collectd', '/prometheus/api/v1/import/collectd', '/collectd-post'])(
  'values sent to %s are stored',
  async (path) => {
    api = startApi();
    expect(await post(path, [LIST])).toEqual({ status: 204, body: '' });
    expect(await query('collectd_load_midterm')).toEqual([
      { metric: { __name__: 'collectd_load_midterm', instance: 'web-1' }, value: [T + 1, '0.25'] },
    ]);
  },
);

test('extra labels and a database are taken from the URL', async () => {
  api = startApi();
  const path = '/insert/team/prometheus/api/v1/import/collectd?extra_label=dc=eu';
  expect((await post(path, [LIST])).status).toBe(204);
  expect(await query('sum by (dc) (collectd_load_midterm)', 'team')).toMatchObject([
    { metric: { dc: 'eu' } },
  ]);
});

test.each([
  [
    '[{}]',
    400,
    'partial import: 1 lines and 0 samples refused; stored 0 samples\nline 1: "plugin" or "type" is missing\n',
  ],
  ['[', 400, 'malformed JSON at byte 1'],
  ['{}', 400, 'malformed JSON at byte 0'],
  ['', 400, 'malformed JSON at byte 0'],
  ['[]', 204, ''],
])('%j is answered', async (body, status, text) => {
  api = startApi();
  const answer = await post('/collectd-post', body);
  expect(answer.status).toBe(status);
  expect(answer.body).toContain(text);
});

test('good lists beside bad ones are stored', async () => {
  api = startApi();
  const answer = await post('/collectd-post', [{ ...LIST, time: 'x' }, LIST]);
  expect(answer.status).toBe(400);
  expect(answer.body).toContain('stored 3 samples\nline 1: bad "time"\n');
  expect(await query('collectd_load_midterm')).toHaveLength(1);
});

test('another format of the plugin is told what to set', async () => {
  api = startApi();
  const answer = await post('/collectd-post', 'PUTVAL "a/load/load" interval=10 1:2', 'text/plain');
  expect(answer).toEqual({
    status: 415,
    body: 'set Format "JSON" in the plugin write_http of collectd\n',
  });
});
