import { expect, test } from 'vitest';
import { TopQueries } from './top-queries.ts';

test('sums by database and text, heaviest first', () => {
  const top = new TopQueries();
  top.add('a', 'up', 1, 10);
  top.add('b', 'up', 5, 1);
  top.add('a', 'up', 3, 20);
  expect(top.list(10)).toEqual([
    { database: 'b', query: 'up', count: 1, totalSeconds: 5, maxSeconds: 5, samplesRead: 1 },
    { database: 'a', query: 'up', count: 2, totalSeconds: 4, maxSeconds: 3, samplesRead: 30 },
  ]);
  expect(top.list(1)).toHaveLength(1);
});

test('stays bounded and keeps the heaviest', () => {
  const top = new TopQueries();
  for (let i = 0; i < 5000; i++) top.add('a', `query ${i}`, i % 1000, 1);
  top.add('a', 'x'.repeat(5000), 2000, 1);
  const list = top.list(10_000);
  expect(list.length).toBeLessThanOrEqual(1000);
  expect(list[0]!.query.length).toBeLessThan(2100);
  expect(list[1]!.totalSeconds).toBe(999);
});
