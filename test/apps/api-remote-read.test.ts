// Remote read over HTTP: both forms of answer, external labels, limits.

import { expect, test } from 'vitest';
import { snappyDecode, snappyEncode } from '../../src/codec/snappy.ts';
import { labelsFromObject, labelsToObject } from '../../src/model/labels.ts';
import type { Matcher } from '../../src/model/matcher.ts';
import { encodeReadRequest, ResponseType } from '../../src/protocol/remote-read/request.ts';
import { ChunkedFrameReader } from '../../src/protocol/remote-read/response-chunks.ts';
import { decodeReadResponse } from '../../src/protocol/remote-read/response-samples.ts';
import { series, startApi, type TestApi, type TestApiOptions } from '../support/api.ts';

const NOW = Date.now();
const EVERYTHING: Matcher = { type: '!=', name: '__name__', value: '' };

interface Asked {
  url?: string;
  matchers?: readonly Matcher[][];
  types?: readonly number[];
  func?: string;
}

async function read(
  api: TestApi,
  { url = '/api/v1/read', matchers = [[EVERYTHING]], types = [], func }: Asked,
) {
  const range = { minT: NOW - 1000, maxT: NOW };
  const hints =
    func === undefined
      ? undefined
      : { stepMs: 0, func, startMs: 0, endMs: 0, rangeMs: 0, grouping: [], by: false };
  const request = encodeReadRequest({
    queries: matchers.map((list) => ({ range, matchers: list, hints })),
    acceptedResponseTypes: types,
  });
  return api.app.inject({ method: 'POST', url, payload: Buffer.from(snappyEncode(request)) });
}

type Answer = Awaited<ReturnType<typeof read>>;

/** `labels → [t, v]…` of each query. */
function samplesOf(answer: Answer): [Record<string, string>, [number, number][]][][] {
  const results = decodeReadResponse(snappyDecode(answer.rawPayload, 1e8), () => {});
  return results.map((result) =>
    result.map(({ labels, samples }) => [
      { ...labelsToObject(labels) },
      Array.from({ length: samples.length }, (_, i) => [samples.t[i]!, samples.v[i]!]),
    ]),
  );
}

function framesOf(
  answer: Answer,
): [query: number, labels: Record<string, string>, chunks: number][] {
  const reader = new ChunkedFrameReader();
  const frames = reader.push(answer.rawPayload);
  reader.end();
  return frames.flatMap(({ queryIndex, series: list }) =>
    list.map(({ labels, chunks }): [number, Record<string, string>, number] => [
      queryIndex,
      { ...labelsToObject(labels) },
      chunks.length,
    ]),
  );
}

async function filled(options: TestApiOptions = {}): Promise<TestApi> {
  const api = startApi(options);
  await api.storage.database('default')!.write({
    series: [
      series({ __name__: 'm', a: '1' }, [NOW - 2000, 1], [NOW - 1000, 2], [NOW, 3]),
      series({ __name__: 'm', a: '1', b: '2' }, [NOW, 4]),
      series({ __name__: 'n' }, [NOW, 5]),
    ],
    metadata: [],
    rejections: [],
  });
  return api;
}

const M1 = { __name__: 'm', a: '1' };
const M12 = { __name__: 'm', a: '1', b: '2' };
const N = { __name__: 'n' };

test.each([
  '/api/v1/read',
  '/api/v1/prom/read',
  '/api/prom_read',
  '/prometheus/api/v1/read',
  '/select/0/prometheus/api/v1/read',
])('%s answers samples in the closed range', async (url) => {
  const answer = await read(await filled(), { url });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
  });
  expect(samplesOf(answer)).toEqual([
    [
      [
        M1,
        [
          [NOW - 1000, 2],
          [NOW, 3],
        ],
      ],
      [M12, [[NOW, 4]]],
      [N, [[NOW, 5]]],
    ],
  ]);
});

test('several queries are answered in their order', async () => {
  const n: Matcher = { type: '=', name: '__name__', value: 'n' };
  const none: Matcher = { type: '=', name: '__name__', value: 'none' };
  const answer = await read(await filled(), { matchers: [[n], [none], [n]] });
  expect(samplesOf(answer).map((result) => result.length)).toEqual([1, 0, 1]);
  const chunked = await read(await filled(), {
    matchers: [[n], [none], [n]],
    types: [ResponseType.streamedXorChunks],
  });
  expect(framesOf(chunked)).toEqual([
    [0, N, 1],
    [2, N, 1],
  ]);
});

test('the first accepted form that we have is used', async () => {
  const api = await filled();
  const typeOf = async (types: number[]): Promise<unknown> =>
    (await read(api, { types })).headers['content-type'];
  const stream = 'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse';
  expect(await typeOf([])).toBe('application/x-protobuf');
  expect(await typeOf([0, 1])).toBe('application/x-protobuf');
  expect(await typeOf([1, 0])).toBe(stream);
  expect(await typeOf([9, 1])).toBe(stream);
  expect((await read(api, { types: [9] })).statusCode).toBe(400);
});

test('func="series" needs no samples', async () => {
  const api = await filled();
  const chunked = await read(api, { func: 'series', types: [1] });
  expect(framesOf(chunked)).toEqual([
    [0, M1, 0],
    [0, M12, 0],
    [0, N, 0],
  ]);
  const sampled = await read(api, { func: 'series' });
  const empty: string[] = [];
  decodeReadResponse(snappyDecode(sampled.rawPayload, 1e8), ({ series: s }) => empty.push(s));
  expect(empty).toEqual(['m{a="1"}', 'm{a="1", b="2"}', 'n']);
});

test.each([[[] as number[]], [[1]]])(
  'external labels are merged and series sorted again %j',
  async (types) => {
    const api = await filled({
      settings: { 'external-labels': labelsFromObject({ aa: 'x', b: 'own', region: 'eu' }) },
    });
    const matchers: Matcher[] = [EVERYTHING, { type: '=', name: 'region', value: 'eu' }];
    const answer = await read(api, { matchers: [matchers], types });
    const labels =
      types.length === 0
        ? samplesOf(answer)[0]!.map(([l]) => l)
        : framesOf(answer).map(([, l]) => l);
    const external = { aa: 'x', b: 'own', region: 'eu' };
    // Without sorting again, b="own" of the first would come before b="2" of the second.
    expect(labels).toEqual([
      { ...external, ...M12 },
      { ...external, ...M1 },
      { ...external, ...N },
    ]);
  },
);

test('other matchers on external labels select nothing', async () => {
  const api = await filled({ settings: { 'external-labels': labelsFromObject({ region: 'eu' }) } });
  const matchers: Matcher[] = [EVERYTHING, { type: '=', name: 'region', value: 'us' }];
  expect(samplesOf(await read(api, { matchers: [matchers] }))).toEqual([[]]);
});

test('the sample limit is 400 for samples, and no matter for chunks', async () => {
  const api = await filled({ settings: { 'limits.remote-read-samples': 3 } });
  const answer = await read(api, {});
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([
    400,
    'text/plain; charset=utf-8',
  ]);
  expect(answer.body).toContain('exceeded sample limit (3)');
  expect((await read(api, { types: [1] })).statusCode).toBe(200);
  expect(api.context.remoteReads.running).toBe(0);
});

test('errors come with a status before the first byte, in both forms', async () => {
  const api = await filled();
  const matchers: Matcher[][] = [[{ type: '=~', name: 'a', value: '(' }]];
  for (const types of [[0], [1]]) {
    const answer = await read(api, { matchers, types });
    expect([answer.statusCode, answer.headers['content-encoding']]).toEqual([400, undefined]);
    expect(answer.body).toContain('regular expression');
  }
  expect(api.context.remoteReads.running).toBe(0);
  expect((await read(api, { url: '/api/v1/read?db=nope' })).statusCode).toBe(404);
  const garbage = { method: 'POST', url: '/api/v1/read', payload: 'garbage' } as const;
  expect((await api.app.inject(garbage)).statusCode).toBe(400);
  expect((await api.app.inject('/api/v1/read')).statusCode).toBe(405);
});

test('reads queue for a place', async () => {
  const api = await filled({ settings: { 'limits.remote-read-concurrency': 1 } });
  const release = await api.context.remoteReads.acquire(new AbortController().signal);
  const waiting = read(api, { types: [1] });
  await expect.poll(() => api.context.remoteReads.waiting).toBe(1);
  release();
  expect((await waiting).statusCode).toBe(200);
  expect(api.context.remoteReads.running).toBe(0);
});
