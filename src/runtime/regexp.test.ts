import { describe, expect, test } from 'vitest';
import { compileAnchored, compileCapturing, MAX_REGEXP_BYTES } from './regexp.ts';

describe('compileAnchored', () => {
  const cases: [pattern: string, text: string, matches: boolean][] = [
    ['', '', true],
    ['', 'a', false],
    ['a', 'ab', false],
    ['a', 'ba', false],
    ['a|b', 'b', true],
    ['a|b', 'ab', false],
    ['a|ab', 'ab', true],
    ['a.b', 'a\nb', true],
    ['a$', 'a\n', false],
    ['.', '\u{1f600}', true],
    ['(?i)ABC', 'abc', true],
    ['(?i:A)b', 'aB', false],
    ['[[:digit:]]+', '123', true],
    ['\\d{2,3}', '1234', false],
    ['(?P<x>a)', 'a', true],
    ['\\x{1f600}', '\u{1f600}', true],
    ['(a+)+$', 'a'.repeat(1000), true],
  ];
  test.each(cases)('%j on %j', (pattern, text, matches) => {
    expect(compileAnchored(pattern).matches(text)).toBe(matches);
  });

  test.each([
    '(',
    ')',
    'a)|(b',
    'a**',
    '[z-a]',
    '(?=a)',
    '\\',
    '(?<',
    'a{1001}',
    '*',
    '\\pX',
    '(?i',
  ])('%j is refused', (pattern) => {
    expect(() => compileAnchored(pattern)).toThrow(
      expect.objectContaining({ kind: 'bad_data', code: 'RUNTIME_REGEXP_SYNTAX' }),
    );
  });

  test('patterns past the limit are refused, at the limit taken', () => {
    expect(compileAnchored('a'.repeat(MAX_REGEXP_BYTES)).matches('a')).toBe(false);
    for (const pattern of [
      'a'.repeat(MAX_REGEXP_BYTES + 1),
      'é'.repeat(MAX_REGEXP_BYTES / 2 + 1),
    ]) {
      expect(() => compileAnchored(pattern)).toThrow(
        expect.objectContaining({ kind: 'bad_data', code: 'RUNTIME_REGEXP_TOO_LONG' }),
      );
    }
  });

  test('nested repetition takes linear time', () => {
    const started = performance.now();
    expect(compileAnchored('(x+x+)+y').matches('x'.repeat(20_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test('deep nesting is an error, not a stack overflow', () => {
    const depth = 2000;
    expect(() => compileAnchored('('.repeat(depth) + ')'.repeat(depth))).toThrow(
      expect.objectContaining({ kind: 'bad_data' }),
    );
  });
});

describe('compileCapturing', () => {
  test('groups by number and name, undefined where one took no part', () => {
    const regexp = compileCapturing('(?P<head>a+)(b)?(.*)');
    expect(regexp.captures('aa\n')).toEqual(['aa\n', 'aa', undefined, '\n']);
    expect(regexp.captures('baa')).toBeUndefined();
    expect([...regexp.groups]).toEqual([['head', 1]]);
  });

  test('the first alternative that fits the whole text wins', () => {
    expect(compileCapturing('(a|ab)(.*)').captures('abc')).toEqual(['abc', 'a', 'bc']);
    expect(compileCapturing('(a|ab)').captures('ab')).toEqual(['ab', 'ab']);
  });

  test('wrong patterns are refused', () => {
    for (const pattern of ['(', 'a)|(b', 'a'.repeat(MAX_REGEXP_BYTES + 1)]) {
      expect(() => compileCapturing(pattern)).toThrow(
        expect.objectContaining({ kind: 'bad_data' }),
      );
    }
  });
});
