import { describe, expect, test } from 'vitest';
import {
  type Argument,
  callFunction,
  histogramOf,
  rowOf,
  valuesOfCall,
} from './function-testing.ts';

describe('functions of one number', () => {
  const cases: [name: string, argument: number, expected: number][] = [
    ['abs', -2, 2],
    ['ceil', 1.2, 2],
    ['floor', -1.2, -2],
    ['exp', 1, Math.E],
    ['ln', Math.E, 1],
    ['ln', 0, -Infinity],
    ['log2', 8, 3],
    ['log10', 1000, 3],
    ['sqrt', -1, NaN],
    ['sgn', -7, -1],
    ['sgn', 7, 1],
    ['sgn', -0, -0],
    ['sgn', NaN, NaN],
    ['deg', Math.PI, 180],
    ['rad', 180, Math.PI],
    ['sin', 0, 0],
    ['cos', 0, 1],
    ['tan', 0, 0],
    ['asin', 1, Math.PI / 2],
    ['acos', 1, 0],
    ['atan', Infinity, Math.PI / 2],
    ['sinh', 0, 0],
    ['cosh', 0, 1],
    ['sinh', 710, Infinity],
    ['sinh', -710, -Infinity],
    ['cosh', -710, Infinity],
    ['cosh', 700, Math.exp(700) / 2],
    ['tanh', Infinity, 1],
    ['asinh', 0, 0],
    ['acosh', 1, 0],
    ['atanh', 1, Infinity],
  ];
  for (const [name, argument, expected] of cases) {
    test(`${name}(${argument})`, () => {
      expect(valuesOfCall(name, [[rowOf({}, [argument])]])).toEqual([expected]);
    });
  }

  test('histograms are left out', () => {
    const steps = { startT: 0, stepMs: 1, count: 3 };
    for (const name of ['abs', 'round', 'clamp_min']) {
      const row = rowOf({ a: 'b' }, [histogramOf([1]), 2, undefined]);
      const { series, rows } = callFunction(name, [[row], 1], steps);
      expect(series[0]!.values).toEqual([undefined, 2, undefined]);
      expect(rows[0]!.histograms).toBeUndefined();
    }
  });
});

describe('round', () => {
  const cases: [value: number, toNearest: number | undefined, expected: number][] = [
    [2.5, undefined, 3],
    [-2.5, undefined, -2],
    [-2.6, undefined, -3],
    [0.35, 0.1, 0.4],
    [1234, 100, 1200],
    [1250, 100, 1300],
    [7, -5, 5],
    [7, 0, NaN],
    [NaN, 1, NaN],
    [Infinity, 1, Infinity],
  ];
  for (const [value, toNearest, expected] of cases) {
    test(`round(${value}, ${toNearest})`, () => {
      const args: Argument[] = [[rowOf({}, [value])]];
      if (toNearest !== undefined) args.push(toNearest);
      expect(valuesOfCall('round', args)).toEqual([expected]);
    });
  }
});

describe('clamp', () => {
  const clamp = (value: number, min: number, max: number): unknown =>
    valuesOfCall('clamp', [[rowOf({}, [value])], min, max])[0];

  test('into bounds; nothing if they are the wrong way round', () => {
    expect([clamp(5, 0, 10), clamp(-5, 0, 10), clamp(50, 0, 10)]).toEqual([5, 0, 10]);
    expect(clamp(5, 10, 0)).toBeUndefined();
    expect(clamp(5, 7, 7)).toBe(7);
  });

  test('NaN stays, and NaN bounds make NaN', () => {
    expect([clamp(NaN, 0, 10), clamp(5, NaN, 10), clamp(5, 0, NaN)]).toEqual([NaN, NaN, NaN]);
    // An infinite bound that leaves no choice wins over NaN.
    expect(clamp(NaN, Infinity, Infinity)).toBe(Infinity);
    expect(clamp(NaN, -Infinity, -Infinity)).toBe(-Infinity);
  });

  test('one bound, by step', () => {
    const steps = { startT: 0, stepMs: 1, count: 3 };
    const row = () => [rowOf({}, [1, 5, 9])];
    expect(valuesOfCall('clamp_min', [row(), [3, 5, 10]], steps)).toEqual([3, 5, 10]);
    expect(valuesOfCall('clamp_max', [row(), [3, 4, 10]], steps)).toEqual([1, 4, 9]);
  });
});
