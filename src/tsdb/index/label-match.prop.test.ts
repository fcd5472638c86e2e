// Matching by postings against asking every matcher about every series.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Labels } from '../../model/labels.ts';
import { compareLabels, compareStrings, labelsFromObject, labelValue } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import { compileMatchers } from '../../storage/label-matcher.ts';
import { labelNamesOf, labelValuesOf, matchSeries } from './label-match.ts';
import { SeriesRegistry } from './series-registry.ts';

const numRuns = Number(process.env.PROP_RUNS ?? 400);
const seed = Number(process.env.PROP_SEED ?? 1);

const name = fc.constantFrom('a', 'b', 'c', 'd');
const value = fc.constantFrom('1', '2', '12', '3', 'x');
const series: fc.Arbitrary<Labels> = fc
  .dictionary(name, value, { maxKeys: 4 })
  .map(labelsFromObject);
const pattern = fc.constantFrom(
  ...[
    '',
    '.*',
    '.+',
    '1',
    '1|2',
    '(1|x)',
    '1.*',
    '.*2',
    '[12]+',
    '1?',
    '|1',
    'x|',
    '.',
    '[^1]*',
    '9',
  ],
);
const matcher: fc.Arbitrary<Matcher> = fc.oneof(
  fc.record({ type: fc.constantFrom('=', '!='), name, value: fc.oneof(value, fc.constant('')) }),
  fc.record({ type: fc.constantFrom('=~', '!~'), name, value: pattern }),
);

function build(seriesList: readonly Labels[]): { registry: SeriesRegistry; known: Labels[] } {
  const registry = new SeriesRegistry();
  registry.register(2, labelsFromObject({ a: '1', other: 'database' }));
  for (const labels of seriesList) registry.register(1, labels);
  const refs = registry.index(1).allIds();
  return { registry, known: Array.from(refs, (ref) => registry.labels(ref)) };
}

describe('label matching', () => {
  test('finds the series that satisfy every matcher', () => {
    const many = fc.array(series, { maxLength: 60 });
    fc.assert(
      fc.property(many, fc.array(matcher, { maxLength: 4 }), (seriesList, matchers) => {
        const { registry, known } = build(seriesList);
        const index = registry.index(1);
        const compiled = compileMatchers(matchers);
        const ids = matchSeries(index, compiled);
        const expected = known.filter((labels) =>
          compiled.every((m) => m.matches(labelValue(labels, m.name))),
        );
        expect(Array.from(ids, (id) => registry.labels(id))).toEqual(expected);
      }),
      { numRuns, seed },
    );
  });

  test('where equalities leave few series, these are asked and not all values of a label', () => {
    const numbers = Array.from({ length: 1000 }, (_, i) => i);
    const { registry } = build(
      numbers.map((i) => labelsFromObject({ a: i < 10 ? '1' : '2', b: String(i) })),
    );
    const asked = (a: string): number => {
      let times = 0;
      const matchers = compileMatchers([
        { type: '!~', name: 'b', value: '[5-9]' },
        { type: '=', name: 'a', value: a },
      ]).map((matcher) => ({
        ...matcher,
        matches: (text: string) => {
          times++;
          return matcher.matches(text);
        },
      }));
      expect(matchSeries(registry.index(1), matchers)).toHaveLength(a === '1' ? 5 : 990);
      return times;
    };
    expect(asked('1')).toBe(10);
    expect(asked('2')).toBe(1000);
  });

  test('names and values of some of the series', () => {
    const picked = fc.array(fc.tuple(series, fc.boolean()), { maxLength: 60 });
    fc.assert(
      fc.property(picked, name, (pairs, wanted) => {
        const { registry, known } = build(pairs.map(([labels]) => labels));
        const index = registry.index(1);
        const chosen = [...known.keys()].filter((i) => pairs[i]?.[1] ?? false);
        const ids = Uint32Array.from(chosen, (i) => index.allIds()[i]!);
        const labels = chosen.flatMap((i) => [...known[i]!]);
        const names = new Set(labels.map((label) => label.name));
        const values = new Set(labels.filter((l) => l.name === wanted).map((l) => l.value));
        expect(labelNamesOf(index, ids)).toEqual([...names].sort(compareStrings));
        expect(labelValuesOf(index, wanted, ids)).toEqual([...values].sort(compareStrings));
      }),
      { numRuns, seed },
    );
  });

  test('of a long list of series, as many are asked as it takes', () => {
    const count = 2000;
    const { registry } = build(
      Array.from({ length: count }, (_, i) => labelsFromObject({ a: '1', b: String(i) })),
    );
    const index = registry.index(1);
    const [first] = index.allIds();
    for (const wanted of [0, 1, 2, 3, 255, 256, 1023, count - 1]) {
      const asked: number[] = [];
      const isWanted = (ref: number): boolean => {
        asked.push(ref - first!);
        return ref - first! === wanted;
      };
      expect(index.valuesWhere('a', isWanted, 10, () => {})).toEqual(['1']);
      expect(asked).toEqual(Array.from({ length: wanted + 1 }, (_, i) => i));
    }
    expect(
      index.valuesWhere(
        'a',
        () => false,
        10,
        () => {},
      ),
    ).toEqual([]);
    expect(index.namesWhere(() => false)).toEqual([]);
  });

  test('order stays the same when it has been asked for so often that all pairs are sorted', () => {
    const count = 20_000;
    const { registry } = build(
      Array.from({ length: count }, (_, i) =>
        labelsFromObject({ a: String((i * 7919) % count), b: String(i % 7) }),
      ),
    );
    const index = registry.index(1);
    const ids = index.allIds().filter((_, i) => i % 20 === 0);
    const labels = Array.from(ids, (id) => registry.labels(id));
    const inOrder = [...labels].sort(compareLabels);
    const values = labels.map((of) => labelValue(of, 'a')).sort(compareStrings);
    for (let times = 0; times < 5; times++) {
      const found = Array.from(index.inLabelOrder(ids), (id) => registry.labels(id));
      expect(found).toEqual(inOrder);
      expect(labelValuesOf(index, 'a', ids)).toEqual(values);
    }
  });

  test('all series are asked for only if every matcher accepts an absent label', () => {
    const { registry } = build([labelsFromObject({ a: '1' }), labelsFromObject({ b: '1' })]);
    let asked = 0;
    const index = registry.index(1);
    const { allIds } = index;
    index.allIds = () => {
      asked++;
      return allIds.call(index);
    };
    matchSeries(index, compileMatchers([{ type: '=', name: 'a', value: '1' }]));
    expect(asked).toBe(0);
    expect(matchSeries(index, [])).toHaveLength(2);
    expect(asked).toBe(1);
  });
});
