import { expect, test } from 'vitest';
import { parseBound } from './le-label.ts';

test('bounds as a float is written', () => {
  const cases: Record<string, number | undefined> = {
    '1': 1,
    '0.005': 0.005,
    '+1.5e3': 1500,
    '-.5': -0.5,
    '5.': 5,
    '+Inf': Infinity,
    inf: Infinity,
    '-Infinity': -Infinity,
    '': undefined,
    ' 1': undefined,
    '1e999': undefined,
    '0x10': undefined,
    NaN: undefined,
    e5: undefined,
    '.': undefined,
  };
  for (const [text, bound] of Object.entries(cases))
    expect([text, parseBound(text)]).toEqual([text, bound]);
});
