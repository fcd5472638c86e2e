import { expect, it } from 'vitest';
import { RowSeries } from '../../storage/rows.ts';
import { RowResolver } from './row-resolver.ts';
import { WriteColumns } from './write-columns.ts';

const INDEX = 7;
const DATABASE = 3;
const BOUNDS = { minT: 0, maxT: 100 };
const [good, bad, late] = ['good', 'bad', 'late'].map(
  (value) => new RowSeries([{ name: '__name__', value }]),
) as [RowSeries, RowSeries, RowSeries];

it('makes series known once, asks once for rows in a row that are refused, and not for those out of bounds', () => {
  const resolver = new RowResolver();
  const series = [good, bad, bad, bad, good, late, good];
  const t = Float64Array.of(1, 2, 3, 4, 5, 101, 0.5);
  const v = Float64Array.from(series, (_, i) => i);
  const asked: RowSeries[] = [];
  const add = (): [WriteColumns, number[]] => {
    const columns = new WriteColumns();
    const rows = { length: series.length, series, t, v };
    const rest = resolver.addKnown(DATABASE, INDEX, rows, BOUNDS, columns, (one) => {
      asked.push(one);
      return one === good ? 42 : -1;
    });
    return [columns, [...rest!.v]];
  };
  const [columns, rest] = add();
  expect(asked).toEqual([good, bad]);
  expect(rest).toEqual([1, 2, 3, 5, 6]);
  expect([...columns.refs.subarray(0, columns.rows)]).toEqual([42, 42]);
  expect([...columns.v.subarray(0, columns.rows)]).toEqual([0, 4]);
  expect(good).toMatchObject({ index: INDEX, database: DATABASE, ref: 42 });
  expect(bad.index).toBe(0);
  expect(add()[1]).toEqual(rest);
  expect(asked).toEqual([good, bad, bad]);
});
