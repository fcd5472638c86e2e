// What OpenTSDB's aggregators make of several values, and what they take for a value that is missing.

import type { AggregatorName } from '../protocol/opentsdb/query/query.ts';

/** In the place of a point that a series lacks between two that it has. */
export type Interpolation = 'linear' | 'previous' | 'zero' | 'largest' | 'smallest';

const INTERPOLATIONS: Readonly<Partial<Record<AggregatorName, Interpolation>>> = {
  zimsum: 'zero',
  count: 'zero',
  first: 'zero',
  last: 'zero',
  squareSum: 'zero',
  none: 'zero',
  pfsum: 'previous',
  mimmin: 'largest',
  mimmax: 'smallest',
};

export function interpolationOf(aggregator: AggregatorName): Interpolation {
  return INTERPOLATIONS[aggregator] ?? 'linear';
}

/** Percentiles by their aggregators. */
const PERCENTILES: Readonly<Partial<Record<AggregatorName, number>>> = {
  p50: 50,
  p75: 75,
  p90: 90,
  p95: 95,
  p99: 99,
  p999: 99.9,
};

/** One value of the first `count` ≥ 1 of `values`, which may be reordered. NaN stands for a value that is missing. */
export function reduce(aggregator: AggregatorName, values: Float64Array, count: number): number {
  switch (aggregator) {
    case 'first':
    case 'none':
      return values[0]!;
    case 'last':
      return values[count - 1]!;
    case 'mult':
      return product(values, count);
    case 'diff':
      return difference(values, count);
    default: {
      const present = dropMissing(values, count);
      if (aggregator === 'count') return present;
      return present === 0 ? Number.NaN : reducePresent(aggregator, values, present);
    }
  }
}

function reducePresent(aggregator: AggregatorName, values: Float64Array, count: number): number {
  switch (aggregator) {
    case 'avg':
      return sum(values, count) / count;
    case 'min':
    case 'mimmin':
      return extreme(values, count, Math.min);
    case 'max':
    case 'mimmax':
      return extreme(values, count, Math.max);
    case 'squareSum':
      return squareSum(values, count);
    case 'dev':
      return deviation(values, count);
    case 'median':
      return sorted(values, count)[Math.floor(count / 2)]!;
    default: {
      const percent = PERCENTILES[aggregator];
      return percent === undefined ? sum(values, count) : percentile(values, count, percent);
    }
  }
}

/** Moves the values that are there to the front; answers how many there are. */
function dropMissing(values: Float64Array, count: number): number {
  let present = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    if (!Number.isNaN(value)) values[present++] = value;
  }
  return present;
}

function sum(values: Float64Array, count: number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += values[i]!;
  return total;
}

function squareSum(values: Float64Array, count: number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += values[i]! ** 2;
  return total;
}

function product(values: Float64Array, count: number): number {
  let total = values[0]!;
  for (let i = 1; i < count; i++) total *= values[i]!;
  return total;
}

function extreme(
  values: Float64Array,
  count: number,
  choose: (a: number, b: number) => number,
): number {
  let found = values[0]!;
  for (let i = 1; i < count; i++) found = choose(found, values[i]!);
  return found;
}

/** The last value less the first one that is there. */
function difference(values: Float64Array, count: number): number {
  let first = 0;
  while (first < count && Number.isNaN(values[first]!)) first++;
  if (first === count) return Number.NaN;
  return first === count - 1 ? 0 : values[count - 1]! - values[first]!;
}

/** Standard deviation of a whole population, in one pass. */
function deviation(values: Float64Array, count: number): number {
  let mean = 0;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    const distance = value - mean;
    mean += distance / (i + 1);
    squares += distance * (value - mean);
  }
  return Math.sqrt(squares / count);
}

/** As Apache's Commons Math computes it by default: ranks of 1…n are spread over percents of n + 1. */
function percentile(values: Float64Array, count: number, percent: number): number {
  const ranked = sorted(values, count);
  const position = (percent * (count + 1)) / 100;
  if (position < 1) return ranked[0]!;
  if (position >= count) return ranked[count - 1]!;
  const below = Math.floor(position);
  const lower = ranked[below - 1]!;
  return lower + (position - below) * (ranked[below]! - lower);
}

function sorted(values: Float64Array, count: number): Float64Array {
  return values.subarray(0, count).sort();
}
