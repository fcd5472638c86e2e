import { expect, test } from 'vitest';
import { boundText, doubleJson, doubleText, listJson, mapJson, stringJson } from './value-text.ts';

test.each<[number, string]>([
  [0, '0'],
  [-0, '-0'],
  [1, '1'],
  [0.1, '0.1'],
  [1e20, '100000000000000000000'],
  [1e21, '1e+21'],
  [1e-6, '0.000001'],
  [1e-7, '1e-7'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
])('the double %d is %s', (value, expected) => {
  expect(doubleText(value)).toBe(expected);
});

test.each<[number, string]>([
  [0.005, '0.005'],
  [10, '10'],
  [-0, '-0'],
  [1e21, '1000000000000000000000'],
  [1.25e22, '12500000000000000000000'],
  [-1.5e-7, '-0.00000015'],
  [5e-324, `0.${'0'.repeat(323)}5`],
  [Number.MAX_VALUE, `17976931348623157${'0'.repeat(292)}`],
  [Number.POSITIVE_INFINITY, '+Inf'],
])('the bound %d is %s', (value, expected) => {
  expect(boundText(value)).toBe(expected);
  if (Number.isFinite(value)) expect(Number(boundText(value))).toBe(value);
});

test('lists and maps are JSON as Go writes it', () => {
  expect(stringJson('a"<b>&\u2028')).toBe('"a\\"<b>&\\u2028"');
  expect(listJson(['1', stringJson('x'), doubleJson(Number.NaN)])).toBe('[1,"x","NaN"]');
  expect(
    mapJson([
      ['b', '1'],
      ['a', '2'],
      ['b', '3'],
    ]),
  ).toBe('{"a":2,"b":3}');
});
