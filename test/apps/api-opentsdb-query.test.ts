// What OpenTSDB's clients read: /api/query in both forms, names, series, and what they ask about the server.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/storage/admission.ts';
import { MemoryStorage } from '../../src/storage/memory-store.ts';
import { series, startApi, type TestApi } from '../support/api.ts';

const T = 1_700_000_000;
const MS = T * 1000;

let api: TestApi;

beforeAll(async () => {
  const limits = { ...DEFAULT_LIMITS, retentionMs: 0 };
  api = startApi({ storage: new MemoryStorage({ limits }), settings: { retention: 0 } });
  await api.storage.database('default')!.write({
    series: [
      series(
        { __name__: 'sys.cpu', host: 'a', dc: 'x' },
        [MS, 1],
        [MS + 60_000, 3],
        [MS + 120_000, 5],
      ),
      series({ __name__: 'sys.cpu', host: 'b', dc: 'x' }, [MS + 30_000, 10], [MS + 90_000, 20]),
      series({ __name__: 'sys.cpu', host: 'c', dc: 'y' }, [MS, 100.5], [MS + 500, Number.NaN]),
      series(
        { __name__: 'net.bytes', host: 'a' },
        [MS, 100],
        [MS + 10_000, 200],
        [MS + 20_000, 50],
      ),
      series({ __name__: 'up', job: 'Web-1' }, [MS + 1, 1], [MS + 2, 2]),
    ],
    metadata: [],
    rejections: [],
  });
});
afterAll(() => api.app.close());

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function get(path: string): Promise<Answer> {
  const answer = await api.app.inject({ method: 'GET', url: path });
  return { status: answer.statusCode, body: JSON.parse(answer.body) };
}

async function post(path: string, body: unknown): Promise<Answer> {
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await api.app.inject({ method: 'POST', url: path, payload });
  return { status: answer.statusCode, body: JSON.parse(answer.body) };
}

interface Result {
  readonly metric: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly aggregateTags: readonly string[];
  readonly dps: Readonly<Record<string, unknown>>;
}

/** Results of one sub-query, `m=` in a URL. */
async function query(m: string, more = ''): Promise<readonly Result[]> {
  const { status, body } = await get(
    `/api/query?start=${T}&end=${T + 600}&m=${encodeURIComponent(m)}${more}`,
  );
  expect({ status, body }).toMatchObject({ status: 200 });
  return body as readonly Result[];
}

/** Points with times as seconds since the first sample. */
function shifted({ dps }: Result): Record<string, unknown> {
  return Object.fromEntries(Object.entries(dps).map(([t, v]) => [String(Number(t) - T), v]));
}

describe('/api/query', () => {
  test('gives series as they are', async () => {
    expect(await query('none:sys.cpu{host=a}')).toEqual([
      {
        metric: 'sys.cpu',
        tags: { dc: 'x', host: 'a' },
        aggregateTags: [],
        dps: { [T]: 1, [T + 60]: 3, [T + 120]: 5 },
      },
    ]);
    expect(await query('none:sys.cpu')).toHaveLength(3);
  });

  test('adds series up, with values between their points', async () => {
    const [result, ...others] = await query('sum:sys.cpu{dc=x}');
    expect(others).toEqual([]);
    expect(result).toMatchObject({ tags: { dc: 'x' }, aggregateTags: ['host'] });
    // a is 1, 2, 3, 4, 5 each 30 s; b is 10, 15, 20 from 30 s to 90 s.
    expect(shifted(result!)).toEqual({ 0: 1, 30: 12, 60: 18, 90: 24, 120: 5 });
  });

  test.each([
    ['zimsum', { 0: 1, 30: 10, 60: 3, 90: 20, 120: 5 }],
    ['pfsum', { 0: 1, 30: 11, 60: 13, 90: 23, 120: 5 }],
    ['mimmax', { 0: 1, 30: 10, 60: 3, 90: 20, 120: 5 }],
    ['mimmin', { 0: 1, 30: 10, 60: 3, 90: 20, 120: 5 }],
    ['count', { 0: 1, 30: 2, 60: 2, 90: 2, 120: 1 }],
    ['avg', { 0: 1, 30: 6, 60: 9, 90: 12, 120: 5 }],
    ['max', { 0: 1, 30: 10, 60: 15, 90: 20, 120: 5 }],
    ['dev', { 0: 0, 30: 4, 60: 6, 90: 8, 120: 0 }],
  ])('%s', async (aggregator, dps) => {
    const [result] = await query(`${aggregator}:sys.cpu{dc=x}`);
    expect(shifted(result!)).toEqual(dps);
  });

  test('groups by the tags that it names', async () => {
    const results = await query('sum:sys.cpu{dc=*}');
    expect(results.map(({ tags, aggregateTags }) => ({ tags, aggregateTags }))).toEqual([
      { tags: { dc: 'x' }, aggregateTags: ['host'] },
      { tags: { dc: 'y', host: 'c' }, aggregateTags: [] },
    ]);
    expect(await query('sum:sys.cpu{}{dc=*}')).toHaveLength(1);
  });

  test.each([
    ['host=literal_or(a|c)', ['a', 'c']],
    ['host=a|c', ['a', 'c']],
    ['host=iliteral_or(A)', ['a']],
    ['host=not_literal_or(a)', ['b', 'c']],
    ['host=not_iliteral_or(A|B)', ['c']],
    ['host=wildcard(*)', ['a', 'b', 'c']],
    ['host=regexp([ab])', ['a', 'b']],
    ['host=regexp(^c$)', ['c']],
    ['dc=x', ['a', 'b']],
    ['nope=wildcard(*)', undefined],
  ])('filters by %s', async (filter, hosts) => {
    if (hosts === undefined) {
      const { status, body } = await get(`/api/query?start=${T}&m=none:sys.cpu{}{${filter}}`);
      expect([status, body]).toEqual([
        400,
        { error: { code: 400, message: "No such name for 'tagk': 'nope'" } },
      ]);
      return;
    }
    const results = await query(`none:sys.cpu{}{${filter}}`);
    expect(results.map(({ tags }) => tags.host)).toEqual(hosts);
  });

  test('takes only series without other tags, if told to', async () => {
    expect(await query('none:explicit_tags:sys.cpu{host=*}')).toEqual([]);
    expect(await query('none:explicit_tags:sys.cpu{host=*,dc=x}')).toHaveLength(2);
  });

  test('downsamples', async () => {
    const [result] = await query('sum:1m-avg:sys.cpu{host=a}');
    // Intervals begin at whole minutes; this one began 20 s before the first sample.
    expect(T % 60).toBe(20);
    expect(shifted(result!)).toEqual({ 40: 3, 100: 5 });
    const [all] = await query('sum:0all-sum:sys.cpu{host=a}');
    expect(shifted(all!)).toEqual({ 0: 9 });
  });

  test.each([
    ['none', { 10: 2, 70: 3 }],
    ['zero', { 10: 2, 40: 0, 70: 3, 100: 0 }],
    ['nan', { 10: 2, 40: 'NaN', 70: 3, 100: 'NaN' }],
    ['null', { 10: 2, 40: null, 70: 3, 100: null }],
  ])('fills with %s', async (fill, dps) => {
    await api.storage.database('default')!.write({
      series: [series({ __name__: 'gaps' }, [MS + 15_000, 2], [MS + 75_000, 3])],
      metadata: [],
      rejections: [],
    });
    const m = `sum:30s-avg-${fill}:gaps`;
    const { body } = await get(`/api/query?start=${T + 10}&end=${T + 110}&m=${m}`);
    expect(shifted((body as Result[])[0]!)).toEqual(dps);
  });

  test.each([
    ['rate', { 10: 10, 20: -15 }],
    ['rate{counter}', { 10: 10, 20: expect.closeTo((2 ** 63 - 150) / 10, -10) }],
    ['rate{counter,300}', { 10: 10, 20: 15 }],
    ['rate{counter,300,12}', { 10: 10, 20: 0 }],
    ['rate{dropcounter}', { 10: 10 }],
  ])('%s', async (rate, dps) => {
    const [result] = await query(`sum:${rate}:net.bytes`);
    expect(shifted(result!)).toEqual(dps);
  });

  test('gives times in milliseconds, and lists of points, if asked to', async () => {
    expect((await query('none:up', '&ms=true'))[0]!.dps).toEqual({ [MS + 1]: 1, [MS + 2]: 2 });
    // Of points in one second the last counts.
    expect((await query('none:up'))[0]!.dps).toEqual({ [T]: 2 });
    expect((await query('none:up', '&ms&arrays'))[0]!.dps).toEqual([
      [MS + 1, 1],
      [MS + 2, 2],
    ]);
  });

  test('answers several questions, in JSON', async () => {
    const answer = await post('/api/query', {
      start: MS,
      end: MS + 600_000,
      msResolution: true,
      showQuery: true,
      queries: [
        { metric: 'up', aggregator: 'none', index: 7 },
        {
          metric: 'sys.cpu',
          aggregator: 'sum',
          downsample: '1m-max',
          rate: true,
          rateOptions: { counter: true, dropResets: true },
          filters: [{ type: 'wildcard', tagk: 'host', filter: '*', groupBy: true }],
          tags: { dc: 'x' },
        },
      ],
    });
    expect(answer).toMatchObject({
      status: 200,
      body: [
        { metric: 'up', query: { index: 0, aggregator: 'none' } },
        { metric: 'sys.cpu', tags: { host: 'a', dc: 'x' }, query: { index: 1, rate: true } },
        {
          metric: 'sys.cpu',
          tags: { host: 'b', dc: 'x' },
          query: { index: 1, downsample: '1m-max' },
        },
      ],
    });
  });

  test('is listed among the queries without credentials', async () => {
    const { status } = await get(`/api/query?start=${T}&m=none:up&u=me&p=secret`);
    expect(status).toBe(200);
    const top = await api.app.inject({
      method: 'GET',
      url: '/api/v1/status/top_queries?limit=1000',
    });
    expect(top.body).toContain('m=none:up');
    expect(top.body).not.toContain('secret');
  });

  test.each([
    ['', 'Missing start time'],
    ['start=1h-ago', 'Missing sub queries'],
    ['start=1h-ago&m=sum', 'Invalid parameter m=sum (not enough :-separated parts)'],
    ['start=1h-ago&m=a:b:c:d:e:f', 'Invalid parameter m=a:b:c:d:e:f (too many :-separated parts)'],
    ['start=1h-ago&m=nope:up', 'No such aggregation function: nope'],
    ['start=1h-ago&m=sum:1x-avg:up', 'Invalid duration: 1x'],
    ['start=1h-ago&m=sum:1m-nope:up', 'No such downsampling function: nope'],
    ['start=1h-ago&m=sum:1m-none:up', 'cannot use the NONE aggregator for downsampling'],
    ['start=1h-ago&m=sum:1dc-sum:up', 'intervals of the calendar are not supported: 1dc'],
    ['start=yesterday&m=sum:up', 'Invalid time: yesterday'],
    [
      'start=2&end=1&m=sum:up',
      'End time [1000] must be greater than or equal to the start time [2000]',
    ],
    ['start=1h-ago&m=sum:up{', "Missing '}' at the end of: up{"],
    ['start=1h-ago&m=sum:up{job=nope(x)}', 'Could not find a tag value filter of the type: nope'],
    ['start=1h-ago&m=sum:up{job}', "When parsing tag 'job': invalid tag: job"],
    ['start=1h-ago&m=sum:nope', "No such name for 'metrics': 'nope'"],
    [`start=${T}&m=sum:up{job=Web-2}`, "No such name for 'tagv': 'Web-2'"],
    ['start=1h-ago&tsuid=sum:000001', 'queries of tsuids are not supported: name a metric'],
  ])('%j is refused', async (params, message) => {
    const url = `/api/query?${params.replaceAll('{', '%7B').replaceAll('}', '%7D')}`;
    expect(await get(url)).toEqual({ status: 400, body: { error: { code: 400, message } } });
  });

  test('a pattern that is none is refused', async () => {
    const { status, body } = await get(`/api/query?start=${T}&m=none:up{job=regexp(%5B)}`);
    expect([status, JSON.stringify(body)]).toEqual([
      400,
      expect.stringContaining('regular expression'),
    ]);
  });

  test('names that are known without points in range answer nothing', async () => {
    expect(await get('/api/query?start=1h-ago&m=sum:up')).toEqual({ status: 200, body: [] });
  });

  test.each([
    ['{', 'Unable to parse the given JSON'],
    ['', 'Missing request content'],
    ['[]', 'The query is not an object'],
    ['{"start":1}', 'Missing queries'],
    ['{"start":1,"queries":[{"metric":"up"}]}', 'Missing the aggregation function'],
    [
      '{"start":1,"queries":[{"aggregator":"sum"}]}',
      'Missing the metric or tsuids, provide at least one',
    ],
    ['{"start":1,"delete":true,"queries":[]}', 'Deleting data is not enabled'],
  ])('%j is refused in JSON', async (body, message) => {
    expect(await post('/api/query', body)).toEqual({
      status: 400,
      body: { error: { code: 400, message } },
    });
  });

  test('a body of great depth is no stack overflow', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const { status } = await post(
      '/api/query',
      `{"start":1,"deep":${deep},"queries":[{"metric":"up","aggregator":"sum"}]}`,
    );
    expect(status).toBe(200);
  });

  test('more buckets than memory can hold are refused', async () => {
    const { status } = await get('/api/query?start=1&m=sum:1ms-avg-zero:up');
    expect(status).toBe(422);
  });
});

describe('/api/suggest', () => {
  test.each([
    ['type=metrics', ['gaps', 'net.bytes', 'sys.cpu', 'up']],
    ['type=metrics&q=sys', ['sys.cpu']],
    ['type=metrics&q=s.s', []],
    ['type=metrics&max=1', ['gaps']],
    ['type=tagk', ['dc', 'host', 'job']],
    ['type=tagv&q=W', ['Web-1']],
    ['type=tagv&max=2', ['Web-1', 'a']],
  ])('%s', async (params, names) => {
    expect(await get(`/api/suggest?${params}`)).toEqual({ status: 200, body: names });
  });

  test('in JSON', async () => {
    expect(await post('/api/suggest', { type: 'tagk', q: 'h', max: 3 })).toEqual({
      status: 200,
      body: ['host'],
    });
  });

  test.each([
    ['', "Missing 'type' parameter"],
    ['type=x', "Invalid 'type' parameter:x"],
    ['type=tagk&max=x', "Unable to parse 'max' as a number"],
  ])('%j is refused', async (params, message) => {
    expect(await get(`/api/suggest?${params}`)).toMatchObject({ body: { error: { message } } });
  });
});

describe('/api/search/lookup', () => {
  const found = async (m: string, more = ''): Promise<unknown> => {
    const { body } = await get(`/api/search/lookup?m=${encodeURIComponent(m)}${more}`);
    return (body as { results: { tags: unknown }[] }).results.map(({ tags }) => tags);
  };

  test('finds the series of a metric', async () => {
    expect(await get('/api/search/lookup?m=up&use_meta=false')).toEqual({
      status: 200,
      body: {
        type: 'LOOKUP',
        metric: 'up',
        tags: [],
        limit: 25,
        time: expect.any(Number),
        results: [{ tsuid: expect.any(String), metric: 'up', tags: { job: 'Web-1' } }],
        startIndex: 0,
        totalResults: 1,
      },
    });
  });

  test('by tags', async () => {
    expect(await found('sys.cpu{dc=x}')).toEqual([
      { dc: 'x', host: 'a' },
      { dc: 'x', host: 'b' },
    ]);
    expect(await found('sys.cpu{host=*}', '&limit=1')).toEqual([{ dc: 'x', host: 'a' }]);
    expect(await found('{job=*}')).toEqual([{ job: 'Web-1' }]);
    expect(await found('{*=Web-1}')).toEqual([{ job: 'Web-1' }]);
    expect(await found('nope')).toEqual([]);
  });

  test('in JSON', async () => {
    const body = { metric: 'sys.cpu', tags: [{ key: 'dc', value: 'y' }], limit: 2 };
    expect(await post('/api/search/lookup', body)).toMatchObject({
      body: { results: [{ tags: { host: 'c' } }], limit: 2 },
    });
  });

  test('of nothing is refused', async () => {
    expect(await get('/api/search/lookup')).toMatchObject({
      status: 400,
      body: { error: { message: 'Missing metric and tags. Please supply at least one value.' } },
    });
  });
});

test('the server tells what it is', async () => {
  expect(await get('/api/version')).toMatchObject({ status: 200, body: { version: '2.4.1' } });
  expect((await get('/api/aggregators')).body).toContain('zimsum');
  expect((await get('/api/config/filters')).body).toHaveProperty('literal_or.description');
  expect((await get('/opentsdb/api/version')).status).toBe(200);
  expect((await get('/select/default/opentsdb/api/suggest?type=metrics')).status).toBe(200);
});
