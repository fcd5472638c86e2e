import { describe, expect, it } from 'vitest';
import {
  type BucketSpan,
  type FloatHistogram,
  floatOfRaw,
  type IntegerHistogram,
  rawFloat64,
} from './native-histogram.ts';
import { staleHistogram } from './native-histogram-stale.ts';
import { reduceResolution, validateHistogram } from './native-histogram-validate.ts';

const LAYOUT = {
  resetHint: 2,
  schema: 3,
  zeroThreshold: 0.001,
  sum: rawFloat64(7.5),
  positiveSpans: [
    { offset: -2, length: 2 },
    { offset: 1, length: 1 },
  ] as BucketSpan[],
  negativeSpans: [{ offset: 0, length: 1 }] as BucketSpan[],
  customValues: [] as number[],
} as const;

function integer(change: Partial<IntegerHistogram> = {}): IntegerHistogram {
  return {
    ...LAYOUT,
    kind: 'integer',
    count: 10n,
    zeroCount: 1n,
    positiveCounts: [1n, 2n, 3n],
    negativeCounts: [3n],
    ...change,
  };
}

function float(change: Partial<FloatHistogram> = {}): FloatHistogram {
  return {
    ...LAYOUT,
    kind: 'float',
    count: 10,
    zeroCount: 1,
    positiveCounts: [1, 2, 3],
    negativeCounts: [3],
    ...change,
  };
}

function custom(change: Partial<IntegerHistogram> = {}): IntegerHistogram {
  return integer({
    schema: -53,
    zeroThreshold: 0,
    zeroCount: 0n,
    positiveSpans: [{ offset: 1, length: 2 }],
    positiveCounts: [4n, 6n],
    negativeSpans: [],
    negativeCounts: [],
    customValues: [0.5, 1],
    ...change,
  });
}

describe('validateHistogram', () => {
  it.each<[string, IntegerHistogram | FloatHistogram]>([
    ['integer', integer()],
    ['float', float()],
    ['custom buckets', custom()],
    ['coarsest', integer({ schema: -4 })],
    ['finer than stored', integer({ schema: 52 })],
    [
      'empty',
      integer({
        count: 0n,
        zeroCount: 0n,
        positiveSpans: [],
        positiveCounts: [],
        negativeSpans: [],
        negativeCounts: [],
      }),
    ],
    ['NaN observed', integer({ count: 12n, sum: rawFloat64(Number.NaN) })],
    ['float counts that do not add up', float({ count: 1 })],
    ['float NaN', float({ count: Number.NaN, zeroCount: Number.NaN })],
    [
      'stale, whatever else is in it',
      { ...integer({ schema: 99 }), sum: staleHistogram('integer').sum },
    ],
    [
      'custom without bounds',
      custom({
        customValues: [],
        positiveSpans: [{ offset: 0, length: 1 }],
        positiveCounts: [10n],
      }),
    ],
  ])('accepts %s', (_name, histogram) => {
    expect(validateHistogram(histogram)).toBeUndefined();
  });

  it.each<[string, IntegerHistogram | FloatHistogram, RegExp]>([
    ['schema -5', integer({ schema: -5 }), /invalid schema.*got schema -5/],
    ['schema 53', integer({ schema: 53 }), /invalid schema/],
    ['schema -54', integer({ schema: -54 }), /invalid schema/],
    [
      'a negative second offset',
      integer({
        positiveSpans: [
          { offset: 0, length: 2 },
          { offset: -1, length: 1 },
        ],
      }),
      /span number 2/,
    ],
    [
      'too few positive buckets',
      integer({ positiveCounts: [1n, 2n] }),
      /spans need 3 buckets, have 2/,
    ],
    [
      'too many negative buckets',
      integer({ negativeCounts: [1n, 2n] }),
      /negative side: spans need 1 buckets, have 2/,
    ],
    [
      'spans of four billion buckets',
      integer({ positiveSpans: [{ offset: 0, length: 0xffff_ffff }] }),
      /spans need/,
    ],
    [
      'a negative integer bucket',
      integer({ positiveCounts: [1n, -1n, 6n] }),
      /positive side: bucket number 2/,
    ],
    [
      'a count that is too large',
      integer({ count: 11n }),
      /10 observations found in buckets, but the count is 11/,
    ],
    ['a count that is too small', integer({ count: 9n }), /10 observations/],
    [
      'a count that is too small in spite of NaN',
      integer({ count: 9n, sum: rawFloat64(Number.NaN) }),
      /10 observations/,
    ],
    [
      'a negative float bucket',
      float({ negativeCounts: [-0.5] }),
      /negative side: bucket number 1/,
    ],
    ['a negative zero bucket', float({ zeroCount: -1 }), /zero bucket/],
    ['a negative count', float({ count: -1 }), /observation count is -1/],
    [
      'bounds with exponential buckets',
      integer({ customValues: [1] }),
      /must not have custom bounds/,
    ],
    ['bounds that do not rise', custom({ customValues: [1, 1] }), /strictly increasing/],
    ['a bound of NaN', custom({ customValues: [1, Number.NaN] }), /finite/],
    ['a bound of +Inf', custom({ customValues: [1, Number.POSITIVE_INFINITY] }), /finite/],
    ['a bound of -Inf', custom({ customValues: [Number.NEGATIVE_INFINITY, 1] }), /finite/],
    ['more buckets than bounds', custom({ customValues: [1] }), /insufficient/],
    ['a zero count with custom buckets', custom({ zeroCount: 1n }), /zero count/],
    ['a zero threshold with custom buckets', custom({ zeroThreshold: 0.1 }), /zero threshold/],
    [
      'negative spans with custom buckets',
      custom({ negativeSpans: [{ offset: 0, length: 0 }] }),
      /negative spans/,
    ],
    ['negative buckets with custom buckets', custom({ negativeCounts: [1n] }), /negative buckets/],
    [
      'a negative first offset with custom buckets',
      custom({ positiveSpans: [{ offset: -1, length: 2 }] }),
      /span number 1/,
    ],
  ])('refuses %s', (_name, histogram, why) => {
    expect(validateHistogram(histogram)).toMatch(why);
  });
});

describe('reduceResolution', () => {
  it('adds up pairs for one step', () => {
    // Schema 9 buckets 1…6 and 9 are schema 8 buckets 1, 1, 2, 2, 3, 3 and 5.
    const fine = integer({
      schema: 9,
      positiveSpans: [
        { offset: 1, length: 6 },
        { offset: 2, length: 1 },
      ],
      positiveCounts: [1n, 2n, 3n, 4n, 5n, 6n, 7n],
    });
    expect(reduceResolution(fine, 8)).toEqual({
      ...fine,
      schema: 8,
      positiveSpans: [
        { offset: 1, length: 3 },
        { offset: 1, length: 1 },
      ],
      positiveCounts: [3n, 7n, 11n, 7n],
    });
  });

  it('gives all buckets around 1 to two of them from the finest schema', () => {
    const fine = float({
      schema: 52,
      positiveSpans: [{ offset: -1, length: 4 }],
      positiveCounts: [1, 2, 4, 8],
    });
    const coarse = reduceResolution(fine, 8);
    expect(coarse.positiveSpans).toEqual([{ offset: 0, length: 2 }]);
    expect(coarse.positiveCounts).toEqual([3, 12]);
    expect(coarse.resetHint).toBe(fine.resetHint);
  });

  it('keeps upper bounds: every bucket goes to the one that holds its upper bound', () => {
    for (let bucket = -40; bucket <= 40; bucket++) {
      const one = integer({
        schema: 12,
        positiveSpans: [{ offset: bucket, length: 1 }],
        positiveCounts: [1n],
      });
      const target = reduceResolution(one, 8).positiveSpans[0]!.offset;
      const upper = bucket / 2 ** 12;
      expect(target / 2 ** 8).toBeGreaterThanOrEqual(upper);
      expect((target - 1) / 2 ** 8).toBeLessThan(upper);
    }
  });

  it('leaves alone what is coarse enough, custom or stale', () => {
    for (const histogram of [
      integer({ schema: 8 }),
      custom(),
      { ...integer({ schema: 20 }), sum: staleHistogram('integer').sum },
    ]) {
      expect(reduceResolution(histogram, 8)).toBe(histogram);
    }
  });
});

it('staleHistogram has the bits of the stale marker', () => {
  expect(staleHistogram('float').sum).toEqual({ high: 0x7ff0_0000, low: 2 });
  expect(floatOfRaw(staleHistogram('integer').sum)).toBeNaN();
});
