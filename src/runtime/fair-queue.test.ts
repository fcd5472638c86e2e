import { beforeEach, expect, test } from 'vitest';
import { FairQueue, largestShare } from './fair-queue.ts';

let now: number;
let queue: FairQueue<string>;
beforeEach(() => {
  now = 0;
  queue = new FairQueue(() => now);
});

/** Serves so many, each being at work until the end. */
function serve(count: number): string[] {
  return Array.from({ length: count }, () => {
    const [head] = queue.heads();
    if (head === undefined) return 'nobody';
    queue.start(head.owner);
    return head.item;
  });
}

function push(owner: string, ...items: string[]): void {
  for (const item of items) queue.push(owner, item);
}

test('one owner is served in order', () => {
  push('a', 'a1', 'a2', 'a3');
  expect([queue.size, serve(4), queue.size]).toEqual([3, ['a1', 'a2', 'a3', 'nobody'], 0]);
});

test('who has least at work comes first, then who was served longest ago', () => {
  push('a', 'a1', 'a2', 'a3', 'a4');
  expect(serve(2)).toEqual(['a1', 'a2']);
  push('b', 'b1', 'b2', 'b3');
  push('c', 'c1');
  expect(serve(4)).toEqual(['b1', 'c1', 'b2', 'a3']);
  queue.end('a');
  queue.end('a');
  queue.end('a');
  expect(serve(3)).toEqual(['a4', 'b3', 'nobody']);
});

test('who leaves is not served', () => {
  push('a', 'a1', 'a2');
  expect([queue.remove('a', 'a1'), queue.remove('a', 'a1'), queue.remove('b', 'x')]).toEqual([
    true,
    false,
    false,
  ]);
  expect([queue.size, queue.items(), serve(2)]).toEqual([1, ['a2'], ['a2', 'nobody']]);
});

test('the longest line gives way to a shorter one', () => {
  push('a', 'a1', 'a2', 'a3');
  push('b', 'b1');
  expect(queue.lastOfLongest('b')).toEqual({ owner: 'a', item: 'a3' });
  expect(queue.lastOfLongest('c')).toEqual({ owner: 'a', item: 'a3' });
  expect(queue.lastOfLongest('a')).toBeUndefined();
  push('b', 'b2');
  expect(queue.lastOfLongest('b')).toBeUndefined();
  expect(new FairQueue(() => 0).lastOfLongest('a')).toBeUndefined();
});

test('others are reckoned with while they ask for something, and for a while after', () => {
  push('a', 'a1');
  expect(queue.isSharedWith('a')).toBe(false);
  expect([queue.isSharedWith('b'), queue.isShared()]).toEqual([true, false]);
  push('b', 'b1');
  queue.start('b');
  now += 3_600_000;
  expect(queue.isSharedWith('a')).toBe(true);
  queue.end('b');
  push('a', 'a2');
  now += 600_000;
  expect([queue.isSharedWith('a'), queue.isShared()]).toEqual([true, true]);
  now++;
  expect([queue.isSharedWith('a'), queue.isShared()]).toEqual([false, false]);
});

test('some places stay for others', () => {
  expect([1, 2, 3, 4, 10, 20].map(largestShare)).toEqual([1, 1, 2, 3, 8, 15]);
});
