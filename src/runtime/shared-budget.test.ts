import { beforeEach, expect, test } from 'vitest';
import { SharedBudget } from './shared-budget.ts';

let now: number;
let budget: SharedBudget;
beforeEach(() => {
  now = 0;
  budget = new SharedBudget(100, () => now);
});

test('who is alone may have all of it', () => {
  expect([budget.take('a', 100), budget.take('a', 1), budget.held]).toEqual([true, false, 100]);
  budget.give('a', 40);
  expect([budget.take('a', 41), budget.take('a', 40)]).toEqual([false, true]);
});

test('while there are others, a quarter is kept for them', () => {
  budget.take('b', 1);
  expect([budget.take('a', 76), budget.limitOf('a')]).toEqual([false, 75]);
  expect([budget.take('a', 75), budget.take('b', 24), budget.take('b', 1)]).toEqual([
    true,
    true,
    false,
  ]);
  expect(budget.held).toBe(100);
});

test('who has not been here for long is not reckoned with, unless still holding something', () => {
  budget.take('b', 1);
  now += 3_600_000;
  expect(budget.take('a', 76)).toBe(false);
  budget.give('b', 1);
  now += 600_001;
  expect(budget.take('a', 100)).toBe(true);
});

test('who holds something is never forgotten', () => {
  budget.take('a', 10);
  for (let i = 0; i < 5000; i++) {
    budget.take(`passer-by ${i}`, 1);
    budget.give(`passer-by ${i}`, 1);
  }
  expect([budget.take('a', 66), budget.take('a', 65), budget.held]).toEqual([false, true, 75]);
});
