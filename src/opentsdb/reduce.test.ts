import { expect, it } from 'vitest';
import { AGGREGATORS, type AggregatorName } from '../protocol/opentsdb/query/query.ts';
import { reduce } from './reduce.ts';

function of(aggregator: AggregatorName, ...values: number[]): number {
  // Longer than what counts.
  return reduce(aggregator, Float64Array.from([...values, 999]), values.length);
}

const EXPECTED: Readonly<Record<AggregatorName, readonly [number, number]>> = {
  avg: [3, 4],
  count: [4, 2],
  dev: [Math.sqrt(3.5), 3],
  diff: [1, 6],
  first: [2, Number.NaN],
  last: [3, 7],
  max: [6, 7],
  median: [3, 7],
  mimmax: [6, 7],
  mimmin: [1, 1],
  min: [1, 1],
  mult: [36, Number.NaN],
  none: [2, Number.NaN],
  p50: [2.5, 4],
  p75: [5.25, 7],
  p90: [6, 7],
  p95: [6, 7],
  p99: [6, 7],
  p999: [6, 7],
  pfsum: [12, 8],
  squareSum: [50, 50],
  sum: [12, 8],
  zimsum: [12, 8],
};

it.each(AGGREGATORS)('%s', (aggregator) => {
  const [plain, withMissing] = EXPECTED[aggregator];
  expect(of(aggregator, 2, 1, 6, 3)).toBeCloseTo(plain, 12);
  const missing = of(aggregator, Number.NaN, 1, 7);
  if (Number.isNaN(withMissing)) expect(missing).toBeNaN();
  else expect(missing).toBeCloseTo(withMissing, 12);
});

it('of nothing but missing values is missing', () => {
  for (const aggregator of AGGREGATORS) {
    if (aggregator === 'count') expect(of(aggregator, Number.NaN)).toBe(0);
    else expect([aggregator, of(aggregator, Number.NaN)]).toEqual([aggregator, Number.NaN]);
  }
});

it('of one value is that value', () => {
  const odd: Partial<Record<AggregatorName, number>> = { count: 1, dev: 0, diff: 0, squareSum: 25 };
  for (const aggregator of AGGREGATORS) {
    expect([aggregator, of(aggregator, 5)]).toEqual([aggregator, odd[aggregator] ?? 5]);
  }
});
