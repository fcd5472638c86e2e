import { describe, expect, test } from 'vitest';
import { ResetHint } from '../../model/native-histogram.ts';
import { FloatHistogram } from '../histogram/float-histogram.ts';
import { callRange, histogramOf, type Point, type RangeCall } from './function-testing.ts';

const MINUTE: RangeCall = { range: 60, end: 60 };

/** Every 15 s from `start` on. */
function every15(values: readonly (number | FloatHistogram)[], start = 15): Point[] {
  return values.map((value, i) => [start + 15 * i, value]);
}

function only(name: string, points: readonly Point[], call: RangeCall): unknown {
  const { values } = callRange(name, points, call);
  expect(values).toHaveLength(1);
  return values[0];
}

describe('extrapolation', () => {
  test('reaches both ends of the window where the next sample would be due', () => {
    expect(only('increase', every15([100, 115, 130, 145]), MINUTE)).toBe(60);
    expect(only('rate', every15([100, 115, 130, 145]), MINUTE)).toBeCloseTo(1, 12);
  });

  test('goes half an interval beyond the samples where the window is much wider', () => {
    const points = every15([100, 115, 130], 100);
    expect(only('increase', points, { range: 100, end: 160 })).toBe(45);
  });

  test('a threshold that is just met counts as much wider', () => {
    // Average 10 s, threshold 11 s: the first is 11 s after the start.
    const points: Point[] = [
      [11, 100],
      [21, 110],
      [31, 120],
    ];
    expect(only('delta', points, { range: 31, end: 31 })).toBe(25);
  });

  test('a counter is not extrapolated below zero, after the threshold was applied', () => {
    const points: Point[] = [
      [10, 1],
      [20, 11],
      [30, 21],
    ];
    // To zero is 1 s, half an interval would be 5 s.
    expect(only('increase', points, { range: 30, end: 30 })).toBeCloseTo(21, 10);
    // Far from zero half an interval is the least.
    const high: Point[] = [
      [20, 1000],
      [30, 1010],
      [40, 1020],
    ];
    expect(only('increase', high, { range: 40, end: 40 })).toBe(25);
  });

  test('a gauge may be extrapolated below zero', () => {
    const points: Point[] = [
      [10, 1],
      [20, 11],
      [30, 21],
    ];
    expect(only('delta', points, { range: 30, end: 30 })).toBe(30);
  });

  test('nothing of one sample, of none, nor of one at the open end of the window', () => {
    expect(only('rate', [[30, 1]], MINUTE)).toBeUndefined();
    expect(only('rate', [], MINUTE)).toBeUndefined();
    expect(
      only(
        'rate',
        [
          [0, 1],
          [30, 2],
        ],
        MINUTE,
      ),
    ).toBeUndefined();
    expect(
      only(
        'rate',
        [
          [0.001, 1],
          [60, 2],
        ],
        MINUTE,
      ),
    ).toBeDefined();
  });

  test('what was there before each reset is added, in every window anew', () => {
    const points = every15([10, 20, 5, 15, 3, 4]);
    const { values } = callRange('increase', points, { range: 46, end: 60, step: 15, count: 3 });
    expect(values.map((value) => Math.round(value as number))).toEqual([
      Math.round((15 - 10 + 20) * (46 / 45)),
      Math.round(((3 - 20 + 20 + 15) * 46) / 45),
      Math.round(((4 - 5 + 15) * 46) / 45),
    ]);
  });

  test('values that are not finite', () => {
    expect(only('delta', every15([1, NaN, 4]), MINUTE)).toBeCloseTo(6, 10);
    expect(only('increase', every15([1, 2, Infinity]), MINUTE)).toBe(Infinity);
    expect(only('increase', every15([1, 2, NaN]), MINUTE)).toBeNaN();
  });
});

describe('start timestamps', () => {
  const options = { useStartTimestamps: true };

  test('one sample with a start inside the window is an increase from zero', () => {
    const call = { ...MINUTE, options };
    expect(only('increase', [[60, 30, 30]], call)).toBe(30);
    expect(only('rate', [[60, 30, 30]], call)).toBe(0.5);
    expect(only('increase', [[60, 30, 30]], MINUTE)).toBeUndefined();
  });

  test('a start at or before the open end of the window does not help', () => {
    expect(only('increase', [[60, 30, 0]], { ...MINUTE, options })).toBeUndefined();
    expect(only('increase', [[160, 30, 100]], { range: 60, end: 160, options })).toBeUndefined();
    expect(only('increase', [[160, 30, 100.001]], { range: 60, end: 160, options })).toBe(30);
  });

  test('a start between two samples is a reset though the value went up', () => {
    const points: Point[] = [
      [15, 10, 5],
      [30, 20, 20],
    ];
    // From zero at 5 s: 10, and 20 more.
    expect(only('increase', points, { range: 30, end: 30, options })).toBe(30);
  });

  test('deltas, each starting at the sample before, add up', () => {
    const points: Point[] = [
      [15, 1, 0.001],
      [30, 2, 15],
      [45, 3, 30],
    ];
    expect(only('increase', points, { range: 45, end: 45, options })).toBeCloseTo(6, 3);
  });

  test('a counter of unknown start is not reset by its first sample', () => {
    const points: Point[] = [
      [15, 100, 15],
      [30, 110, 15],
      [45, 120, 15],
    ];
    expect(only('increase', points, { range: 45, end: 45, options })).toBe(30);
  });

  test('each window with a start before the sample ahead of it counts as an occurrence', () => {
    const points: Point[] = [
      [10, 1, 5],
      [20, 2, 8],
      [30, 3, 8],
    ];
    const call = { range: 30, end: 20, step: 10, count: 4, options };
    const { remarks } = callRange('rate', points, { ...call, labels: { __name__: 'a_total' } });
    expect(remarks).toEqual([
      'warning at 2: sample has start time that overlaps with previous sample timestamp for metric "a_total" (2 occurrences)',
    ]);
  });
});

test('start times are looked at in windows that are not mixed, also after one that is', () => {
  const points: Point[] = [
    [5, histogramOf([1])],
    [10, 1, 5],
    [20, 2, 8],
  ];
  const call = { range: 16, end: 20, step: 5, count: 2, options: { useStartTimestamps: true } };
  expect(callRange('rate', points, call).remarks).toEqual([
    'warning at 2: encountered a mix of histograms and floats for metric name "x"',
    'warning at 2: sample has start time that overlaps with previous sample timestamp for metric "x"',
  ]);
});

describe('histograms', () => {
  const MIXED = 'warning at 2: encountered a mix of histograms and floats for metric name "x"';
  const NOT_COUNTER = 'warning at 2: this native histogram metric is not a counter: "x"';
  const NOT_GAUGE = 'warning at 2: this native histogram metric is not a gauge: "x"';
  const SCHEMAS =
    'warning at 2: vector contains a mix of histograms with exponential and custom buckets schemas for metric name "x"';

  const gauge = { resetHint: ResetHint.gauge } as const;

  function custom(counts: readonly number[], customValues: readonly number[]): FloatHistogram {
    return histogramOf(counts, {
      schema: -53,
      customValues,
      positiveSpans: [{ offset: 0, length: counts.length }],
    });
  }

  function expectHistogram(actual: unknown, expected: FloatHistogram): void {
    expect(actual).toBeInstanceOf(FloatHistogram);
    const h = actual as FloatHistogram;
    expect(h.toString()).toBe(expected.toString());
    expect(h.resetHint).toBe(expected.resetHint);
  }

  test('increase and rate: the difference, extrapolated by the counts, a gauge', () => {
    const points = every15([histogramOf([100, 0]), histogramOf([115, 2]), histogramOf([130, 4])]);
    const call = { range: 45, end: 45 };
    expectHistogram(only('increase', points, call), histogramOf([45, 6], gauge));
    expectHistogram(
      only('rate', points, call),
      histogramOf([1, 6 / 45], { ...gauge, sum: 51 / 45, count: 51 / 45 }),
    );
    expect(callRange('rate', points, call).remarks).toEqual([]);
  });

  test('a reset adds what was there before it', () => {
    const points = every15([
      histogramOf([50]),
      histogramOf([80]),
      histogramOf([10]),
      histogramOf([25]),
    ]);
    // 25 in half a minute, extrapolated to the 45 s of the window.
    expectHistogram(only('increase', points, { range: 45, end: 60 }), histogramOf([37.5], gauge));
    const { values } = callRange('increase', points, { range: 46, end: 60 });
    expect((values[0] as FloatHistogram).count).toBeCloseTo((25 - 50 + 80) * (46 / 45), 10);
  });

  test('after a reset right behind it the layout of the first histogram does not matter', () => {
    const points = every15([
      custom([50], [1]),
      histogramOf([1], { resetHint: ResetHint.yes }),
      histogramOf([4]),
    ]);
    const { values, remarks } = callRange('increase', points, { range: 46, end: 45 });
    expect((values[0] as FloatHistogram).count).toBeGreaterThan(4);
    expect(remarks).toEqual([]);
  });

  test('the lowest resolution in the window decides', () => {
    const coarse = histogramOf([10], { schema: -1, resetHint: ResetHint.no });
    const points = every15([
      histogramOf([1, 1]),
      coarse,
      histogramOf([10, 10], { resetHint: ResetHint.no }),
    ]);
    const { values } = callRange('increase', points, { range: 46, end: 45 });
    expect((values[0] as FloatHistogram).schema).toBe(-1);
  });

  test('floats and histograms in one window give nothing', () => {
    const points = every15([1, histogramOf([1]), histogramOf([2]), 3, 4, 5]);
    const call = { range: 30, end: 45, step: 15, count: 4 };
    const { values, remarks } = callRange('increase', points, call);
    expect(values.map((value) => typeof value)).toEqual([
      'object',
      'undefined',
      'number',
      'number',
    ]);
    expect(remarks).toEqual([MIXED]);
  });

  test('exponential and custom buckets in one window give nothing', () => {
    const points = every15([
      custom([1], [1]),
      custom([2], [1]),
      histogramOf([4], { resetHint: ResetHint.no }),
    ]);
    for (const name of ['rate', 'increase', 'delta']) {
      const { values, remarks } = callRange(name, points, { range: 45, end: 45 });
      expect(values).toEqual([undefined]);
      expect(remarks).toEqual([SCHEMAS]);
    }
  });

  test('custom buckets with other bounds meet on those in common', () => {
    const points = every15([custom([1, 1, 1], [1, 2, 3]), custom([2, 2], [1, 3])]);
    const { values, remarks } = callRange('delta', points, { range: 30, end: 30 });
    expect((values[0] as FloatHistogram).customValues).toEqual([1, 3]);
    expect(remarks).toEqual([
      NOT_GAUGE,
      'info at 2: mismatched custom buckets were reconciled during subtraction',
    ]);
  });

  test('gauges are for delta, counters for rate and increase', () => {
    const gauges = every15([histogramOf([5], gauge), histogramOf([3], gauge)]);
    const counters = every15([histogramOf([3]), histogramOf([5])]);
    const remarksOf = (name: string, points: readonly Point[]): string[] =>
      callRange(name, points, { range: 30, end: 30 }).remarks;
    expect(remarksOf('rate', gauges)).toEqual([NOT_COUNTER]);
    expect(remarksOf('increase', gauges)).toEqual([NOT_COUNTER]);
    expect(remarksOf('delta', gauges)).toEqual([]);
    expect(remarksOf('delta', counters)).toEqual([NOT_GAUGE]);
    expect(remarksOf('rate', counters)).toEqual([]);
    expectHistogram(only('delta', gauges, { range: 30, end: 30 }), histogramOf([-4], gauge));
  });

  test('a start inside the window counts from zero', () => {
    const options = { useStartTimestamps: true };
    const points: Point[] = [[60, histogramOf([30]), 30]];
    const { values } = callRange('rate', points, { ...MINUTE, options });
    expect((values[0] as FloatHistogram).count).toBe(0.5);
    const two: Point[] = [
      [45, histogramOf([10]), 30],
      [60, histogramOf([30]), 30],
    ];
    const increase = callRange('increase', two, { ...MINUTE, options });
    expect((increase.values[0] as FloatHistogram).count).toBe(30);
  });
});
