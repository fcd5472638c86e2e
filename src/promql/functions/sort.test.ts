import { describe, expect, test } from 'vitest';
import type { StepSeries } from '../eval/step-series.ts';
import { callFunction, histogramOf, rowOf, type Value } from './function-testing.ts';

function order(name: string, rows: StepSeries[], ...labels: string[]): unknown[] {
  return callFunction(name, [rows, ...labels]).series.map(({ values }) => values[0]);
}

function rowsOf(...values: Value[]): StepSeries[] {
  return values.map((value, i) => rowOf({ n: String(i) }, [value]));
}

describe('sort and sort_desc', () => {
  const rows = (): StepSeries[] => rowsOf(2, NaN, -Infinity, Infinity, histogramOf([1]), 0, NaN);

  test('by value, NaN last, histograms left out', () => {
    expect(order('sort', rows())).toEqual([-Infinity, 0, 2, Infinity, NaN, NaN]);
    expect(order('sort_desc', rows())).toEqual([Infinity, 2, 0, -Infinity, NaN, NaN]);
  });

  test('equal infinities', () => {
    expect(order('sort', rowsOf(Infinity, 1, Infinity))).toEqual([1, Infinity, Infinity]);
  });

  test('in a range query only histograms go', () => {
    const row = rowOf({}, [3, histogramOf([1])]);
    const { series } = callFunction('sort', [[row]], { startT: 0, stepMs: 1, count: 2 });
    expect(series[0]!.values).toEqual([3, undefined]);
  });
});

describe('sort_by_label and sort_by_label_desc', () => {
  const rows = (): StepSeries[] => [
    rowOf({ host: 'a10', dc: 'x' }, [1]),
    rowOf({ host: 'a2', dc: 'y' }, [2]),
    rowOf({ host: 'a2', dc: 'x' }, [3]),
    rowOf({ dc: 'z' }, [4]),
    rowOf({ host: 'a1', dc: 'x' }, [histogramOf([1])]),
  ];
  const numbers = (values: unknown[]): unknown[] =>
    values.map((value) => (typeof value === 'number' ? value : 5));

  test('natural order, ties by all labels, missing labels first', () => {
    expect(numbers(order('sort_by_label', rows(), 'host'))).toEqual([4, 5, 3, 2, 1]);
    expect(numbers(order('sort_by_label_desc', rows(), 'host'))).toEqual([1, 2, 3, 5, 4]);
  });

  test('several labels, and none', () => {
    expect(numbers(order('sort_by_label', rows(), 'dc', 'host'))).toEqual([5, 3, 1, 2, 4]);
    expect(numbers(order('sort_by_label', rows()))).toEqual([5, 1, 3, 2, 4]);
  });
});
