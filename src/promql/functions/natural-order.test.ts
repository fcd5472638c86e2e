import { expect, test } from 'vitest';
import { compareNatural } from './natural-order.ts';

test('runs of digits count as numbers', () => {
  const sorted = [
    '',
    '1',
    '2',
    '10',
    '10a',
    '10b',
    '10b1',
    '999999999999999999999',
    'a',
    'a1',
    'a2',
    'a2b',
    'a10',
    'b',
  ];
  const shuffled = [...sorted].reverse();
  expect(shuffled.sort(compareNatural)).toEqual(sorted);
});

test('leading zeros do not matter', () => {
  expect(compareNatural('a01', 'a1')).toBe(0);
  expect(compareNatural('a00', 'a0')).toBe(0);
  expect(compareNatural('a02', 'a1')).toBeGreaterThan(0);
});
