import { expect, test } from 'vitest';
import { DEFAULT_ENGINE_OPTIONS, Engine } from '../promql/eval/engine.ts';
import { parserOptions } from '../promql/language/features.ts';
import { parseExpr } from '../promql/language/parser.ts';
import type { Database } from '../storage/interface.ts';
import { isSmallQuery } from './small-query.ts';

const engine = new Engine(DEFAULT_ENGINE_OPTIONS);

/** Metrics called `m<N>` have N series; of anything else it is not known. */
const mostSeries: NonNullable<Database['mostSeries']> = (matchers) =>
  Math.min(
    ...matchers.map(({ value }) => Number(/^m(\d+)$/.exec(value)?.[1] ?? Number.POSITIVE_INFINITY)),
  );

function isSmall(
  query: string,
  stepMs?: number,
  database: Partial<Database> = { mostSeries },
): boolean {
  const expr = parseExpr(query, parserOptions());
  const plan = engine.plan({
    expr,
    query,
    startT: 0,
    endT: stepMs === undefined ? 0 : 1e6,
    stepMs,
  });
  return isSmallQuery(plan, database as Database);
}

test.each([
  '1 + 1',
  'm256',
  'rate(m64[1h])',
  'sum by (a) (rate(m20[5m])) / m20',
  'm128 > m128',
  'm1[1h]',
  'm1{a!="b", c=~"d|e.*"}',
])('small: %s', (query) => expect(isSmall(query)).toBe(true));

test.each([
  ['too many series', 'm257'],
  ['too many series together', 'm128 + m129'],
  ['too many samples', 'rate(m65[1h])'],
  ['an unknown number of series', '{job="x"}'],
  ['a long range', 'rate(m1[61m])'],
  ['a subquery', 'max_over_time(m1[5m:1s])'],
  ['a regular expression', 'm1{a=~"[ab]+"}'],
  ['one in a call', 'label_replace(m1, "a", "$1", "b", "(.*)")'],
  ['a long text', `m1{a=~"${'x|'.repeat(1000)}"}`],
  ['many operations', Array.from({ length: 20 }, () => 'm1').join(' + ')],
])('not small: %s', (_, query) => expect(isSmall(query)).toBe(false));

test('a range query is not small, nor is one of a backend that cannot count', () => {
  expect(isSmall('m1', 60_000)).toBe(false);
  expect(isSmall('m1', undefined, {})).toBe(false);
});
