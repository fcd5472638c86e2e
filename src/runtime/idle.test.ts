import { expect, test } from 'vitest';
import { doWhenIdle } from './idle.ts';

/** Processor time of each wait as a share of it; `outcomes` are what the work says, one call after another. */
async function run(shares: readonly number[], outcomes: readonly boolean[]): Promise<string[]> {
  const happened: string[] = [];
  const [left, answers] = [[...shares], [...outcomes]];
  let spentMs = 0;
  await doWhenIdle(
    async () => {
      happened.push('work');
      return answers.shift()!;
    },
    {
      cpuMs: () => spentMs,
      sleep: async (ms) => {
        happened.push(`${ms}`);
        spentMs += ms * left.shift()!;
      },
    },
  );
  return happened;
}

test('waits while the program works, longer and longer', async () => {
  expect(await run([2, 0.25, 0.3, 0.1], [true])).toEqual(['1000', '2000', '4000', '8000', 'work']);
});

test('comes back until the work is done', async () => {
  expect(await run([0, 0, 0], [false, false, true])).toEqual([
    ...['1000', 'work', '2000', 'work', '4000', 'work'],
  ]);
});

test('looks every minute in the end', async () => {
  const waits = await run([1, 1, 1, 1, 1, 1, 1, 0], [true]);
  expect(waits.slice(-4)).toEqual(['32000', '60000', '60000', 'work']);
});

test('passes on what goes wrong', async () => {
  const failing = doWhenIdle(() => Promise.reject(new Error('broken')), {
    cpuMs: () => 0,
    sleep: () => Promise.resolve(),
  });
  await expect(failing).rejects.toThrow('broken');
});
