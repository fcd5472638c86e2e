// npm's `influx`, a client of InfluxDB 1.x, against our face; and, where there is one, against InfluxDB itself:
// what the client hands to its user must be the same.

import { FieldType, InfluxDB, type ISingleHostConfig } from 'influx';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/storage/admission.ts';
import { MemoryStorage } from '../../src/storage/memory-store.ts';
import { testAccess } from '../support/access.ts';
import { TestAuthority } from '../support/certificates.ts';
import { InfluxServer, influxdVersion } from '../support/influxdb.ts';
import { LiveApi } from '../support/live-api.ts';
import { temporaryFolder } from '../support/program.ts';

/** What is done with a client: what came of it, by name. */
type Session = (connect: Connect) => Promise<Record<string, unknown>>;
type Connect = (options?: ISingleHostConfig) => InfluxDB;

const T = 1_700_000_000_000;
const ADMIN = { username: 'admin', password: 'secret' };
/** The client wants a database for any query. */
const IN_SHARED = { database: 'shared', method: 'POST' } as const;

function connectTo(url: string): Connect {
  const { protocol, hostname, port } = new URL(url);
  const address = {
    host: hostname,
    port: Number(port),
    protocol: protocol.slice(0, -1) as 'http' | 'https',
  };
  return (options) => new InfluxDB({ ...address, ...options });
}

/** What a promise comes to: its value, or what the client says is wrong. */
async function outcome(promise: Promise<unknown>): Promise<unknown> {
  try {
    return plain(await promise);
  } catch (error) {
    return String(error);
  }
}

/** Without what the client hangs onto its rows, and dates as texts. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}

/** One step after another, each with its outcome. */
async function steps(
  list: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<Record<string, unknown>> {
  const outcomes: Record<string, unknown> = {};
  for (const [name, step] of Object.entries(list)) outcomes[name] = await outcome(step());
  return outcomes;
}

const databases: Session = (connect) => {
  const client = connect();
  return steps({
    created: () => client.createDatabase('my-db'),
    again: () => client.createDatabase('my-db'),
    listed: async () => (await client.getDatabaseNames()).filter((name) => name.startsWith('my')),
    'a policy': () =>
      client.createRetentionPolicy('week', {
        database: 'my-db',
        duration: '7d',
        replication: 1,
        isDefault: true,
      }),
    'another duration': () =>
      client.alterRetentionPolicy('week', { database: 'my-db', duration: '14d', replication: 1 }),
    policies: () => client.showRetentionPolicies('my-db'),
    'no policy': () => client.dropRetentionPolicy('week', 'my-db'),
    'no such database': () => client.showRetentionPolicies('nosuch'),
    dropped: () => client.dropDatabase('my-db'),
    gone: async () => (await client.getDatabaseNames()).includes('my-db'),
    'dropped again': () => client.dropDatabase('my-db'),
  });
};

const points: Session = async (connect) => {
  const client = connect({
    database: 'points',
    schema: [
      {
        measurement: 'disk-"é"',
        fields: { float: FieldType.FLOAT, int: FieldType.INTEGER, on: FieldType.BOOLEAN },
        tags: ['host', 'a tag'],
      },
    ],
  });
  await client.createDatabase('points');
  const measurement = 'disk-"é"';
  const rows = [
    { tags: { host: 'a=b,c d', 'a tag': 'é' }, fields: { float: 1.5, int: 3, on: true } },
    { tags: { host: 'b' }, fields: { float: -0.25, int: -9_007_199_254_740_991 } },
    { tags: { host: 'b' }, fields: { on: false }, timestamp: new Date(T + 5000) },
  ].map((row, i) => ({ measurement, timestamp: new Date(T + i * 1000), ...row }));
  const from = 'FROM "disk-\\"é\\""';
  return steps({
    written: () => client.writePoints(rows),
    'in seconds': () =>
      client.writeMeasurement('seconds', [{ fields: { value: 7 }, timestamp: T / 1000 + 90 }], {
        precision: 's',
      }),
    'in hours': () =>
      client.writeMeasurement('seconds', [{ fields: { value: 8 }, timestamp: new Date(T) }], {
        precision: 'h',
      }),
    'nanoseconds as text': () =>
      client.writeMeasurement('seconds', [
        { fields: { value: 9 }, timestamp: `${T + 1}000000`, tags: { host: 'x' } },
      ]),
    'no such database': () =>
      client.writeMeasurement('m', [{ fields: { value: 1 } }], { database: 'nosuch' }),
    'another type': () =>
      connect({ database: 'points' }).writePoints([
        { measurement: 'seconds', fields: { value: true }, timestamp: new Date(T) },
      ]),
    measurements: () => client.getMeasurements(),
    series: () => client.getSeries(),
    'series of one': () => client.getSeries({ measurement: 'seconds' }),
    everything: () => client.query(`SELECT * ${from}`),
    'two at once': () => client.query(['SELECT value FROM seconds', `SELECT on ${from}`]),
    groups: async () => {
      const answer = await client.query<{ sum: number }>(`SELECT sum(int) ${from} GROUP BY host`);
      return [answer, answer.groups(), answer.group({ host: 'b' })];
    },
    'ms and s': () =>
      Promise.all(
        (['ms', 's', 'u', 'h'] as const).map((precision) =>
          client.query('SELECT * FROM seconds', { precision }),
        ),
      ),
    nanoseconds: async () => {
      const [row] = await client.query<{
        time: { getNanoTime(): string; toNanoISOString(): string };
      }>('SELECT * FROM seconds WHERE host = $host', {
        precision: 'n',
        placeholders: { host: 'x' },
      });
      return [row!.time.getNanoTime(), row!.time.toNanoISOString()];
    },
    raw: () => client.queryRaw('SHOW FIELD KEYS', { precision: 'ms' }),
    placeholders: () =>
      client.query(`SELECT float ${from} WHERE host = $host AND float > $least`, {
        placeholders: { host: 'a=b,c d', least: 1 },
      }),
    'as POST': () =>
      client.query('SELECT value FROM seconds; SHOW TAG VALUES WITH KEY = host', {
        method: 'POST',
      }),
    buckets: () =>
      client.query(
        `SELECT mean(float), count(on) ${from} WHERE time >= ${T}ms AND time < ${T + 6000}ms GROUP BY time(2s) fill(0)`,
      ),
    'no such field': () => client.query('SELECT nosuch FROM seconds'),
    'no such function': () => client.query('SELECT nosuch(value) FROM seconds'),
    'one of two is wrong': () =>
      client.query(['SELECT value FROM seconds', 'SELECT f(value) FROM m']),
    'no statement': () => client.query('SELEC'),
    'no query': () => client.query(''),
    'a series dropped': () =>
      client.dropSeries({
        measurement: (m) => m.name('seconds'),
        where: (e) => e.tag('host').equals.value('x'),
      }),
    'what is left of it': () => client.getSeries({ measurement: 'seconds' }),
    'a measurement dropped': () => client.dropMeasurement('seconds'),
    'what is left': () => client.getMeasurements(),
    ping: async () => {
      const [host] = await client.ping(30_000);
      return [host!.online, typeof host!.version];
    },
  });
};

const users: Session = async (connect) => {
  const admin = connect(ADMIN);
  const bob = connect({ username: 'bob', password: "it's", database: 'shared' });
  const write = () =>
    bob.writePoints([{ measurement: 'm', fields: { value: 1 }, timestamp: new Date(T) }]);
  return steps({
    'before there is an administrator': () => connect().getDatabaseNames(),
    'the first': () => connect().createUser(ADMIN.username, ADMIN.password, true),
    'no credentials': () => connect({ username: '' }).getUsers(),
    'wrong password': () => connect({ ...ADMIN, password: 'wrong' }).getUsers(),
    'a database': () => admin.createDatabase('shared'),
    'another user': () => admin.createUser('bob', "it's"),
    'the same name': () => admin.createUser('bob', 'other'),
    // InfluxDB lists users as they were made, we by name.
    listed: () => admin.getUsers(),
    'no grant: write': write,
    'no grant: read': () => bob.query('SELECT * FROM m'),
    granted: () => admin.grantPrivilege('bob', 'READ', 'shared'),
    'READ: write': write,
    'READ: read': () => bob.query('SELECT * FROM m'),
    'granted more': () => admin.grantPrivilege('bob', 'WRITE', 'shared'),
    grants: () => admin.query('SHOW GRANTS FOR bob', IN_SHARED),
    'WRITE: write': write,
    all: () => admin.query('GRANT ALL ON shared TO bob', IN_SHARED),
    'ALL: read': () => bob.query('SELECT * FROM m'),
    'ALL: what is visible': () => bob.getDatabaseNames(),
    'ALL: manage': () => bob.createDatabase('mine'),
    revoked: () => admin.query('REVOKE ALL ON shared FROM bob', IN_SHARED),
    'revoked: read': () => bob.query('SELECT * FROM m'),
    'administrator too': () => admin.grantAdminPrivilege('bob'),
    'administrators are listed': () => bob.getUsers(),
    'administrator no more': () => admin.revokeAdminPrivilege('bob'),
    'new password': () => admin.setPassword('bob', 'new'),
    'old password': () => bob.query('SELECT * FROM m'),
    dropped: () => admin.dropUser('bob'),
    'dropped again': () => admin.dropUser('bob'),
    'ping without credentials': async () => (await connect().ping(30_000))[0]!.online,
  });
};

interface Case {
  readonly name: string;
  readonly session: Session;
  readonly isAuthenticated: boolean;
  /** Some of what must come of it, for where there is no InfluxDB to compare with. */
  readonly wanted: Readonly<Record<string, unknown>>;
}

const CASES: readonly Case[] = [
  {
    name: 'databases and policies',
    session: databases,
    isAuthenticated: false,
    wanted: {
      listed: ['my-db'],
      policies: [
        { name: 'autogen', default: false },
        { name: 'week', duration: '336h0m0s', default: true },
      ],
      gone: false,
    },
  },
  {
    name: 'points and queries',
    session: points,
    isAuthenticated: false,
    wanted: {
      written: null,
      nanoseconds: [`${T + 1}000000`, '2023-11-14T22:13:20.001000000Z'],
      placeholders: [{ time: '2023-11-14T22:13:20.000Z', float: 1.5 }],
      measurements: ['disk-"é"', 'seconds'],
      'no such function': 'Error: Error from InfluxDB: undefined function nosuch()',
      'what is left': ['disk-"é"'],
      ping: [true, 'string'],
    },
  },
  {
    name: 'users and grants',
    session: users,
    isAuthenticated: true,
    wanted: {
      'wrong password': expect.stringContaining('authorization failed'),
      'READ: write': expect.stringContaining('user is not authorized to write to database'),
      'READ: read': [],
      'WRITE: write': null,
      'ALL: read': [{ time: '2023-11-14T22:13:20.000Z', value: 1 }],
      'ALL: what is visible': ['shared'],
      'old password': expect.stringContaining('authorization failed'),
    },
  },
];

describe.each(CASES)('npm influx: $name', ({ session, isAuthenticated, wanted }) => {
  let live: LiveApi;
  let theirs: InfluxServer | undefined;

  beforeAll(async () => {
    const limits = { ...DEFAULT_LIMITS, retentionMs: 0 };
    live = await LiveApi.start({
      storage: new MemoryStorage({ limits }),
      settings: { retention: 0, auth: isAuthenticated },
      access: testAccess(isAuthenticated),
    });
    if (influxdVersion() !== undefined) theirs = await InfluxServer.start({ isAuthenticated });
  }, 180_000);

  afterAll(async () => {
    await live?.close();
    await theirs?.stop();
  });

  test('gets what it gets from InfluxDB', { timeout: 180_000 }, async () => {
    const ours = await session(connectTo(live.url));
    expect(ours).toMatchObject(wanted);
    if (theirs !== undefined) expect(ours).toEqual(await session(connectTo(theirs.url)));
  });
});

describe('npm influx: what is ours', () => {
  const folder = temporaryFolder();
  let live: LiveApi;
  let authority: TestAuthority;

  beforeAll(async () => {
    authority = new TestAuthority(folder.path);
    live = await LiveApi.start({ settings: { retention: 0 } }, authority.issue('server'));
  });

  afterAll(async () => {
    await live?.close();
    folder.remove();
  });

  test('what is not supported is said', async () => {
    const client = connectTo(live.url)({ database: 'default' });
    const query = 'SELECT mean(value) INTO b FROM a GROUP BY time(1m)';
    expect(await outcome(client.createContinuousQuery('c', query))).toContain('not supported');
    expect(await outcome(client.query('SELECT value INTO b FROM a'))).toContain('not supported');
    expect(await outcome(client.dropShard(1))).toContain('not supported');
    expect(await outcome(client.showShards())).toEqual([]);
    expect(await outcome(client.showContinousQueries())).toEqual([]);
  });

  test('TLS, with the certificate checked', async () => {
    const connect = connectTo(live.secureUrl!);
    const client = connect({ database: 'default', options: { ca: authority.pem } });
    await client.writePoints([{ measurement: 'tls', fields: { value: 1 } }]);
    expect(await client.getMeasurements()).toEqual(['tls']);
    const [host] = await client.ping(30_000);
    expect(host).toMatchObject({ online: true, version: '1.8.10' });
    const stranger = connect({ database: 'default' });
    expect(await outcome(stranger.getMeasurements())).toMatch(/certificate/);
  });
});
