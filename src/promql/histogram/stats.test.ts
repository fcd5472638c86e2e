import { expect, test } from 'vitest';
import { ResetHint } from '../../model/native-histogram.ts';
import { custom, exponential } from './histogram-shapes.ts';
import { withoutBuckets } from './stats.ts';

const { unknown, yes, no, gauge } = ResetHint;
const before = exponential({ zeroCount: 1, positive: { 0: 1, 1: 2 } });
const after = exponential({ schema: 0, zeroThreshold: 0.001, positive: { 0: 9, 1: 1 }, sum: 7 });

test('count, sum and schema are left', () => {
  expect(withoutBuckets(after, undefined)).toEqual(exponential({ count: 10, sum: 7 }));
  const { schema, customValues } = withoutBuckets(custom([1], [2, 3]), undefined);
  expect([schema, customValues]).toEqual([-53, []]);
});

test('a reset seen only in buckets is kept as the hint', () => {
  expect(withoutBuckets(after, before).resetHint).toBe(yes);
  expect(withoutBuckets(before, before).resetHint).toBe(no);
  expect(withoutBuckets(after, undefined).resetHint).toBe(unknown);
});

test('a hint that is known stays', () => {
  expect(withoutBuckets(after.withResetHint(no), before).resetHint).toBe(no);
  expect(withoutBuckets(after.withResetHint(gauge), before).resetHint).toBe(gauge);
  expect(withoutBuckets(before.withResetHint(yes), before).resetHint).toBe(yes);
});
