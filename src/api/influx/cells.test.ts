import { expect, test } from 'vitest';
import {
  parseEpoch,
  printEpoch,
  printNumber,
  printPlainNumber,
  printRfc3339,
  printString,
} from './cells.ts';
import { PrettyPrinter } from './pretty-results.ts';

test.each([
  ['n', '1700000000123000000'],
  ['u', '1700000000123000'],
  ['ms', '1700000000123'],
  ['s', '1700000000'],
  ['m', '28333333'],
  ['h', '472222'],
] as const)('times in %s', (epoch, text) => {
  expect(printEpoch(1_700_000_000_123, epoch)).toBe(text);
  expect(printEpoch(0, epoch)).toBe('0');
});

test('units are cut off towards zero, anything unknown is nanoseconds', () => {
  expect(printEpoch(-1500, 's')).toBe('-1');
  expect(printEpoch(-500, 's')).toBe('0');
  expect(printEpoch(1_700_000_000_000_000_001n, 'n')).toBe('1700000000000000001');
  expect(['', 'ns', 'µ', 'x', 'ms'].map(parseEpoch)).toEqual(['text', 'n', 'n', 'n', 'ms']);
});

test('times as texts have as many decimals as they need', () => {
  expect(printRfc3339(1_700_000_000_000, undefined)).toBe('2023-11-14T22:13:20Z');
  expect(printRfc3339(1_700_000_000_500, undefined)).toBe('2023-11-14T22:13:20.5Z');
  expect(printRfc3339(1_700_000_000_000_000_001n, undefined)).toBe(
    '2023-11-14T22:13:20.000000001Z',
  );
  expect(printRfc3339(1_700_000_000_500, 'Europe/Berlin')).toBe('2023-11-14T23:13:20.5+01:00');
  expect(printRfc3339(1_700_000_000_000, 'Asia/Kolkata')).toBe('2023-11-15T03:43:20+05:30');
  expect(printRfc3339(1_700_000_000_000, 'America/New_York')).toBe('2023-11-14T17:13:20-05:00');
});

test.each([
  [1e21, '1e+21', '1000000000000000000000'],
  [1e-7, '1e-7', '0.0000001'],
  [1.5e-9, '1.5e-9', '0.0000000015'],
  [-0, '-0', '-0'],
  [0.1, '0.1', '0.1'],
])('%d as a float', (value, json, csv) => {
  expect(printNumber(value, 'float')).toBe(json);
  expect(printPlainNumber(value, 'float')).toBe(csv);
});

test('whole numbers have all their digits, what is no number has none', () => {
  expect(printNumber(2 ** 62, 'integer')).toBe('4611686018427387904');
  expect(printNumber(Number.POSITIVE_INFINITY, 'float')).toBeUndefined();
  expect(printNumber(Number.NaN, 'float')).toBeUndefined();
});

test('texts are escaped as Go escapes them', () => {
  expect(printString('a<b>&c')).toBe('"a\\u003cb\\u003e\\u0026c"');
  expect(printString('\b\f\n\u2028\\b')).toBe('"\\u0008\\u000c\\n\\u2028\\\\b"');
});

test('pretty JSON does not depend on where it is cut', () => {
  const value = {
    results: [{ statement_id: 0, series: [{ columns: ['a"]{'], values: [[1, null, '\\']] }] }, {}],
    none: [],
  };
  const text = JSON.stringify(value);
  const wanted = JSON.stringify(value, undefined, 4);
  for (let at = 0; at <= text.length; at++) {
    const printer = new PrettyPrinter();
    expect(printer.push(text.slice(0, at)) + printer.push(text.slice(at))).toBe(wanted);
  }
});
