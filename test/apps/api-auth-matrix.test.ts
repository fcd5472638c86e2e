// Every route × every kind of caller. A route without a row in route-table.ts fails, and so does a row without a
// route.

import type { LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allEndpoints } from '../../src/api/server.ts';
import { basic, testAccess } from '../support/access.ts';
import { startApi, type TestApi } from '../support/api.ts';
import { ROWS, type RoutePath, type Rule, requestTo, routePaths } from '../support/route-table.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

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

describe('every route × every caller', () => {
  const settings = {
    auth: true,
    'web.enable-admin-api': true,
    'enable-feature': ['search-api' as const],
  };
  const api = startApi({ settings, access: testAccess() });
  const all = routePaths(allEndpoints(api.context));
  let who: Caller[] = [];

  beforeAll(async () => {
    for (const name of ['mine', 'other']) await api.storage.createDatabase(name);
    who = await callers(api);
    // So that event streams end at once.
    api.context.notifications.close();
  });
  afterAll(() => api.app.close());

  async function ask(to: RoutePath, { authorization }: Caller): Promise<LightMyRequestResponse> {
    await api.storage.createDatabase('doomed');
    const options = { tenant: 'mine', db: 'mine', mark: 'x' };
    const { method, url, headers, payload } = requestTo(to, ROWS[to.row]!, options);
    return api.app.inject({
      method: method as 'GET',
      url,
      headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
      ...(payload === undefined ? {} : { payload }),
    });
  }

  test('there is a row for each route, and a route for each row', () => {
    const rows = new Set(all.map(({ row }) => row));
    expect([...rows].filter((row) => ROWS[row] === undefined)).toEqual([]);
    expect(Object.keys(ROWS).filter((row) => !rows.has(row))).toEqual([]);
  });

  test.each(all)('$method $path', async (to) => {
    const row = ROWS[to.row]!;
    for (const caller of who) {
      const { statusCode, headers, body } = await ask(to, caller);
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
    for (const { path, row } of paths) {
      if (ROWS[row]!.payload !== undefined || path.includes(':tenant')) continue;
      const send = async ({ authorization }: Caller): Promise<number> => {
        const payload = `${ROWS[row]!.query}&db=mine`;
        const url = `${path}?db=other`;
        const headers = { ...FORM, authorization };
        const answer = await api.app.inject({ method: 'POST', url, payload, headers });
        return answer.statusCode;
      };
      expect([path, await send(reader), await send(foreign)]).toEqual([path, 200, 403]);
      asked++;
    }
    expect(asked).toBeGreaterThan(8);
  });
});
