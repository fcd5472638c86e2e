// What operators set of registrations, and what senders and readers see of it.

import type { LightMyRequestResponse } from 'fastify';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AccessStore } from '../../src/access/index.ts';
import { basic, testAccess } from '../support/access.ts';
import { series, startApi, type TestApi, V1_TYPE, V2_TYPE, writeBody } from '../support/api.ts';
import { otlpRequest } from '../support/otlp.ts';

const NOW = Date.now();
const ROOT = basic('root', 'secret');

let api: TestApi;
let access: AccessStore;
let lines: string[];
let id: string;
/** Of the registration's key. */
let own: string;

beforeEach(async () => {
  access = testAccess(true);
  lines = [];
  const logger = {
    log: (...parts: unknown[]) => {
      lines.push(JSON.stringify(parts));
    },
  };
  api = startApi({ settings: { auth: true }, access, logger });
  await access.createUser('root', 'secret', true);
  const made = await admin('POST', '', {
    name: 'prod',
    extraLabels: { region: 'eu', team: 'a b' },
  });
  const { data } = made.json() as { data: Record<string, string> };
  expect([made.statusCode, data]).toEqual([
    201,
    expect.objectContaining({ extraLabels: { region: 'eu', team: 'a b' }, disabled: false }),
  ]);
  const { accessKeyId = '', accessKeySecret = '' } = data;
  id = access.existingRemoteWrite('prod').id;
  own = basic(accessKeyId, accessKeySecret);
});

function admin(
  method: 'POST' | 'PATCH' | 'GET',
  path: string,
  body?: object,
): Promise<LightMyRequestResponse> {
  return api.app.inject({
    method,
    url: `/api/v1/admin/remote-writes${path}`,
    headers: { authorization: ROOT },
    ...(body && { payload: JSON.stringify(body) }),
  });
}

interface Write {
  readonly url: string;
  readonly payload: string | Buffer;
  readonly type?: string;
}

/** Of every protocol one request, each of which brings a series `region="us"` of its own job. */
function writes(): Write[] {
  const sent = (job: string): ReturnType<typeof series> =>
    series({ __name__: 'm', region: 'us', job }, [NOW, 1]);
  const point = { timeUnixNano: `${NOW}000000`, asDouble: 1 };
  const attributes = [{ key: 'region', value: { stringValue: 'us' } }];
  return [
    { url: '/api/prom_write', payload: writeBody(1, sent('v1')), type: V1_TYPE },
    { url: '/api/v1/write', payload: writeBody(2, sent('v2')), type: V2_TYPE },
    { url: '/write', payload: 'm,region=us,job=line value=1' },
    { url: '/api/v2/write', payload: 'm,region=us,job=line2 value=1' },
    { url: '/influx/write', payload: 'm,region=us,job=metrics value=1' },
    { url: '/api/v1/import/prometheus', payload: 'm{region="us",job="text"} 1\n' },
    { url: '/api/v1/import/prometheus/metrics/job/gateway/region/us', payload: 'm 1\n' },
    {
      url: '/api/v1/import',
      payload: `{"metric":{"__name__":"m","region":"us","job":"json"},"values":[1],"timestamps":[${NOW}]}`,
    },
    {
      url: '/api/v1/import/csv?format=1:metric:m,2:label:job,3:label:region',
      payload: '1,csv,us\n',
    },
    {
      url: '/api/put',
      payload: `{"metric":"m","timestamp":${NOW},"value":1,"tags":{"region":"us","job":"tsdb"}}`,
    },
    {
      url: '/datadog/api/v1/series',
      payload: `{"series":[{"metric":"m","points":[[${Math.floor(NOW / 1000)},1]],"tags":["region:us","job:dog"]}]}`,
      type: 'application/json',
    },
    {
      url: '/v1/metrics',
      payload: JSON.stringify(
        otlpRequest([{ name: 'm', gauge: { dataPoints: [{ ...point, attributes }] } }], {
          'service.name': 'otlp',
        }),
      ),
      type: 'application/json',
    },
  ];
}

function send(
  { url, payload, type }: Write,
  authorization: string,
): Promise<LightMyRequestResponse> {
  const headers = { authorization, ...(type !== undefined && { 'content-type': type }) };
  return api.app.inject({ method: 'POST', url, payload, headers });
}

/** Label sets of the database, all but names. */
async function stored(): Promise<Record<string, string>[]> {
  const querier = api.storage.database('prod')!.querier({ minT: 0, maxT: NOW + 60_000 });
  try {
    const found = await querier.series([]);
    return found.map((labels) =>
      Object.fromEntries(
        labels
          .filter(({ name }) => ['region', 'team', 'job'].includes(name))
          .map(({ name, value }) => [name, value]),
      ),
    );
  } finally {
    querier.close();
  }
}

describe('extra labels', () => {
  test.each(['', 'by its URL'])('of every protocol, by the key alone or %s', async (byUrl) => {
    for (const write of writes()) {
      const url = byUrl === '' ? write.url : `/e/${id}${write.url}`;
      const { statusCode, body } = await send({ ...write, url }, byUrl === '' ? own : ROOT);
      expect([url, statusCode < 300, body]).toEqual([url, true, body]);
    }
    const jobs = 'csv dog gateway json line line2 metrics otlp text tsdb v1 v2'.split(' ');
    const all = await stored();
    expect(all.map(({ job }) => job).sort()).toEqual(jobs);
    for (const labels of all) expect(labels).toMatchObject({ region: 'eu', team: 'a b' });
  });

  test('no parameter of the sender overrides them, nor another registration’s URL', async () => {
    const other = access.createRemoteWrite('other', 'prod', {
      extraLabels: [{ name: 'region', value: 'asia' }],
    });
    const [write] = writes();
    for (const prefix of ['', `/e/${other.remoteWrite.id}`]) {
      const url = `${prefix}${write!.url}?extra_label=region=us&extra_label=rack=7`;
      expect((await send({ ...write!, url }, own)).statusCode).toBe(200);
    }
    expect(await stored()).toEqual([{ job: 'v1', region: 'eu', team: 'a b' }]);
  });

  test('changed, they hold from the next request on; what is not theirs stays as it was', async () => {
    const [write] = writes();
    const changed = await admin('PATCH', '/prod', { extraLabels: { region: 'asia' } });
    expect(changed.json()).toMatchObject({
      data: { extraLabels: { region: 'asia' }, disabled: false },
    });
    await send(write!, own);
    await admin('PATCH', `/${id}`, { extraLabels: {} });
    await send(write!, own);
    await send({ ...write!, url: '/api/prom_write?db=prod' }, ROOT);
    expect(await stored()).toEqual([
      { job: 'v1', region: 'asia' },
      { job: 'v1', region: 'us' },
    ]);
  });
});

describe('disabled', () => {
  const READS = ['/api/v1/query?query=m', '/api/v1/labels', '/query?q=SHOW+MEASUREMENTS'];

  test('senders are told to come back, readers that it is; enabled, all is as before', async () => {
    await admin('PATCH', '/prod', { disabled: true });
    for (const prefix of ['', `/e/${id}`]) {
      for (const write of writes()) {
        const url = `${prefix}${write.url}`;
        const answer = await send({ ...write, url }, own);
        const { 'retry-after': retryAfter } = answer.headers;
        expect([url, answer.statusCode, retryAfter]).toEqual([url, 503, '5']);
        expect(answer.body).toMatch(/remote write \\?"prod\\?" is disabled/);
      }
      for (const read of READS) {
        const url = `${prefix}${read}`;
        const answer = await api.app.inject({ url, headers: { authorization: own } });
        expect([url, answer.statusCode]).toEqual([url, 403]);
        expect(answer.body).toMatch(/remote write \\?"prod\\?" is disabled/);
      }
    }
    expect(await stored()).toEqual([]);
    const [write] = writes();
    expect((await send({ ...write!, url: `/e/${id}/api/v1/write` }, ROOT)).statusCode).toBe(503);
    expect(
      (await send({ ...write!, url: `/e/${id}/api/v1/write` }, basic('x', 'y'))).statusCode,
    ).toBe(401);
    expect((await send({ ...write!, url: '/api/v1/write?db=prod' }, ROOT)).statusCode).toBe(204);
    await admin('PATCH', '/prod', { disabled: false });
    expect((await send(write!, own)).statusCode).toBe(200);
    const read = await api.app.inject({ url: READS[0]!, headers: { authorization: own } });
    expect(read.statusCode).toBe(200);
  });

  test('its key means nothing else either where there is no authentication', async () => {
    const open = testAccess(false);
    api = startApi({ access: open });
    await api.storage.createDatabase('prod');
    const { key, secret } = open.createRemoteWrite('prod', 'prod', { isDisabled: true });
    const [write] = writes();
    expect((await send(write!, basic(key.id, secret))).statusCode).toBe(503);
    expect((await send({ ...write!, url: '/api/prom_write?db=prod' }, '')).statusCode).toBe(200);
  });
});

test.each([
  [{}, 'changes nothing'],
  [{ extraLabels: ['a=b'] }, 'must be an object of texts'],
  [{ extraLabels: { a: 1 } }, 'must be an object of texts'],
  [{ extraLabels: { __name__: 'm' } }, 'cannot be an extra label'],
  [{ disabled: 'yes' }, 'must be true or false'],
  [{ disabled: true, name: 'x' }, 'unknown member'],
])('%j is refused, and nothing changes', async (body, message) => {
  const before = access.remoteWrites();
  const answer = await admin('PATCH', '/prod', body);
  expect([answer.statusCode, answer.body]).toEqual([400, expect.stringContaining(message)]);
  expect(access.remoteWrites()).toEqual(before);
});

test('a registration with labels that cannot be leaves no database behind', async () => {
  const answer = await admin('POST', '', { name: 'next', extraLabels: { a: '' } });
  expect([answer.statusCode, api.storage.databaseNames()]).toEqual([
    400,
    expect.not.arrayContaining(['next']),
  ]);
});

test('the log says who set what', async () => {
  await admin('PATCH', '/prod', { disabled: true });
  const [created, changed] = lines.filter((line) => line.includes('"audit":true')).slice(-2);
  expect(created).toMatch(/"remote write created".*"by":"root".*"region":"eu"/);
  expect(changed).toMatch(/"remote write changed".*"by":"root".*"region":"eu".*"disabled":true/);
});
