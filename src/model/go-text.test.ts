import { expect, test } from 'vitest';
import { formatF, formatG, formatGDigits, formatSixDecimals, quote } from './go-text.ts';

test.each<[value: number, g: string, f: string]>([
  [0, '0', '0'],
  [-0, '-0', '-0'],
  [0.1, '0.1', '0.1'],
  [100_000, '100000', '100000'],
  [1e6, '1e+06', '1000000'],
  [-1.5e-7, '-1.5e-07', '-0.00000015'],
  [0.0001, '0.0001', '0.0001'],
  [1e-5, '1e-05', '0.00001'],
  [1.25e21, '1.25e+21', '1250000000000000000000'],
  [5e-324, '5e-324', `0.${'0'.repeat(323)}5`],
  [Number.NaN, 'NaN', 'NaN'],
  [Number.POSITIVE_INFINITY, '+Inf', '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf', '-Inf'],
])('%d as Go prints it', (value, g, f) => {
  expect([formatG(value), formatF(value)]).toEqual([g, f]);
});

test.each<[value: number, digits: number, text: string]>([
  [1 / 3, 3, '0.333'],
  [2.5, 3, '2.5'],
  [999_999, 3, '1e+06'],
  [123_456, 6, '123456'],
  [-0.000_012_345, 2, '-1.2e-05'],
])('%d in %d digits', (value, digits, text) => {
  expect(formatGDigits(value, digits)).toBe(text);
});

test('six decimals', () => {
  expect([0.5, -2, 1e22, 1 / 3, Number.NaN].map(formatSixDecimals)).toEqual([
    '0.500000',
    '-2.000000',
    '10000000000000000000000.000000',
    '0.333333',
    'NaN',
  ]);
});

test('texts in quotes have the escapes of Go', () => {
  expect(quote('a"b\\c\n\t\x07\x00é')).toBe('"a\\"b\\\\c\\n\\t\\a\\x00é"');
  expect(quote('\u200b\u{e0001}\udc80 ☃')).toBe('"\\u200b\\U000e0001\\x80 ☃"');
});
