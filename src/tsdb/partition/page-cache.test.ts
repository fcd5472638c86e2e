import { describe, expect, test } from 'vitest';
import { PageCache } from './page-cache.ts';

function load(cache: PageCache, owner: number, key: string, bytes = 10): boolean {
  let isLoaded = false;
  const value = cache.get(owner, key, () => {
    isLoaded = true;
    return { value: `${owner} ${key}`, bytes };
  });
  expect(value).toBe(`${owner} ${key}`);
  return isLoaded;
}

describe('a page cache', () => {
  test('keeps what was used last within its bytes', () => {
    const cache = new PageCache(30);
    expect(['a', 'b', 'c'].map((key) => load(cache, 0, key))).toEqual([true, true, true]);
    expect(load(cache, 0, 'a')).toBe(false);
    expect(load(cache, 0, 'd')).toBe(true);
    expect(['a', 'c', 'd'].map((key) => load(cache, 0, key))).toEqual([false, false, false]);
    expect(load(cache, 0, 'b')).toBe(true);
    expect(cache.bytes).toBe(30);
    expect(cache).toMatchObject({ hits: 4, misses: 5 });
  });

  test('does not keep a value above its bytes, nor what failed to load', () => {
    const cache = new PageCache(30);
    load(cache, 0, 'a');
    expect(load(cache, 0, 'large', 31)).toBe(true);
    expect(load(cache, 0, 'a')).toBe(false);
    const fail = (): never => {
      throw new Error('no');
    };
    expect(() => cache.get(0, 'x', fail)).toThrow('no');
    expect(load(cache, 0, 'x')).toBe(true);
  });

  test('tells owners apart and forgets one', () => {
    const cache = new PageCache(1000);
    const owners = Array.from({ length: 12 }, () => cache.newOwner());
    for (const owner of owners) load(cache, owner, '1a');
    cache.forget(1);
    expect(owners.filter((owner) => load(cache, owner, '1a'))).toEqual([1]);
    expect(cache.bytes).toBe(120);
  });
});
