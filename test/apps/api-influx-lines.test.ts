// Line protocol as metrics: /influx/write.

import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { startApi, type TestApi } from '../support/api.ts';

const NOW = Date.now();

async function send(
  api: TestApi,
  payload: string | Buffer,
  path = '/influx/write',
  headers: Record<string, string> = {},
) {
  return api.app.inject({ method: 'POST', url: path, headers, payload });
}

const exported = async (api: TestApi, query = ''): Promise<string> =>
  (await api.app.inject(`/api/v1/export?match[]={__name__!=""}${query}`)).body;

function line(metric: Record<string, string>, value: number, t = NOW): string {
  return `${JSON.stringify({ metric, values: [value], timestamps: [t] })}\n`;
}

test('each field is a series; times are told by their digits or by precision', async () => {
  const api = startApi();
  const seconds = Math.floor(NOW / 1000);
  const text = `cpu,host=a user=1.5,system=2i ${NOW}000000\nmem,host=a free=3 ${seconds}\n`;
  const answer = await send(api, text);
  expect(answer.statusCode).toBe(204);
  expect(answer.headers['x-influxdb-version']).toBe('1.8.10');
  await send(api, `mem,host=b free=4 ${NOW}`, '/influx/write?precision=ms');
  expect(await exported(api)).toBe(
    line({ __name__: 'cpu_system', host: 'a' }, 2) +
      line({ __name__: 'cpu_user', host: 'a' }, 1.5) +
      line({ __name__: 'mem_free', host: 'a' }, 3, seconds * 1000) +
      line({ __name__: 'mem_free', host: 'b' }, 4),
  );
});

test('settings say what metrics are called and what becomes of strings', async () => {
  const api = startApi({
    settings: {
      'influx.metric-separator': '.',
      'influx.metric-skip-single-field': true,
      'influx.metric-strings': 'zero',
    },
  });
  await send(api, `up ok="yes" ${NOW}\ncpu a=1,b=2 ${NOW}\n`, '/influx/write?precision=ms');
  const names = (await exported(api)).split('\n').map((one) => /"__name__":"(.*?)"/.exec(one)?.[1]);
  expect(names.filter(Boolean)).toEqual(['cpu.a', 'cpu.b', 'up']);
});

test('good lines are stored, bad ones named by number, as a partial write', async () => {
  const api = startApi();
  const answer = await send(api, `m a=1 ${NOW}\nm a=x\n\nm b=2 ${NOW}\nm,t a=1\n`);
  expect(answer.statusCode).toBe(400);
  const { error } = answer.json() as { error: string };
  expect(error.split('\n')).toEqual([
    'partial write: partial import: 2 lines and 0 samples refused; stored 2 samples',
    'line 2: bad value of field a: "x"',
    'line 5: tag without a value: "t" dropped=2',
  ]);
  expect(answer.headers['x-influxdb-error']).toContain('partial write: ');
  expect(Object.fromEntries(api.context.rejections.totals())).toEqual({ invalid_line: 2 });
});

test('the database is that of db, bucket, or tenant; missing ones are made where settings say so', async () => {
  const api = startApi({ settings: { 'influx.auto-create-database': true } });
  const paths = [
    '/influx/write?db=one',
    '/influx/api/v2/write?bucket=two/autogen&org=x',
    '/insert/three/influx/api/v2/write?bucket=two',
    '/influx/write',
  ];
  for (const [i, path] of paths.entries()) {
    expect((await send(api, `m v=${i} ${NOW}`, path)).statusCode).toBe(204);
  }
  for (const [i, name] of ['one', 'two', 'three', 'default'].entries()) {
    expect(await exported(api, `&db=${name}`)).toBe(line({ __name__: 'm_v' }, i));
  }
  const strict = startApi();
  expect((await send(strict, 'm v=1', '/influx/write?db=one')).statusCode).toBe(404);
});

test('gzip, extra labels', async () => {
  const api = startApi();
  const body = gzipSync(`m,dc=us v=1 ${NOW}\n`);
  const path = '/influx/write?extra_label=dc=eu';
  expect((await send(api, body, path, { 'content-encoding': 'gzip' })).statusCode).toBe(204);
  expect(await exported(api)).toBe(line({ __name__: 'm_v', dc: 'eu' }, 1));
});

test.each([
  ['/influx/write?precision=d', 400, 'invalid precision "d" (use ns, us, ms, s, m or h)'],
  ['/influx/write?extra_label=x', 400, 'expected name=value'],
  ['/influx/write?db=none', 404, 'database not found: "none"'],
])('%s is %d', async (path, status, message) => {
  const answer = await send(startApi(), 'm v=1', path);
  expect(answer.statusCode).toBe(status);
  expect((answer.json() as { error: string }).error).toContain(message);
});

test.each(['/influx/ping', '/influx/health', '/influx/query?q=SHOW DATABASES'])(
  '%s is what it is without /influx',
  async (path) => {
    const { app } = startApi();
    const [one, other] = [await app.inject(path), await app.inject(path.slice('/influx'.length))];
    expect([one.statusCode, one.body]).toEqual([other.statusCode, other.body]);
  },
);
