// Import and export as JSON lines.

import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { startApi, type TestApi } from '../support/api.ts';

const NOW = Date.now();
const line = (name: string, values: unknown[] = [1]): string =>
  `${JSON.stringify({ metric: { __name__: name }, values, timestamps: values.map((_, i) => NOW + i) })}\n`;

async function send(
  api: TestApi,
  payload: string | Buffer,
  headers: Record<string, string> = {},
  query = '',
) {
  return api.app.inject({ method: 'POST', url: `/api/v1/import${query}`, headers, payload });
}
const exported = async (api: TestApi, query = ''): Promise<string> =>
  (await api.app.inject(`/api/v1/export?match[]={__name__!=""}${query}`)).body;

test('what was imported is exported as it was', async () => {
  const api = startApi();
  const text = line('a', [1, 2.5, -0.1]) + line('b');
  expect((await send(api, text)).statusCode).toBe(204);
  expect(await exported(api)).toBe(text);
});

test('gzip both ways', async () => {
  const api = startApi();
  const text = line('a') + line('b');
  expect((await send(api, gzipSync(text), { 'content-encoding': 'gzip' })).statusCode).toBe(204);
  const answer = await api.app.inject({
    url: '/api/v1/export?match[]={__name__!=""}',
    headers: { 'accept-encoding': 'gzip' },
  });
  expect(answer.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(answer.rawPayload).toString()).toBe(text);
});

test('good lines are stored, bad ones named by number', async () => {
  const api = startApi();
  const answer = await send(
    api,
    `${line('a')}oops\n${line('b')}{"metric":{"x":"y"},"values":[1],"timestamps":[${NOW}]}\n`,
  );
  expect(answer.statusCode).toBe(400);
  expect(answer.body).toMatch(
    /^partial import: 1 lines and 1 samples refused; stored 2 samples\nline 2: /,
  );
  expect(answer.body).toContain('(missing_metric_name)');
  expect(answer.headers['x-tidemark-import']).toBe(
    'samples=2; histograms=0; exemplars=0; refused=1; bad-lines=1',
  );
  expect(await exported(api)).toBe(line('a') + line('b'));
  const totals = Object.fromEntries(api.context.rejections.totals());
  expect(totals).toEqual({ invalid_line: 1, missing_metric_name: 1 });
});

test('a line above the limit is refused, the next one is not', async () => {
  const api = startApi({ settings: { 'limits.max-line-size': 200 } });
  const answer = await send(api, `${'x'.repeat(300)}\n${line('b')}`);
  expect(answer.statusCode).toBe(400);
  expect(answer.body).toContain('line 1: longer than 200 bytes');
  expect(await exported(api)).toBe(line('b'));
});

test('many lines are stored in batches', async () => {
  const api = startApi();
  const text = Array.from({ length: 4500 }, (_, i) => line(`m${String(i).padStart(5, '0')}`)).join(
    '',
  );
  expect((await send(api, text)).statusCode).toBe(204);
  expect(await exported(api)).toBe(text);
});

test('extra_label wins over what the line says', async () => {
  const api = startApi();
  await send(api, line('a'), {}, '?extra_label=job=x&extra_label=__name__=b=c');
  expect(await exported(api)).toContain('{"metric":{"__name__":"b=c","job":"x"}');
  expect((await send(api, line('a'), {}, '?extra_label=job')).statusCode).toBe(400);
});

test('broken or unknown compression', async () => {
  const api = startApi();
  const broken = await send(api, 'not gzip', { 'content-encoding': 'gzip' });
  expect([broken.statusCode, broken.body]).toEqual([400, 'gzip: incorrect header check\n']);
  expect((await send(api, line('a'), { 'content-encoding': 'br' })).statusCode).toBe(415);
});

test('several selectors give every series once', async () => {
  const api = startApi();
  await send(api, line('a') + line('b'));
  expect(await exported(api, '&match[]=a&match[]=b')).toBe(line('a') + line('b'));
});

test('VictoriaMetrics form, rows per line', async () => {
  const api = startApi();
  await send(api, line('a', [1, null, 'Infinity']));
  expect(await exported(api, '&format=victoriametrics')).toBe(line('a', [1, null, 'Infinity']));
  expect((await exported(api, '&max_rows_per_line=1')).split('\n')).toHaveLength(4);
});

test.each<[query: string, status: number]>([
  ['', 400],
  ['match[]=a&start=5&end=4', 400],
  ['match[]=a&format=csv', 400],
  ['match[]=a&db=nope', 404],
])('export?%s is %d', async (query, status) => {
  const answer = await startApi().app.inject(`/api/v1/export?${query}`);
  expect(answer.statusCode).toBe(status);
  expect(answer.json()).toMatchObject({ status: 'error' });
});

test('nothing found is an empty answer', async () => {
  expect(await exported(startApi())).toBe('');
});
