import { expect, test } from 'vitest';
import { FUNCTIONS as SIGNATURES } from '../language/functions.ts';
import { FUNCTIONS } from './index.ts';

test('every function that parses can be computed, and no other', () => {
  expect([...FUNCTIONS.keys()].sort()).toEqual([...SIGNATURES.keys()].sort());
});
