import { describe, expect, test } from 'vitest';
import { parserOptions } from '../language/features.ts';
import { parseExpr } from '../language/parser.ts';
import { selectorsOf } from '../language/walk.ts';
import { markStatsSelectors } from './stats-selectors.ts';

/** Names of the selectors that are marked. */
function marked(query: string): string[] {
  return selectorsOf(markStatsSelectors(parseExpr(query, parserOptions())))
    .filter(({ statsOnly }) => statsOnly === true)
    .map(({ name }) => name);
}

describe('selectors are asked for stats only', () => {
  const cases: [query: string, names: string[]][] = [
    ['histogram_count(a)', ['a']],
    ['histogram_sum(rate(a[5m])) / histogram_count(rate(b[5m]))', ['a', 'b']],
    ['histogram_avg(sum by (job) (a) + b)', ['a', 'b']],
    ['histogram_count(a) + b', ['a']],
    ['a', []],
    ['rate(a[5m])', []],
    ['histogram_quantile(0.5, a) + histogram_count(b)', ['b']],
    ['histogram_count(a unless histogram_quantile(0.5, b) < 3)', ['a']],
    ['histogram_fraction(0, 1, a) and histogram_count(b)', ['b']],
    ['histogram_quantile(histogram_count(a), b)', []],
    ['histogram_count(increase(a[40m:9m]))', []],
    ['max_over_time(histogram_count(a)[40m:9m])', []],
    ['histogram_count(a </ 3)', []],
    ['histogram_count(a) >/ 3', []],
    ['-(histogram_sum(a @ 10))', ['a']],
  ];
  test.each(cases)('%s', (query, names) => {
    expect(marked(query)).toEqual(names);
  });
});

test('a tree without such a function is returned as it is', () => {
  const expr = parseExpr('sum(rate(a[5m]))', parserOptions());
  expect(markStatsSelectors(expr)).toBe(expr);
});
