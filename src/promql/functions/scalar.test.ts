import { describe, expect, test } from 'vitest';
import { callFunction, histogramOf, rowOf, valuesOfCall } from './function-testing.ts';

const STEPS = { startT: 1500, stepMs: 500, count: 3 };

test('time() and pi() at each step', () => {
  expect(callFunction('time', [], STEPS).scalar).toEqual([1.5, 2, 2.5]);
  expect(callFunction('pi', [], STEPS).scalar).toEqual([Math.PI, Math.PI, Math.PI]);
});

describe('scalar()', () => {
  test('the only float, NaN for none or several; histograms do not count', () => {
    const rows = [
      rowOf({ a: '1' }, [1, undefined, 3]),
      rowOf({ a: '2' }, [undefined, undefined, 4]),
      rowOf({ a: '3' }, [histogramOf([1]), histogramOf([1]), undefined]),
    ];
    expect(callFunction('scalar', [rows], STEPS).scalar).toEqual([1, NaN, NaN]);
    expect(callFunction('scalar', [[]], STEPS).scalar).toEqual([NaN, NaN, NaN]);
  });

  test('three are not one again', () => {
    const rows = ['1', '2', '3'].map((a) => rowOf({ a }, [7]));
    expect(callFunction('scalar', [rows]).scalar).toEqual([NaN]);
  });
});

test('vector() makes an element without labels', () => {
  expect(callFunction('vector', [[7, NaN, 9]], STEPS).series).toEqual([
    { labels: [], values: [7, NaN, 9] },
  ]);
});

test('min_of and max_of', () => {
  const of = (name: string, a: number, b: number): number[] | undefined =>
    callFunction(name, [a, b]).scalar;
  expect([of('min_of', 3, -1), of('max_of', 3, -1)]).toEqual([[-1], [3]]);
  expect([of('min_of', NaN, 1), of('max_of', 1, NaN)]).toEqual([[NaN], [NaN]]);
  expect([of('min_of', NaN, -Infinity), of('max_of', Infinity, NaN)]).toEqual([
    [-Infinity],
    [Infinity],
  ]);
});

test('timestamp() of an expression is the time of the step', () => {
  const row = rowOf({}, [5, undefined, histogramOf([1])]);
  expect(valuesOfCall('timestamp', [[row]], STEPS)).toEqual([1.5, undefined, 2.5]);
});

test('start_timestamp() of an expression is nothing', () => {
  const row = rowOf({}, [5, undefined, histogramOf([1])]);
  expect(valuesOfCall('start_timestamp', [[row]], STEPS)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
