import { expect, test } from 'vitest';
import { ConcurrencyLimit } from './concurrency.ts';

const never = new AbortController().signal;

test('places are given in order and come back', async () => {
  const limit = new ConcurrencyLimit(1);
  const order: string[] = [];
  const release = await limit.acquire(never);
  const second = limit.acquire(never).then((free) => {
    order.push('second');
    free();
  });
  const third = limit.acquire(never).then((free) => {
    order.push('third');
    free();
  });
  expect([limit.running, limit.waiting]).toEqual([1, 2]);
  release();
  await Promise.all([second, third]);
  expect(order).toEqual(['second', 'third']);
  expect([limit.running, limit.waiting]).toEqual([0, 0]);
});

test('who gives up leaves the queue', async () => {
  const limit = new ConcurrencyLimit(1);
  const release = await limit.acquire(never);
  const aborter = new AbortController();
  const waiting = limit.acquire(aborter.signal);
  aborter.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  await expect(limit.acquire(aborter.signal)).rejects.toThrow('gone');
  release();
  expect([limit.running, limit.waiting]).toEqual([0, 0]);
});
