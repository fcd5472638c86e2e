import { expect, test } from 'vitest';
import { TopQueries } from './top-queries.ts';

const up = (database: string) => ({ database, about: [database], text: 'up' });

test('sums by database and text, heaviest first', () => {
  const top = new TopQueries();
  top.add(up('a'), 1, 10);
  top.add(up('b'), 5, 1);
  top.add(up('a'), 3, 20);
  top.add({ ...up('a'), about: ['a', 'b'] }, 1, 1);
  const b = { database: 'b', about: ['b'], query: 'up' };
  const a = { database: 'a', about: ['a'], query: 'up' };
  expect(top.list(10)).toEqual([
    { ...b, count: 1, totalSeconds: 5, maxSeconds: 5, samplesRead: 1 },
    { ...a, count: 2, totalSeconds: 4, maxSeconds: 3, samplesRead: 30 },
    { ...a, about: ['a', 'b'], count: 1, totalSeconds: 1, maxSeconds: 1, samplesRead: 1 },
  ]);
  expect(top.list(1)).toHaveLength(1);
});

test('stays bounded and keeps the heaviest', () => {
  const top = new TopQueries();
  for (let i = 0; i < 5000; i++) top.add({ ...up('a'), text: `query ${i}` }, i % 1000, 1);
  top.add({ ...up('a'), text: 'x'.repeat(5000) }, 2000, 1);
  const list = top.list(10_000);
  expect(list.length).toBeLessThanOrEqual(1000);
  expect(list[0]!.query.length).toBeLessThan(2100);
  expect(list[1]!.totalSeconds).toBe(999);
});
