// @influxdata/influxdb-client, the client of InfluxDB 1.8 and 2, against our face: it writes as to 1.8, with
// `Token user:password`, and is told that there is no Flux.

import {
  type ClientOptions,
  HttpError,
  InfluxDB,
  Point,
  setLogger,
  type WriteApi,
  type WriteOptions,
} from '@influxdata/influxdb-client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/storage/admission.ts';
import { MemoryStorage } from '../../src/storage/memory-store.ts';
import { testAccess } from '../support/access.ts';
import { type CertificateFiles, TestAuthority } from '../support/certificates.ts';
import { LiveApi } from '../support/live-api.ts';
import { temporaryFolder } from '../support/program.ts';

const T = 1_700_000_000_000;

/** What fails is never tried again, unless a test says so. */
const ONCE: Partial<WriteOptions> = { maxRetries: 0, flushInterval: 0 };

const folder = temporaryFolder();
let live: LiveApi;
let authority: TestAuthority;
let certificate: CertificateFiles;

beforeAll(() => {
  setLogger({ error: () => {}, warn: () => {} });
  authority = new TestAuthority(folder.path);
  certificate = authority.issue('server');
});
afterEach(() => live.close());
afterAll(() => folder.remove());

async function start(options: { auth?: boolean; starting?: boolean } = {}): Promise<void> {
  const { auth = false, starting = false } = options;
  const limits = { ...DEFAULT_LIMITS, retentionMs: 0 };
  const storage = new MemoryStorage({ limits });
  await storage.createDatabase('db');
  live = await LiveApi.start(
    { storage, settings: { retention: 0, auth }, access: testAccess(auth), starting },
    certificate,
  );
}

function client(options: Partial<ClientOptions> = {}): InfluxDB {
  return new InfluxDB({ url: live.url, timeout: 60_000, ...options });
}

/** Writes and waits until it is over; the error of what could not be written. */
async function writeAll(api: WriteApi, points: readonly Point[]): Promise<unknown> {
  api.writePoints(points);
  try {
    await api.close();
    return undefined;
  } catch (error) {
    return error;
  }
}

function failure(error: unknown): [status: number, text: string] {
  if (!(error instanceof HttpError)) throw error;
  return [error.statusCode, error.message];
}

/** Rows of the first series. */
async function rows(q: string, db = 'db'): Promise<unknown> {
  const url = `/query?${new URLSearchParams({ db, epoch: 'ms', q })}`;
  const headers = { authorization: 'Token root:secret' };
  const answer = await live.api.app.inject({ url, headers });
  return answer.json<{ results: [{ series?: [{ values: unknown[][] }] }] }>().results[0].series?.[0]
    .values;
}

test('points of all types, with tags and times', async () => {
  await start();
  const api = client().getWriteApi('', 'db', 'ns', { ...ONCE, defaultTags: { dc: 'a b' } });
  const error = await writeAll(api, [
    new Point('m, "x"')
      .tag('host', 'a=b,c é')
      .floatField('f', 1.5)
      .intField('i', -3)
      .booleanField('b', true)
      .timestamp(new Date(T)),
    new Point('m, "x"')
      .tag('host', 'b')
      .floatField('f', 1e300)
      .timestamp(`${T + 1}000000`),
    new Point('m, "x"')
      .stringField('s', 'say "hi"\\')
      .intField('i', 7)
      .timestamp(new Date(T + 2)),
  ]);
  expect(error).toBeUndefined();
  expect(await rows('SELECT f, i, b, host, dc FROM "m, \\"x\\""')).toEqual([
    [T, 1.5, -3, true, 'a=b,c é', 'a b'],
    [T + 1, 1e300, null, null, 'b', 'a b'],
    [T + 2, null, 7, null, null, 'a b'],
  ]);
});

test.each([
  ['s', T / 1000, T],
  ['ms', T + 1, T + 1],
  ['us', `${T + 2}000`, T + 2],
  ['ns', `${T + 3}000000`, T + 3],
] as const)('times in %s', async (precision, written, t) => {
  await start();
  const api = client().getWriteApi('ignored', 'db', precision, ONCE);
  expect(await writeAll(api, [new Point('m').floatField('v', 1).timestamp(written)])).toBe(
    undefined,
  );
  expect(await rows('SELECT v FROM m')).toEqual([[t, 1]]);
});

test('a bucket is a database, or a retention policy of one', async () => {
  await start();
  await live.api.app.inject({
    method: 'POST',
    url: `/query?${new URLSearchParams({ q: 'CREATE RETENTION POLICY long ON db DURATION INF REPLICATION 1' })}`,
  });
  const point = [new Point('m').floatField('v', 1).timestamp(new Date(T))];
  const to = (bucket: string) => writeAll(client().getWriteApi('', bucket, 'ns', ONCE), point);
  expect(await to('db/long')).toBeUndefined();
  expect(await rows('SELECT v FROM db.long.m')).toEqual([[T, 1]]);
  expect(await rows('SELECT v FROM m')).toBeUndefined();
  expect(failure(await to('nosuch'))).toEqual([
    404,
    expect.stringContaining('database not found: \\"nosuch\\"'),
  ]);
});

test('batches are compressed, and come whole', async () => {
  await start();
  const points = Array.from({ length: 10_000 }, (_, i) =>
    new Point('m').intField('v', i).timestamp(new Date(T + i)),
  );
  // Closing waits for the last batch alone.
  await new Promise<void>((resolve, reject) => {
    let written = 0;
    const api = client().getWriteApi('', 'db', 'ms', {
      ...ONCE,
      batchSize: 3000,
      gzipThreshold: 100,
      writeSuccess: (lines) => {
        written += lines.length;
        if (written === points.length) resolve();
      },
      writeFailed: (error) => reject(error),
    });
    api.writePoints(points);
    api.close().catch(reject);
  });
  expect(await rows('SELECT count(v), sum(v) FROM m')).toEqual([[0, 10_000, 49_995_000]]);
});

test('what cannot be stored is said, and the rest is stored', async () => {
  await start();
  const write = (...points: Point[]) =>
    writeAll(client().getWriteApi('', 'db', 'ns', ONCE), points);
  const at = (point: Point) => point.timestamp(new Date(T));
  const unsigned = at(new Point('m').uintField('u', 3));
  expect(failure(await write(unsigned, at(new Point('m').floatField('v', 1))))).toEqual([
    400,
    expect.stringMatching(/partial write: unable to parse .*: invalid number dropped=0/),
  ]);
  expect(failure(await write(at(new Point('m').intField('v', 1))))).toEqual([
    400,
    expect.stringContaining('is type integer, already exists as type float dropped=1'),
  ]);
  expect(await rows('SELECT v FROM m')).toEqual([[T, 1]]);
});

test('Flux is refused by name', async () => {
  await start();
  const query = 'from(bucket: "db") |> range(start: 0)';
  const queries = client().getQueryApi('');
  for (const answer of [queries.collectRows(query), queries.queryRaw(query)]) {
    const error = await answer.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(failure(error)).toEqual([403, expect.stringContaining('Flux is not supported')]);
  }
});

test('the token is user and password', async () => {
  await start({ auth: true });
  const { access } = live.api.context;
  await access.createUser('root', 'secret', true);
  for (const [name, right] of [
    ['writer', 'write'],
    ['reader', 'read'],
  ] as const) {
    await access.createUser(name, `${name}:word`, false);
    access.setPrivilege(name, 'db', right);
  }
  const point = [new Point('m').floatField('v', 1).timestamp(new Date(T))];
  const as = (token: string | undefined, bucket = 'db') =>
    writeAll(
      client(token === undefined ? {} : { token }).getWriteApi('', bucket, 'ns', ONCE),
      point,
    );
  expect(failure(await as(undefined))).toEqual([
    401,
    expect.stringContaining('unable to parse authentication credentials'),
  ]);
  expect(failure(await as('writer:wrong'))).toEqual([
    401,
    expect.stringContaining('authorization failed'),
  ]);
  expect(failure(await as('nonsense'))[0]).toBe(401);
  expect(failure(await as('reader:reader:word'))).toEqual([
    403,
    expect.stringContaining('\\"reader\\" user is not authorized to write to database \\"db\\"'),
  ]);
  expect(failure(await as('writer:writer:word', 'default'))[0]).toBe(403);
  expect(await as('writer:writer:word')).toBeUndefined();
  expect(await rows('SELECT v FROM m')).toEqual([[T, 1]]);
});

test('a key is a token too', async () => {
  await start({ auth: true });
  const { access } = live.api.context;
  await access.createUser('root', 'secret', true);
  const { key, secret } = access.createKey({
    name: 'telegraf',
    scopes: ['write'],
    databases: ['db'],
    expiresAt: undefined,
  });
  const api = client({ token: `${key.id}:${secret}` }).getWriteApi('', 'db', 'ns', ONCE);
  const point = new Point('m').floatField('v', 1).timestamp(new Date(T));
  expect(await writeAll(api, [point])).toBeUndefined();
  expect(await rows('SELECT v FROM m')).toEqual([[T, 1]]);
});

test('what cannot be taken now is sent again', async () => {
  await start({ starting: true });
  const failures: number[] = [];
  await new Promise<void>((resolve) => {
    const api = client().getWriteApi('', 'db', 'ns', {
      flushInterval: 0,
      writeFailed: (error) => {
        failures.push((error as HttpError).statusCode);
        if (failures.length === 1) live.api.lifecycle.becomeReady(live.api.storage);
      },
      writeSuccess: () => resolve(),
    });
    api.writePoint(new Point('m').floatField('v', 1).timestamp(new Date(T)));
    // The first attempt fails.
    api.flush().catch(() => {});
  });
  expect(failures[0]).toBe(503);
  expect(await rows('SELECT v FROM m')).toEqual([[T, 1]]);
});

test('TLS, with the certificate checked', async () => {
  await start();
  const write = (options: Partial<ClientOptions>) => {
    const api = client({ url: live.secureUrl!, ...options }).getWriteApi('', 'db', 'ns', ONCE);
    return writeAll(api, [new Point('m').floatField('v', 1).timestamp(new Date(T))]);
  };
  expect(await write({})).toMatchObject({ message: expect.stringContaining('certificate') });
  expect(await write({ transportOptions: { ca: authority.pem } })).toBeUndefined();
  expect(await rows('SELECT v FROM m')).toEqual([[T, 1]]);
});
