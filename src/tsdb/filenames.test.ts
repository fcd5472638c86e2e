import { expect, test } from 'vitest';
import {
  parseLockName,
  parsePartName,
  parseSegmentName,
  partName,
  segmentName,
} from './filenames.ts';

test('names of segments sort as their numbers and can be read back', () => {
  for (const firstSeq of [1, 999_999, Number.MAX_SAFE_INTEGER]) {
    expect(parseSegmentName(segmentName(3, firstSeq))).toEqual({ shard: 3, firstSeq });
  }
  expect(segmentName(0, 9) < segmentName(0, 10)).toBe(true);
});

test('names of parts can be read back', () => {
  const part = { minSeq: 5, maxSeq: Number.MAX_SAFE_INTEGER, n: 12 };
  expect(parsePartName(partName(part.minSeq, part.maxSeq, part.n))).toEqual(part);
});

test.each([
  '0-1.log',
  '0-0000000000000001.log.tmp',
  '0-9999999999999999.log',
  'x-0000000000000001.log',
  'quarantine',
])('%s is not a segment', (name) => expect(parseSegmentName(name)).toBeUndefined());

test.each([
  '0000000000000002-0000000000000001-1.part',
  '0000000000000001-0000000000000001.part',
  '0000000000000001-0000000000000001-1.part.tmp',
])('%s is not a part', (name) => expect(parsePartName(name)).toBeUndefined());

test('only whole lock names are locks', () => {
  expect(parseLockName('lock.12.sock')).toBe(12);
  expect(parseLockName('lock.12.sock.tmp')).toBeUndefined();
  expect(parseLockName('lock.sock')).toBeUndefined();
});
