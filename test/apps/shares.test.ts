// Databases on one server, one of which asks for more than its share: another's queries do not wait for all of
// those, and its writes go on.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { series } from '../support/api.ts';
import { App } from '../support/app.ts';
import { temporaryFolder } from '../support/program.ts';

/** Takes a thread for a good part of a second, and holds none of what is stored. */
const HEAVY = 'max_over_time(vector(1)[1d:200ms])';
const HEAVY_QUERIES = 40;

const folder = temporaryFolder();
let app: App;
beforeAll(async () => {
  app = await App.start({ dataDir: folder.path, flags: ['--query.threads=2'] });
  for (const name of ['greedy', 'modest']) {
    await app.client.send('POST', '/api/v1/admin/databases', JSON.stringify({ name }));
  }
});
afterAll(async () => {
  await app?.stop();
  folder.remove();
});

async function query(database: string, signal?: AbortSignal): Promise<number> {
  const parameters = new URLSearchParams({ query: HEAVY, db: database, nocache: '1' });
  const options = signal === undefined ? {} : { signal };
  const answer = await fetch(`${app.url}/api/v1/query?${parameters}`, options);
  await answer.arrayBuffer();
  return answer.status;
}

async function write(database: string, seriesCount: number): Promise<number> {
  const now = Date.now();
  const batch = Array.from({ length: seriesCount }, (_, i) =>
    series({ __name__: 'up', i: String(i) }, [now, i]),
  );
  return (await app.client.write(batch, 1, `/api/v1/write?db=${database}`)).status;
}

async function setQuotas(quotas: Readonly<Record<string, number>>): Promise<void> {
  const path = '/api/v1/admin/databases/greedy';
  const { status } = await app.client.send('PATCH', path, JSON.stringify(quotas));
  expect(status).toBe(200);
}

test('queries do not wait for all that another database asks for (takes seconds)', async () => {
  expect(await query('modest')).toBe(200);
  const end = new AbortController();
  let answered = 0;
  const greedy = Array.from({ length: HEAVY_QUERIES }, async () => {
    try {
      await query('greedy', end.signal);
      answered++;
    } catch {
      // Given up below.
    }
  });
  // All of them are there first.
  await expect.poll(activeQueries, { timeout: 60_000 }).toBeGreaterThan(HEAVY_QUERIES / 2);
  const before = answered;
  for (let i = 0; i < 3; i++) expect(await query('modest')).toBe(200);
  const meanwhile = answered - before;
  end.abort();
  await Promise.all(greedy);
  // One after the other would have been all of them; in turns it is about one for each.
  expect(meanwhile).toBeLessThan(HEAVY_QUERIES / 2);
});

async function activeQueries(): Promise<number> {
  const { text } = await app.client.send('GET', '/api/v1/status/active_queries');
  return (JSON.parse(text) as { data: { queries: unknown[] } }).data.queries.length;
}

test.each<[quota: string, quotas: Readonly<Record<string, number>>, refused: number]>([
  ['active series', { maxActiveSeries: 1 }, 400],
  ['samples', { maxSamplesPerSecond: 1 }, 503],
  ['disk', { maxDiskBytes: 1 }, 503],
])('writes go on when another database has met its quota of %s', async (_, quotas, refused) => {
  expect([await write('greedy', 20), await write('modest', 20)]).toEqual([204, 204]);
  // So that it takes something of the disk.
  await app.client.send('POST', '/internal/force_flush');
  await setQuotas(quotas);
  const statuses: number[] = [];
  for (let i = 0; i < 3; i++) statuses.push(await write('greedy', 30 + i));
  expect(statuses.at(-1)).toBe(refused);
  expect(await write('modest', 40)).toBe(204);
  await setQuotas(Object.fromEntries(Object.keys(quotas).map((name) => [name, 0])));
  expect(await write('greedy', 20)).toBe(204);
});
