// Import of CSV.

import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { startApi, type TestApi } from '../support/api.ts';

const NOW = Date.now();
const SECOND = Math.floor(NOW / 1000) * 1000;

async function send(
  api: TestApi,
  format: string,
  payload: string | Buffer,
  { query = '', headers = {} as Record<string, string>, prefix = '' } = {},
) {
  const url = `${prefix}/api/v1/import/csv?format=${encodeURIComponent(format)}${query}`;
  return api.app.inject({ method: 'POST', url, headers, payload });
}

const exported = async (api: TestApi, query = ''): Promise<string> =>
  (await api.app.inject(`/api/v1/export?match[]={__name__!=""}${query}`)).body;

function line(metric: Record<string, string>, value: number, t = NOW): string {
  return `${JSON.stringify({ metric, values: [value], timestamps: [t] })}\n`;
}

const FORMAT = '1:label:ticker,2:metric:ask,3:metric:bid,4:time:unix_ms';

test('several metrics and labels, a header, extra labels, gzip', async () => {
  const api = startApi();
  const text = `ticker,ask,bid,when\nGOOG,1.5,2.5,${NOW}\n"MS,FT",3,,${NOW}\n`;
  const options = { query: '&extra_label=dc=eu', headers: { 'content-encoding': 'gzip' } };
  expect((await send(api, FORMAT, gzipSync(text), options)).statusCode).toBe(204);
  expect(await exported(api)).toBe(
    line({ __name__: 'ask', dc: 'eu', ticker: 'GOOG' }, 1.5) +
      line({ __name__: 'ask', dc: 'eu', ticker: 'MS,FT' }, 3) +
      line({ __name__: 'bid', dc: 'eu', ticker: 'GOOG' }, 2.5),
  );
});

test('the same cells mean something else in another format', async () => {
  const api = startApi();
  await send(api, '1:label:a,2:metric:m,3:time:unix_ms', `x,1,${NOW}\n`);
  await send(api, '1:label:b,2:metric:m,3:time:unix_ms', `x,2,${NOW}\n`);
  await send(
    api,
    '1:label:a,2:metric:n,3:time:custom:2006-01-02T15:04:05Z',
    `x,3,${new Date(SECOND).toISOString().replace('.000', '')}\n`,
  );
  expect(await exported(api)).toBe(
    line({ __name__: 'm', a: 'x' }, 1) +
      line({ __name__: 'm', b: 'x' }, 2) +
      line({ __name__: 'n', a: 'x' }, 3, SECOND),
  );
});

test('good lines are stored, bad ones named by number', async () => {
  const api = startApi();
  const answer = await send(api, FORMAT, `A,1,2,${NOW}\nB,x,2,${NOW}\nC,1\nD,3,4,${NOW}\n`);
  expect([answer.statusCode, answer.body.split('\n')]).toEqual([
    400,
    [
      'partial import: 2 lines and 0 samples refused; stored 4 samples',
      'line 2: bad value of ask: "x"',
      'line 3: 2 cells, want at least 4',
      '',
    ],
  ]);
  expect((await exported(api)).match(/\n/g)).toHaveLength(4);
});

test.each([
  ['', 'entry 1'],
  ['1:label:x', 'no column is a metric'],
  ['1:metric:x,2:time:when', 'the format of a time is'],
])('format=%s is 400', async (format, message) => {
  const answer = await send(startApi(), format, '1,2\n');
  expect(answer.statusCode).toBe(400);
  expect(answer.body).toContain(`invalid parameter "format": `);
  expect(answer.body).toContain(message);
});

test('tenants', async () => {
  const api = startApi();
  const prefix = '/insert/team/prometheus';
  expect((await send(api, '1:metric:m', '1\n', { prefix })).statusCode).toBe(204);
  expect(await exported(api, '&db=team')).toMatch(/^\{"metric":\{"__name__":"m"\},"values":\[1\]/);
});
