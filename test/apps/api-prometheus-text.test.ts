// Import of the Prometheus text format and OpenMetrics, and the paths of a Pushgateway.

import { deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { snappyEncode } from '../../src/codec/snappy.ts';
import { startApi, type TestApi } from '../support/api.ts';

const NOW = Date.now();
const PATH = '/api/v1/import/prometheus';
const OPEN_METRICS = { 'content-type': 'application/openmetrics-text; version=1.0.0' };

async function send(
  api: TestApi,
  payload: string | Buffer,
  { path = PATH, headers = {}, method = 'POST' as 'POST' | 'PUT' } = {},
) {
  return api.app.inject({ method, url: path, headers, payload });
}

/** Lines of samples; those of metadata come before them. */
async function exported(api: TestApi, query = ''): Promise<string> {
  const { body } = await api.app.inject(`/api/v1/export?match[]={__name__!=""}${query}`);
  return body.replaceAll(/^\{"metadata":.*\n/gm, '');
}

function line(metric: Record<string, string>, value: number, t = NOW): string {
  return `${JSON.stringify({ metric, values: [value], timestamps: [t] })}\n`;
}

test('samples with and without timestamps, metadata', async () => {
  const api = startApi();
  const text = `# HELP a A.\n# TYPE a counter\na{b="c"} 1.5 ${NOW - 5000}\nd 2\n`;
  expect((await send(api, text, { path: `${PATH}?timestamp=${NOW}` })).statusCode).toBe(204);
  const a = line({ __name__: 'a', b: 'c' }, 1.5, NOW - 5000);
  expect(await exported(api)).toBe(a + line({ __name__: 'd' }, 2));
  expect((await api.app.inject('/api/v1/metadata')).json().data).toEqual({
    a: [{ type: 'counter', help: 'A.', unit: '' }],
  });
});

test('large bodies, whose memory is given back at once, are stored to the last sample', async () => {
  const series = Array.from({ length: 500 }, (_, i) => ({ __name__: `m${i % 7}`, i: `é${i}` }));
  const bodies = [0, 1, 2, 3].map((tick) =>
    Buffer.from(
      series
        .map(({ __name__, i }, n) => `${__name__}{i="${i}"} ${n + tick / 4} ${NOW + tick}\n`)
        .join('')
        .repeat(3),
    ),
  );
  const encodings: Record<string, (body: Buffer) => Buffer> = {
    identity: (body) => Buffer.from(body),
    gzip: (body) => gzipSync(body),
    snappy: (body) => Buffer.from(snappyEncode(body)),
  };
  const expected = series.map((metric, n) => {
    const [values, timestamps] = [
      [0, 1, 2, 3].map((k) => n + k / 4),
      [0, 1, 2, 3].map((k) => NOW + k),
    ];
    return JSON.stringify({ metric, values, timestamps });
  });
  for (const [encoding, encode] of Object.entries(encodings)) {
    const api = startApi();
    const headers = { 'content-encoding': encoding };
    const answers = await Promise.all(bodies.map((body) => send(api, encode(body), { headers })));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([204, 204, 204, 204]);
    const stored = (await exported(api)).trimEnd().split('\n');
    expect(stored.sort()).toEqual(expected.toSorted());
  }
});

test('good lines are stored, bad ones named by number', async () => {
  const api = startApi();
  const answer = await send(api, `a 1 ${NOW}\noops\n{x="y"} 1\nb 2 ${NOW}\nc 1 99999999999999\n`);
  expect([answer.statusCode, answer.body.split('\n')]).toEqual([
    400,
    [
      'partial import: 2 lines and 1 samples refused; stored 2 samples',
      'line 2: no value: "oops"',
      'line 3: no metric name',
      expect.stringMatching(/^c: timestamp .* \(too_far_in_future\)$/),
      '',
    ],
  ]);
  expect(await exported(api)).toBe(line({ __name__: 'a' }, 1) + line({ __name__: 'b' }, 2));
  expect(Object.fromEntries(api.context.rejections.totals())).toEqual({
    invalid_line: 2,
    too_far_in_future: 1,
  });
});

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['snappy', snappyEncode],
  ['identity', (body: Buffer) => body],
])('a body in %s', async (encoding, encode) => {
  const api = startApi();
  const body = Buffer.from(encode(Buffer.from(`a 1 ${NOW}\n`)));
  const headers = { 'content-encoding': encoding };
  expect((await send(api, body, { headers })).statusCode).toBe(204);
  expect(await exported(api)).toBe(line({ __name__: 'a' }, 1));
});

test.each([
  ['zstd', process.versions.node.startsWith('20.') ? 415 : 400],
  ['br', 415],
  ['gzip', 400],
  ['snappy', 400],
])('bytes that are no %s are refused', async (encoding, status) => {
  const api = startApi();
  const answer = await send(api, 'a 1\n', { headers: { 'content-encoding': encoding } });
  expect(answer.statusCode).toBe(status);
  expect(answer.body).toContain(encoding);
  expect(await exported(api)).toBe('');
});

test('OpenMetrics: seconds, exemplars, start times', async () => {
  const api = startApi();
  const seconds = NOW / 1000;
  const text = [
    '# TYPE a counter',
    `a_total 5 ${seconds} # {trace_id="x"} 0.5 ${seconds}`,
    `a_created ${seconds - 60} ${seconds}`,
    '# EOF',
  ].join('\n');
  expect((await send(api, text, { headers: OPEN_METRICS })).statusCode).toBe(204);
  const lines = (await exported(api)).trimEnd().split('\n');
  expect(lines.map((one) => JSON.parse(one))).toEqual([
    { metric: { __name__: 'a_created' }, values: [seconds - 60], timestamps: [NOW] },
    {
      metric: { __name__: 'a_total' },
      values: [5],
      timestamps: [NOW],
      startTimestamps: [NOW - 60_000],
      exemplars: [{ labels: { trace_id: 'x' }, value: 0.5, timestamp: NOW }],
    },
  ]);
});

test('labels of a Pushgateway path win over those of the text, extra_label over both', async () => {
  const api = startApi();
  const path = `${PATH}/metrics/job/a/instance@base64/aHR0cDovL3g/dc/1%2F2?extra_label=dc=eu`;
  const text = `m{job="z",x="y"} 1 ${NOW}\n`;
  expect((await send(api, text, { path })).statusCode).toBe(200);
  expect((await send(api, text, { path, method: 'PUT' })).statusCode).toBe(200);
  const metric = { __name__: 'm', dc: 'eu', instance: 'http://x', job: 'a', x: 'y' };
  expect(await exported(api)).toBe(line(metric, 1));
  const tenant = `/insert/0/prometheus${PATH}/metrics/job/b`;
  expect((await send(api, `n 2 ${NOW}`, { path: tenant })).statusCode).toBe(200);
  expect(await exported(api)).toContain(line({ __name__: 'n', job: 'b' }, 2));
});

test.each([
  [`${PATH}/metrics/x/a`, 'the path after /metrics/ must begin with job/'],
  [`${PATH}/metrics/job/a/b`, 'no value for label "b" in the path'],
  [`${PATH}?timestamp=now`, 'invalid parameter "timestamp": expected whole milliseconds'],
  [`${PATH}?extra_label=x`, 'invalid parameter "extra_label": expected name=value'],
])('%s is 400', async (path, message) => {
  const answer = await send(startApi(), 'a 1\n', { path });
  expect(answer.statusCode).toBe(400);
  expect(answer.body).toContain(message);
});

const PROTOBUF =
  'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';

test('the protobuf form, as Go’s library pushes it', async () => {
  const api = startApi();
  await send(api, `a{b="c"} 1.5 ${NOW}\n# TYPE d counter\nd_total 7 ${NOW}\n`);
  const before = await exported(api);
  const page = await api.app.inject({
    url: '/federate?match[]={__name__=~"a|d_total"}',
    headers: { accept: PROTOBUF },
  });
  expect(page.headers['content-type']).toContain('application/vnd.google.protobuf');
  const headers = { 'content-type': PROTOBUF };
  const other = startApi();
  expect((await send(other, page.rawPayload, { headers })).statusCode).toBe(204);
  // A federated page has an empty label for `instance`, which is none.
  expect(await exported(other)).toBe(before);
  const path = `${PATH}/metrics/job/go`;
  expect((await send(api, page.rawPayload, { headers, path, method: 'PUT' })).statusCode).toBe(200);
  expect(await exported(api)).toContain('{"__name__":"a","b":"c","job":"go"}');
});

test.each([
  [PROTOBUF, 400, 'MetricFamily'],
  ['application/vnd.google.protobuf; encoding=text', 415, 'want encoding=delimited'],
])('what is no protobuf but says %s is refused', async (type, status, message) => {
  const answer = await send(startApi(), 'a 1\n', { headers: { 'content-type': type } });
  expect([answer.statusCode, answer.body]).toEqual([status, expect.stringContaining(message)]);
});

test('what series were called is remembered for their database alone, and for these labels', async () => {
  const api = startApi();
  await api.app.inject({ method: 'POST', url: '/query?q=CREATE DATABASE other' });
  const text = `a{b="c"} 1 ${NOW}\n`;
  for (const query of ['', '?db=other', '?extra_label=b=d', '']) {
    expect((await send(api, text, { path: `${PATH}${query}` })).statusCode).toBe(204);
  }
  const [c, d] = ['c', 'd'].map((b) => line({ __name__: 'a', b }, 1));
  expect(await exported(api)).toBe(c! + d!);
  expect(await exported(api, '&db=other')).toBe(c);
  // A database of the same name is another one.
  await api.app.inject({ method: 'POST', url: '/query?q=DROP DATABASE other' });
  await api.app.inject({ method: 'POST', url: '/query?q=CREATE DATABASE other' });
  expect(await exported(api, '&db=other')).toBe('');
  await send(api, text, { path: `${PATH}?db=other` });
  expect(await exported(api, '&db=other')).toBe(c);
});
