import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callFunction, histogramOf, rowOf, valuesOfCall } from './function-testing.ts';

const FUNCTIONS_AND_DATE: [name: string, ofDate: (date: Date) => number][] = [
  ['minute', (date) => date.getUTCMinutes()],
  ['hour', (date) => date.getUTCHours()],
  ['day_of_week', (date) => date.getUTCDay()],
  ['day_of_month', (date) => date.getUTCDate()],
  ['month', (date) => date.getUTCMonth() + 1],
  ['year', (date) => date.getUTCFullYear()],
  ['days_in_month', (date) => daysBetween(startOfMonth(date, 0), startOfMonth(date, 1))],
  ['day_of_year', (date) => Math.floor(daysBetween(startOfYear(date), date)) + 1],
];

function daysBetween(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / 86_400_000;
}

/** By number of the month and not by `Date.UTC`, which takes years below 100 for others. */
function startOfMonth(date: Date, later: number): Date {
  const start = new Date(0);
  start.setUTCFullYear(date.getUTCFullYear(), date.getUTCMonth() + later, 1);
  return start;
}

function startOfYear(date: Date): Date {
  const start = new Date(0);
  start.setUTCFullYear(date.getUTCFullYear(), 0, 1);
  return start;
}

describe('parts of a date', () => {
  for (const [name, ofDate] of FUNCTIONS_AND_DATE) {
    test(`${name} is that of Date, as far as Date goes`, () => {
      // One year less on both ends, so that the neighbouring month is a Date too.
      const seconds = fc.integer({ min: -8.6e12, max: 8.6e12 });
      const near = fc.integer({ min: -(10 ** 10), max: 10 ** 10 });
      fc.assert(
        fc.property(fc.oneof(near, seconds), (t) => {
          expect(valuesOfCall(name, [[rowOf({}, [t])]])).toEqual([ofDate(new Date(t * 1000)) + 0]);
        }),
      );
    });
  }

  test('fractions are cut off, histograms left out', () => {
    const row = rowOf({}, [59.999, -0.5, histogramOf([1]), undefined]);
    const steps = { startT: 0, stepMs: 1, count: 4 };
    expect(valuesOfCall('minute', [[row]], steps)).toEqual([0, 0, undefined, undefined]);
  });

  test('what no 64-bit integer holds is beyond the largest', () => {
    for (const value of [NaN, Infinity, -Infinity, 1e300]) {
      const parts = ['year', 'month', 'day_of_month', 'day_of_year', 'hour', 'minute'].map(
        (name) => valuesOfCall(name, [[rowOf({}, [value])]])[0],
      );
      expect(parts).toEqual([292_277_026_596, 12, 4, 339, 15, 30]);
    }
  });

  test('without an argument it is the time of each step', () => {
    const steps = { startT: 1_136_239_445_000, stepMs: 3_600_000, count: 2 };
    expect(callFunction('hour', [], steps).series).toEqual([{ labels: [], values: [22, 23] }]);
    expect(valuesOfCall('year', [], steps)).toEqual([2006, 2006]);
  });
});
