import { expect, test } from 'vitest';
import { resolveDurations } from './duration-expression.ts';
import { LANGUAGE_FEATURES, parserOptions } from './features.ts';
import { parseExpr } from './parser.ts';

function resolve(query: string, stepMs = 30_000, rangeMs = 3_600_000) {
  const expr = parseExpr(query, parserOptions(LANGUAGE_FEATURES));
  return resolveDurations(expr, { stepMs, rangeMs }, query);
}

test.each<[duration: string, ms: number]>([
  ['5m', 300_000],
  ['(5m)', 300_000],
  ['1m + 30s', 90_000],
  ['1m - 30', 30_000],
  ['2 * 1m * 3', 360_000],
  ['1h / 7', 514_285],
  ['10m % 3m', 60_000],
  ['2 ^ 3 ^ 2', 512_000],
  ['-(1m - 2m)', 60_000],
  ['-2^2 + 5', 1000],
  ['step()', 30_000],
  ['step() * 4', 120_000],
  ['range() / 60', 60_000],
  ['min_of(step(), 1m)', 30_000],
  ['max_of(step(), 1m)', 60_000],
  ['0.0015 + 0', 1],
])('a[%s] is %i ms', (duration, ms) => {
  expect(resolve(`a[${duration}]`)).toMatchObject({ rangeMs: ms });
});

test('everywhere in a tree', () => {
  const expr = resolve('sum(-(a offset step())) + max_over_time(a[1m+1m:step()] offset (-1m*2))');
  expect(expr).toMatchObject({
    lhs: { expr: { expr: { expr: { offsetMs: 30_000 } } } },
    rhs: { args: [{ rangeMs: 120_000, stepMs: 30_000, offsetMs: -120_000 }] },
  });
});

test('an offset may be 0, a range not', () => {
  expect(resolve('a offset step()', 0)).toMatchObject({ offsetMs: 0 });
  expect(() => resolve('a[step()]', 0)).toThrow('2:8: duration must be greater than 0');
});

test.each<[query: string, message: string]>([
  ['a[1m - 2m]', '2:9: duration must be greater than 0'],
  ['a[1m / (5 - 5)]', '2:13: division by zero'],
  ['a[1m % (5 - 5)]', '2:13: modulo by zero'],
  ['a[(0 - 1) ^ 0.5]', '3:15: duration is NaN or infinite'],
  ['a[9e9 * 9e9]', '2:11: duration is out of range'],
  ['{"é"} offset (1 / (1 - 1))', '15:25: division by zero'],
  ['a[1m:1m - 1m]', '5:12: duration must be greater than 0'],
])('refuses %s', (query, message) => {
  expect(() => resolve(query)).toThrow(
    expect.objectContaining({ code: 'PROMQL_DURATION', kind: 'bad_data', message }),
  );
});
