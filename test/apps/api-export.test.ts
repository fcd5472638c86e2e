// What exports have in common, and their formats over HTTP.

import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ParquetFile } from '../../src/protocol/parquet/decode.ts';
import { sourceOf } from '../../src/protocol/parquet/testing.ts';
import { series, startApi, type TestApi, type TestApiOptions } from '../support/api.ts';
import { LiveApi } from '../support/live-api.ts';

const NOW = Math.floor(Date.now() / 1000) * 1000;

const HISTOGRAM =
  '{"kind":"integer","count":"3","zeroCount":"1","sum":4.5,"schema":0,"zeroThreshold":0,' +
  '"positiveSpans":[[0,1]],"positiveCounts":["2"]}';

/** A line each for metadata, floats of two series, a histogram, and a series that has but an exemplar. */
const LINES = [
  '{"metadata":{"metric":"a","type":"counter","help":"A.","unit":""}}',
  `{"metric":{"__name__":"a","job":"x"},"values":[1.5,"NaN:7ff0000000000002"],"timestamps":[${NOW - 2000},${NOW - 1000}],"startTimestamps":[${NOW - 9000},0]}`,
  `{"metric":{"__name__":"a","job":"y"},"values":["+Inf"],"timestamps":[${NOW}]}`,
  `{"metric":{"__name__":"b"},"values":[],"timestamps":[],"histograms":[${HISTOGRAM}],"histogramTimestamps":[${NOW}]}`,
  `{"metric":{"__name__":"c"},"values":[],"timestamps":[],"exemplars":[{"labels":{"trace_id":"1"},"value":2,"timestamp":${NOW}}]}`,
].map((line) => `${line}\n`);

async function filled(options: TestApiOptions = {}): Promise<TestApi> {
  const api = startApi(options);
  await fill(api);
  return api;
}

async function fill({ app }: TestApi): Promise<void> {
  const answer = await app.inject({
    method: 'POST',
    url: '/api/v1/import',
    payload: LINES.join(''),
  });
  expect(answer.statusCode, answer.body).toBe(204);
}

/** `{}`: everything. */
const ALL = 'match[]={}';

test('everything, metadata first, and what it was behind the end', async () => {
  const { app } = await filled();
  const answer = await app.inject(`/api/v1/export?${ALL}`);
  expect(answer.body).toBe(LINES.join(''));
  expect(answer.headers).toMatchObject({
    'content-type': 'application/stream+json',
    trailer: 'X-Tidemark-Export',
    'x-tidemark-series': '4',
  });
  expect(answer.trailers).toEqual({
    'x-tidemark-export': 'complete; series=4; samples=3; histograms=1; exemplars=1',
  });
});

test('what a form leaves out is told', async () => {
  const { app } = await filled();
  const answer = await app.inject(`/api/v1/export?${ALL}&format=victoriametrics`);
  expect(answer.body.split('\n')).toHaveLength(3);
  expect(answer.trailers).toEqual({
    'x-tidemark-export':
      'complete; series=4; samples=2; histograms=0; exemplars=0; samples-left-out=1; histograms-left-out=1; exemplars-left-out=1',
  });
});

test.each<[query: string, lines: number[]]>([
  ['match[]={job="x"}', [0, 1]],
  ['match[]={job=~"x|y"}&match[]={__name__="a"}', [0, 1, 2]],
  ['match[]=c', [4]],
  [`${ALL}&start=${NOW / 1000}`, [0, 2, 3, 4]],
  [`match[]=b&end=${NOW / 1000 - 1}`, []],
  ['match[]=nothing', []],
])('a part of it: %s', async (query, lines) => {
  const { app } = await filled();
  const answer = await app.inject(`/api/v1/export?${query}`);
  expect(answer.body).toBe(lines.map((line) => LINES[line]!).join(''));
});

test('by POST, below the prefixes, in another database', async () => {
  const { app, storage } = await filled();
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const posted = await app.inject({
    method: 'POST',
    url: '/api/v1/export',
    headers: form,
    payload: ALL,
  });
  expect(posted.body).toBe(LINES.join(''));
  await storage.createDatabase('other');
  const other = [
    await app.inject(`/select/other/prometheus/api/v1/export?${ALL}`),
    await app.inject(`/prometheus/api/v1/export?${ALL}&db=other`),
  ];
  for (const answer of other) expect([answer.statusCode, answer.body]).toEqual([200, '']);
});

test('CSV has the fields that are asked for, of float samples', async () => {
  const { app } = await filled();
  const format = '__name__,job,__value__,__timestamp__:unix_s';
  const answer = await app.inject(`/api/v1/export/csv?${ALL}&format=${format}`);
  expect(answer.headers['content-type']).toBe('text/csv');
  expect(answer.body).toBe(`${format}\na,x,1.5,${NOW / 1000 - 2}\na,y,+Inf,${NOW / 1000}\n`);
  expect(answer.trailers['x-tidemark-export']).toContain('samples=2;');
});

test('Parquet has everything, and is not compressed twice', async () => {
  const { app } = await filled();
  const answer = await app.inject({
    url: `/api/v1/export/parquet?${ALL}`,
    headers: { 'accept-encoding': 'gzip' },
  });
  expect(answer.headers['content-type']).toBe('application/vnd.apache.parquet');
  expect(answer.headers['content-encoding']).toBeUndefined();
  const file = await ParquetFile.open(sourceOf(answer.rawPayload));
  expect(file.rows).toBe(5);
  expect(file.metadata).toEqual([{ metric: 'a', type: 'counter', help: 'A.', unit: '' }]);
});

test.each<[path: string, status: number, message: RegExp]>([
  ['/api/v1/export/csv?match[]=a', 400, /"format": a field is empty/],
  ['/api/v1/export/csv?match[]=a&format=__timestamp__:x', 400, /"format": "__timestamp__:x"/],
  ['/api/v1/export/csv?format=job', 400, /no match\[\]/],
  ['/api/v1/export/parquet', 400, /no match\[\]/],
  ['/api/v1/export/parquet?match[]={a=~"("}', 400, /"match\[\]"/],
  ['/api/v1/export/parquet?match[]=a&db=nope', 404, /nope/],
  ['/api/v1/export?match[]=a{', 400, /"match\[\]"/],
  ['/api/v1/export?match[]=a&max_rows_per_line=x', 400, /max_rows_per_line/],
])('%s is %d', async (path, status, message) => {
  const answer = await startApi().app.inject(path);
  expect(answer.statusCode).toBe(status);
  expect((answer.json() as { error: string }).error).toMatch(message);
});

// Over sockets.

async function answerOf(req: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    req.once('response', resolve).once('error', reject).end();
  });
}

const SAMPLES = 2000;
/** A line for each sample, with labels that make it long: more than all buffers on the way can hold. */
const MUCH = `/api/v1/export?${ALL}&max_rows_per_line=1`;

async function withMuch(): Promise<LiveApi> {
  const live = await LiveApi.start({});
  const points = Array.from({ length: SAMPLES }, (_, i) => [NOW - i, i] as const);
  const one = series({ __name__: 'm', long: 'x'.repeat(16_000) }, ...points);
  await live.api.storage
    .database('default')!
    .write({ series: [one], metadata: [], rejections: [] });
  return live;
}

const active = async ({ api }: LiveApi): Promise<{ id: string; query: string }[]> => {
  const answer = await api.app.inject('/api/v1/status/active_queries');
  const { data } = answer.json() as { data: { queries: { id: string; query: string }[] } };
  return data.queries;
};

/** Reads to the end, if there is one. */
async function read(answer: IncomingMessage): Promise<{ bytes: number; error: unknown }> {
  let bytes = 0;
  try {
    for await (const piece of answer) bytes += (piece as Buffer).length;
    return { bytes, error: undefined };
  } catch (error) {
    return { bytes, error };
  }
}

test('an export that is ended breaks its connection, and has no trailer', async () => {
  const live = await withMuch();
  try {
    const answer = await answerOf(request(`${live.url}${MUCH}`));
    expect(answer.statusCode).toBe(200);
    const [running] = await active(live);
    expect(running).toMatchObject({ query: '/api/v1/export {}', language: 'export' });
    const ended = await live.api.app.inject({
      method: 'POST',
      url: `/api/v1/admin/queries/${running!.id}/cancel`,
    });
    expect(ended.statusCode).toBe(204);
    const { error } = await read(answer);
    expect(error).toMatchObject({ code: 'ECONNRESET' });
    expect(answer.complete).toBe(false);
    expect(answer.trailers).toEqual({});
    expect(await active(live)).toEqual([]);
  } finally {
    await live.close();
  }
});

test('one that is read to its end has a trailer, compressed or not', async () => {
  const live = await withMuch();
  try {
    const plain = await answerOf(request(`${live.url}${MUCH}`));
    const { bytes, error } = await read(plain);
    expect([error, plain.complete]).toEqual([undefined, true]);
    expect(plain.trailers['x-tidemark-export']).toMatch(/^complete; series=1; samples=2000;/);

    const headers = { 'accept-encoding': 'gzip' };
    const zipped = await answerOf(request(`${live.url}${MUCH}`, { headers }));
    const pieces: Buffer[] = [];
    for await (const piece of zipped) pieces.push(piece as Buffer);
    expect(gunzipSync(Buffer.concat(pieces)).length).toBe(bytes);
    expect(zipped.trailers).toEqual(plain.trailers);
  } finally {
    await live.close();
  }
});

test('a client that goes ends its export', async () => {
  const live = await withMuch();
  try {
    const answer = await answerOf(request(`${live.url}${MUCH}`));
    expect(await active(live)).toHaveLength(1);
    answer.destroy();
    await expect.poll(() => active(live)).toEqual([]);
  } finally {
    await live.close();
  }
});
