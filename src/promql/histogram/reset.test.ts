import { describe, expect, test } from 'vitest';
import { ResetHint } from '../../model/native-histogram.ts';
import { FloatHistogram } from './float-histogram.ts';
import { custom, exponential } from './histogram-shapes.ts';
import { detectReset } from './reset.ts';

const before = exponential({
  zeroThreshold: 0.01,
  zeroCount: 2,
  positive: { 0: 1, 1: 2, 4: 3 },
  negative: { 2: 1 },
});

function grown(changes: Parameters<typeof exponential>[0]): FloatHistogram {
  return exponential({
    zeroThreshold: 0.01,
    zeroCount: 2,
    positive: { 0: 1, 1: 2, 4: 3 },
    negative: { 2: 1 },
    count: 20,
    ...changes,
  });
}

describe('detectReset of exponential buckets', () => {
  const cases: [name: string, now: FloatHistogram, isReset: boolean][] = [
    ['nothing new', before, false],
    ['more of everything', grown({ zeroCount: 3, positive: { 0: 2, 1: 3, 4: 4 } }), false],
    ['a new bucket', grown({ positive: { 0: 1, 1: 2, 2: 9, 4: 3 } }), false],
    ['a lower count', grown({ count: 8 }), true],
    ['a lower bucket', grown({ positive: { 0: 1, 1: 1, 4: 3 } }), true],
    ['a lower negative bucket', grown({ negative: { 2: 0.5 } }), true],
    ['a bucket that is gone', grown({ positive: { 0: 1, 1: 2 } }), true],
    ['a first bucket that is gone', grown({ positive: { 1: 2, 4: 3 } }), true],
    ['no buckets any more', grown({ positive: {} }), true],
    ['a lower zero count', grown({ zeroCount: 1 }), true],
    ['a finer schema', grown({ schema: 1 }), true],
    [
      'a coarser schema',
      grown({ schema: -1, positive: { 0: 1, 1: 2, 2: 3 }, negative: { 1: 1 } }),
      false,
    ],
    ['a coarser schema, too few', grown({ schema: -1, positive: { 0: 1, 1: 1, 2: 3 } }), true],
    ['a narrower zero bucket', grown({ zeroThreshold: 0.001 }), true],
    [
      'a wider zero bucket',
      grown({ zeroThreshold: 1, zeroCount: 3, positive: { 1: 2, 4: 3 } }),
      false,
    ],
    [
      'a wider one, too few',
      grown({ zeroThreshold: 1, zeroCount: 2, positive: { 1: 2, 4: 3 } }),
      true,
    ],
    ['a wider one that cuts a bucket', grown({ zeroThreshold: 0.75, zeroCount: 99 }), true],
    ['custom buckets now', custom([1], [10, 20]), true],
  ];
  test.each(cases)('%s', (_, now, isReset) => {
    expect(detectReset(now, before)).toBe(isReset);
    expect(now.detectReset(before)).toBe(isReset);
  });

  test('an empty bucket may go', () => {
    const sparse = new FloatHistogram({
      positiveSpans: [{ offset: 0, length: 2 }],
      positiveBuckets: [0, 1],
      count: 1,
    });
    expect(detectReset(exponential({ positive: { 1: 1 } }), sparse)).toBe(false);
  });

  test('observations taken into the zero bucket are not missed in a coarser bucket', () => {
    const fine = exponential({ schema: 1, zeroCount: 1, positive: { 3: 5 } });
    const wide = exponential({ zeroThreshold: 3, zeroCount: 6 });
    expect(detectReset(wide, fine)).toBe(false);
  });

  test('the hint decides first', () => {
    const fewer = grown({ count: 1 });
    expect(detectReset(fewer.withResetHint(ResetHint.no), before)).toBe(false);
    expect(detectReset(before.withResetHint(ResetHint.yes), before)).toBe(true);
    expect(detectReset(fewer.withResetHint(ResetHint.gauge), before)).toBe(true);
    expect(detectReset(before.withResetHint(ResetHint.gauge), before)).toBe(false);
  });
});

describe('detectReset of custom buckets', () => {
  const old = custom([1, 2, 3], [1, 2, 3, 4]);
  const cases: [name: string, now: FloatHistogram, isReset: boolean][] = [
    ['more', custom([1, 2, 3], [1, 2, 3, 5]), false],
    ['a lower bucket', custom([1, 2, 3], [1, 1, 5, 5]), true],
    ['exponential now', exponential({ count: 99 }), true],
    ['other bounds, all there', custom([1, 3, 4], [1, 5, 4, 0]), false],
    ['other bounds, fewer up to one in common', custom([1, 3, 4], [1, 4, 4, 9]), true],
    ['no bounds in common', custom([7], [0, 10]), false],
  ];
  test.each(cases)('%s', (_, now, isReset) => {
    expect(detectReset(now, old)).toBe(isReset);
  });
});
