import { beforeEach, expect, test } from 'vitest';
import { FakeQueries } from '../../test/support/fake-queries.ts';
import type { QueryRequest } from '../query/interface.ts';
import type { StatementRequest } from '../query/statement.ts';
import { NO_QUOTAS } from '../storage/database-settings.ts';
import type { Database } from '../storage/interface.ts';
import { MemoryStorage } from '../storage/memory-store.ts';
import { QueryShares } from './query-shares.ts';

const NEVER = new AbortController().signal;

let inner: FakeQueries;
let shares: QueryShares;
let refusals: string[];
let a: Database;
let b: Database;
/** Of `a`. */
let part: Database;
beforeEach(async () => {
  inner = new FakeQueries();
  refusals = [];
  const storage = new MemoryStorage();
  shares = new QueryShares(
    inner,
    (database) => (database === part ? a : database),
    (database) => refusals.push(database),
  );
  for (const name of ['a', 'b', 'part']) await storage.createDatabase(name);
  a = storage.database('a')!;
  b = storage.database('b')!;
  part = storage.database('part')!;
  await setQuota(2);
});

function setQuota(maxConcurrentQueries: number | undefined): Promise<void> {
  return a.configure({ retentionMs: undefined, quotas: { ...NO_QUOTAS, maxConcurrentQueries } });
}

function run(database: Database, signal = NEVER): ReturnType<QueryShares['run']> {
  return shares.run({ database, query: 'up' } as QueryRequest, signal);
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('queries past the quota wait until an answer has been read; other databases do not', async () => {
  const answers = await Promise.all([run(a), run(a)]);
  let isThere = false;
  const third = run(a).then((answer) => {
    isThere = true;
    return answer;
  });
  await run(b);
  await settle();
  expect([isThere, inner.requests.length]).toEqual([false, 3]);
  for await (const _ of answers[0]!.pieces);
  await third;
  expect(inner.requests).toHaveLength(4);
});

test('what is a part of a database takes its places', async () => {
  await setQuota(1);
  const first = await run(part);
  let isThere = false;
  const second = run(a).then(() => {
    isThere = true;
  });
  await settle();
  expect(isThere).toBe(false);
  await first.pieces.return();
  await second;
});

test('an answer that is given up, fails or is whole gives its place back', async () => {
  await setQuota(1);
  await (await run(a)).pieces.return();
  inner.error = new Error('no');
  await expect(run(a)).rejects.toThrow('no');
  inner.error = undefined;
  inner.whole = new Uint8Array(1);
  await run(a);
  inner.whole = undefined;
  const last = await run(a);
  await last.pieces.next();
  await last.pieces.return();
  await last.pieces.return();
  await run(a);
  expect(inner.requests).toHaveLength(5);
});

test('who waits may leave, and not everybody may wait', async () => {
  await setQuota(1);
  await run(a);
  const aborter = new AbortController();
  const waiting = Array.from({ length: 10 }, () => run(a, aborter.signal));
  await settle();
  await expect(run(a)).rejects.toMatchObject({ code: 'STORAGE_QUOTA', kind: 'unavailable' });
  expect(refusals).toEqual(['a']);
  aborter.abort(new Error('gone'));
  for (const one of waiting) await expect(one).rejects.toThrow('gone');
  expect(inner.requests).toHaveLength(1);
});

test('without a quota nothing waits', async () => {
  await setQuota(undefined);
  await Promise.all(Array.from({ length: 50 }, () => run(a)));
  expect(inner.requests).toHaveLength(50);
});

test('a statement takes a share of every database that it reads', async () => {
  await setQuota(1);
  const range = { minT: 0, maxT: 1 };
  const statement = (owner: Database, ...reads: Database[]): ReturnType<QueryShares['run']> =>
    shares.runStatement(
      {
        database: owner,
        reads: reads.map((database) => ({ database, range })),
      } as unknown as StatementRequest,
      NEVER,
    );
  // Of its owner, such as the database that a retention policy is of, and of others.
  for (const start of [() => statement(a, b), () => statement(b, a, a), () => run(a)]) {
    const first = await start();
    let isThere = false;
    const second = statement(b, b, a).then((answer) => {
      isThere = true;
      return answer;
    });
    await (await statement(b, b)).pieces.return();
    await settle();
    expect(isThere).toBe(false);
    await first.pieces.return();
    await (await second).pieces.return();
  }
});
