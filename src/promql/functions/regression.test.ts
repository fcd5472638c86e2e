import { describe, expect, test } from 'vitest';
import { callRange, type Point } from './function-testing.ts';

const CALL = { range: 100, end: 100 };

function deriv(...values: number[]): unknown {
  const points = values.map((value, i): Point => [10 * (i + 1), value]);
  return callRange('deriv', points, CALL).values[0];
}

describe('deriv', () => {
  test('slope per second', () => {
    expect(deriv(0, 20, 40)).toBe(2);
    expect(deriv(1, 4, 2)).toBeCloseTo(0.05, 12);
  });

  test('a constant series has exactly none, an infinite one no slope at all', () => {
    expect(deriv(1.1, 1.1, 1.1)).toBe(0);
    expect(deriv(Infinity, Infinity)).toBeNaN();
    expect(deriv(NaN, NaN)).toBeNaN();
  });

  test('one sample gives nothing', () => {
    expect(deriv(1)).toBeUndefined();
  });

  test('is exact far from 1970 too', () => {
    const t0 = 1.5e9;
    const points: Point[] = [
      [t0, 1e9],
      [t0 + 60, 1e9 + 1],
      [t0 + 120, 1e9 + 2],
    ];
    expect(callRange('deriv', points, { range: 300, end: t0 + 200 }).values[0]).toBe(1 / 60);
  });
});

describe('predict_linear', () => {
  const points: Point[] = [
    [10, 0],
    [20, 20],
    [30, 40],
  ];

  test('counts from the time of the step', () => {
    const call = { ...CALL, scalars: [undefined, 50] };
    expect(callRange('predict_linear', points, call).values[0]).toBeCloseTo(280, 10);
    const steps = { range: 30, end: 30, step: 10, count: 2, scalars: [undefined, 0] };
    const { values } = callRange('predict_linear', points, steps);
    expect(values[0]).toBeCloseTo(40, 10);
    expect(values[1]).toBeCloseTo(60, 10);
  });

  test('a constant series stays', () => {
    const call = { ...CALL, scalars: [undefined, 3600] };
    expect(
      callRange(
        'predict_linear',
        [
          [10, 7],
          [20, 7],
        ],
        call,
      ).values,
    ).toEqual([7]);
    expect(callRange('predict_linear', [[10, 7]], call).values).toEqual([undefined]);
  });
});
