import { describe, expect, test } from 'vitest';
import { bucketFraction, bucketQuantile, ClassicBuckets } from './classic.ts';

const { NaN: nan, POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: minusInf } = Number;

type Rows = readonly (readonly [upperBound: number, count: number])[];

function classic(rows: Rows): ClassicBuckets {
  const buckets = new ClassicBuckets();
  for (const [upperBound, count] of rows) buckets.push(upperBound, count);
  return buckets;
}

const POSITIVE: Rows = [
  [0.1, 50],
  [0.2, 70],
  [1, 110],
  [inf, 120],
];
const AROUND_ZERO: Rows = [
  [-0.2, 1],
  [-0.1, 2],
  [0.3, 4],
  [inf, 4],
];

describe('bucketQuantile', () => {
  const cases: [name: string, q: number, rows: Rows, value: number][] = [
    ['q below 0', -1, POSITIVE, minusInf],
    ['q above 1', 2, POSITIVE, inf],
    ['q NaN', nan, POSITIVE, nan],
    ['the first starts at 0', 0.25, POSITIVE, 0.06],
    ['linear', 60 / 120, POSITIVE, 0.15],
    ['at a bound', 70 / 120, POSITIVE, 0.2],
    ['the last has no end', 0.99, POSITIVE, 1],
    ['the first without positive values', 0.2, AROUND_ZERO, -0.2],
    ['across zero', 0.75, AROUND_ZERO, 0.1],
    ['q 0', 0, POSITIVE, 0],
    ['no +Inf', 0.5, [[1, 2]], nan],
    ['only +Inf', 0.5, [[inf, 2]], nan],
    [
      'no observations',
      0.5,
      [
        [1, 0],
        [inf, 0],
      ],
      nan,
    ],
    ['any order', 0.5, [POSITIVE[3]!, POSITIVE[1]!, POSITIVE[0]!, POSITIVE[2]!], 0.15],
    [
      'equal bounds add up',
      0.5,
      [
        [1, 1],
        [2, 2],
        [1, 1],
        [2, 2],
        [inf, 4],
      ],
      1,
    ],
  ];
  test.each(cases)('%s', (_, q, rows, value) => {
    const result = bucketQuantile(q, classic(rows));
    if (Number.isFinite(value)) expect(result.value).toBeCloseTo(value, 12);
    else expect(result.value).toBe(value);
    expect(result).toMatchObject({ forcedMonotonic: false, fixedPrecision: false, maxDiff: 0 });
  });

  test('falling counts are raised, and it is said where', () => {
    const rows: Rows = [
      [1, 10],
      [2, 7],
      [3, 12],
      [4, 6],
      [5, 9],
      [inf, 20],
    ];
    expect(bucketQuantile(0.55, classic(rows))).toEqual({
      value: 2.5,
      forcedMonotonic: true,
      fixedPrecision: false,
      minBucket: 2,
      maxBucket: 5,
      maxDiff: 6,
    });
  });

  test('rounding errors are mended in silence, in both directions', () => {
    for (const factor of [1 + 1e-13, 1 - 1e-13]) {
      const result = bucketQuantile(
        0.5,
        classic([
          [1, 10],
          [2, 10 * factor],
          [inf, 10],
        ]),
      );
      expect(result).toMatchObject({ value: 0.5, forcedMonotonic: false, fixedPrecision: true });
    }
    expect(
      bucketQuantile(
        0.5,
        classic([
          [1, 10],
          [2, 10 - 1e-9],
          [inf, 10],
        ]),
      ),
    ).toMatchObject({
      forcedMonotonic: true,
      fixedPrecision: false,
    });
    expect(
      bucketQuantile(
        0.5,
        classic([
          [1, 1e-320],
          [2, 0],
          [inf, 1],
        ]),
      ).forcedMonotonic,
    ).toBe(false);
  });
});

describe('bucketFraction', () => {
  const cases: [name: string, lower: number, upper: number, rows: Rows, value: number][] = [
    ['all', minusInf, inf, POSITIVE, 1],
    ['nothing below 0', minusInf, 0, POSITIVE, 0],
    ['part of the first', 0, 0.05, POSITIVE, 25 / 120],
    ['from inside to inside', 0.15, 0.6, POSITIVE, 30 / 120],
    ['no part of the last', minusInf, 7, POSITIVE, 110 / 120],
    ['all of the last', 1, inf, POSITIVE, 10 / 120],
    ['the first without lower end counts as a whole', minusInf, -0.3, AROUND_ZERO, 0.25],
    ['lower NaN', nan, 1, POSITIVE, nan],
    ['upper NaN', 1, nan, POSITIVE, nan],
    ['inverted', 2, 1, POSITIVE, 0],
    ['no +Inf', 0, 1, [[1, 2]], nan],
    [
      'no observations',
      0,
      1,
      [
        [1, 0],
        [inf, 0],
      ],
      nan,
    ],
    ['only +Inf', 0, 1, [[inf, 3]], 0],
    ['any order', 0, 0.2, [POSITIVE[2]!, POSITIVE[3]!, POSITIVE[1]!, POSITIVE[0]!], 70 / 120],
  ];
  test.each(cases)('%s', (_, lower, upper, rows, value) => {
    const fraction = bucketFraction(lower, upper, classic(rows));
    if (Number.isNaN(value)) expect(fraction).toBeNaN();
    else expect(fraction).toBeCloseTo(value, 12);
  });
});

test('ClassicBuckets can be used again', () => {
  const buckets = classic([
    [inf, 8],
    [2, 4],
    [2, 4],
  ]);
  expect(bucketQuantile(0.5, buckets).value).toBe(1);
  expect(buckets.length).toBe(2);
  buckets.clear();
  buckets.push(4, 4);
  buckets.push(inf, 4);
  expect(bucketQuantile(0.5, buckets).value).toBe(2);
});
