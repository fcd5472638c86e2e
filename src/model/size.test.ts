import { expect, test } from 'vitest';
import { parseSize, printSize } from './size.ts';

test.each([
  ['0', 0],
  ['4096', 4096],
  ['32MiB', 33_554_432],
  ['1.5KiB', 1536],
  ['10MB', 10_000_000],
  ['1 GiB', 1_073_741_824],
])('parses %s', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each(['', 'MiB', '-1', '1XB', '1Ki', '0.3B', '1e3'])('refuses %j', (text) => {
  expect(parseSize(text)).toBeUndefined();
});

test('prints the largest exact unit', () => {
  expect([0, 1, 1024, 1536, 33_554_432].map(printSize)).toEqual([
    '0B',
    '1B',
    '1KiB',
    '1536B',
    '32MiB',
  ]);
});
