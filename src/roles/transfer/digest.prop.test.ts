import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnsOf, type Row, row } from '../../../test/support/arbitraries.ts';
import type { Label } from '../../model/labels.ts';
import { isStaleHistogram, staleHistogram } from '../../model/native-histogram-stale.ts';
import { isStaleBits, STALE_NAN_HIGH, STALE_NAN_LOW } from '../../model/stale.ts';
import { compareDigests } from './compare.ts';
import { Digest } from './digest.ts';

const LABELS: Label[] = [
  { name: 'job', value: 'x' },
  { name: '__name__', value: 'm' },
];

function digestOf(rows: readonly Row[], labels: readonly Label[] = LABELS): Digest {
  const digest = new Digest();
  digest.add({ labels, samples: columnsOf(rows), exemplars: [] });
  return digest;
}

const isStale = ({ raw, histogram }: Row): boolean =>
  histogram === undefined ? isStaleBits(raw.high, raw.low) : isStaleHistogram(histogram);

const rowsOfTimes = fc.uniqueArray(row, { minLength: 1, maxLength: 8, selector: ({ t }) => t + 0 });

test('the order of samples, of labels and of runs does not matter', () => {
  fc.assert(
    fc.property(rowsOfTimes, fc.nat(7), (rows, cut) => {
      const other = new Digest();
      const turned = rows.toReversed();
      const labels = LABELS.toReversed();
      other.add({ labels, samples: columnsOf(turned.slice(0, cut)), exemplars: [] });
      other.add({ labels, samples: columnsOf(turned.slice(cut)), exemplars: [] });
      expect(compareDigests(digestOf(rows), other, true).isEqual).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('any sample that is another, or not there, shows', () => {
  fc.assert(
    fc.property(rowsOfTimes, fc.nat(), row, (rows, which, changed) => {
      const at = which % rows.length;
      const same = { ...changed, t: rows[at]!.t };
      const bits = (one: Row): string =>
        isStale(one) ? `stale ${one.startT}` : JSON.stringify(one, bigints);
      const without = rows.filter((_, i) => i !== at);
      const file = digestOf(rows);
      expect(compareDigests(file, digestOf(without), true).isEqual).toBe(false);
      const replaced = compareDigests(file, digestOf([...without, same]), true);
      expect(replaced.isEqual).toBe(
        bits(rows[at]!) === bits(same) &&
          (rows[at]!.histogram === undefined) === (same.histogram === undefined),
      );
    }),
    { numRuns: 300 },
  );
});

const bigints = (_key: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return `${value}n`;
  return Object.is(value, -0) ? '-0' : value;
};

test('of samples for one time the last counts, as in the store', () => {
  const at = (raw: Row['raw'], t = 1000): Row => ({ t, raw, startT: 0, histogram: undefined });
  const [one, two] = [
    { high: 1, low: 1 },
    { high: 2, low: 2 },
  ];
  const stale = { high: 0x7ff0_0000, low: 2 };
  const same = (a: Row[], b: Row[]): boolean =>
    compareDigests(digestOf(a), digestOf(b), true).isEqual;
  expect(same([at(one), at(two)], [at(two)])).toBe(true);
  expect(same([at(one), at(stale)], [at(one)])).toBe(true);
  expect(same([at(stale), at(one)], [at(one)])).toBe(true);
  expect(same([at(one), at(two)], [at(one)])).toBe(false);
});

test('a stale float is no stale histogram; of histograms only that they are stale counts', () => {
  const raw = { high: STALE_NAN_HIGH, low: STALE_NAN_LOW };
  const digest = (histogram: Row['histogram']): Digest =>
    digestOf([{ t: 1000, raw, startT: 0, histogram }]);
  const same = (a: Row['histogram'], b: Row['histogram']): boolean =>
    compareDigests(digest(a), digest(b), true).isEqual;
  expect(same(undefined, undefined)).toBe(true);
  expect(same(undefined, staleHistogram('integer'))).toBe(false);
  expect(same(staleHistogram('float'), staleHistogram('integer'))).toBe(true);
});

test('a comparison says what is where, and what it does not look at', () => {
  const at = (t: number, value: number): Row => {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value);
    const raw = { high: view.getUint32(0), low: view.getUint32(4) };
    return { t, raw, startT: 0, histogram: undefined };
  };
  const day = 86_400_000;
  const file = digestOf([at(0, 1), at(1000, 2), at(day, 3)]);
  const server = digestOf([at(0, 1), at(1000, 2.5)]);
  server.add({
    labels: [{ name: 'a', value: 'b' }],
    samples: columnsOf([at(5, 5)]),
    exemplars: [],
  });
  const partly = compareDigests(file, server, false);
  expect(partly.isEqual).toBe(false);
  const text = partly.lines.join('\n').replaceAll(/hash [0-9a-f]{16}/g, 'hash H');
  expect(text).toBe(
    [
      'DIFFERENT m{job="x"} on 1970-01-01',
      '    file:   2 samples, first 1970-01-01T00:00:00.000Z, last 1970-01-01T00:00:01.000Z, sum 3, hash H',
      '    server: 2 samples, first 1970-01-01T00:00:00.000Z, last 1970-01-01T00:00:01.000Z, sum 3.5, hash H',
      'DIFFERENT m{job="x"} on 1970-01-02',
      '    file:   1 samples, first 1970-01-02T00:00:00.000Z, last 1970-01-02T00:00:00.000Z, sum 3, hash H',
      '    server: nothing',
      '1 other series on the server are not in the file',
      'compared 1 series, 2 days of series, 3 samples, 0 exemplars: 2 differences',
    ].join('\n'),
  );
  expect(compareDigests(file, server, true).lines).toContain(
    'DIFFERENT {a="b"}: only on the server',
  );
});

test('exemplars count, and extra labels take the place of those that are there', () => {
  const series = { labels: LABELS, samples: columnsOf([]) };
  const exemplar = { labels: [{ name: 'trace_id', value: '1' }], value: 1, t: 5 };
  const make = (value: number, extra: readonly Label[] = []): Digest => {
    const digest = new Digest();
    digest.add({ ...series, exemplars: [{ ...exemplar, value }] }, extra);
    return digest;
  };
  const same = (a: Digest, b: Digest): boolean => compareDigests(a, b, true).isEqual;
  expect(same(make(1), make(1))).toBe(true);
  expect(same(make(1), make(2))).toBe(false);
  expect(same(make(1), digestOf([]))).toBe(false);
  expect(same(make(1, [{ name: 'job', value: 'y' }]), make(1))).toBe(false);
  expect(same(make(1, [{ name: 'job', value: 'x' }]), make(1))).toBe(true);
});
