// What Grafana's data source and others are told with users switched on: right, wrong and no credentials in every
// place they may be in, and users that may do some things alone. The real InfluxDB is asked the same.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/storage/admission.ts';
import { MemoryStorage } from '../../src/storage/memory-store.ts';
import { basic, testAccess } from '../support/access.ts';
import { startApi, type TestApi } from '../support/api.ts';
import { InfluxServer, influxdVersion } from '../support/influxdb.ts';
import { askInfluxDB, askUs, printAnswer, printRequest } from './answers.ts';
import type { InfluxRequest } from './request.ts';

const ADMIN = { Authorization: basic('admin', 'r') };

/** The first is made by nobody, as it is with both. */
const PREPARATION: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["CREATE USER admin WITH PASSWORD 'r' WITH ALL PRIVILEGES", {}],
  // Ours are listed by name, and there is one from the start.
  ['CREATE DATABASE "default"', ADMIN],
  ['CREATE DATABASE other', ADMIN],
  ['CREATE DATABASE telegraf', ADMIN],
  ["CREATE USER reader WITH PASSWORD 'p'", ADMIN],
  ["CREATE USER writer WITH PASSWORD 'p'", ADMIN],
  ['GRANT READ ON telegraf TO reader', ADMIN],
  ['GRANT WRITE ON telegraf TO writer', ADMIN],
];

/** How a client may say who it is. (`Token name:password` came with 1.8.) */
type Place = (name: string, password: string) => Pick<InfluxRequest, 'params' | 'headers'>;
const PLACES: readonly Place[] = [
  (name, password) => ({ headers: { Authorization: basic(name, password) } }),
  (u, p) => ({ params: { u, p } }),
];

const WHO: readonly (readonly [name: string, password: string])[] = [
  ['admin', 'r'],
  ['reader', 'p'],
  ['writer', 'p'],
  ['reader', 'wrong'],
  ['reader', ''],
  ['nobody', 'p'],
];

/** "Save & test", the editor's first lists, a panel, and what a data source should not be able to do. */
const STATEMENTS = [
  'SHOW measurements',
  'SHOW MEASUREMENTS LIMIT 1',
  'SHOW DATABASES',
  'SHOW RETENTION POLICIES on "telegraf"',
  'SHOW TAG KEYS FROM "cpu"',
  'SELECT mean("usage") FROM "cpu" WHERE time >= 0 GROUP BY "host"',
  'SHOW USERS',
  'DROP DATABASE other',
];

function requestsOf(who: Pick<InfluxRequest, 'params' | 'headers'>): InfluxRequest[] {
  const asked = STATEMENTS.flatMap((text) =>
    ['telegraf', 'other'].map(
      (db): InfluxRequest => ({
        method: text.startsWith('DROP') ? 'POST' : 'GET',
        path: '/query',
        params: { db, epoch: 'ms', ...who.params, q: text },
        headers: who.headers ?? {},
      }),
    ),
  );
  const written = ['telegraf', 'other'].map(
    (db): InfluxRequest => ({
      method: 'POST',
      path: '/write',
      params: { db, ...who.params },
      headers: who.headers ?? {},
      body: 'cpu,host=a usage=1 1700000000000000000',
    }),
  );
  return [...written, ...asked];
}

const REQUESTS: readonly InfluxRequest[] = [
  ...requestsOf({}),
  ...requestsOf({ headers: { Authorization: 'Basic bm9jb2xvbg==' } }),
  ...requestsOf({ headers: { Authorization: 'Bearer nothing' } }),
  // `other` is dropped last, by the administrator.
  ...WHO.toReversed().flatMap(([name, password]) =>
    PLACES.flatMap((place) => requestsOf(place(name, password))),
  ),
];

describe.skipIf(influxdVersion() === undefined)('InfluxDB with users', () => {
  let influx: InfluxServer;
  let api: TestApi;

  beforeAll(async () => {
    influx = await InfluxServer.start({ isAuthenticated: true });
    const storage = new MemoryStorage({ limits: { ...DEFAULT_LIMITS, retentionMs: 0 } });
    api = startApi({ storage, settings: { retention: 0, auth: true }, access: testAccess() });
    for (const [text, headers] of PREPARATION) {
      const request = { method: 'POST', path: '/query', params: { q: text }, headers } as const;
      const theirs = await askInfluxDB(influx, request);
      expect(theirs.status, theirs.body).toBe(200);
      expect(printAnswer(await askUs(api, request))).toBe(printAnswer(theirs));
    }
  }, 120_000);

  afterAll(async () => {
    await influx?.stop();
  });

  it(`tells ${REQUESTS.length} callers what we tell them`, async () => {
    const different: string[] = [];
    for (const request of REQUESTS) {
      const [theirs, ours] = [await askInfluxDB(influx, request), await askUs(api, request)];
      if (printAnswer(theirs) === printAnswer(ours)) continue;
      different.push(
        `${printRequest(request)}\n--- InfluxDB\n${printAnswer(theirs)}\n--- ours\n${printAnswer(ours)}`,
      );
    }
    expect(different.length, different.slice(0, 8).join('\n\n')).toBe(0);
  }, 300_000);
});

if (influxdVersion() === undefined) {
  process.stdout.write('users of InfluxDB skipped: there is no influxd (see CONTRIBUTING.md)\n');
}
