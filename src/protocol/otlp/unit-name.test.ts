import { expect, test } from 'vitest';
import { unitName } from './unit-name.ts';

const CASES: readonly [unit: string, expected: string][] = [
  ['s', 'seconds'],
  ['By/s', 'bytes_per_second'],
  ['1', ''],
  ['', ''],
  ['{request}', ''],
  ['{request}/s', 'per_second'],
  ['By/{request}', 'bytes'],
  ['ms', 'milliseconds'],
  ['KiBy/min', 'kibibytes_per_min'],
  ['m/y', 'meters_per_year'],
  ['d', 'days'],
  ['%', 'percent'],
  ['apples', 'apples'],
  ['_odd_', 'odd'],
  ['a  b', 'a_b'],
  ['°F', 'F'],
];

test.each(CASES)('%j is %j', (unit, expected) => {
  expect(unitName(unit)).toBe(expected);
});
