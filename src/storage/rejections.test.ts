import { expect, test } from 'vitest';
import type { Rejection } from './errors.ts';
import { MAX_LISTED_REJECTIONS } from './interface.ts';
import { RejectionCollector } from './rejections.ts';

const rejection: Rejection = {
  reason: 'outside_retention',
  series: 'up',
  message: 'too old',
  samples: 2,
  histograms: 1,
  exemplars: 0,
};

test('lists no more than the limit and counts all', () => {
  const collector = new RejectionCollector();
  collector.addAll(Array.from({ length: MAX_LISTED_REJECTIONS + 50 }, () => rejection));
  expect(collector.list).toHaveLength(MAX_LISTED_REJECTIONS);
  expect(collector.total).toBe((MAX_LISTED_REJECTIONS + 50) * 3);
  expect(collector.countOf('outside_retention')).toBe(collector.total);
  expect(collector.countOf('empty_series')).toBe(0);
});

test('a refused series without content shows in the counts by reason only', () => {
  const collector = new RejectionCollector();
  collector.add({ ...rejection, reason: 'empty_series', samples: 0, histograms: 0 });
  expect(collector.total).toBe(0);
  expect([...collector.counts()]).toEqual([['empty_series', 1]]);
});
