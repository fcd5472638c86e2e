import { expect, it } from 'vitest';
import type { Label } from '../model/labels.ts';
import { type LabelSource, RowSeries } from './rows.ts';

const LABELS: readonly Label[] = [
  { name: '__name__', value: 'up' },
  { name: 'a"b', value: '' },
  { name: '', value: 'ü\0\ud800' },
];

it('gives its labels again and again', () => {
  const series = new RowSeries(LABELS);
  for (let i = 0; i < 3; i++) expect(series.labels).toEqual(LABELS);
});

it('has labels made again by its source, but for those it was given', () => {
  const asked: string[] = [];
  const source: LabelSource<string> = {
    labelsOf: (key) => {
      asked.push(key);
      return LABELS;
    },
  };
  const series = new RowSeries(source, 'key', [...LABELS]);
  expect(series.labels).toEqual(LABELS);
  expect(asked).toEqual([]);
  expect([series.labels, series.labels]).toEqual([LABELS, LABELS]);
  expect(asked).toEqual(['key', 'key']);
});
