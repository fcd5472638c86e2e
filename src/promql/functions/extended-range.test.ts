import { describe, expect, test } from 'vitest';
import { ResetHint } from '../../model/native-histogram.ts';
import { Annotations } from '../annotations.ts';
import { newStepSeries } from '../eval/step-series.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { extendedSamples } from './extended-range.ts';
import {
  callRange,
  histogramOf,
  type Point,
  remarksOf,
  samplesOf,
  type Value,
  valuesOf,
} from './function-testing.ts';
import { smoothedSelector } from './smoothed-selector.ts';

/** (20, 40] */
const CALL = { range: 20, end: 40 };
const gauge = { resetHint: ResetHint.gauge } as const;
const h = histogramOf;

function result(
  name: string,
  modifier: 'anchored' | 'smoothed',
  points: Point[],
  lookback = 300,
): unknown {
  const options = { lookbackMs: lookback * 1000 };
  return callRange(name, points, { ...CALL, modifier, options }).values[0];
}

describe('anchored', () => {
  const cases: [text: string, points: Point[], increase: Value, lookback?: number][] = [
    [
      'from the last sample at or before the start',
      [
        [5, 1],
        [15, 10],
        [30, 15],
        [45, 99],
      ],
      5,
    ],
    [
      'a sample at the start is the baseline',
      [
        [20, 10],
        [30, 15],
      ],
      5,
    ],
    [
      'without one before, from the first inside',
      [
        [25, 10],
        [30, 15],
      ],
      5,
    ],
    ['one sample inside is no increase', [[25, 10]], 0],
    [
      'nothing inside',
      [
        [10, 10],
        [20, 10],
      ],
      undefined,
    ],
    ['nothing at all', [], undefined],
    [
      'a reset inside',
      [
        [15, 10],
        [25, 3],
        [35, 5],
      ],
      5,
    ],
    [
      'a sample older than the lookback does not count',
      [
        [15, 10],
        [30, 15],
        [35, 17],
      ],
      2,
      5,
    ],
    [
      'one that is just younger does',
      [
        [16, 10],
        [30, 15],
        [35, 17],
      ],
      7,
      5,
    ],
  ];
  for (const [text, points, increase, lookback] of cases) {
    test(text, () => {
      expect(result('increase', 'anchored', points, lookback)).toBe(increase);
      const rate = increase === undefined ? undefined : (increase as number) / 20;
      expect(result('rate', 'anchored', points, lookback)).toBe(rate);
    });
  }

  test('delta knows no resets', () => {
    expect(
      result('delta', 'anchored', [
        [15, 10],
        [25, 3],
        [35, 5],
      ]),
    ).toBe(-5);
  });

  test('histograms', () => {
    const points: Point[] = [
      [15, h([10])],
      [25, h([12])],
      [35, h([3])],
      [40, h([5])],
    ];
    const increase = result('increase', 'anchored', points) as FloatHistogram;
    expect(increase.toString()).toBe('{count:7, sum:7, (1,2]:7}');
    expect(increase.resetHint).toBe(ResetHint.gauge);
    expect((result('rate', 'anchored', points) as FloatHistogram).count).toBe(0.35);
  });
});

describe('smoothed', () => {
  const cases: [text: string, points: Point[], increase: Value, delta?: Value][] = [
    [
      'interpolated at both ends',
      [
        [10, 0],
        [30, 20],
        [50, 40],
      ],
      20,
    ],
    [
      'exact at both ends',
      [
        [20, 7],
        [40, 9],
      ],
      2,
    ],
    [
      'no neighbours: the nearest inside',
      [
        [25, 10],
        [35, 20],
      ],
      10,
    ],
    [
      'both ends between the same two samples',
      [
        [0, 0],
        [60, 60],
      ],
      20,
    ],
    [
      'a reset across the left end starts at zero',
      [
        [10, 100],
        [30, 20],
        [40, 25],
      ],
      15,
      -35,
    ],
    [
      'a reset inside',
      [
        [20, 10],
        [25, 15],
        [30, 5],
        [40, 8],
      ],
      13,
      -2,
    ],
    [
      'a reset across the right end',
      [
        [20, 10],
        [30, 20],
        [50, 4],
      ],
      12,
      2,
    ],
    ['nothing at or after the start', [[10, 10]], undefined],
    ['nothing before the end', [[50, 10]], undefined],
  ];
  for (const [text, points, increase, delta = increase] of cases) {
    test(text, () => {
      expect(result('increase', 'smoothed', points)).toBe(increase);
      expect(result('delta', 'smoothed', points)).toBe(delta);
    });
  }

  test('neighbours farther than the lookback do not count', () => {
    expect(
      result(
        'increase',
        'smoothed',
        [
          [10, 0],
          [30, 20],
          [50, 40],
        ],
        5,
      ),
    ).toBe(0);
  });

  test('histograms: ends interpolated, a reset across one starts at zero', () => {
    const increase = (...points: Point[]): string => String(result('increase', 'smoothed', points));
    expect(increase([10, h([0, 2])], [30, h([20, 2])], [50, h([40, 2])])).toBe(
      '{count:20, sum:20, (1,2]:20}',
    );
    expect(increase([10, h([100])], [30, h([20])], [40, h([25])])).toBe(
      '{count:15, sum:15, (1,2]:15}',
    );
    expect(increase([20, h([10])], [30, h([20])], [50, h([4])])).toBe(
      '{count:12, sum:12, (1,2]:12}',
    );
    expect(increase([0, h([0])], [60, h([60])])).toBe('{count:20, sum:20, (1,2]:20}');
  });
});

describe('remarks', () => {
  const remarks = (name: string, points: Point[]): string[] =>
    callRange(name, points, { ...CALL, modifier: 'smoothed' }).remarks;

  test('floats and histograms, also just outside of the window', () => {
    expect(
      remarks('rate', [
        [10, 1],
        [30, h([1])],
        [40, h([2])],
      ]),
    ).toEqual(['warning at 2: encountered a mix of histograms and floats for metric name "x"']);
  });

  test('exponential and custom buckets', () => {
    const custom = h([1], { schema: -53, customValues: [1] });
    expect(
      remarks('rate', [
        [30, custom],
        [40, h([2])],
      ]),
    ).toEqual([
      'warning at 2: vector contains a mix of histograms with exponential and custom buckets schemas for metric name "x"',
    ]);
  });

  test('gauges and counters', () => {
    expect(
      remarks('rate', [
        [30, h([1], gauge)],
        [40, h([2], gauge)],
      ]),
    ).toEqual(['warning at 2: this native histogram metric is not a counter: "x"']);
    expect(
      remarks('delta', [
        [30, h([1], gauge)],
        [40, h([2], gauge)],
      ]),
    ).toEqual([]);
    expect(
      remarks('delta', [
        [30, h([1])],
        [40, h([2])],
      ]),
    ).toEqual(['warning at 2: this native histogram metric is not a gauge: "x"']);
  });
});

describe('a range vector by itself', () => {
  function extended(points: Point[], isSmoothed: boolean): [number, number][] {
    const { length, t, v } = extendedSamples(
      samplesOf(points),
      20_000,
      40_000,
      300_000,
      isSmoothed,
    );
    return Array.from({ length }, (_, i) => [t[i]! / 1000, v[i]!]);
  }

  test('has a value at both ends', () => {
    const points: Point[] = [
      [10, 0],
      [25, 15],
      [35, 25],
      [50, 40],
    ];
    expect(extended(points, false)).toEqual([
      [20, 0],
      [25, 15],
      [35, 25],
      [40, 25],
    ]);
    expect(extended(points, true)).toEqual([
      [20, 10],
      [25, 15],
      [35, 25],
      [40, 30],
    ]);
  });

  test('samples at the ends are not doubled', () => {
    const points: Point[] = [
      [20, 1],
      [30, 2],
      [40, 3],
    ];
    for (const isSmoothed of [false, true]) {
      expect(extended(points, isSmoothed)).toEqual([
        [20, 1],
        [30, 2],
        [40, 3],
      ]);
    }
  });

  test('is empty without samples', () => {
    expect(extended([], true)).toEqual([]);
    expect(extended([[10, 1]], false)).toEqual([]);
  });
});

describe('a smoothed instant selector', () => {
  function smoothed(points: Point[], lookback = 300, count = 4): [Value[], string[]] {
    const annotations = new Annotations();
    const out = newStepSeries([], count);
    const frame = { firstEndT: 10_000, stepMs: 10_000, count, rangeMs: 0 };
    const labels = [{ name: '__name__', value: 'x' }];
    smoothedSelector(samplesOf(points), labels, frame, lookback * 1000, annotations, 7, out);
    return [valuesOf(out), remarksOf(annotations)];
  }

  test('exact, between two, after the last, before the first', () => {
    expect(
      smoothed([
        [20, 1],
        [25, 6],
        [35, 16],
      ]),
    ).toEqual([[undefined, 1, 11, 16], []]);
  });

  test('a drop is not taken for a reset', () => {
    expect(
      smoothed([
        [10, 100],
        [30, 0],
      ]),
    ).toEqual([[100, 50, 0, 0], []]);
  });

  test('looks back and ahead by the lookback', () => {
    expect(
      smoothed(
        [
          [5, 1],
          [35, 31],
        ],
        10,
      ),
    ).toEqual([[1, undefined, undefined, 31], []]);
  });

  test('histograms: a counter unless both are gauges; the last one loses its hint', () => {
    const counters = smoothed([
      [10, h([9])],
      [30, h([4], { resetHint: ResetHint.yes })],
    ])[0];
    expect(counters.map(String)).toEqual([
      '{count:9, sum:9, (1,2]:9}',
      '{count:2, sum:2, (1,2]:2}',
      '{count:4, sum:4, (1,2]:4}',
      '{count:4, sum:4, (1,2]:4}',
    ]);
    expect(counters.map((value) => (value as FloatHistogram).resetHint)).toEqual([0, 1, 1, 0]);
    const gauges = smoothed([
      [10, h([9], gauge)],
      [30, h([4], gauge)],
    ])[0];
    expect(String(gauges[1])).toBe('{count:6.5, sum:6.5, (1,2]:6.5}');
  });

  test('floats and histograms within reach give nothing', () => {
    const [values, remarks] = smoothed(
      [
        [10, 1],
        [30, h([1])],
      ],
      300,
      2,
    );
    expect(values).toEqual([undefined, undefined]);
    expect(remarks).toEqual([
      'warning at 7: encountered a mix of histograms and floats for metric name "x"',
    ]);
  });
});
