import { expect, test } from 'vitest';
import { Turn } from './turn.ts';

test('one has the turn, the next get it in order', async () => {
  const turn = new Turn();
  const [a, b, c] = [turn.place(), turn.place(), turn.place()];
  const order: string[] = [];
  expect(a.take()).toBeUndefined();
  expect(a.take()).toBeUndefined();
  const b1 = b.take()!.then(() => order.push('b'));
  const c1 = c.take()!.then(() => order.push('c'));
  expect([turn.isTaken, a.isWanted]).toEqual([true, true]);
  a.give();
  a.give();
  await b1;
  expect(order).toEqual(['b']);
  b.give();
  await c1;
  expect([turn.isTaken, c.isWanted]).toEqual([true, false]);
  c.give();
  expect(turn.isTaken).toBe(false);
});

test('who leaves the queue is woken and does not get the turn', async () => {
  const turn = new Turn();
  const [a, b, c] = [turn.place(), turn.place(), turn.place()];
  void a.take();
  const left = b.take()!;
  const entered = c.take()!;
  b.give();
  await left;
  a.give();
  await entered;
  expect(turn.isTaken).toBe(true);
  c.give();
  expect(turn.isTaken).toBe(false);
});
