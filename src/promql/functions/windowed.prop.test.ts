// Functions over windows against the plainest way to compute each: take the samples of one window, and
// calculate.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callRange, type Point, type RangeCall } from './function-testing.ts';

type Sample = readonly [t: number, value: number, startT: number];
type Naive = (window: readonly Sample[], startT: number, endT: number) => number | undefined;

const values = (window: readonly Sample[]): number[] => window.map(([, value]) => value);

function neumaier(numbers: readonly number[]): number {
  let [sum, lost] = [0, 0];
  for (const value of numbers) {
    const next = sum + value;
    if (Math.abs(next) === Infinity) lost = 0;
    else lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return sum + lost;
}

function best(window: readonly Sample[], isBetter: (a: number, b: number) => boolean): Sample {
  let found = window[0]!;
  for (const sample of window) {
    if (isBetter(sample[1], found[1]) || Number.isNaN(found[1])) found = sample;
  }
  return found;
}

function countPairs(
  window: readonly Sample[],
  happened: (a: Sample, b: Sample) => boolean,
): number {
  return window.slice(1).filter((sample, i) => happened(window[i]!, sample)).length;
}

const isStartReset = ([t0, , s0]: Sample, [t1, , s1]: Sample): boolean =>
  s1 !== 0 && s1 < t1 && (s1 > t0 || (s1 === t0 && s0 !== 0 && s0 < t0));

function rate(isCounter: boolean, isRate: boolean, useStart: boolean): Naive {
  return (window, startT, endT) => {
    const [first, last] = [window[0]!, window.at(-1)!];
    let result = last[1] - first[1];
    for (let i = 1; i < window.length && isCounter; i++) {
      const [a, b] = [window[i - 1]!, window[i]!];
      if (b[1] < a[1] || (useStart && isStartReset(a, b))) result += a[1];
    }
    let sampled = last[0] - first[0];
    const average = window.length < 2 ? 0 : sampled / (window.length - 1);
    let toStart = first[0] - startT;
    let toEnd = endT - last[0];
    const zero = useStart ? first[2] : 0;
    if (zero !== 0 && zero > startT && zero < first[0]) {
      result += first[1];
      sampled = last[0] - zero;
      toStart = 0;
    } else if (window.length < 2) {
      return undefined;
    } else {
      if (toStart >= average * 1.1) toStart = average / 2;
      if (isCounter && result > 0 && first[1] >= 0) {
        toStart = Math.min(toStart, sampled * (first[1] / result));
      }
    }
    if (toEnd >= average * 1.1) toEnd = average / 2;
    const factor = (sampled + toStart + toEnd) / sampled;
    return result * (isRate ? factor / (endT - startT) : factor);
  };
}

function lastTwo(isRate: boolean): Naive {
  return (window) => {
    const [a, b] = window.slice(-2);
    if (a === undefined || b === undefined) return undefined;
    if (!isRate) return b[1] - a[1];
    return (b[1] < a[1] ? b[1] : b[1] - a[1]) / (b[0] - a[0]);
  };
}

function quantile(q: number, numbers: readonly number[]): number {
  const order = (a: number, b: number): number => {
    if (Number.isNaN(a) || Number.isNaN(b))
      return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
    return a === b ? 0 : a - b;
  };
  const sorted = [...numbers].sort(order);
  const rank = q * (sorted.length - 1);
  const lower = Math.floor(rank);
  const upper = Math.min(sorted.length - 1, lower + 1);
  const weight = rank - lower;
  return sorted[lower]! * (1 - weight) + sorted[upper]! * weight;
}

function mad(window: readonly Sample[]): number {
  const numbers = values(window);
  if (numbers.some(Number.isNaN)) return NaN;
  const median = quantile(0.5, numbers);
  return quantile(
    0.5,
    numbers.map((value) => Math.abs(value - median)),
  );
}

/** To be equal to the last bit. */
const EXACT: Record<string, Naive> = {
  rate: rate(true, true, false),
  increase: rate(true, false, false),
  delta: rate(false, false, false),
  irate: lastTwo(true),
  idelta: lastTwo(false),
  resets: (window) => countPairs(window, (a, b) => b[1] < a[1]),
  changes: (window) => countPairs(window, (a, b) => !Object.is(a[1] + 0, b[1] + 0)),
  sum_over_time: (window) => neumaier(values(window)),
  count_over_time: (window) => window.length,
  present_over_time: () => 1,
  first_over_time: (window) => window[0]![1],
  last_over_time: (window) => window.at(-1)![1],
  ts_of_first_over_time: (window) => window[0]![0],
  ts_of_last_over_time: (window) => window.at(-1)![0],
  max_over_time: (window) => best(window, (a, b) => a > b)[1],
  min_over_time: (window) => best(window, (a, b) => a < b)[1],
  ts_of_max_over_time: (window) => best(window, (a, b) => a >= b)[0],
  ts_of_min_over_time: (window) => best(window, (a, b) => a <= b)[0],
  quantile_over_time: (window) => quantile(0.3, values(window)),
  mad_over_time: mad,
};

const finite = fc.oneof(
  fc.integer({ min: -5, max: 20 }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
);
const any = fc.oneof(
  { weight: 8, arbitrary: finite },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, 1e308, -1e308) },
);

/** Times on whole seconds, so that the plain arithmetic in seconds is exact too. */
function series(value: fc.Arbitrary<number>): fc.Arbitrary<Sample[]> {
  return fc
    .array(fc.tuple(fc.integer({ min: 1, max: 9 }), value, fc.integer({ min: 0, max: 12 })), {
      maxLength: 40,
    })
    .map((rows) => {
      let t = 0;
      return rows.map(([gap, v, age]) => {
        t += gap;
        return [t, v, age > 9 || age > t ? 0 : t - age] as const;
      });
    });
}

const calls: fc.Arbitrary<RangeCall> = fc.record({
  range: fc.integer({ min: 1, max: 60 }),
  end: fc.integer({ min: -10, max: 80 }),
  step: fc.integer({ min: 0, max: 20 }),
  count: fc.integer({ min: 1, max: 12 }),
});

interface Window {
  readonly window: readonly Sample[];
  readonly startT: number;
  readonly endT: number;
}

function windowsOf(samples: readonly Sample[], call: RangeCall): Window[] {
  return Array.from({ length: call.count! }, (_, i) => {
    const endT = call.end + i * call.step!;
    const startT = endT - call.range;
    return { window: samples.filter(([t]) => t > startT && t <= endT), startT, endT };
  });
}

function expected(
  naive: Naive,
  samples: readonly Sample[],
  call: RangeCall,
): (number | undefined)[] {
  return windowsOf(samples, call).map(({ window, startT, endT }) =>
    window.length === 0 ? undefined : naive(window, startT, endT),
  );
}

const scalarsOf: Record<string, number[]> = { quantile_over_time: [0.3] };

/** In an order of more than a dozen values it is open which of -0 and 0 comes first. */
const DOZEN = 12;

function comparable(
  name: string,
  windows: readonly (readonly Sample[])[],
  results: readonly unknown[],
): readonly unknown[] {
  if (name !== 'quantile_over_time') return results;
  return results.map((value, i) =>
    typeof value === 'number' && windows[i]!.length > DOZEN ? value + 0 : value,
  );
}

describe('functions over windows equal the plain computation', () => {
  for (const [name, naive] of Object.entries(EXACT)) {
    test(name, () => {
      fc.assert(
        fc.property(series(any), calls, (samples, call) => {
          const points = samples.map(([t, v]): Point => [t, v]);
          const result = callRange(name, points, { ...call, scalars: scalarsOf[name] ?? [] });
          const wanted = expected(naive, samples, call);
          const windows = windowsOf(samples, call).map(({ window }) => window);
          const got = comparable(name, windows, result.values);
          expect(got).toEqual(comparable(name, windows, wanted));
          expect(result.remarks).toEqual([]);
        }),
      );
    });
  }

  const WITH_START_TIMES: Record<string, Naive> = {
    rate: rate(true, true, true),
    increase: rate(true, false, true),
    resets: (window) => countPairs(window, (a, b) => b[1] < a[1] || isStartReset(a, b)),
  };
  for (const [name, naive] of Object.entries(WITH_START_TIMES)) {
    test(`${name} with start timestamps`, () => {
      fc.assert(
        fc.property(series(any), calls, (samples, call) => {
          const options = { useStartTimestamps: true };
          const result = callRange(name, samples, { ...call, options });
          expect(result.values).toEqual(expected(naive, samples, call));
        }),
      );
    });
  }
});

describe('functions of sums are as exact as can be', () => {
  const CLOSE: Record<string, Naive> = {
    avg_over_time: (window) => neumaier(values(window)) / window.length,
    stdvar_over_time: variance,
    stddev_over_time: (window) => Math.sqrt(variance(window)),
    deriv: (window) => (window.length < 2 ? undefined : slope(window)),
  };
  for (const [name, naive] of Object.entries(CLOSE)) {
    test(name, () => {
      fc.assert(
        fc.property(series(fc.integer({ min: -1000, max: 1000 })), calls, (samples, call) => {
          const points = samples.map(([t, v]): Point => [t, v]);
          const { values: actual } = callRange(name, points, call);
          expected(naive, samples, call).forEach((value, i) => {
            if (value === undefined) expect(actual[i]).toBeUndefined();
            else expect(actual[i]).toBeCloseTo(value, 8);
          });
        }),
      );
    });
  }

  function variance(window: readonly Sample[]): number {
    const mean = neumaier(values(window)) / window.length;
    return neumaier(values(window).map((value) => (value - mean) ** 2)) / window.length;
  }

  function slope(window: readonly Sample[]): number {
    const meanT = neumaier(window.map(([t]) => t)) / window.length;
    const mean = neumaier(values(window)) / window.length;
    const over = neumaier(window.map(([t, value]) => (t - meanT) * (value - mean)));
    return over / neumaier(window.map(([t]) => (t - meanT) ** 2));
  }
});
