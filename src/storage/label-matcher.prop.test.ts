// Every fast path against re2js itself, on patterns built from the pieces that people write.

import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, test } from 'vitest';
import { compileMatcher } from './label-matcher.ts';
import { parseSimplePattern } from './simple-pattern.ts';

const numRuns = Number(process.env.PROP_RUNS ?? 3000);
const seed = Number(process.env.PROP_SEED ?? 1);

const letters = fc.constantFrom('a', 'b', 'ab', 'ba', 'aab', '-', 'é', '\u{1f600}', '\n', '');
const value = fc.array(letters, { maxLength: 6 }).map((parts) => parts.join(''));

const { simple } = fc.letrec<{ simple: string; item: string }>((tie) => ({
  simple: fc.array(tie('item'), { maxLength: 5 }).map((items) => items.join('')),
  item: fc.oneof(
    { weight: 4, arbitrary: letters },
    { weight: 3, arbitrary: fc.constantFrom('.*', '.+', '.*?', '|', '\\.', '\\-') },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom('(', '(?:'), tie('simple'))
        .map(([open, s]) => `${open}${s})`),
    },
  ),
}));
// What is not simple, valid or not, between pieces that are.
const odd = fc.constantFrom(
  '.',
  '[ab]',
  'a*',
  '(?i)',
  '^',
  '$',
  '{2}',
  '?',
  '+',
  '(',
  ')',
  '\\d',
  '\\',
  ']',
  '}',
  '.*?',
);
const anyPattern = fc.array(fc.oneof(simple, odd), { maxLength: 4 }).map((parts) => parts.join(''));

/** Verdict of re2js alone, undefined for an invalid pattern. */
function oracle(pattern: string): RE2JS | undefined {
  try {
    RE2JS.compile(pattern);
    return RE2JS.compile(`^(?s:${pattern})$`);
  } catch {
    return undefined;
  }
}

function check(pattern: string, values: readonly string[]): void {
  const expected = oracle(pattern);
  if (expected === undefined) {
    expect(() => compileMatcher({ type: '=~', name: 'x', value: pattern })).toThrow();
    return;
  }
  const matcher = compileMatcher({ type: '=~', name: 'x', value: pattern });
  const inverse = compileMatcher({ type: '!~', name: 'x', value: pattern });
  expect(matcher.matchesEmpty).toBe(expected.test(''));
  expect(inverse.matchesEmpty).toBe(!expected.test(''));
  for (const v of values) {
    const fits = expected.test(v);
    expect(matcher.matches(v), `${JSON.stringify(pattern)} on ${JSON.stringify(v)}`).toBe(fits);
    expect(inverse.matches(v)).toBe(!fits);
    if (matcher.exact !== undefined) expect(matcher.exact.includes(v)).toBe(fits);
    if (fits) expect(v.startsWith(matcher.prefix)).toBe(true);
    if (matcher.fitsEveryValue && v !== '') expect(fits).toBe(true);
  }
}

describe('matchers agree with re2js', () => {
  test('on simple patterns, which do take the fast path', () => {
    let fast = 0;
    let total = 0;
    fc.assert(
      fc.property(simple, fc.array(value, { maxLength: 12 }), (pattern, values) => {
        total++;
        if (parseSimplePattern(pattern) !== undefined) fast++;
        check(pattern, values);
      }),
      { numRuns, seed },
    );
    expect(fast).toBeGreaterThan(total / 2);
  });

  test('on all patterns, valid or not', () => {
    fc.assert(fc.property(anyPattern, fc.array(value, { maxLength: 12 }), check), {
      numRuns,
      seed,
    });
  });
});
