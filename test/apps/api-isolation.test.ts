// Databases with the same series in them, callers with rights in one each: whatever is asked for in whatever way,
// through every route that there is, nobody sees, changes or deletes a series of another. `ISOLATION_RUNS` says how
// many requests (a million takes half an hour), ISOLATION_SEED which.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { allEndpoints } from '../../src/api/server.ts';
import { snappyDecode } from '../../src/codec/snappy.ts';
import { startApi } from '../support/api.ts';
import { App } from '../support/app.ts';
import { type KeepAliveAnswer, KeepAliveClient } from '../support/keep-alive-client.ts';
import { temporaryFolder } from '../support/program.ts';
import { Random } from '../support/random.ts';
import {
  ROWS,
  type RoutePath,
  type RouteRequest,
  type Row,
  type Rule,
  requestTo,
  routePaths,
} from '../support/route-table.ts';
import {
  DELETING,
  damageOf,
  foreignMarks,
  foreignNames,
  makeTenants,
  markOf,
  TENANTS,
  type TenantCaller,
  type Tenants,
} from '../support/tenants.ts';

const RUNS = Number(process.env.ISOLATION_RUNS ?? 3000);
const SEED = Number(process.env.ISOLATION_SEED ?? 20261120);
const IN_FLIGHT = 16;
/** A line for who waits, each time so many are done. */
const PROGRESS = 100_000;
const MAX_ANSWER_BYTES = 2 ** 20;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** Out of so many requests, how many are of each rule. */
const SHARES: Readonly<Record<Rule, number>> = {
  read: 60,
  known: 18,
  write: 14,
  'read-all': 3,
  admin: 4,
  manage: 0.3,
  everybody: 0.7,
};

/** What rows send besides what they say, where more than one thing can be asked for. */
const MORE: Readonly<Record<string, readonly Row[]>> = {
  '/query': [
    'SHOW TAG VALUES WITH KEY = job',
    'SHOW SERIES',
    'SHOW MEASUREMENTS',
    'SHOW QUERIES',
    'SHOW TAG VALUES ON "TENANT" WITH KEY = job',
    'SELECT * FROM up',
    'SELECT * FROM "TENANT"..up',
    'SELECT last(value) FROM "TENANT".autogen./.*/ GROUP BY job',
    'SELECT mean(value) FROM (SELECT value FROM "TENANT"..up) GROUP BY *',
    'SELECT * FROM up WHERE job = \'MARK\'; SHOW SERIES ON "TENANT"',
  ].map((q): Row => ({ rule: 'known', status: 200, query: `q=${encodeURIComponent(q)}` })),
  '/api/v1/query': [
    'up{job!="MARK-"}',
    'count by (job) ({job=~".+"})',
    'label_replace(up, "a", "$1", "job", "(.*)") or absent(up)',
    'max_over_time(up[1h])',
  ].map(
    (query): Row => ({
      ...ROWS['GET /api/v1/query']!,
      query: `query=${encodeURIComponent(query)}`,
    }),
  ),
  '/api/v1/import': [
    { rule: 'write', status: 400, payload: '{"metric":{"__name__":"up","job":"MARK"' },
  ],
  '/write': [{ rule: 'write', status: 400, payload: 'cpu,job=MARK value' }],
};

/** What owners who may delete and set send, to databases of everybody, in the place of rows. */
const CHANGES: Readonly<Record<string, readonly Row[]>> = {
  '/query': ['DROP SERIES FROM up', 'DELETE FROM "TENANT"..up', 'DROP DATABASE "TENANT"'].map(
    (q): Row => ({ rule: 'manage', status: 200, query: `q=${encodeURIComponent(q)}` }),
  ),
  '/api/v1/admin/databases/:database': [
    { rule: 'manage', status: 200, payload: '{"maxSamplesPerSecond":1000000000}' },
  ],
};

const folder = temporaryFolder();
let app: App;
let tenants: Tenants;
const client = new KeepAliveClient(IN_FLIGHT);

beforeAll(async () => {
  const flags = [
    '--auth',
    '--web.enable-admin-api',
    '--enable-feature=search-api',
    '--log.level=error',
    // How soon it is on disk is not what this is about.
    '--wal.sync=interval',
  ];
  app = await App.start({ dataDir: folder.path, flags });
  tenants = await makeTenants(app);
}, 600_000);
afterAll(async () => {
  client.close();
  await app?.stop();
  folder.remove();
});

interface Asked extends RouteRequest {
  readonly caller: TenantCaller;
}

/** Makes requests from a seed. */
class Requests {
  readonly #random = new Random(SEED);
  readonly #deciding: readonly { readonly rule: Rule; readonly upTo: number }[];
  readonly #total: number;
  /** By rule, the paths of each row. */
  readonly #paths = new Map<Rule, RoutePath[][]>();

  constructor() {
    const byRow = new Map<string, RoutePath[]>();
    for (const path of routePaths(allEndpoints(startApi().context))) {
      if (ROWS[path.row]!.isEndless) continue;
      byRow.set(path.row, [...(byRow.get(path.row) ?? []), path]);
    }
    for (const [row, paths] of byRow) {
      const { rule } = ROWS[row]!;
      this.#paths.set(rule, [...(this.#paths.get(rule) ?? []), paths]);
    }
    let upTo = 0;
    this.#deciding = Object.entries(SHARES).map(([rule, share]) => {
      upTo += share;
      return { rule: rule as Rule, upTo };
    });
    this.#total = upTo;
  }

  next(): Asked {
    const random = this.#random;
    const draw = random.fraction() * this.#total;
    const { rule } = this.#deciding.find(({ upTo }) => draw < upTo)!;
    if (rule === 'manage') return this.#change();
    const to = random.pick(random.pick(this.#paths.get(rule)!));
    const more = MORE[to.row.split(' ')[1]!] ?? [];
    const row = more.length > 0 && !random.oneIn(3) ? random.pick(more) : ROWS[to.row]!;
    return this.#request(to, row, random.pick(tenants.callers));
  }

  #change(): Asked {
    const random = this.#random;
    const owners = tenants.callers.filter(({ tenant }) => DELETING.includes(tenant));
    const statement = { method: random.pick(['GET', 'POST']), path: '/query', row: 'POST /query' };
    const to = random.oneIn(2) ? statement : random.pick(random.pick(this.#paths.get('manage')!));
    const row = random.pick(CHANGES[to.path] ?? [ROWS[to.row]!]);
    return this.#request(to, row, random.pick(owners));
  }

  /** The database is named in one way, in several that contradict each other, or not at all. */
  #request(to: RoutePath, row: Row, caller: TenantCaller): Asked {
    const random = this.#random;
    const database = (): string => {
      return random.oneIn(2) ? TENANTS[caller.tenant]! : random.pick(TENANTS);
    };
    const asked = requestTo(to, row, {
      tenant: database(),
      ...(random.oneIn(3) ? {} : { db: database() }),
      mark: markOf(caller.tenant),
    });
    const headers: Record<string, string> = {
      ...asked.headers,
      authorization: caller.authorization,
      ...(random.oneIn(3) ? { 'x-scope-orgid': database() } : {}),
    };
    let { url, payload } = asked;
    if (to.method === 'POST' && payload === undefined && random.oneIn(2)) {
      const [path, query] = url.split('?');
      payload = random.oneIn(2) ? query! : `${query}&db=${encodeURIComponent(database())}`;
      url = random.oneIn(2) ? path! : `${path}?db=${encodeURIComponent(database())}`;
      Object.assign(headers, FORM);
    }
    const prefix = random.oneIn(4) ? this.#registrationPrefix(url) : '';
    return { method: to.method, url: `${prefix}${url}`, headers, payload, caller };
  }

  #registrationPrefix(url: string): string {
    const id = this.#random.pick(tenants.registrations);
    const isArms = url.startsWith('/api/') && this.#random.oneIn(2);
    return isArms ? `/prometheus/1/${id}/none/eu` : `/e/${id}`;
  }
}

class Findings {
  readonly statuses = new Map<number, number>();
  readonly foreign: unknown[] = [];
  /** Answers with own series in them. */
  own = 0;

  add({ caller, method, url, payload }: Asked, answer: KeepAliveAnswer): void {
    const { status } = answer;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    const text = textOf(answer);
    const found = foreignMarks(text, caller.tenant);
    // Refusals repeat the name that was asked for.
    if (status < 300) found.push(...foreignNames(text, caller.tenant));
    if (found.length > 0) {
      this.foreign.push({ caller, method, url, payload: String(payload), status, found });
    }
    if (status < 300 && text.includes(markOf(caller.tenant))) this.own++;
  }

  /** Answers with a status of a range. */
  count(from: number, to: number): number {
    const counts = [...this.statuses].filter(([status]) => status >= from && status < to);
    return counts.reduce((sum, [, count]) => sum + count, 0);
  }
}

function textOf({ body, headers }: KeepAliveAnswer): string {
  const isSnappy = headers['content-encoding'] === 'snappy' && body.length > 0;
  const bytes = isSnappy ? snappyDecode(body, MAX_ANSWER_BYTES) : body;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

test(`${RUNS} random requests: nothing foreign (takes seconds)`, {
  timeout: 7_200_000,
}, async () => {
  const requests = new Requests();
  const findings = new Findings();
  const begun = performance.now();
  let asked = 0;
  const lane = async (): Promise<void> => {
    while (asked < RUNS && findings.foreign.length === 0) {
      if (++asked % PROGRESS === 0) process.stderr.write(`${asked} of ${RUNS} requests\n`);
      const request = requests.next();
      findings.add(request, await client.send(app.port, request));
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  const seconds = (performance.now() - begun) / 1000;
  const statuses = [...findings.statuses].sort().map(([status, count]) => `${status}: ${count}`);
  process.stdout.write(
    `isolation: ${asked} requests in ${seconds.toFixed(0)} s, seed ${SEED}: ${findings.foreign.length} with foreign series, ${findings.own} with own; ${statuses.join(', ')}\n`,
  );
  expect(findings.foreign).toEqual([]);
  expect(await damageOf(app, tenants)).toEqual([]);
  // The test would prove nothing if everything were refused.
  expect(findings.own).toBeGreaterThan(RUNS / 20);
  expect(findings.count(403, 404)).toBeGreaterThan(RUNS / 20);
  expect(findings.count(500, 600)).toBe(0);
});
