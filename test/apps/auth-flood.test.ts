// Wrong passwords by the thousand, from several addresses, beside a sender with a key: every push of the sender is
// taken, and few guesses are looked at. What it costs the sender is measured by `npm run bench:auth-flood`.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { basic } from '../support/access.ts';
import { series, V1_TYPE } from '../support/api.ts';
import { App } from '../support/app.ts';
import { writeBody } from '../support/client.ts';
import { KeepAliveClient } from '../support/keep-alive-client.ts';
import { temporaryFolder } from '../support/program.ts';

const GUESSES = 1000;
/** Each has its own allowance of guesses: so many for one user, and then one in so many ms. */
const ADDRESSES = 10;
const BURST = 5;
const INTERVAL_MS = 5000;
const WRITE = '/api/v1/write';

const folder = temporaryFolder();
const client = new KeepAliveClient(8);
let app: App;
let key = '';

beforeAll(async () => {
  app = await App.start({ dataDir: folder.path, flags: ['--auth'] });
  const root = { Authorization: basic('root', 'right') };
  const first = { name: 'root', password: 'right', admin: true };
  await app.client.send('POST', '/api/v1/admin/users', JSON.stringify(first));
  const body = JSON.stringify({ scopes: ['write'], databases: ['default'] });
  const made = await app.client.send('POST', '/api/v1/admin/keys', body, root);
  const { data } = JSON.parse(made.text) as { data: { id: string; secret: string } };
  key = basic(data.id, data.secret);
}, 60_000);
afterAll(async () => {
  client.close();
  await app?.stop();
  folder.remove();
});

async function guess(n: number): Promise<number> {
  const { status } = await client.send(app.port, {
    method: 'POST',
    url: WRITE,
    headers: { authorization: basic('root', `guess ${n}`) },
    payload: undefined,
    localAddress: `127.0.1.${1 + (n % ADDRESSES)}`,
  });
  return status;
}

async function push(t: number): Promise<number> {
  const { status } = await client.send(app.port, {
    method: 'POST',
    url: WRITE,
    headers: { authorization: key, 'content-type': V1_TYPE },
    payload: writeBody([series({ __name__: 'up' }, [t, 1])], 1),
  });
  return status;
}

test('a flood of wrong passwords beside a sender (takes seconds)', async () => {
  const begun = performance.now();
  const guessed = new Map<number, number>();
  let isOver = false;
  const flood = Promise.all(
    Array.from({ length: GUESSES }, async (_, n) => {
      const status = await guess(n);
      guessed.set(status, (guessed.get(status) ?? 0) + 1);
    }),
  ).finally(() => {
    isOver = true;
  });
  const pushed = new Set<number>();
  let pushes = 0;
  for (; !isOver; pushes++) pushed.add(await push(Date.now() - 60_000 + pushes));
  await flood;
  const elapsedMs = performance.now() - begun;

  expect([...pushed]).toEqual([204]);
  expect([...guessed.keys()].filter((status) => status !== 401 && status !== 503)).toEqual([]);
  const looked = guessed.get(401) ?? 0;
  expect(looked).toBeGreaterThan(0);
  expect(looked).toBeLessThanOrEqual(ADDRESSES * (BURST + elapsedMs / INTERVAL_MS));
  // Whether it was right is not known of those: they must not be told that it was wrong.
  expect(guessed.get(503)).toBe(GUESSES - looked);
  const metrics = await app.client.send('GET', '/metrics', undefined, {
    Authorization: basic('root', 'right'),
  });
  for (const [reason, count] of [
    ['wrong', looked],
    ['throttled', GUESSES - looked],
  ]) {
    expect(metrics.text).toContain(`tidemark_auth_failures_total{reason="${reason}"} ${count}\n`);
  }
});
