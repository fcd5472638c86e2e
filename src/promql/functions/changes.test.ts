import { describe, expect, test } from 'vitest';
import { ResetHint } from '../../model/native-histogram.ts';
import { callRange, histogramOf, type Point } from './function-testing.ts';

const CALL = { range: 100, end: 100 };

function pointsOf(...values: Point[1][]): Point[] {
  return values.map((value, i) => [10 * (i + 1), value]);
}

describe('changes and resets', () => {
  const h = histogramOf;
  const cases: [text: string, points: Point[], changes: unknown, resets: unknown][] = [
    ['floats', pointsOf(1, 1, 2, 1, 1, 0), 3, 2],
    ['one sample', pointsOf(1), 0, 0],
    ['no sample', [], undefined, undefined],
    ['NaN equals NaN and is no reset', pointsOf(1, NaN, NaN, 1), 2, 0],
    ['0 equals -0', pointsOf(0, -0), 0, 0],
    ['histograms', pointsOf(h([1]), h([1]), h([2]), h([1])), 2, 1],
    ['a hint says so', pointsOf(h([1]), h([2], { resetHint: ResetHint.yes })), 1, 1],
    ['a change of kind is both', pointsOf(1, h([1]), 2, 3), 3, 2],
  ];
  for (const [text, points, changes, resets] of cases) {
    test(text, () => {
      expect(callRange('changes', points, CALL)).toEqual({ values: [changes], remarks: [] });
      expect(callRange('resets', points, CALL)).toEqual({ values: [resets], remarks: [] });
    });
  }

  test('start timestamps are resets of floats and histograms', () => {
    const options = { useStartTimestamps: true };
    const floats: Point[] = [
      [10, 1, 5],
      [20, 2, 5],
      [30, 3, 25],
    ];
    const histograms: Point[] = [
      [10, h([1]), 5],
      [20, h([2]), 15],
      [30, h([3]), 15],
    ];
    expect(callRange('resets', floats, { ...CALL, options }).values).toEqual([1]);
    expect(callRange('resets', histograms, { ...CALL, options }).values).toEqual([1]);
    expect(callRange('changes', floats, { ...CALL, options }).values).toEqual([2]);
    expect(callRange('resets', floats, CALL).values).toEqual([0]);
  });

  describe('anchored', () => {
    const anchored = { range: 20, end: 40, modifier: 'anchored' } as const;
    const points = pointsOf(5, 4, 3, 3, 1);

    test('the sample before the window counts as its first', () => {
      // (20, 40] holds 3 and 3; the 4 is from before.
      expect(callRange('changes', points, anchored).values).toEqual([1]);
      expect(callRange('resets', points, anchored).values).toEqual([1]);
      expect(callRange('changes', points, { range: 20, end: 40 }).values).toEqual([0]);
    });

    test('unless it is older than the lookback', () => {
      const options = { lookbackMs: 10_000 };
      const far: Point[] = [
        [10, 1],
        [30, 2],
      ];
      expect(callRange('changes', far, { ...anchored, options }).values).toEqual([0]);
      expect(callRange('changes', far, anchored).values).toEqual([1]);
    });

    test('a window without samples gives nothing', () => {
      expect(callRange('changes', pointsOf(1, 2), { ...anchored, end: 50 }).values).toEqual([
        undefined,
      ]);
    });
  });
});
