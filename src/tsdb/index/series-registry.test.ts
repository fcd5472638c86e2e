import { describe, expect, test } from 'vitest';
import type { Label } from '../../model/labels.ts';
import { compareStrings } from '../../model/labels.ts';
import { SeriesRegistry } from './series-registry.ts';

/** Ten labels as a scraped target has them; only `index` tells the series of a target apart. */
function scrapeLabels(i: number): Label[] {
  const target = Math.floor(i / 500);
  return [
    { name: '__name__', value: `metric_number_${i % 100}_total` },
    { name: 'cluster', value: 'eu-west-1' },
    { name: 'container', value: `container-${target % 7}` },
    { name: 'endpoint', value: 'metrics' },
    { name: 'index', value: String(Math.floor((i % 500) / 100)) },
    { name: 'instance', value: `10.0.${target >> 8}.${target & 255}:9100` },
    { name: 'job', value: `job-${target % 11}` },
    { name: 'namespace', value: `namespace-${target % 13}` },
    { name: 'pod', value: `pod-${target}` },
    { name: 'prometheus', value: 'monitoring/k8s' },
  ];
}

describe('series registry', () => {
  test('a series of ten labels takes at most 200 bytes', () => {
    const registry = new SeriesRegistry();
    const series = 100_000;
    for (let i = 0; i < series; i++) registry.register(1, scrapeLabels(i));
    expect(registry.seriesCount).toBe(series);
    expect(registry.bytes() / series).toBeLessThan(200);
    for (const i of [0, 1, 499, 77_777, series - 1]) {
      expect(registry.labels(i)).toEqual(scrapeLabels(i));
      expect(registry.lookup(1, scrapeLabels(i))).toBe(i);
    }
  });

  test('a thousand tiny databases take at most 64 MB', () => {
    const registry = new SeriesRegistry();
    for (let dbId = 0; dbId < 1000; dbId++) registry.register(dbId, scrapeLabels(dbId));
    expect(registry.bytes()).toBeLessThan(64 * 1024 * 1024);
  });

  test('posting lists keep order and completeness across all block sizes', () => {
    const registry = new SeriesRegistry();
    for (let i = 0; i < 3000; i++) {
      registry.register(i % 3, [
        { name: 'all', value: 'same' },
        { name: 'i', value: String(i) },
      ]);
      if (i > 600 && i % 100 !== 0) continue;
      const expected = Array.from({ length: Math.floor(i / 3) + 1 }, (_, k) => k * 3);
      expect([...registry.index(0).postings('all', 'same')]).toEqual(expected);
    }
  });

  test('a dropped database is gone, the others and their refs stay', () => {
    const registry = new SeriesRegistry();
    const labels = [{ name: 'a', value: 'b' }];
    const dropped = registry.register(1, labels);
    const kept = registry.register(2, labels);
    const before = registry.index(1);
    registry.dropDatabase(1);
    expect(registry.lookup(1, labels)).toBe(-1);
    expect(registry.index(1).seriesCount).toBe(0);
    expect(registry.index(1).labelNames()).toEqual([]);
    // A query under way is read to its end.
    expect(before.seriesLabels(dropped)).toEqual(labels);
    expect([...before.postings('a', 'b')]).toEqual([dropped]);
    expect(() => registry.labels(dropped)).toThrow(RangeError);
    expect(() => registry.register(1, labels)).toThrow('dropped');
    expect(registry.lookup(2, labels)).toBe(kept);
    expect(registry.register(3, labels)).toBe(2);
    expect(registry.freeze().databases.map((database) => database.dbId)).toEqual([2, 3]);
  });

  test('an index sees what was there when it was made, whatever has been cached since', () => {
    const registry = new SeriesRegistry();
    const values = ['m', 'z', 'a', '\u{1f600}', '\uffee', 'é', 'b'];
    const indexes = values.map((value) => {
      registry.register(7, [{ name: 'x', value }]);
      const index = registry.index(7);
      index.labelValues('x');
      return index;
    });
    for (const [i, index] of indexes.entries()) {
      const known = values.slice(0, i + 1).sort(compareStrings);
      expect(index.labelValues('x')).toEqual(known);
      expect(index.seriesCount).toBe(known.length);
      expect(index.allIds()).toHaveLength(known.length);
      expect(index.postingsOfName('x')).toHaveLength(known.length);
      for (const value of values) {
        expect(index.postings('x', value)).toHaveLength(known.includes(value) ? 1 : 0);
      }
    }
  });

  test('refs that were never given out are refused', () => {
    const registry = new SeriesRegistry();
    expect(() => registry.labels(0)).toThrow(RangeError);
    expect(() => registry.database(-1)).toThrow(RangeError);
  });
});
