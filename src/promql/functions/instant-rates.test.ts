import { describe, expect, test } from 'vitest';
import { ResetHint } from '../../model/native-histogram.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { callRange, histogramOf, type Point } from './function-testing.ts';

const CALL = { range: 60, end: 60 };
const gauge = { resetHint: ResetHint.gauge } as const;

describe('irate and idelta', () => {
  const cases: [text: string, points: Point[], irate: unknown, idelta: unknown][] = [
    [
      'the last two samples',
      [
        [15, 900],
        [30, 10],
        [40, 30],
      ],
      2,
      20,
    ],
    [
      'a reset leaves the last value',
      [
        [30, 100],
        [40, 30],
      ],
      3,
      -70,
    ],
    ['one sample gives nothing', [[40, 30]], undefined, undefined],
    [
      'one sample in the window gives nothing',
      [
        [0, 10],
        [40, 30],
      ],
      undefined,
      undefined,
    ],
    [
      'NaN before is no reset',
      [
        [30, NaN],
        [40, 30],
      ],
      NaN,
      NaN,
    ],
  ];
  for (const [text, points, irate, idelta] of cases) {
    test(text, () => {
      expect(callRange('irate', points, CALL)).toEqual({ values: [irate], remarks: [] });
      expect(callRange('idelta', points, CALL)).toEqual({ values: [idelta], remarks: [] });
    });
  }

  test('a start timestamp is a reset for irate only', () => {
    const points: Point[] = [
      [30, 10, 5],
      [40, 30, 35],
    ];
    const options = { useStartTimestamps: true };
    expect(callRange('irate', points, { ...CALL, options }).values).toEqual([3]);
    expect(callRange('idelta', points, { ...CALL, options }).values).toEqual([20]);
    expect(callRange('irate', points, CALL).values).toEqual([2]);
  });

  test('histograms: the difference, a gauge', () => {
    const points: Point[] = [
      [30, histogramOf([10, 2])],
      [40, histogramOf([30, 2])],
    ];
    const [rate] = callRange('irate', points, CALL).values as FloatHistogram[];
    expect(rate!.toString()).toBe('{count:2, sum:2, (1,2]:2}');
    expect(rate!.resetHint).toBe(ResetHint.gauge);
    expect(callRange('idelta', points, CALL).remarks).toEqual([
      'warning at 2: this native histogram metric is not a gauge: "x"',
    ]);
  });

  test('histograms: a reset leaves the last one', () => {
    const points: Point[] = [
      [30, histogramOf([10])],
      [40, histogramOf([5])],
    ];
    const [rate] = callRange('irate', points, CALL).values as FloatHistogram[];
    expect(rate!.count).toBe(0.5);
    const [delta] = callRange('idelta', points, CALL).values as FloatHistogram[];
    expect(delta!.count).toBe(-5);
  });

  test('gauges are not for irate', () => {
    const points: Point[] = [
      [30, histogramOf([5], gauge)],
      [40, histogramOf([10], gauge)],
    ];
    expect(callRange('idelta', points, CALL).remarks).toEqual([]);
    expect(callRange('irate', points, CALL).remarks).toEqual([
      'warning at 2: this native histogram metric is not a counter: "x"',
    ]);
  });

  test('a float and a histogram give nothing', () => {
    const points: Point[] = [
      [20, 4],
      [30, 5],
      [40, histogramOf([10])],
    ];
    expect(callRange('irate', points, CALL)).toEqual({
      values: [undefined],
      remarks: ['warning at 2: encountered a mix of histograms and floats for metric name "x"'],
    });
    // Only the last two count.
    const earlier: Point[] = [
      [20, histogramOf([10])],
      [30, 5],
      [40, 10],
    ];
    expect(callRange('irate', earlier, CALL)).toEqual({ values: [0.5], remarks: [] });
  });

  test('exponential and custom buckets give nothing', () => {
    const custom = histogramOf([1], { schema: -53, customValues: [1], ...gauge });
    const points: Point[] = [
      [30, custom],
      [40, histogramOf([10], gauge)],
    ];
    expect(callRange('idelta', points, CALL)).toEqual({
      values: [undefined],
      remarks: [
        'warning at 2: vector contains a mix of histograms with exponential and custom buckets schemas for metric name "x"',
      ],
    });
  });
});
