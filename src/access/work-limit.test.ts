import { expect, test } from 'vitest';
import { SingleFile } from './work-limit.ts';

/** A task that ends when told to. */
function task(): { readonly run: () => Promise<string>; readonly end: () => void } {
  let end = (): void => {};
  const ended = new Promise<string>((resolve) => {
    end = () => resolve('done');
  });
  return { run: () => ended, end: () => end() };
}

const never = (): boolean => false;

test('one at a time, in order; too many are refused at once', async () => {
  const file = new SingleFile(2);
  const order: number[] = [];
  const tasks = [task(), task(), task()];
  const results = tasks.map(({ run }, i) =>
    file.run(() => {
      order.push(i);
      return run();
    }, never),
  );
  expect(file.run(task().run, never)).toBeUndefined();
  await new Promise(setImmediate);
  expect(order).toEqual([0]);
  tasks[1]!.end();
  tasks[0]!.end();
  expect(await results[1]).toBe('done');
  tasks[2]!.end();
  await results[2];
  expect(order).toEqual([0, 1, 2]);
});

test('a task that fails holds nobody up', async () => {
  const file = new SingleFile(1);
  const failed = file.run(() => Promise.reject(new Error('no')), never);
  const next = file.run(async () => 'done', never);
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('done');
});

test('after a waste of time the next waits for three times as long as that took', async () => {
  const file = new SingleFile(1);
  const busy = (): Promise<number> =>
    new Promise((resolve) => setTimeout(() => resolve(performance.now()), 50));
  const first = await file.run(busy, () => true);
  const second = await file.run(busy, never);
  expect(second! - first!).toBeGreaterThan(4 * 50 - 5);
});
