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

test('no owner waits behind all that another waits for, and a place is kept for others', async () => {
  const limit = new ConcurrencyLimit(4);
  const entered: string[] = [];
  const enter = async (owner: string): Promise<() => void> => {
    const release = await limit.acquire(new AbortController().signal, owner);
    entered.push(owner);
    return release;
  };
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const releases = await Promise.all(Array.from({ length: 4 }, () => enter('a')));
  for (let i = 0; i < 10; i++) void enter('a');
  void enter('b');
  await settle();
  expect([entered.join(''), limit.waiting]).toEqual(['aaaa', 11]);
  releases.pop()!();
  await settle();
  expect(entered.join('')).toBe('aaaab');
  releases.pop()!();
  releases.pop()!();
  await settle();
  // Of four places `a` has three at most now.
  expect([entered.join(''), limit.running]).toEqual(['aaaabaa', 4]);
  void enter('b');
  void enter('b');
  releases.pop()!();
  await settle();
  expect([entered.join(''), limit.running]).toEqual(['aaaabaab', 4]);
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
