import { expect, it } from 'vitest';
import { RowSeries } from '../storage/rows.ts';
import { hashKey, SeriesTable, viewOf } from './series-table.ts';

function view(text: string): DataView {
  return viewOf(Buffer.from(text));
}

function find(table: SeriesTable, key: string): RowSeries | undefined {
  const bytes = view(`<${key}>`);
  return table.find(bytes, 1, bytes.byteLength - 1, hashKey(bytes, 1, bytes.byteLength - 1));
}

function add(table: SeriesTable, key: string): RowSeries {
  const bytes = view(`<${key}>`);
  const series = new RowSeries([{ name: '__name__', value: key }]);
  const end = bytes.byteLength - 1;
  table.add(bytes, 1, end, hashKey(bytes, 1, end), series);
  return series;
}

it('finds what was added, through every growth', () => {
  const table = new SeriesTable({ maxSeries: 100_000, maxKeyBytes: 100_000_000 });
  const keys = Array.from({ length: 20_000 }, (_, i) => `cpu,host=${'x'.repeat(i % 90)}${i}`);
  const series = keys.map((key) => add(table, key));
  expect(keys.map((key) => find(table, key)?.labels[0])).toEqual(series.map((s) => s.labels[0]));
  expect(find(table, 'cpu,host=')).toBeUndefined();
  expect(table.size).toBe(20_000);
});

it('tells keys apart that have the same hash', () => {
  const table = new SeriesTable({ maxSeries: 10, maxKeyBytes: 1000 });
  const [one, two] = [view('one'), view('two')];
  const series = [new RowSeries([]), new RowSeries([])] as const;
  table.add(one, 0, 3, 7, series[0]);
  table.add(two, 0, 3, 7, series[1]);
  expect(table.find(one, 0, 3, 7)).toBe(series[0]);
  expect(table.find(two, 0, 3, 7)).toBe(series[1]);
  expect(table.find(view('six'), 0, 3, 7)).toBeUndefined();
});

it.each([
  ['series', { maxSeries: 3, maxKeyBytes: 1000 }],
  ['bytes', { maxSeries: 1000, maxKeyBytes: 7 }],
])('forgets everything once it has too many %s', (_, limits) => {
  const table = new SeriesTable(limits);
  for (const key of ['aa', 'bb', 'cc', 'dd']) add(table, key);
  expect(find(table, 'aa')).toBeUndefined();
  expect(find(table, 'dd')).toBeDefined();
  expect(table.size).toBe(1);
});

it('does not keep a key that is longer than any sender writes again', () => {
  const table = new SeriesTable({ maxSeries: 3, maxKeyBytes: 1_000_000 });
  add(table, 'x'.repeat(5000));
  expect(table.size).toBe(0);
});
