import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coveredSteps } from './covered-steps.ts';

const numRuns = Number(process.env.PROP_RUNS ?? 300);
const seed = Number(process.env.PROP_SEED ?? 1);

const START_T = 1_700_000_000_000;

test('all steps that see a sample, and at most one more on each side', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: -200_000, max: 200_000 }),
      fc.integer({ min: 1, max: 20_000 }),
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 1, max: 100_000 }),
      (times, first, stepMs, count, widthMs) => {
        const t = Float64Array.from(
          times.sort((a, b) => a - b),
          (time) => START_T + time,
        );
        const firstT = START_T + first;
        const { from, to } = coveredSteps({ firstT, stepMs, count }, widthMs, t, t.length);
        const timeOf = (step: number): number => firstT + step * stepMs;
        const covers = (step: number): boolean =>
          timeOf(step) >= t[0]! && timeOf(step) < t.at(-1)! + widthMs;
        const wanted = [...Array(count).keys()].filter(covers);
        for (const step of wanted) expect(step >= from && step < to).toBe(true);
        expect(to - from).toBeLessThanOrEqual(Math.max(wanted.length + 2, 2));
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(count);
      },
    ),
    { numRuns, seed },
  );
});

test('a day around six hours', () => {
  const t = Float64Array.from({ length: 1440 }, (_, i) => 15_000 * i);
  const times = { firstT: -43_200_000, stepMs: 60_000, count: 1441 };
  expect(coveredSteps(times, 300_000, t, t.length)).toEqual({ from: 719, to: 1086 });
});

test('no samples, no steps; of equal times one', () => {
  const t = Float64Array.of(1000);
  expect(coveredSteps({ firstT: 0, stepMs: 1000, count: 9 }, 5000, t, 0)).toEqual({
    from: 0,
    to: 0,
  });
  expect(coveredSteps({ firstT: 0, stepMs: 0, count: 9 }, 5000, t, 1)).toEqual({ from: 0, to: 1 });
});
