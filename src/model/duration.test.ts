import { expect, test } from 'vitest';
import { parseDuration, printDuration } from './duration.ts';

test.each([
  ['0', 0],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['400d', 400 * 86_400_000],
  ['1y2w3d4h5m6s7ms', 365 * 86_400_000 + 14 * 86_400_000 + 3 * 86_400_000 + 14_706_007],
  ['15ms', 15],
])('parses %s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '5', 'm', '1.5h', '-5m', '5m1h', '1h1h', ' 5m', '99999999999999y'])(
  'refuses %j',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test.each(['0s', '400d', '1h30m', '2w', '1y', '1s500ms'])('prints %s as it was read', (text) => {
  expect(printDuration(parseDuration(text)!)).toBe(text);
});
