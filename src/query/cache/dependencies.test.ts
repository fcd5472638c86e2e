import { expect, test } from 'vitest';
import { DEFAULT_ENGINE_OPTIONS, Engine } from '../../promql/eval/engine.ts';
import { parserOptions } from '../../promql/language/features.ts';
import { parseExpr } from '../../promql/language/parser.ts';
import { metricClass } from '../../storage/change-log.ts';
import { type Dependencies, dependenciesOf } from './dependencies.ts';

const FEATURES = ['promql-experimental-functions', 'promql-extended-range-selectors'];
const MINUTE = 60_000;

function of(query: string): Dependencies | undefined {
  const expr = parseExpr(query, parserOptions(FEATURES));
  const range = { startT: 1e9, endT: 1e9 + 60 * MINUTE, stepMs: MINUTE };
  const plan = new Engine().plan({ expr, query, ...range });
  return dependenciesOf(plan, DEFAULT_ENGINE_OPTIONS);
}

test.each<[query: string, beforeMinutes: number, afterMinutes: number]>([
  ['m', 5, 0],
  ['m offset 3m', 8, -3],
  ['m offset -3m', 2, 3],
  ['rate(m[10m])', 10, 0],
  ['rate(m[10m] offset 2m)', 12, -2],
  ['rate(m[10m] offset -2m)', 8, 2],
  ['increase(m[10m] smoothed)', 15, 5],
  ['increase(m[10m] anchored)', 15, 0],
  ['m smoothed', 5, 5],
  ['max_over_time(m[30m:1m])', 35, 0],
  ['max_over_time(rate(m[10m])[30m:1m] offset 5m)', 45, -5],
  ['max_over_time(m[30m:1m] offset -5m)', 30, 5],
  ['a offset 1h + b offset -1h', 65, 60],
  ['topk(scalar(k offset 1h), m)', 65, 0],
  ['info(m offset 7m)', 12, -7],
  ['m + on () topk(1, vector(1))', 5, 0],
])('%s reaches %d min back and %d min ahead', (query, beforeMinutes, afterMinutes) => {
  expect(of(query)).toMatchObject({
    beforeMs: beforeMinutes * MINUTE,
    afterMs: afterMinutes * MINUTE,
  });
});

test.each([
  '1',
  'time()',
  'm @ 5',
  'm @ start()',
  'rate(m[5m] @ end())',
  'max_over_time(m[5m:1m] @ 7)',
  'm + start()',
  'm + (end() - range())',
  'rate(m[range()])',
  'm offset (range() / 2)',
  'max_over_time(m[5m:range() / 10])',
  'm + on () topk(time() % 2, vector(1))',
])('%s is not for the cache', (query) => {
  expect(of(query)).toBeUndefined();
});

test('classes of the metrics named, or none', () => {
  expect(of('a + a + rate(b[5m])')!.metricClasses).toEqual([metricClass('a'), metricClass('b')]);
  expect(of('{__name__="a",x="y"}')!.metricClasses).toEqual([metricClass('a')]);
  expect(of('a + {x="y"}')!.metricClasses).toBeUndefined();
  expect(of('{__name__=~"a|b"}')!.metricClasses).toBeUndefined();
});
