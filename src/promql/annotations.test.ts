import { describe, expect, test } from 'vitest';
import { Annotations, type ForcedMonotonicity } from './annotations.ts';

const forced: ForcedMonotonicity = {
  kind: 'forcedMonotonicity',
  metricName: 'x',
  minT: 1_700_000_000_000,
  maxT: 1_700_000_000_000,
  minBucket: 0.5,
  maxBucket: 2_000_000,
  maxDiff: 12.34,
  samples: 1,
};

const texts = (annotations: Annotations): string[] => annotations.list().map(({ text }) => text);

describe('annotations', () => {
  test('equal texts are one remark, at the place of the node evaluated last; a warning is no info', () => {
    const annotations = new Annotations();
    const last = annotations.ranked(4);
    last.warn('a', 5);
    annotations.info('a', 6);
    annotations.ranked(3).warn('a', 7);
    last.warn('a', 1);
    annotations.warn('b', 8);
    const other = new Annotations();
    other.ranked(9).warn('b', 2);
    annotations.merge(other.list());
    expect(annotations.list()).toEqual([
      { kind: 'warning', text: 'a', position: 1, rank: 4 },
      { kind: 'info', text: 'a', position: 6, rank: 0 },
      { kind: 'warning', text: 'b', position: 2, rank: 9 },
    ]);
  });

  test('occurrences add up by metric, also across threads', () => {
    const one = new Annotations();
    one.count({ kind: 'startTimeOverlap', metricName: 'x', occurrences: 1 }, 3);
    const text =
      'sample has start time that overlaps with previous sample timestamp for metric "x"';
    expect(texts(one)).toEqual([text]);
    const all = new Annotations();
    all.merge(structuredClone(one.list()));
    all.merge(structuredClone(one.list()));
    all.count({ kind: 'startTimeOverlap', metricName: 'y', occurrences: 2 }, 4);
    expect(texts(all)).toEqual([
      `${text} (2 occurrences)`,
      text.replace('"x"', '"y" (2 occurrences)'),
    ]);
    expect(all.list().map(({ position }) => position)).toEqual([3, 4]);
  });

  test('buckets that were raised: widest bounds, longest time, largest difference', () => {
    const annotations = new Annotations();
    annotations.count(forced, 3);
    annotations.count(
      {
        ...forced,
        minT: 1_699_999_999_000,
        minBucket: 1,
        maxBucket: Infinity,
        maxDiff: 3,
        samples: 4,
      },
      9,
    );
    expect(annotations.list()).toEqual([
      expect.objectContaining({
        kind: 'info',
        position: 3,
        text: 'input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile) for metric name "x", from buckets 0.5 to +Inf, with a max diff of 12, over 5 samples from 2023-11-14T22:13:19Z to 2023-11-14T22:13:20Z',
      }),
    ]);
  });
});
