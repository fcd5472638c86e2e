// The registry against a plain map, with real hashes and with all hashes equal.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Labels } from '../../model/labels.ts';
import { compareLabels, compareStrings, labelsFromObject, labelValue } from '../../model/labels.ts';
import { compileMatcher } from '../../storage/label-matcher.ts';
import { FrozenRegistryReader } from './frozen-registry.ts';
import { LabelCache } from './label-cache.ts';
import { MemoryIndex } from './memory-index.ts';
import { SeriesRegistry } from './series-registry.ts';

const numRuns = Number(process.env.PROP_RUNS ?? 100);
const seed = Number(process.env.PROP_SEED ?? 1);

// Names and values that collide when concatenated, and ones whose UTF-8 and UTF-16 orders differ.
const text = fc.constantFrom(
  'a',
  'b',
  'ab',
  'ba',
  'é',
  '\u{ffee}',
  '\u{1f600}',
  'x'.repeat(300),
  '\0',
);
const labels: fc.Arbitrary<Labels> = fc
  .uniqueArray(fc.tuple(text, text), { maxLength: 5, selector: ([name]) => name })
  .map((pairs) => labelsFromObject(Object.fromEntries(pairs)));
const operation = fc.record({ dbId: fc.nat(2), labels });

/** What the registry should know, the slow way. */
class Model {
  readonly series: { dbId: number; labels: Labels; key: string }[] = [];

  register(dbId: number, labels: Labels): number {
    const known = this.lookup(dbId, labels);
    if (known >= 0) return known;
    return this.series.push({ dbId, labels, key: JSON.stringify(labels) }) - 1;
  }

  lookup(dbId: number, labels: Labels): number {
    const key = JSON.stringify(labels);
    return this.series.findIndex((s) => s.dbId === dbId && s.key === key);
  }

  refs(dbId: number, accepts: (labels: Labels) => boolean = () => true): number[] {
    return [...this.series.keys()].filter((ref) => {
      const series = this.series[ref]!;
      return series.dbId === dbId && accepts(series.labels);
    });
  }
}

describe.each([
  ['real hashes', -1],
  ['one hash for all', 0],
])('series registry, %s', (_name, hashMask) => {
  test('agrees with a plain map', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 80 }), (operations) => {
        const registry = new SeriesRegistry(hashMask);
        const model = new Model();
        for (const { dbId, labels } of operations) {
          expect(registry.lookup(dbId, labels)).toBe(model.lookup(dbId, labels));
          expect(registry.register(dbId, labels)).toBe(model.register(dbId, labels));
          expect(registry.lookup(dbId, labels)).toBe(model.lookup(dbId, labels));
        }
        expect(registry.seriesCount).toBe(model.series.length);
        for (const [ref, series] of model.series.entries()) {
          expect(registry.labels(ref)).toEqual(series.labels);
          expect(registry.database(ref)).toBe(series.dbId);
        }
        for (const dbId of [0, 1, 2, 3]) checkIndex(registry.index(dbId), model, dbId);
      }),
      { numRuns, seed },
    );
  });

  test('a frozen view sees what was there and nothing later', () => {
    const some = fc.array(operation, { maxLength: 60 });
    fc.assert(
      fc.property(some, some, (before, after) => {
        const registry = new SeriesRegistry(hashMask);
        const model = new Model();
        for (const { dbId, labels } of before) {
          registry.register(dbId, labels);
          model.register(dbId, labels);
        }
        const frozen = structuredClone(registry.freeze());
        const reader = new FrozenRegistryReader(frozen);
        for (const { dbId, labels } of after) registry.register(dbId, labels);
        expect(reader.seriesCount).toBe(model.series.length);
        const later = structuredClone(registry.freeze());
        for (const dbId of [0, 1, 2]) {
          checkFrozen(reader, model, dbId);
          const cache = new LabelCache();
          const database = frozen.databases.find((candidate) => candidate.dbId === dbId);
          if (database === undefined) continue;
          checkIndex(new MemoryIndex(frozen, database, cache), model, dbId);
          // A cache that newer columns have been read with must not show in older ones.
          const newer = later.databases.find((candidate) => candidate.dbId === dbId)!;
          const index = new MemoryIndex(later, newer, cache);
          for (const name of index.labelNames()) index.labelValues(name);
          index.inLabelOrder(index.allIds());
          checkIndex(new MemoryIndex(frozen, database, cache), model, dbId);
        }
      }),
      { numRuns, seed },
    );
  });
});

/** Names and values on every other series. */
function checkSome(index: MemoryIndex, model: Model, refs: readonly number[]): void {
  const isWanted = (ref: number): boolean => ref % 2 === 0;
  const wanted = refs.filter(isWanted);
  const labels = wanted.flatMap((ref) => [...model.series[ref]!.labels]);
  const distinct = (texts: readonly string[]): string[] => [...new Set(texts)].sort(compareStrings);
  const names = distinct(labels.map(({ name }) => name));
  expect(index.namesOf(Uint32Array.from(wanted))).toEqual(names);
  expect(index.namesWhere(isWanted)).toEqual(names);
  for (const name of index.labelNames()) {
    const values = distinct(labels.filter((label) => label.name === name).map((l) => l.value));
    expect(index.valuesOf(name, Uint32Array.from(wanted))).toEqual(values);
    expect(index.valuesWhere(name, isWanted, 2, () => {})).toEqual(values.slice(0, 2));
  }
}

function checkIndex(index: MemoryIndex, model: Model, dbId: number): void {
  const refs = model.refs(dbId);
  const byLabels = [...refs].sort((a, b) =>
    compareLabels(model.series[a]!.labels, model.series[b]!.labels),
  );
  expect([...index.inLabelOrder(Uint32Array.from(refs))]).toEqual(byLabels);
  expect(refs.map((ref) => index.seriesLabels(ref))).toEqual(
    refs.map((ref) => model.series[ref]!.labels),
  );
  checkSome(index, model, refs);
  expect([...index.allIds()]).toEqual(refs);
  expect(index.seriesCount).toBe(refs.length);
  const pairs = refs.flatMap((ref) => [...model.series[ref]!.labels]);
  const names = [...new Set(pairs.map((pair) => pair.name))].sort(compareStrings);
  expect(index.labelNames()).toEqual(names);
  expect(index.labelValues('no such name')).toEqual([]);
  expect(index.postingsOfName('no such name')).toHaveLength(0);
  expect(index.pairCount).toBe(new Set(pairs.map((pair) => JSON.stringify(pair))).size);
  for (const name of names) {
    const values = pairs.filter((pair) => pair.name === name).map((pair) => pair.value);
    const distinct = [...new Set(values)].sort(compareStrings);
    expect(index.labelValues(name)).toEqual(distinct);
    const withName = model.refs(dbId, (labels) => labels.some((label) => label.name === name));
    expect([...index.postingsOfName(name)]).toEqual(withName);
    expect(index.postings(name, 'no such value')).toHaveLength(0);
    for (const value of distinct) {
      const withPair = model.refs(dbId, (labels) =>
        labels.some((label) => label.name === name && label.value === value),
      );
      expect([...index.postings(name, value)]).toEqual(withPair);
    }
    // Regular expressions that are no list of literals.
    for (const value of ['[ab]+', '.*b', '[^a]']) {
      const matcher = compileMatcher({ type: '=~', name, value });
      const matching = model.refs(dbId, (labels) => matcher.matches(labelValue(labels, name)));
      expect([...index.tellingPostings(matcher)]).toEqual(matching);
    }
  }
}

function checkFrozen(reader: FrozenRegistryReader, model: Model, dbId: number): void {
  const refs = model.refs(dbId);
  const { pairs } = reader.pairs(dbId);
  const ordered = [...pairs].sort(
    (a, b) => compareStrings(a.name, b.name) || compareStrings(a.value, b.value),
  );
  expect(pairs).toEqual(ordered);
  for (const ref of refs) {
    const ranks = reader.pairRanks(ref);
    expect([...ranks]).toEqual([...ranks].sort((a, b) => a - b));
    expect(Array.from(ranks, (rank) => pairs[rank]!)).toEqual(model.series[ref]!.labels);
    expect(reader.database(ref)).toBe(dbId);
  }
  const byLabels = [...refs].sort((a, b) =>
    compareLabels(model.series[a]!.labels, model.series[b]!.labels),
  );
  expect([...reader.sortedRefs(Uint32Array.from(refs))]).toEqual(byLabels);
}
