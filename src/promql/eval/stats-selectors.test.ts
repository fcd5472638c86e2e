import { describe, expect, test } from 'vitest';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { parserOptions } from '../language/features.ts';
import { parseExpr } from '../language/parser.ts';
import { selectorsOf } from '../language/walk.ts';
import { evaluate, seriesOf } from './engine-testing.ts';
import type { QueryResult } from './interface.ts';
import { markStatsSelectors } from './stats-selectors.ts';
import type { StepSeries } from './step-series.ts';

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
    ['histogram_quantile(scalar(histogram_count(a)), b)', []],
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

test('a reset that only buckets show is known although they are not read', async () => {
  const source = seriesOf(
    60,
    `reset {{count:4 buckets:[1 2 1]}} {{count:5 buckets:[1 1 3]}} {{count:6 buckets:[1 2 3]}}
     steady {{count:4 buckets:[1 2 1]}} {{count:5 buckets:[2 2 1]}} {{count:6 buckets:[2 2 2]}}`,
  );
  const increase = await evaluate(source, 'histogram_count(increase(reset[3m]))', { startS: 120 });
  const whole = await evaluate(source, 'increase(reset[3m])', { startS: 120 });
  expect(floatOf(increase)).toBe(histogramOf(whole).count);

  const sum = 'histogram_count(sum({__name__=~".+"}))';
  const during = await evaluate(source, sum, { startS: 60 });
  expect(during.annotations.map(({ text }) => text)).toEqual([
    'conflicting counter resets during histogram aggregation',
  ]);
  const after = await evaluate(source, sum, { startS: 120 });
  expect(after.annotations).toEqual([]);
});

function rowOf({ value }: QueryResult): StepSeries {
  if (value.type !== 'vector') throw new Error(`a ${value.type}, not a vector`);
  return value.series[0]!;
}

function floatOf(result: QueryResult): number {
  return rowOf(result).values[0]!;
}

function histogramOf(result: QueryResult): FloatHistogram {
  return rowOf(result).histograms![0]!;
}
