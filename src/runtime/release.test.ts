import { expect, test } from 'vitest';
import { releaseBytes } from './release.ts';

const SIZE = 1 << 20;

test('the memory of a buffer that is given back is free without a collection', () => {
  const before = process.memoryUsage().arrayBuffers;
  const kept: Uint8Array[] = [];
  for (let i = 0; i < 64; i++) {
    const bytes = new Uint8Array(SIZE);
    releaseBytes(bytes);
    kept.push(bytes);
  }
  expect(kept.every(({ length }) => length === 0)).toBe(true);
  // All of them are still referred to: no collector could have freed any.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * SIZE);
});

test('bytes of which others may have a part are left alone', () => {
  const whole = new Uint8Array(SIZE);
  const first = whole.subarray(0, SIZE / 2);
  const last = whole.subarray(SIZE / 2);
  const shared = new Uint8Array(new SharedArrayBuffer(SIZE));
  const small = Buffer.from('a few');
  for (const bytes of [first, last, shared, small]) releaseBytes(bytes);
  expect([first.length, last.length, shared.length, small.length]).toEqual([
    SIZE / 2,
    SIZE / 2,
    SIZE,
    5,
  ]);
});
