import { expect, test } from 'vitest';
import { MergeMemory } from './merge-memory.ts';
import type { MergedSeries } from './merge-series.ts';

function listOf(length: number): Uint32Array {
  return new Uint32Array(length);
}

function mergedOf(members: number): MergedSeries {
  const columns = new Uint32Array(members);
  return { length: 0, starts: columns, sources: columns, ids: columns };
}

test('the same arrays are merged once, others anew', () => {
  const memory = new MergeMemory();
  const [a, b, c] = [listOf(2), listOf(2), listOf(2)];
  let merges = 0;
  const get = (lists: Uint32Array[]): MergedSeries =>
    memory.get(lists, () => {
      merges++;
      return mergedOf(4);
    });
  const first = get([a, b]);
  expect(get([a, b])).toBe(first);
  expect(merges).toBe(1);
  expect(get([a, c])).not.toBe(first);
  expect(get([a, b, c])).not.toBe(first);
  expect(get([b, a])).not.toBe(first);
  expect(merges).toBe(4);
  memory.forget();
  get([b, a]);
  expect(merges).toBe(5);
});

test('what was used least recently goes first, and what is large is not kept at all', () => {
  const memory = new MergeMemory();
  const large = 2 ** 17;
  const lists = Array.from({ length: 5 }, () => [listOf(1), listOf(1)]);
  const merges: number[] = [];
  const get = (i: number, members = large): void => {
    memory.get(lists[i]!, () => {
      merges.push(i);
      return mergedOf(members);
    });
  };
  for (const i of [0, 1, 2, 3]) get(i);
  get(0);
  expect(merges).toEqual([0, 1, 2, 3]);
  get(4);
  get(0);
  get(1);
  expect(merges).toEqual([0, 1, 2, 3, 4, 1]);
  merges.length = 0;
  memory.forget();
  get(0, large + 1);
  get(0, large + 1);
  expect(merges).toEqual([0, 0]);
});
