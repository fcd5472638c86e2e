// Databases of several owners on one server, with the same series in each: every label value of a database and most
// names carry its mark, so that what is foreign shows in any answer. And callers that may do something in one each.

import { basic } from './access.ts';
import type { App } from './app.ts';

/** Whoever is known by a number, by a name, or by none. */
export const TENANTS = ['tenant-0-x', 'tenant-1-x', '12', '12:3', 'default'] as const;

/** Those whose owners delete as well; the others must stay as they are. */
export const DELETING: readonly number[] = [0, 2];

/** In every label value of a database. */
export const markOf = (tenant: number): string => `mark-${tenant}-x`;

const KEPT_SERIES = 3;

export interface TenantCaller {
  /** Index into {@link TENANTS}. */
  readonly tenant: number;
  readonly authorization: string;
}

export interface Tenants {
  readonly callers: readonly TenantCaller[];
  /** Ids of registrations, by tenant. */
  readonly registrations: readonly string[];
  readonly root: Readonly<Record<string, string>>;
}

/** Fills a server with `--auth` that nobody knows yet. */
export async function makeTenants({ client }: App): Promise<Tenants> {
  const root = { Authorization: basic('root', 'secret') };
  const post = async (path: string, body: object, method = 'POST'): Promise<unknown> => {
    const text = JSON.stringify(body);
    const answer = await client.send(method, `/api/v1/admin/${path}`, text, root);
    if (answer.status > 201) throw new Error(`${path}: ${answer.text}`);
    return (JSON.parse(answer.text) as { data: unknown }).data;
  };
  await post('users', { name: 'root', password: 'secret', admin: true });
  const callers: TenantCaller[] = [];
  const registrations: string[] = [];
  for (const [tenant, database] of TENANTS.entries()) {
    await post('databases', { name: database });
    const name = `user-${tenant}`;
    await post('users', { name, password: 'pass' });
    const grant = `users/${name}/grants/${encodeURIComponent(database)}`;
    await post(grant, { privilege: 'all' }, 'PUT');
    callers.push({ tenant, authorization: basic(name, 'pass') });
    for (const scope of ['read', 'write', 'admin']) {
      const body = { name: '', scopes: [scope], databases: [database] };
      const { id, secret } = (await post('keys', body)) as { id: string; secret: string };
      callers.push({ tenant, authorization: basic(id, secret) });
    }
    const body = { name: `sender-${tenant}`, database };
    registrations.push(((await post('remote-writes', body)) as { id: string }).id);
    await client.send('POST', importPath(database), keptLines(tenant), root);
  }
  // A password is hashed once, one after the other: too many at the same time would be told to come back.
  for (const { authorization } of callers) {
    await client.send('GET', '/api/v1/features', undefined, { Authorization: authorization });
  }
  return { callers, registrations, root };
}

function importPath(database: string): string {
  return `/api/v1/import?db=${encodeURIComponent(database)}`;
}

function keptLines(tenant: number): string {
  const now = Date.now();
  const lines = Array.from({ length: KEPT_SERIES }, (_, i) => ({
    metric: { __name__: 'up', job: markOf(tenant), kept: String(i) },
    values: [1, 2, 3],
    timestamps: [now - 3000, now - 2000, now - 1000],
  }));
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** What is wrong with the databases by now: foreign series in them, or series that are missing. */
export async function damageOf({ client }: App, { root }: Tenants): Promise<string[]> {
  const damage: string[] = [];
  for (const [tenant, database] of TENANTS.entries()) {
    const query = new URLSearchParams({ 'match[]': '{__name__=~".+"}', db: database });
    const { text } = await client.send('GET', `/api/v1/export?${query}`, undefined, root);
    const lines = text.split('\n').filter((line) => line !== '');
    for (const line of lines) {
      const marks = foreignMarks(line, tenant);
      if (marks.length > 0) damage.push(`${database} holds ${line}`);
    }
    const kept = lines.filter((line) => line.includes('"kept"') && line.includes('[1,2,3]'));
    if (!DELETING.includes(tenant) && kept.length !== KEPT_SERIES) {
      damage.push(`${database} has ${kept.length} of ${KEPT_SERIES} series that nobody deleted`);
    }
    const settings = `/api/v1/admin/databases/${encodeURIComponent(database)}`;
    const answer = await client.send('GET', settings, undefined, root);
    if (!DELETING.includes(tenant) && !answer.text.includes('"maxSamplesPerSecond":0')) {
      damage.push(`${database} has got settings that nobody may have set: ${answer.text}`);
    }
    if (!lines.some((line) => !line.includes('"kept"'))) {
      damage.push(`${database} holds nothing that callers wrote`);
    }
  }
  return damage;
}

const ANY_MARK = /mark-(\d+)-x/g;
const ANY_NAME = /tenant-(\d+)-x/g;

/** Marks of others in a text. */
export function foreignMarks(text: string, tenant: number): string[] {
  return foreign(text, tenant, ANY_MARK);
}

/** Names of others in a text. */
export function foreignNames(text: string, tenant: number): string[] {
  return foreign(text, tenant, ANY_NAME);
}

function foreign(text: string, tenant: number, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].filter((match) => Number(match[1]) !== tenant).map(String);
}
