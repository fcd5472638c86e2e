import { describe, expect, test } from 'vitest';
import { custom } from './histogram-shapes.ts';
import { ClassicHistogram, splitClassicName } from './nhcb.ts';

const inf = Number.POSITIVE_INFINITY;

function classic(
  buckets: readonly (readonly [number, number])[],
  count?: number,
  sum?: number,
): ClassicHistogram {
  const histogram = new ClassicHistogram();
  if (count !== undefined) histogram.setCount(count);
  for (const [bound, cumulative] of buckets) histogram.setBucket(bound, cumulative);
  if (sum !== undefined) histogram.setSum(sum);
  return histogram;
}

describe('ClassicHistogram', () => {
  const expected = custom([1, 2.5], [3, 0, 4], 12);
  const cases: [name: string, histogram: ClassicHistogram][] = [
    [
      'all there',
      classic(
        [
          [1, 3],
          [2.5, 3],
          [inf, 7],
        ],
        7,
        12,
      ),
    ],
    [
      'any order',
      classic(
        [
          [inf, 7],
          [1, 3],
          [2.5, 3],
        ],
        7,
        12,
      ),
    ],
    [
      'no count',
      classic(
        [
          [1, 3],
          [2.5, 3],
          [inf, 7],
        ],
        undefined,
        12,
      ),
    ],
    [
      'no +Inf',
      classic(
        [
          [1, 3],
          [2.5, 3],
        ],
        7,
        12,
      ),
    ],
    [
      'a bound twice',
      classic(
        [
          [1, 3],
          [2.5, 3],
          [1, 99],
          [inf, 7],
          [inf, 99],
        ],
        7,
        12,
      ),
    ],
  ];
  test.each(cases)('%s', (_, histogram) => {
    const h = histogram.convert()!;
    expect(h.equals(expected)).toBe(true);
    expect(h.customValues).toEqual([1, 2.5]);
    expect(h.positiveSpans).toEqual([
      { offset: 0, length: 1 },
      { offset: 1, length: 1 },
    ]);
    expect(histogram.problem).toBeUndefined();
  });

  test('without a +Inf bucket and a count the highest bucket is all', () => {
    expect(
      classic([
        [1, 3],
        [2, 5],
      ])
        .convert()!
        .equals(custom([1, 2], [3, 2])),
    ).toBe(true);
  });

  test('only a sum, or only a count', () => {
    expect(
      classic([], undefined, 5)
        .convert()!
        .equals(custom([], [], 5)),
    ).toBe(true);
    expect(
      classic([], 4)
        .convert()!
        .equals(custom([], [4])),
    ).toBe(true);
  });

  const problems: [name: string, histogram: ClassicHistogram, problem: RegExp][] = [
    [
      'a falling count',
      classic([
        [1, 3],
        [2, 2],
      ]),
      /not cumulative: 2 < 3/,
    ],
    [
      'a falling count, later bound first',
      classic([
        [2, 2],
        [1, 3],
      ]),
      /not cumulative: 3 > 2/,
    ],
    ['a bound NaN', classic([[Number.NaN, 3]]), /boundary must not be NaN/],
    ['a negative bucket', classic([[1, -3]]), /non-negative: le=1, count=-3/],
    ['a negative count', classic([[1, 3]], -1), /non-negative: count=-1/],
    ['another count in +Inf', classic([[inf, 3]], 4), /mismatch: count=4 != le=\+Inf count=3/],
  ];
  test.each(problems)('%s is a problem', (_, histogram, problem) => {
    expect(histogram.convert()).toBeUndefined();
    expect(histogram.problem).toMatch(problem);
  });

  test('the first problem stays', () => {
    const histogram = classic([[1, -3]]);
    histogram.setBucket(1, 4);
    histogram.setCount(-1);
    expect(histogram.problem).toMatch(/le=1/);
  });
});

test('splitClassicName', () => {
  expect(splitClassicName('http_seconds_bucket')).toEqual({ base: 'http_seconds', part: 'bucket' });
  expect(splitClassicName('http_seconds_sum')).toEqual({ base: 'http_seconds', part: 'sum' });
  expect(splitClassicName('a_sum_count')).toEqual({ base: 'a_sum', part: 'count' });
  expect(splitClassicName('http_seconds')).toBeUndefined();
});
