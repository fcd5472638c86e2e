// OpenTelemetry over HTTP: what is taken, what is refused, and how the sender is told.

import { deflateSync, gzipSync } from 'node:zlib';
import type { LightMyRequestResponse } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { snappyEncode } from '../../src/codec/snappy.ts';
import type { Settings } from '../../src/config/settings.ts';
import { unavailable } from '../../src/storage/errors.ts';
import { MemoryStorage } from '../../src/storage/memory-store.ts';
import { basic, testAccess } from '../support/access.ts';
import { startApi, type TestApi } from '../support/api.ts';
import {
  nanos,
  type OtlpObject,
  type OtlpRequest,
  otlpJson,
  otlpProtobuf,
  otlpRequest,
} from '../support/otlp.ts';

const NOW = Date.now();
const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';
const PATH = '/api/v1/otlp/v1/metrics';

let api: TestApi;

beforeEach(() => {
  api = startApi();
});

afterEach(() => api.app.close());

function restart(settings: Partial<Settings>): void {
  api = startApi({ settings });
}

function gauge(name: string, value = 1, point: OtlpObject = {}): OtlpObject {
  const all = { timeUnixNano: nanos(NOW), asDouble: value, ...point };
  return { name, gauge: { dataPoints: [all] } };
}

function post(
  payload: Buffer | string,
  headers: Readonly<Record<string, string>> = { 'content-type': PROTOBUF },
  url = PATH,
): Promise<LightMyRequestResponse> {
  return api.app.inject({ method: 'POST', url, payload, headers });
}

function postJson(request: OtlpRequest | string, url?: string): Promise<LightMyRequestResponse> {
  const payload = typeof request === 'string' ? request : otlpJson(request);
  return post(payload, { 'content-type': JSON_TYPE }, url);
}

/** `series value` of everything that a query finds. */
async function query(expr: string, prefix = ''): Promise<string[]> {
  const params = new URLSearchParams({ query: expr, time: String(NOW / 1000) });
  const { payload } = await api.app.inject(`${prefix}/api/v1/query?${params}`);
  const { data } = JSON.parse(payload) as {
    data: { result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  return data.result.map(({ metric, value }) => `${JSON.stringify(metric)} ${value[1]}`).sort();
}

async function counter(name: string, labels: string): Promise<number> {
  const { payload } = await api.app.inject('/metrics');
  const line = payload.split('\n').find((text) => text.startsWith(`${name}{${labels}}`));
  return Number(line?.split(' ')[1] ?? 0);
}

describe('what is taken', () => {
  const request = otlpRequest([gauge('memory.usage', 1.5)], { 'service.name': 'api' });

  test.each<[string, Buffer, Readonly<Record<string, string>>]>([
    ['protobuf', otlpProtobuf(request), { 'content-type': PROTOBUF }],
    ['protobuf with a parameter', otlpProtobuf(request), { 'content-type': `${PROTOBUF}; a=b` }],
    ['JSON', otlpJson(request), { 'content-type': JSON_TYPE }],
    [
      'JSON with a charset',
      otlpJson(request),
      { 'content-type': 'Application/JSON; charset=utf-8' },
    ],
    [
      'gzip',
      gzipSync(otlpProtobuf(request)),
      { 'content-type': PROTOBUF, 'content-encoding': 'gzip' },
    ],
    [
      'deflate',
      deflateSync(otlpJson(request)),
      { 'content-type': JSON_TYPE, 'content-encoding': 'deflate' },
    ],
    [
      'snappy',
      Buffer.from(snappyEncode(otlpProtobuf(request))),
      { 'content-type': PROTOBUF, 'content-encoding': 'snappy' },
    ],
  ])('%s', async (_, payload, headers) => {
    const answer = await post(payload, headers);
    expect(answer.statusCode).toBe(200);
    const isJson = headers['content-type']!.toLowerCase().includes('json');
    expect(answer.headers['content-type']).toBe(isJson ? JSON_TYPE : PROTOBUF);
    expect(answer.payload).toBe(isJson ? '{}' : '');
    expect(await query('{__name__=~".+"}')).toEqual([
      '{"__name__":"memory_usage","job":"api"} 1.5',
    ]);
    expect(await counter('tidemark_samples_received_total', 'protocol="otlp",kind="float"')).toBe(
      1,
    );
    const bytes = await counter('tidemark_received_bytes_total', 'protocol="otlp"');
    expect(bytes).toBe(payload.length);
  });

  test.each([
    '/v1/metrics',
    '/otlp/v1/metrics',
    '/api/v1/otlp/metrics',
    '/opentelemetry/v1/metrics',
    '/opentelemetry/api/v1/push',
    '/prometheus/api/v1/otlp/v1/metrics',
  ])('%s', async (url) => {
    expect((await postJson(request, url)).statusCode).toBe(200);
    expect(await query('memory_usage')).toHaveLength(1);
  });

  test.each([
    '/insert/7/prometheus/api/v1/otlp/v1/metrics',
    '/insert/7/opentelemetry/v1/metrics',
    '/insert/7/opentelemetry/api/v1/push',
    '/api/v1/otlp/7/metrics',
  ])('%s goes to the database of the tenant', async (url) => {
    expect((await postJson(request, url)).statusCode).toBe(200);
    expect(await query('memory_usage')).toEqual([]);
    expect(await query('memory_usage', '/select/7/prometheus')).toHaveLength(1);
  });

  test('db=, extra_label= and the metadata', async () => {
    await api.storage.createDatabase('other');
    const described = { ...gauge('a.b'), unit: 's', description: 'What it is' };
    const url = `${PATH}?db=other&extra_label=env=prod&extra_label=job=forced`;
    expect((await postJson(otlpRequest([described]), url)).statusCode).toBe(200);
    expect(await query('a_b_seconds', '/select/other/prometheus')).toEqual([
      '{"__name__":"a_b_seconds","env":"prod","job":"forced"} 1',
    ]);
    const { payload } = await api.app.inject('/api/v1/metadata?db=other');
    expect(JSON.parse(payload).data).toEqual({
      a_b_seconds: [{ type: 'gauge', help: 'What it is', unit: 'seconds' }],
    });
  });

  test.each(['', '{}', '{"resourceMetrics":[]}'])('nothing at all: %j', async (body) => {
    const type = body === '' ? PROTOBUF : JSON_TYPE;
    expect(await post(body, { 'content-type': type })).toMatchObject({ statusCode: 200 });
  });

  test('settings decide about names and histograms', async () => {
    restart({
      'otlp.translation-strategy': 'NoTranslation',
      'otlp.promote-resource-attributes': ['k8s.pod.name'],
      'otlp.convert-histograms-to-nhcb': true,
    });
    const histogram = {
      name: 'request.size',
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [
          { timeUnixNano: nanos(NOW), count: 3, sum: 4, bucketCounts: [1, 2], explicitBounds: [1] },
        ],
      },
    };
    const answer = await postJson(otlpRequest([histogram], { 'k8s.pod.name': 'p' }));
    expect(answer.payload).toBe('{}');
    expect(await query('histogram_count({"request.size"})')).toEqual(['{"k8s.pod.name":"p"} 3']);
  });

  test('deltas are added up by a feature, also when they are sent again', async () => {
    restart({ 'enable-feature': ['otlp-deltatocumulative'] });
    const delta = (t: number, value: number): OtlpRequest =>
      otlpRequest([
        {
          name: 'hits',
          sum: {
            aggregationTemporality: 1,
            isMonotonic: true,
            dataPoints: [{ timeUnixNano: nanos(t), asInt: String(value) }],
          },
        },
      ]);
    for (const request of [
      delta(NOW - 2, 3),
      delta(NOW - 1, 4),
      delta(NOW - 1, 4),
      delta(NOW, 1),
    ]) {
      expect((await postJson(request)).payload).toBe('{}');
    }
    expect(await query('hits_total')).toEqual(['{"__name__":"hits_total"} 8']);
    expect((await postJson(delta(NOW - 1, 4))).payload).toContain('came after one until');
  });
});

describe('what is refused in part', () => {
  test('points that conversion refuses', async () => {
    const delta = {
      name: 'd',
      sum: { aggregationTemporality: 1, dataPoints: [{ asInt: '1' }, { asInt: '2' }] },
    };
    const answer = await postJson(otlpRequest([gauge('good'), delta, gauge('温')]));
    expect(answer.statusCode).toBe(200);
    const { partialSuccess } = JSON.parse(answer.payload);
    expect(partialSuccess.rejectedDataPoints).toBe('3');
    expect(partialSuccess.errorMessage).toMatch(
      /^3 of 4 data points refused; "d": delta temporality is not taken.*OTEL_EXPORTER/,
    );
    expect(await query('{__name__=~".+"}')).toEqual(['{"__name__":"good"} 1']);
    const reason = 'protocol="otlp",reason="unsupported_temporality"';
    expect(await counter('tidemark_rejected_samples_total', reason)).toBe(2);
    const { payload } = await api.app.inject('/api/v1/status/rejected');
    expect(payload).toContain('"protocol":"otlp"');
  });

  test('points that the store refuses, counted as points and not as series', async () => {
    const histogram = (t: number): OtlpObject => ({
      name: 'h',
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [
          { timeUnixNano: nanos(t), count: 1, sum: 1, bucketCounts: [1, 0], explicitBounds: [1] },
        ],
      },
    });
    const request = otlpRequest(
      [
        gauge('a'),
        gauge('b', 1, { timeUnixNano: nanos(NOW + 3_600_000) }),
        histogram(1000),
        histogram(NOW),
      ],
      { 'service.name': 'api', region: 'eu' },
    );
    const answer = await postJson(request);
    const { partialSuccess } = JSON.parse(answer.payload);
    // target_info, which no point of the sender is, is refused as well at these times.
    expect(partialSuccess.rejectedDataPoints).toBe('2');
    expect(partialSuccess.errorMessage).toContain('2 of 4 data points refused; ');
    expect(partialSuccess.errorMessage).toContain('and more, see /api/v1/status/rejected');
    expect(await query('count({__name__=~"a|h_.*"})')).toEqual(['{} 5']);
  });

  test('exemplars cost no point, but are told', async () => {
    const exemplars = [{ asDouble: 1, timeUnixNano: nanos(NOW), traceId: 'zz' }];
    const request = otlpRequest([gauge('a', 1, { exemplars })]);
    const { partialSuccess } = JSON.parse((await postJson(request)).payload);
    expect(partialSuccess).toEqual({ errorMessage: expect.stringContaining('trace or span id') });
    expect(await query('a')).toHaveLength(1);
  });

  test('in protobuf', async () => {
    const answer = await post(otlpProtobuf(otlpRequest([gauge('温')])));
    expect(answer.headers['content-type']).toBe(PROTOBUF);
    expect(answer.rawPayload.subarray(0, 1).toString('hex')).toBe('0a');
    expect(answer.rawPayload.subarray(2, 4).toString('hex')).toBe('0801');
    expect(answer.payload).toContain('nothing is left of the metric name');
  });

  test('a warning', async () => {
    const answer = await postJson(otlpRequest([{ name: 'empty', gauge: {} }]));
    expect(JSON.parse(answer.payload)).toEqual({
      partialSuccess: { errorMessage: 'metric "empty" has no data points' },
    });
  });
});

describe('what is refused', () => {
  const good = otlpProtobuf(otlpRequest([gauge('a')]));

  test.each<[string, Buffer | string, Readonly<Record<string, string>>, number, string]>([
    ['cut protobuf', good.subarray(0, 20), { 'content-type': PROTOBUF }, 400, 'malformed protobuf'],
    ['random bytes', Buffer.from('hello'), { 'content-type': PROTOBUF }, 400, 'malformed protobuf'],
    ['JSON as protobuf', otlpJson({}), { 'content-type': PROTOBUF }, 400, 'malformed protobuf'],
    [
      'protobuf as JSON',
      good,
      { 'content-type': JSON_TYPE },
      400,
      'malformed JSON at byte 1: an object',
    ],
    ['cut JSON', '{"resourceMetrics":[', { 'content-type': JSON_TYPE }, 400, 'malformed JSON'],
    ['a list', '[]', { 'content-type': JSON_TYPE }, 400, 'an object is expected'],
    [
      'a text as a time',
      '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{"timeUnixNano":"now"}]}}]}]}]}',
      { 'content-type': JSON_TYPE },
      400,
      'an integer is expected',
    ],
    ['another type', 'x', { 'content-type': 'text/plain' }, 415, 'expected application/x-protobuf'],
    ['no type', 'x', {}, 415, 'expected application/x-protobuf'],
    [
      'another encoding',
      good,
      { 'content-type': PROTOBUF, 'content-encoding': 'br' },
      415,
      'only gzip',
    ],
    [
      'no gzip',
      good,
      { 'content-type': PROTOBUF, 'content-encoding': 'gzip' },
      400,
      'gzip: incorrect header',
    ],
  ])('%s', async (_, payload, headers, status, message) => {
    const answer = await post(payload, headers);
    expect(answer.statusCode).toBe(status);
    expect(answer.payload).toContain(message);
    const isProtobuf = headers['content-type'] === PROTOBUF;
    expect(answer.headers['content-type']).toBe(isProtobuf ? PROTOBUF : JSON_TYPE);
    if (!isProtobuf) expect(JSON.parse(answer.payload)).toMatchObject({ code: expect.any(Number) });
    expect(await query('{__name__=~".+"}')).toEqual([]);
    const code = { 400: /PROTOBUF|JSON|BAD/, 415: /UNSUPPORTED_MEDIA/ }[status]!;
    const { payload: metrics } = await api.app.inject('/metrics');
    expect(metrics).toMatch(
      new RegExp(`tidemark_rejected_requests_total\\{protocol="otlp",reason="\\w*(${code.source})`),
    );
  });

  test('too large, as sent and once it is unpacked', async () => {
    restart({ 'limits.max-body-size': 1000, 'limits.max-decoded-size': 2000 });
    const large = otlpProtobuf(otlpRequest([gauge('a'.repeat(3000))]));
    const sent = await post(large);
    expect([sent.statusCode, sent.payload.includes('larger than 1000B')]).toEqual([413, true]);
    const headers = { 'content-type': PROTOBUF, 'content-encoding': 'gzip' };
    const unpacked = await post(gzipSync(large), headers);
    expect([unpacked.statusCode, unpacked.payload.includes('2000B after')]).toEqual([413, true]);
  });

  test('no such database, and no such method', async () => {
    const missing = await postJson({}, `${PATH}?db=nope`);
    expect(missing.statusCode).toBe(404);
    expect(JSON.parse(missing.payload)).toMatchObject({ code: 5 });
    const get = await api.app.inject(PATH);
    expect([get.statusCode, get.headers.allow]).toEqual([405, 'POST']);
  });

  test('nobody, and somebody who may not', async () => {
    const access = testAccess();
    await access.createUser('root', 'root-password', true);
    await access.createUser('reader', 'reader-password', false);
    access.setPrivilege('reader', 'default', 'read');
    api = startApi({ access, settings: { auth: true } });
    const nobody = await postJson({});
    expect(nobody.statusCode).toBe(401);
    expect(nobody.headers['www-authenticate']).toContain('Basic');
    expect(JSON.parse(nobody.payload)).toMatchObject({ code: 16 });
    const headers = { 'content-type': PROTOBUF, authorization: basic('reader', 'reader-password') };
    const reader = await post(good, headers);
    expect(reader.statusCode).toBe(403);
    expect(reader.payload).toContain('not authorized to write');
  });
});

describe('what comes again later', () => {
  const request = otlpRequest([gauge('a')]);

  class FailingStorage extends MemoryStorage {
    readonly #error: Error;

    constructor(error: Error) {
      super();
      this.#error = error;
    }

    override database(name: string): ReturnType<MemoryStorage['database']> {
      const found = super.database(name);
      if (found !== undefined) found.write = () => Promise.reject(this.#error);
      return found;
    }
  }

  test.each<[string, Error]>([
    ['the store is full', unavailable('TSDB_DISK_FULL', 'no space left')],
    ['a defect', new TypeError('a defect')],
  ])('%s: 503, for senders throw away what is answered with 500', async (_, error) => {
    api = startApi({ storage: new FailingStorage(error) });
    const answer = await postJson(request);
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('5');
    expect(JSON.parse(answer.payload)).toEqual({
      code: 14,
      message: error.message,
      details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '5s' }],
    });
  });

  test('starting', async () => {
    api = startApi({ starting: true });
    expect((await postJson(request)).statusCode).toBe(503);
  });
});
