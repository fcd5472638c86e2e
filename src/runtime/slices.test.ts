import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Slices } from './slices.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** True if others had their turn. */
async function breathes(slices: Slices): Promise<boolean> {
  let isOthersTurn = false;
  setImmediate(() => {
    isOthersTurn = true;
  });
  await slices.breathe();
  return isOthersTurn;
}

test('others have their turn once a slice is used up, and not before', async () => {
  const slices = new Slices();
  expect(await breathes(slices)).toBe(false);
  vi.advanceTimersByTime(8);
  expect(slices.isOver).toBe(false);
  vi.advanceTimersByTime(1);
  expect(slices.isOver).toBe(true);
  expect(await breathes(slices)).toBe(true);
  expect(await breathes(slices)).toBe(false);
});
