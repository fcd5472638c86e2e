import { expect, test } from 'vitest';
import type { Annotation } from '../../promql/annotations.ts';
import { remarksOf } from './remarks.ts';

function annotation(kind: Annotation['kind'], text: string, position: number): Annotation {
  return { kind, text, position, rank: 0 };
}

test('texts with kind and place; those of others first', () => {
  const annotations = [annotation('info', 'one', 0), annotation('warning', 'two', 5)];
  expect(remarksOf('ä +\n b', annotations, ['other'])).toEqual({
    warnings: ['other', 'PromQL warning: two (2:2)'],
    infos: ['PromQL info: one (1:1)'],
  });
});

test('ten of a kind, then how many more', () => {
  const annotations = Array.from({ length: 12 }, (_, i) => annotation('warning', `w${i}`, 0));
  const { warnings, infos } = remarksOf('x', annotations, ['other']);
  expect(warnings).toHaveLength(11);
  expect(warnings.slice(9)).toEqual([
    'PromQL warning: w8 (1:1)',
    '3 more warning annotations omitted',
  ]);
  expect(infos).toEqual([]);
  expect(remarksOf('x', annotations.slice(0, 10), []).warnings).toHaveLength(10);
});
