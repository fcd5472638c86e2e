import { describe, expect, test } from 'vitest';
import { callRange, type Point } from './function-testing.ts';

function smooth(values: readonly number[], sf: number, tf: number): unknown {
  const points = values.map((value, i): Point => [10 * (i + 1), value]);
  return callRange('double_exponential_smoothing', points, {
    range: 1000,
    end: 1000,
    scalars: [undefined, sf, tf],
  }).values[0];
}

describe('double_exponential_smoothing', () => {
  test('a straight line goes on as it is', () => {
    expect(smooth([0, 10, 20, 30, 40], 0.3, 0.8)).toBeCloseTo(40, 10);
  });

  test('level and trend, step by step', () => {
    // Trend 4 at first; level 0.5×5 + 0.5×(1+4) = 5; trend 0.5×4 + 0.5×4 = 4; level 0.5×1 + 0.5×9 = 5.
    expect(smooth([1, 5, 1], 0.5, 0.5)).toBe(5);
  });

  test('needs two samples', () => {
    expect(smooth([1], 0.5, 0.5)).toBeUndefined();
    expect(smooth([], 0.5, 0.5)).toBeUndefined();
  });

  test('factors outside of 0 to 1 fail where there is a sample', () => {
    const message = (name: string, short: string, got: string): string =>
      `invalid ${name} factor. Expected: 0 < ${short} < 1, got: ${got}`;
    expect(() => smooth([1, 2], 0, 0.5)).toThrow(message('smoothing', 'sf', '0.000000'));
    expect(() => smooth([1, 2], 1, 0.5)).toThrow(message('smoothing', 'sf', '1.000000'));
    expect(() => smooth([1], 0.5, -1.5)).toThrow(message('trend', 'tf', '-1.500000'));
    expect(() => smooth([1], 0.5, Infinity)).toThrow(message('trend', 'tf', '+Inf'));
    expect(smooth([], 7, 7)).toBeUndefined();
    expect(smooth([1, 2], NaN, 0.5)).toBeNaN();
  });
});
