// Every route × every kind of caller. A route without a row fails, and so does a row without a route.

import type { LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allEndpoints } from '../../src/api/server.ts';
import { snappyEncode } from '../../src/codec/snappy.ts';
import { encodeReadRequest } from '../../src/protocol/remote-read/request.ts';
import { basic, testAccess } from '../support/access.ts';
import { series, startApi, type TestApi, V1_TYPE, writeBody } from '../support/api.ts';

const NOW = Date.now();

/** Who may do what a row asks for. */
type Rule = 'everybody' | 'known' | 'read' | 'write' | 'manage' | 'read-all' | 'admin';

interface Row {
  readonly rule: Rule;
  /** Of callers that may. */
  readonly status: number;
  readonly query?: string;
  /** In the place of `:database`. */
  readonly database?: string;
  readonly payload?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

const WRITE = writeBody(1, series({ __name__: 'up' }, [NOW, 1]));
const READ = Buffer.from(
  snappyEncode(encodeReadRequest({ queries: [], acceptedResponseTypes: [] })),
);
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

const read = (query = '', status = 200): Row => ({ rule: 'read', status, query });
const known = (query = '', status = 200): Row => ({ rule: 'known', status, query });
const remoteRead: Row = { rule: 'read', status: 200, payload: READ };
const remoteWrite = (status: number): Row => ({
  rule: 'write',
  status,
  payload: WRITE,
  headers: { 'content-type': V1_TYPE },
});
const admin = (status: number, payload = '{}'): Row => ({ rule: 'admin', status, payload });

/** By method and path below the prefixes that readers and writers may put in front. */
const ROWS: Readonly<Record<string, Row>> = {
  'GET /-/healthy': { rule: 'everybody', status: 200 },
  'GET /-/ready': { rule: 'everybody', status: 200 },
  'GET /ping': { rule: 'everybody', status: 204 },
  'GET /status': { rule: 'everybody', status: 204 },
  'GET /health': { rule: 'everybody', status: 200 },
  'GET /metrics': { rule: 'read-all', status: 200 },
  'POST /-/quit': admin(403),
  'PUT /-/quit': admin(403),
  'POST /-/reload': admin(403),
  'PUT /-/reload': admin(403),
  'POST /internal/force_flush': admin(204),
  'POST /internal/force_merge': admin(204),

  'GET /query': known('q=SHOW%20DATABASES'),
  'POST /query': known('q=SHOW%20DATABASES'),

  'POST /write': { rule: 'write', status: 204, payload: 'cpu value=1' },
  'POST /api/v2/write': {
    rule: 'write',
    status: 204,
    query: 'bucket=mine',
    payload: 'cpu value=1',
  },

  'POST /api/v1/write': remoteWrite(204),
  'POST /api/v1/prom/write': remoteWrite(204),
  'POST /insert': remoteWrite(204),
  'POST /receive': remoteWrite(204),
  'POST /api/v1/receive': remoteWrite(204),
  'POST /api/prom_write': remoteWrite(200),
  'POST /api/v3/write': remoteWrite(200),
  'POST /api/prom/push': remoteWrite(200),
  'POST /api/v1/push': remoteWrite(200),
  'POST /api/v1/import': { rule: 'write', status: 204 },

  'POST /api/v1/read': remoteRead,
  'POST /api/v1/prom/read': remoteRead,
  'POST /api/prom_read': remoteRead,
  'POST /api/prom/read': remoteRead,
  'POST /api/v3/read': remoteRead,

  'GET /api/v1/query': read('query=1'),
  'POST /api/v1/query': read('query=1'),
  'GET /api/v1/query_range': read('query=1&start=0&end=1&step=1'),
  'POST /api/v1/query_range': read('query=1&start=0&end=1&step=1'),
  'GET /api/v1/query_exemplars': read('query=up&start=0&end=1'),
  'POST /api/v1/query_exemplars': read('query=up&start=0&end=1'),
  'GET /api/v1/labels': read(),
  'POST /api/v1/labels': read(),
  'GET /api/v1/label/:name/values': read(),
  'GET /api/v1/series': read('match[]=up'),
  'POST /api/v1/series': read('match[]=up'),
  'GET /api/v1/metadata': read(),
  'GET /api/v1/export': read('match[]=up'),
  'POST /api/v1/export': read('match[]=up'),
  'GET /federate': read('match[]=up'),
  'GET /api/v1/search/metric_names': read('search[]=u'),
  'POST /api/v1/search/metric_names': read('search[]=u'),
  'GET /api/v1/search/label_names': read('search[]=u'),
  'POST /api/v1/search/label_names': read('search[]=u'),
  'GET /api/v1/search/label_values': read('search[]=u&label=job'),
  'POST /api/v1/search/label_values': read('search[]=u&label=job'),
  'GET /api/v1/status/tsdb': read(),
  'GET /api/v1/status/tsdb/blocks': read(),

  'GET /api/v1/format_query': known('query=up'),
  'POST /api/v1/format_query': known('query=up'),
  'GET /api/v1/parse_query': known('query=up'),
  'POST /api/v1/parse_query': known('query=up'),
  'GET /api/v1/features': known(),
  'GET /api/v1/openapi.yaml': known(),
  'GET /api/v1/notifications': known(),
  'GET /api/v1/notifications/live': known('', 204),
  'GET /api/v1/rules': known(),
  'GET /api/v1/alerts': known(),
  'GET /api/v1/targets': known(),
  'GET /api/v1/targets/metadata': known(),
  'GET /api/v1/targets/relabel_steps': known('', 400),
  'GET /api/v1/scrape_pools': known(),
  'GET /api/v1/scrape_pools/config': known('', 400),
  'GET /api/v1/alertmanagers': known(),
  'GET /api/v1/status/buildinfo': known(),
  'GET /api/v1/status/databases': known(),
  'GET /api/v1/status/walreplay': known(),
  'GET /api/v1/status/rejected': known(),
  'GET /api/v1/status/active_queries': known(),
  'GET /api/v1/status/top_queries': known(),
  'GET /api/v1/status/runtimeinfo': { rule: 'read-all', status: 200 },
  'GET /api/v1/status/flags': { rule: 'read-all', status: 200 },
  'GET /api/v1/status/config': { rule: 'read-all', status: 200 },
  'GET /api/v1/status/self_metrics': { rule: 'read-all', status: 200 },

  'POST /api/v1/admin/queries/:id/cancel': admin(404),
  'POST /api/v1/admin/tsdb/delete_series': { rule: 'manage', status: 204, query: 'match[]=x' },
  'PUT /api/v1/admin/tsdb/delete_series': { rule: 'manage', status: 204, query: 'match[]=x' },
  'POST /api/v1/admin/tsdb/clean_tombstones': admin(204),
  'PUT /api/v1/admin/tsdb/clean_tombstones': admin(204),
  // The store in memory makes none.
  'POST /api/v1/admin/tsdb/snapshot': admin(501),
  'PUT /api/v1/admin/tsdb/snapshot': admin(501),

  'GET /api/v1/admin/users': admin(200),
  'POST /api/v1/admin/users': admin(400),
  'GET /api/v1/admin/users/:name': admin(404),
  'PATCH /api/v1/admin/users/:name': admin(404),
  'DELETE /api/v1/admin/users/:name': admin(404),
  'PUT /api/v1/admin/users/:name/grants/:database': admin(404, '{"privilege":"read"}'),
  'DELETE /api/v1/admin/users/:name/grants/:database': admin(404),
  'GET /api/v1/admin/keys': admin(200),
  'POST /api/v1/admin/keys': admin(400),
  'GET /api/v1/admin/keys/:id': admin(404),
  'DELETE /api/v1/admin/keys/:id': admin(404),
  'POST /api/v1/admin/keys/:id/rotate': admin(404),
  'POST /api/v1/admin/keys/:id/retire': admin(404),
  'GET /api/v1/admin/databases': known(),
  'POST /api/v1/admin/databases': admin(400),
  'GET /api/v1/admin/databases/:database': read(),
  'PATCH /api/v1/admin/databases/:database': { rule: 'manage', status: 400, payload: '{}' },
  'DELETE /api/v1/admin/databases/:database': { ...admin(204), database: 'doomed' },
  'GET /api/v1/admin/remote-writes': admin(200),
  'POST /api/v1/admin/remote-writes': admin(400),
  'GET /api/v1/admin/remote-writes/:id': admin(404),
  'DELETE /api/v1/admin/remote-writes/:id': admin(404),
  'POST /api/v1/admin/remote-writes/:id/rotate-key': admin(404),
  'POST /api/v1/admin/remote-writes/:id/retire-key': admin(404),
};

/** What a caller is, and the rules that let it in; everybody but strangers also passes `known`. */
interface Caller {
  readonly name: string;
  readonly authorization: string | undefined;
  readonly allowed: readonly Rule[] | 'stranger';
}

const ALL: readonly Rule[] = ['read', 'write', 'manage', 'read-all', 'admin'];

async function callers({ context: { access } }: TestApi): Promise<Caller[]> {
  const user = async (
    name: string,
    allowed: Caller['allowed'],
    grant?: readonly [database: string, privilege: 'read' | 'write' | 'all'],
  ): Promise<Caller> => {
    const login = name.replaceAll(' ', '-');
    await access.createUser(login, 'right', grant === undefined);
    if (grant !== undefined) access.setPrivilege(login, ...grant);
    return { name, authorization: basic(login, 'right'), allowed };
  };
  const key = (
    name: string,
    allowed: Caller['allowed'],
    scopes: readonly string[],
    database: string,
  ): Caller => {
    const made = access.createKey({ name, scopes, databases: [database], expiresAt: undefined });
    return { name, authorization: basic(made.key.id, made.secret), allowed };
  };
  const stranger = (name: string, authorization: string | undefined): Caller => ({
    name,
    authorization,
    allowed: 'stranger',
  });
  const reader = await user('user who reads', ['read'], ['mine', 'read']);
  const ending = access.createKey({
    name: '',
    scopes: ['admin'],
    databases: ['*'],
    expiresAt: Date.now() + 20,
  });
  await new Promise((resolve) => setTimeout(resolve, 30));
  return [
    stranger('nobody', undefined),
    stranger('wrong password', basic('user-who-reads', 'wrong')),
    stranger('unknown user', basic('stranger', 'right')),
    stranger('wrong secret', basic(ending.key.id, 'wrong')),
    stranger('expired key', basic(ending.key.id, ending.secret)),
    stranger('garbage', 'Basic !'),
    stranger('unknown scheme', 'Digest x'),
    reader,
    await user('user who writes', ['write'], ['mine', 'write']),
    await user('user of all', ['read', 'write'], ['mine', 'all']),
    await user('user of another database', [], ['other', 'all']),
    await user('administrator', ALL),
    key('key that reads', ['read'], ['read'], 'mine'),
    key('key that writes', ['write'], ['write'], 'mine'),
    key('key that manages', ['read', 'write', 'manage'], ['admin'], 'mine'),
    key('key of another database', [], ['admin'], 'other'),
    key('key that reads everything', ['read', 'read-all'], ['read'], '*'),
    key('key that may everything', ALL, ['admin'], '*'),
  ];
}

/** Routes as `METHOD /path`, each with what stands for it in the table. */
function routes(api: TestApi): { readonly route: string; readonly row: string }[] {
  return allEndpoints(api.context).flatMap(({ methods, paths }) =>
    methods
      .filter((method) => method !== 'HEAD')
      .flatMap((method) =>
        paths.map((path) => {
          const bare = path
            .replace(/^\/insert\/:tenant\/prometheus$/, '/insert')
            .replace(/^(\/(select|insert|delete)\/:tenant)?\/prometheus(?=\/)/, '');
          return { route: `${String(method)} ${path}`, row: `${String(method)} ${bare}` };
        }),
      ),
  );
}

describe('every route × every caller', () => {
  const settings = {
    auth: true,
    'web.enable-admin-api': true,
    'enable-feature': ['search-api' as const],
  };
  const api = startApi({ settings, access: testAccess() });
  const all = routes(api);
  let who: Caller[] = [];

  beforeAll(async () => {
    who = await callers(api);
    // So that event streams end at once.
    api.context.notifications.close();
  });
  afterAll(() => api.app.close());

  async function ask(route: string, row: Row, caller: Caller): Promise<LightMyRequestResponse> {
    const [method, path = ''] = route.split(' ');
    await api.storage.createDatabase('mine');
    await api.storage.createDatabase('other');
    await api.storage.createDatabase('doomed');
    const url = path
      .replace(':tenant', 'mine')
      .replace(':database', row.database ?? 'mine')
      .replace(/:\w+/, 'x');
    const db = path.includes(':tenant') ? '' : 'db=mine';
    return api.app.inject({
      method: method as 'GET',
      url: `${url}?${[db, row.query ?? ''].filter((part) => part !== '').join('&')}`,
      headers: {
        ...row.headers,
        ...(caller.authorization === undefined ? {} : { authorization: caller.authorization }),
      },
      ...(row.payload === undefined || method === 'GET' ? {} : { payload: row.payload }),
    });
  }

  test('there is a row for each route, and a route for each row', () => {
    const rows = new Set(all.map(({ row }) => row));
    expect([...rows].filter((row) => ROWS[row] === undefined)).toEqual([]);
    expect(Object.keys(ROWS).filter((row) => !rows.has(row))).toEqual([]);
  });

  test.each(all)('$route', async ({ route, row: name }) => {
    const row = ROWS[name]!;
    for (const caller of who) {
      const { statusCode, headers, body } = await ask(route, row, caller);
      const isStranger = caller.allowed === 'stranger';
      const mayDoIt =
        row.rule === 'everybody' ||
        (!isStranger && (row.rule === 'known' || caller.allowed.includes(row.rule)));
      const expected = mayDoIt ? row.status : isStranger ? 401 : 403;
      expect([caller.name, statusCode, body.slice(0, 200)]).toEqual([
        caller.name,
        expected,
        body.slice(0, 200),
      ]);
      if (statusCode === 401) expect(headers['www-authenticate']).toMatch(/^Basic realm="/);
    }
  });

  test('a database that only the form names is judged all the same', async () => {
    const paths = all.filter(({ row }) => ROWS[row]!.rule === 'read' && row.startsWith('POST'));
    const reader = who.find(({ name }) => name === 'key that reads')!;
    const foreign = who.find(({ name }) => name === 'key of another database')!;
    let asked = 0;
    for (const { route, row } of paths) {
      if (ROWS[row]!.payload !== undefined || route.includes(':tenant')) continue;
      const send = async ({ authorization }: Caller): Promise<number> => {
        const payload = `${ROWS[row]!.query}&db=mine`;
        const url = `${route.split(' ')[1]}?db=other`;
        const headers = { ...FORM, authorization };
        const answer = await api.app.inject({ method: 'POST', url, payload, headers });
        return answer.statusCode;
      };
      expect([route, await send(reader), await send(foreign)]).toEqual([route, 200, 403]);
      asked++;
    }
    expect(asked).toBeGreaterThan(8);
  });
});
