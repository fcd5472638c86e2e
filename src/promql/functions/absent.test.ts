import { describe, expect, test } from 'vitest';
import { labelsToObject } from '../../model/labels.ts';
import type { Matcher, MatchType } from '../../model/matcher.ts';
import type { Expr } from '../language/ast.ts';
import { absentLabels } from './absent.ts';
import { callFunction, histogramOf, rowOf, selectorExpr } from './function-testing.ts';

function matchers(...parts: [name: string, type: MatchType, value: string][]): Matcher[] {
  return parts.map(([name, type, value]) => ({ name, type, value }));
}

describe('labels of what is absent', () => {
  const of = (expr: Expr): Record<string, string> => labelsToObject(absentLabels(expr));
  const selector = selectorExpr({
    matchers: matchers(
      ['job', '=', 'a'],
      ['zone', '=~', 'b'],
      ['host', '!=', 'c'],
      ['twice', '=', 'd'],
      ['twice', '=', 'd'],
      ['empty', '=', ''],
      ['__name__', '=', 'up'],
    ),
  });

  test('those that are asked to be equal, once, without the name', () => {
    expect(of(selector)).toEqual({ job: 'a' });
  });

  test.each([
    ['!=', 'x', {}],
    ['!~', 'x.*', {}],
    // What must be there is looked up in the order written.
    ['!~', 'x*', { a: 'y' }],
    ['=~', 'y.*', { a: 'y' }],
  ] as const)('a label that must also be %s %s', (type, value, expected) => {
    const one = ['a', '=', 'y'] as const;
    expect(of(selectorExpr({ matchers: matchers(['a', type, value], [...one]) }))).toEqual(
      expected,
    );
    expect(of(selectorExpr({ matchers: matchers([...one], ['a', type, value]) }))).toEqual({});
  });

  test('range selectors and parentheses are looked into, nothing else', () => {
    const span = { start: 0, end: 1 };
    const matrix: Expr = {
      kind: 'matrixSelector',
      span,
      selector,
      rangeMs: 1,
      rangeExpr: undefined,
    };
    expect(of({ kind: 'paren', span, expr: matrix })).toEqual({ job: 'a' });
    expect(of({ kind: 'unary', span, op: '-', expr: selector })).toEqual({});
  });
});

test('absent() is 1 where there is nothing, not even a histogram', () => {
  const steps = { startT: 0, stepMs: 1, count: 3 };
  const rows = [rowOf({}, [1, undefined, undefined]), rowOf({}, [1, histogramOf([1]), undefined])];
  expect(callFunction('absent', [rows], steps).series).toEqual([
    { labels: [], values: [undefined, undefined, 1] },
  ]);
  expect(callFunction('absent', [[]], steps).series[0]!.values).toEqual([1, 1, 1]);
});
