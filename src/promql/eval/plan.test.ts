import { describe, expect, test } from 'vitest';
import type { Expr } from '../language/ast.ts';
import { childrenOf } from '../language/walk.ts';
import { requestOf, type When } from './engine-testing.ts';
import { planQuery } from './plan.ts';
import { splitAggregates } from './split.ts';

const OPTIONS = { lookbackMs: 300_000, defaultSubqueryStepMs: 60_000 };
const RANGE: When = { startS: 1000, endS: 1600, stepS: 60 };

describe('what is selected, in seconds: after, up to', () => {
  const cases: [query: string, when: When, ranges: [after: number, to: number][]][] = [
    ['a', { startS: 1000 }, [[700, 1000]]],
    ['a', RANGE, [[700, 1600]]],
    // The last step is before the end.
    ['a', { startS: 1000, endS: 1050, stepS: 60 }, [[700, 1000]]],
    ['a offset 5m', RANGE, [[400, 1300]]],
    ['a @ 500', RANGE, [[200, 500]]],
    ['a @ end() offset 100', RANGE, [[1200, 1500]]],
    ['rate(a[10m])', RANGE, [[400, 1600]]],
    ['a[10m] offset -1m', { startS: 1000 }, [[460, 1060]]],
    ['rate(a[10m] anchored)', RANGE, [[100, 1600]]],
    ['rate(a[10m] smoothed)', RANGE, [[100, 1900]]],
    ['a smoothed', RANGE, [[700, 1900]]],
    // Steps of the subquery are at multiples of a minute: 960 … 1560.
    ['max_over_time(a[1m:])', RANGE, [[660, 1560]]],
    ['max_over_time(rate(a[2m])[10m:1m] offset 5m)', { startS: 1000 }, [[0, 660]]],
    ['max_over_time(a[10s:1m])', { startS: 1000 }, []],
    ['sum(a) / sum(a)', RANGE, [[700, 1600]]],
    [
      'a - a offset 1m',
      RANGE,
      [
        [700, 1600],
        [640, 1540],
      ],
    ],
    [
      'info(a @ 500, {x=~".+"})',
      RANGE,
      [
        [200, 500],
        [200, 500],
      ],
    ],
    ['vector(1) + time()', RANGE, []],
  ];
  test.each(cases)('%s %o', (query, when, ranges) => {
    const { selections } = planQuery(requestOf(query, when), OPTIONS);
    expect(selections.map(({ range }) => [(range.minT - 1) / 1000, range.maxT / 1000])).toEqual(
      ranges,
    );
  });

  test('a querier must cover all of it', () => {
    const { range } = planQuery(requestOf('a - a offset 1m', RANGE), OPTIONS);
    expect(range).toEqual({ minT: 640_001, maxT: 1_600_000 });
    expect(planQuery(requestOf('1', RANGE), OPTIONS).range).toEqual({ minT: 0, maxT: 0 });
  });
});

/** Kinds of the nodes that are evaluated once. */
function invariants(expr: Expr): string[] {
  if (expr.kind === 'stepInvariant') {
    return [expr.expr.kind === 'call' ? expr.expr.func : expr.expr.kind];
  }
  return childrenOf(expr).flatMap(invariants);
}

test.each([
  ['a @ 10', ['vectorSelector']],
  ['sum(rate(a[5m] @ 10))', ['aggregate']],
  ['a + b @ 10', ['vectorSelector']],
  ['a @ 10 + b @ 10', ['binary']],
  ['1 + 2', ['binary']],
  ['a * 2', []],
  ['time() - a @ 10', ['vectorSelector']],
  ['timestamp(a @ 10)', ['timestamp']],
  ['timestamp(abs(a @ 10))', ['abs']],
  ['predict_linear(a[5m] @ 10, 60)', []],
  ['max_over_time(a[5m:1m] @ 10)', ['max_over_time']],
  ['max_over_time(a[5m:1m])', []],
  ['max_over_time((a @ 10)[5m:1m])', ['paren']],
  // A parameter has no say, and what is constant in it is not looked for.
  ['topk(scalar(k), a @ 10)', ['aggregate']],
  ['topk(scalar(k @ 10), a)', []],
  ['topk(3, a @ 10)', ['aggregate']],
  ['end() - start()', ['binary']],
])('%s is evaluated once in %j', (query, expected) => {
  expect(invariants(planQuery(requestOf(query, RANGE), OPTIONS).expr)).toEqual(expected);
});

test.each([
  ['sum by (x) (rate(a[5m]))', 1],
  ['histogram_quantile(0.9, sum by (le) (rate(a[5m])))', 1],
  ['sum(a) / count(abs(a) * 2)', 2],
  ['sum(a + b)', 0],
  ['sum(a * scalar(b))', 0],
  ['sum(max by (x) (a))', 1],
  ['stddev(a)', 0],
  ['topk(1, a)', 0],
  ['max_over_time(sum(a)[5m:1m])', 0],
  ['sum(a @ 10)', 0],
  ['max(max_over_time(a[5m:1m]))', 0],
])('%s has %i aggregations for several threads', (query, count) => {
  expect(splitAggregates(planQuery(requestOf(query, RANGE), OPTIONS))).toHaveLength(count);
});
