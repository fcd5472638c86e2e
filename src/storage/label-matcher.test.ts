import { describe, expect, test } from 'vitest';
import { compileMatcher } from './label-matcher.ts';
import { parseSimplePattern } from './simple-pattern.ts';

const regexp = (value: string) => compileMatcher({ type: '=~', name: 'x', value });

describe('what an index can know of a pattern', () => {
  const cases: [string, { exact?: string[]; prefix?: string; fitsEveryValue?: boolean }][] = [
    ['', { exact: [''] }],
    ['abc', { exact: ['abc'], prefix: 'abc' }],
    ['a\\.b', { exact: ['a.b'], prefix: 'a.b' }],
    ['a|b|a', { exact: ['a', 'b'] }],
    ['(a|b)', { exact: ['a', 'b'] }],
    ['(?:a|b)c', { exact: ['ac', 'bc'] }],
    ['web-(a|b)-(1|2)', { exact: ['web-a-1', 'web-a-2', 'web-b-1', 'web-b-2'], prefix: 'web-' }],
    ['foo.*', { prefix: 'foo' }],
    ['foo.*bar|foot', { prefix: 'foo' }],
    ['.*foo', {}],
    ['.*', { fitsEveryValue: true }],
    ['.+', { fitsEveryValue: true }],
    ['a|.+', { fitsEveryValue: true }],
    ['pod-[a-c]+', { prefix: 'pod-' }],
    ['pods?-[a-c]', { prefix: 'pod' }],
    ['pod-\\d|x', {}],
  ];
  test.each(cases)('%j', (pattern, known) => {
    const matcher = regexp(pattern);
    expect(matcher.exact).toEqual(known.exact);
    expect(matcher.prefix).toBe(known.prefix ?? '');
    expect(matcher.fitsEveryValue).toBe(known.fitsEveryValue ?? false);
  });

  test('a literal matcher', () => {
    const matcher = compileMatcher({ type: '!=', name: 'x', value: 'a.*' });
    expect(matcher).toMatchObject({ negated: true, matchesEmpty: true, exact: ['a.*'] });
    expect(matcher.matches('a.*')).toBe(false);
    expect(matcher.matches('ab')).toBe(true);
  });
});

describe('limits', () => {
  const invalid = expect.objectContaining({ kind: 'bad_data', code: 'STORAGE_INVALID_REGEXP' });

  test('an invalid pattern is told without repeating megabytes of it', () => {
    expect(() => regexp('(')).toThrow(invalid);
    const long = `[${'a'.repeat(2_000_000)}`;
    expect(() => regexp(long)).toThrow(invalid);
    expect(() => regexp(long)).toThrow(/^.{1,500}$/s);
  });

  test('a long alternation of literals needs no engine and has no such limit', () => {
    const values = Array.from({ length: 5000 }, (_, i) => `instance-${i}:9100`);
    const matcher = regexp(values.join('|'));
    expect(matcher.exact).toEqual(values);
    expect(matcher.matches('instance-4999:9100')).toBe(true);
    expect(matcher.matches('instance-5000:9100')).toBe(false);
  });

  test('products and nesting that grow too large are left to re2js', () => {
    expect(parseSimplePattern('(a|b)'.repeat(12))).toBeUndefined();
    expect(parseSimplePattern(`${'('.repeat(100)}a${')'.repeat(100)}`)).toBeUndefined();
    expect(regexp('(a|b)'.repeat(12)).matches('ab'.repeat(6))).toBe(true);
  });

  test('more values and patterns than the caches hold are still judged right', () => {
    for (let round = 0; round < 2; round++) {
      for (let p = 0; p < 40; p++) {
        const matcher = regexp(`v[0-9]*${p % 10}`);
        expect(matcher.matches(`v1${p % 10}`)).toBe(true);
        expect(matcher.matches(`v1${(p + 1) % 10}`)).toBe(false);
      }
    }
    const matcher = regexp('v[0-9]*7');
    for (let i = 0; i < 10_000; i++) expect(matcher.matches(`v${i}`)).toBe(i % 10 === 7);
  });
});
