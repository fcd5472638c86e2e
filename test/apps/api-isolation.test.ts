// Databases with the same series in them, callers with a right on one each: whatever is asked for in whatever
// way, nobody sees a series of another. `ISOLATION_RUNS` says how many requests (a million takes minutes).

import type { InjectOptions } from 'fastify';
import { expect, test } from 'vitest';
import { snappyDecode, snappyEncode } from '../../src/codec/snappy.ts';
import { encodeReadRequest, ResponseType } from '../../src/protocol/remote-read/request.ts';
import { basic, testAccess } from '../support/access.ts';
import { series, startApi } from '../support/api.ts';
import { Random } from '../support/random.ts';

const RUNS = Number(process.env.ISOLATION_RUNS ?? 3000);
const NAMES = ['a', 'b', '12', '12:3', 'default'];
const NOW = Date.now();

/** In every label value of a database, so that a foreign one shows in any answer. */
const markOf = (database: string): string => `mark-${NAMES.indexOf(database)}-`;

const READ = snappyEncode(
  encodeReadRequest({
    queries: [
      {
        range: { minT: 0, maxT: NOW + 1 },
        matchers: [{ type: '=~', name: '__name__', value: '.+' }],
        hints: undefined,
      },
    ],
    acceptedResponseTypes: [ResponseType.samples],
  }),
);

test(`${RUNS} random requests: no foreign series (takes seconds)`, {
  timeout: 3_600_000,
}, async () => {
  const access = testAccess();
  const api = startApi({ settings: { auth: true }, access });
  const logins: string[] = [];
  for (const [i, name] of NAMES.entries()) {
    await api.storage.createDatabase(name);
    await api.storage.database(name)!.write({
      series: Array.from({ length: 3 }, (_, j) =>
        series({ __name__: 'up', job: `${markOf(name)}${j}` }, [NOW - 1000, j]),
      ),
      metadata: [],
      rejections: [],
    });
    await access.createUser(`user${i}`, 'pass', false);
    access.setPrivilege(`user${i}`, name, 'read');
    const key = { name: '', scopes: ['read'], databases: [name], expiresAt: undefined };
    const { key: made, secret } = access.createKey(key);
    logins.push(basic(`user${i}`, 'pass'), basic(made.id, secret));
  }
  await access.createUser('root', 'pass', true);
  const ids = NAMES.map((name, i) => access.createRemoteWrite(`r${i}`, name).remoteWrite.id);
  const random = new Random(20261120);
  const pick = <T>(from: readonly T[]): T => random.pick(from);

  const request = (): InjectOptions => {
    const [path, payload] = pick<readonly [string, (string | Uint8Array)?]>([
      ['/api/v1/query?query=up'],
      ['/api/v1/query', 'query=up'],
      ['/api/v1/query_range?query=up&start=0&end=0&step=1'],
      ['/api/v1/series?match[]=up'],
      ['/api/v1/label/job/values'],
      ['/api/v1/export?match[]=up'],
      ['/federate?match[]=up'],
      ['/api/v1/read', READ],
      ['/api/v1/prom/read', READ],
      ['/query?q=SHOW%20TAG%20VALUES%20WITH%20KEY%20=%20job'],
      ['/api/v1/status/top_queries'],
    ]);
    const base = pick([
      '',
      '',
      `/select/${encodeURIComponent(pick(NAMES))}/prometheus`,
      `/e/${pick(ids)}`,
      '/prometheus',
    ]);
    const parameter = pick(['', `db=${encodeURIComponent(pick(NAMES))}`]);
    const separator = path.includes('?') ? '&' : '?';
    const inForm = typeof payload === 'string' && random.oneIn(2) ? `&db=${pick(NAMES)}` : '';
    return {
      method: payload === undefined ? 'GET' : 'POST',
      url: `${base}${path}${parameter === '' ? '' : separator}${parameter}`,
      headers: {
        authorization: pick(logins),
        ...(random.oneIn(3) ? { 'x-scope-orgid': pick(NAMES) } : {}),
        ...(typeof payload === 'string'
          ? { 'content-type': 'application/x-www-form-urlencoded' }
          : {}),
      },
      ...(payload === undefined
        ? {}
        : { payload: typeof payload === 'string' ? payload + inForm : Buffer.from(payload) }),
    };
  };

  const statuses = new Map<number, number>();
  let seen = 0;
  for (let i = 0; i < RUNS; i++) {
    const asked = request();
    const own = NAMES[Math.floor(logins.indexOf(asked.headers!.authorization as string) / 2)]!;
    const answer = await api.app.inject(asked);
    statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
    const isSnappy = answer.headers['content-encoding'] === 'snappy';
    const text = isSnappy
      ? Buffer.from(snappyDecode(answer.rawPayload, 1 << 20)).toString('latin1')
      : answer.body;
    for (const name of NAMES) {
      if (!text.includes(markOf(name))) continue;
      expect([name, asked.url], JSON.stringify(asked)).toEqual([own, asked.url]);
      seen++;
    }
  }
  // The test would prove nothing if everything were refused.
  expect(seen).toBeGreaterThan(RUNS / 20);
  expect(statuses.get(403)).toBeGreaterThan(RUNS / 20);
  expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([]);
});
