// Remote write over HTTP: negotiation, statuses, headers, databases, limits.

import { expect, test } from 'vitest';
import { snappyEncode } from '../../src/codec/snappy.ts';
import { series, startApi, type TestApi, V1_TYPE, V2_TYPE, writeBody } from '../support/api.ts';

const NOW = Date.now();
const UP = series({ __name__: 'up', job: 'a' }, [NOW, 1]);
const NAMELESS = series({ job: 'a' }, [NOW, 1]);

interface Sent {
  url?: string;
  type?: string;
  headers?: Record<string, string>;
  body?: Buffer;
}

async function send(api: TestApi, { url = '/api/v1/write', type, headers, body }: Sent) {
  return api.app.inject({
    method: 'POST',
    url,
    headers: { ...(type === undefined ? {} : { 'content-type': type }), ...headers },
    payload: body ?? writeBody(1, UP),
  });
}

const seriesOf = async (api: TestApi, database = 'default'): Promise<string[]> => {
  const answer = await api.app.inject({
    url: `/api/v1/series?db=${database}&match[]={__name__!=""}`,
  });
  return (answer.json() as { data: Record<string, string>[] }).data.map((s) => s.__name__!);
};

test.each([
  '/api/v1/write',
  '/prometheus/api/v1/write',
  '/api/v1/prom/write',
  '/receive',
  '/insert/0/prometheus',
  '/insert/0/prometheus/api/v1/write',
])('%s answers 204 with an empty body', async (url) => {
  const api = startApi();
  const answer = await send(api, { url });
  expect([answer.statusCode, answer.body]).toEqual([204, '']);
  expect(await seriesOf(api)).toEqual(['up']);
});

test.each(['/api/prom_write', '/api/v3/write', '/api/prom/push', '/api/v1/push'])(
  '%s answers 200',
  async (url) => {
    const api = startApi();
    expect((await send(api, { url })).statusCode).toBe(200);
    expect(await seriesOf(api)).toEqual(['up']);
  },
);

test('all of it below a route prefix', async () => {
  const api = startApi({ settings: { 'web.route-prefix': '/a/b' } });
  expect((await send(api, { url: '/a/b/api/v1/write' })).statusCode).toBe(204);
  expect((await send(api, { url: '/api/v1/write' })).statusCode).toBe(404);
});

test.each<[type: string | undefined, version: 1 | 2]>([
  [undefined, 1],
  [V1_TYPE, 1],
  ['APPLICATION/X-Protobuf; proto=prometheus.WriteRequest', 1],
  [V2_TYPE, 2],
  ['application/x-protobuf; proto="io.prometheus.write.v2.Request"', 2],
])('Content-Type %s is version %d', async (type, version) => {
  const api = startApi();
  const answer = await send(api, {
    ...(type === undefined ? {} : { type }),
    body: writeBody(version, UP),
    // Must not be consulted.
    headers: { 'x-prometheus-remote-write-version': version === 1 ? '2.0.0' : '0.1.0' },
  });
  expect(answer.statusCode).toBe(204);
  const written = answer.headers['x-prometheus-remote-write-samples-written'];
  expect(written).toBe(version === 1 ? undefined : '1');
  expect(await seriesOf(api)).toEqual(['up']);
});

test.each<[what: string, sent: Sent]>([
  ['another media type', { type: 'application/json' }],
  ['an unknown message', { type: 'application/x-protobuf;proto=some.Thing' }],
  ['a parameter without value', { type: 'application/x-protobuf;proto' }],
  ['no media type at all', { type: '///' }],
  ['gzip', { type: V1_TYPE, headers: { 'content-encoding': 'gzip' } }],
  ['zstd', { type: V2_TYPE, headers: { 'content-encoding': 'zstd' } }],
])('%s is 415, whatever the body', async (_, sent) => {
  const api = startApi();
  const answer = await send(api, { ...sent, body: Buffer.from('not snappy') });
  expect(answer.statusCode).toBe(415);
  expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(answer.headers['x-prometheus-remote-write-samples-written']).toBeUndefined();
  expect(api.context.rejections.totals().get('HTTP_UNSUPPORTED_MEDIA')).toBe(1);
});

test.each<[what: string, body: Buffer, code: string]>([
  ['corrupt snappy', Buffer.from([5, 0xff]), 'CODEC_SNAPPY_CORRUPT'],
  ['a bomb', Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0]), 'CODEC_SNAPPY_TOO_LARGE'],
  ['corrupt protobuf', Buffer.from(snappyEncode(Buffer.from([0x0a, 0x7f]))), 'PROTOBUF_MALFORMED'],
])('%s is 400 and listed', async (_, body, code) => {
  const api = startApi();
  for (const type of [V1_TYPE, V2_TYPE]) {
    const answer = await send(api, {
      type,
      body:
        code === 'PROTOBUF_MALFORMED' && type === V2_TYPE
          ? Buffer.from(snappyEncode(Buffer.from([0x2a, 0x7f])))
          : body,
    });
    expect(answer.statusCode).toBe(400);
    const written = answer.headers['x-prometheus-remote-write-samples-written'];
    expect(written).toBe(type === V1_TYPE ? undefined : '0');
  }
  expect(api.context.rejections.totals().get(code)).toBe(2);
});

test('an empty body and an empty message are 204', async () => {
  const api = startApi();
  expect((await send(api, { body: Buffer.alloc(0) })).statusCode).toBe(204);
  expect((await send(api, { body: writeBody(1) })).statusCode).toBe(204);
  const answer = await send(api, { type: V2_TYPE, body: Buffer.alloc(0) });
  expect(answer.headers['x-prometheus-remote-write-exemplars-written']).toBe('0');
});

test('a body above the limit is 413, whether it says so or not', async () => {
  const api = startApi({ settings: { 'limits.max-body-size': 10 } });
  const declared = await send(api, { body: Buffer.alloc(11) });
  expect(declared.statusCode).toBe(413);
  expect(declared.body).toContain('larger than 10B (--limits.max-body-size)');
  expect(api.context.bodies.heldBytes).toBe(0);
});

test('other methods are 405 and name the right one', async () => {
  const api = startApi();
  for (const method of ['GET', 'PUT', 'DELETE', 'HEAD'] as const) {
    const answer = await api.app.inject({ method, url: '/api/v1/write' });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'POST']);
  }
});

test.each([1, 2] as const)(
  'version %d: the good part is stored, the bad part named',
  async (version) => {
    const api = startApi();
    const type = version === 1 ? V1_TYPE : V2_TYPE;
    const answer = await send(api, { type, body: writeBody(version, UP, NAMELESS) });
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toMatch(/^partial write: 1 refused; stored 1 samples/);
    expect(answer.body).toContain('{job="a"}: ');
    expect(answer.body).toContain('(missing_metric_name)');
    const written = answer.headers['x-prometheus-remote-write-samples-written'];
    expect(written).toBe(version === 1 ? undefined : '1');
    expect(await seriesOf(api)).toEqual(['up']);
    expect(api.context.rejections.latest(10)).toMatchObject([
      { database: 'default', protocol: 'remote_write', reason: 'missing_metric_name', samples: 1 },
    ]);
  },
);

test('the text of a partial write is bounded', async () => {
  const api = startApi();
  const bad = Array.from({ length: 300 }, (_, i) => series({ job: `${i}`.repeat(2000) }, [NOW, 1]));
  const answer = await send(api, { body: writeBody(1, ...bad) });
  expect(answer.statusCode).toBe(400);
  expect(answer.body.length).toBeLessThan(5000);
  expect(answer.body).toContain('300 refused');
  expect(answer.body.split('\n')).toHaveLength(8);
});

test('an unknown database is 404, named, with what to do; nothing is created', async () => {
  const api = startApi();
  const answer = await send(api, { url: '/api/v1/write?db=nope', type: V2_TYPE });
  expect(answer.statusCode).toBe(404);
  expect(answer.body).toContain('"nope"');
  expect(answer.body).toContain('tidemark databases create nope');
  expect(answer.headers['x-prometheus-remote-write-samples-written']).toBe('0');
  expect(api.storage.databaseNames()).toEqual(['default']);
});

test('databases: db=, tenants, X-Scope-OrgID', async () => {
  const api = startApi();
  await api.storage.createDatabase('prod');
  expect((await send(api, { url: '/api/v1/prom/write?db=prod' })).statusCode).toBe(204);
  expect(await seriesOf(api, 'prod')).toEqual(['up']);
  expect(await seriesOf(api)).toEqual([]);
  const scoped = await send(api, { headers: { 'x-scope-orgid': 'other' } });
  expect(scoped.statusCode).toBe(404);
  expect((await send(api, { url: '/insert/12:3/prometheus' })).statusCode).toBe(204);
  expect(await seriesOf(api, '12:3')).toEqual(['up']);
  const read = await api.app.inject('/select/12:3/prometheus/api/v1/label/job/values');
  expect(read.json()).toEqual({ status: 'success', data: ['a'] });
  expect((await send(api, { url: '/insert/12:0/prometheus' })).statusCode).toBe(204);
  expect(await seriesOf(api, '12')).toEqual(['up']);
  expect((await send(api, { url: '/insert/a%2Fb/prometheus' })).statusCode).toBe(400);
});

test('/insert creates nothing when told not to', async () => {
  const api = startApi({ settings: { 'databases.auto-create': false } });
  expect((await send(api, { url: '/insert/7/prometheus' })).statusCode).toBe(404);
});

test('while starting and stopping writers are told to come back', async () => {
  const api = startApi({ starting: true });
  const starting = await send(api, { type: V2_TYPE });
  expect([starting.statusCode, starting.headers['retry-after']]).toEqual([503, '5']);
  expect(starting.headers['x-prometheus-remote-write-samples-written']).toBe('0');
  api.lifecycle.becomeReady(api.storage);
  expect((await send(api, {})).statusCode).toBe(204);
  api.lifecycle.beginStopping();
  expect((await send(api, {})).statusCode).toBe(503);
  expect(api.context.rejections.latest(1)).toEqual([]);
});

test('bodies beyond the memory for them are told to come back', async () => {
  const api = startApi({ settings: { 'limits.body-memory': 10 } });
  const answer = await send(api, {});
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '5']);
  expect(api.context.bodies.heldBytes).toBe(0);
});

test('a store that takes bodies as they are gets them so', async () => {
  const api = startApi();
  const body = writeBody(2, UP);
  let got: unknown;
  const database = Object.assign(Object.create(api.storage.database('default')!), {
    document: () => undefined,
    writeEncoded: async (encoded: unknown) => {
      got = encoded;
      return {
        samplesWritten: 7,
        histogramsWritten: 8,
        exemplarsWritten: 9,
        rejections: [],
        rejectedTotal: 0,
      };
    },
  });
  api.storage.database = () => database;
  const answer = await send(api, { type: V2_TYPE, body });
  expect(got).toMatchObject({ format: 'remote-write-2' });
  expect(Buffer.compare((got as { body: Buffer }).body, body)).toBe(0);
  expect(answer.headers).toMatchObject({
    'x-prometheus-remote-write-samples-written': '7',
    'x-prometheus-remote-write-histograms-written': '8',
    'x-prometheus-remote-write-exemplars-written': '9',
  });
});

test('pages of other sites cannot write', async () => {
  const api = startApi({ settings: { 'web.cors-origin': ['https://ok.example'] } });
  const from = async (headers: Record<string, string>): Promise<number> =>
    (await send(api, { headers })).statusCode;
  expect(await from({ origin: 'https://evil.example' })).toBe(403);
  expect(await from({ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' })).toBe(403);
  expect(await from({ 'sec-fetch-site': 'cross-site' })).toBe(403);
  expect(await from({ origin: 'https://ok.example', 'sec-fetch-site': 'cross-site' })).toBe(204);
  expect(await from({ origin: 'http://localhost:81', host: 'localhost:81' })).toBe(204);
});

test.each([1, 2] as const)('extra labels are set on what version %d brings', async (version) => {
  const api = startApi();
  const stale = series({ __name__: 'gone', job: 'b' }, [NOW, Number.NaN]);
  new Uint32Array(stale.samples.v.buffer).set([2, 0x7ff0_0000]);
  const answer = await send(api, {
    url: '/api/v1/write?extra_label=job=x&extra_label=site=s',
    type: version === 1 ? V1_TYPE : V2_TYPE,
    body: writeBody(version, UP, stale),
  });
  expect(answer.statusCode).toBe(204);
  const exported = (await api.app.inject('/api/v1/export?match[]={}&include_stale=1')).body;
  expect(exported.split('\n').filter((line) => line.startsWith('{"metric"'))).toEqual([
    `{"metric":{"__name__":"gone","job":"x","site":"s"},"values":["NaN:7ff0000000000002"],"timestamps":[${NOW}]}`,
    `{"metric":{"__name__":"up","job":"x","site":"s"},"values":[1],"timestamps":[${NOW}]}`,
  ]);
});

test('an extra label that is none is refused, and nothing is stored', async () => {
  const api = startApi();
  const answer = await send(api, { url: '/api/v1/write?extra_label=site' });
  expect([answer.statusCode, answer.body]).toEqual([
    400,
    'invalid parameter "extra_label": expected name=value, got "site"\n',
  ]);
  expect(await seriesOf(api)).toEqual([]);
});
