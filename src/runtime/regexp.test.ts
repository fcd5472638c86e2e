import { RE2JS } from 're2js';
import { describe, expect, test, vi } from 'vitest';
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

  test.each([
    `(${'a{0,1000}'.repeat(6)})+`,
    '((abcdef){10}){100}',
    '((((a{10}){10}){10}){10}){10}',
    '[\\p{L}\\p{N}]+'.repeat(200),
    `[${'\\pL'.repeat(1300)}]`,
    Array.from({ length: 1000 }, () => '\\PL').join('|'),
    '(?i)[\\x{80}-\\x{ffff}]'.repeat(4),
    `(?-s:(?i:${'[B-\u{1e943}]'.repeat(20)}))`,
    `[${Array.from({ length: 1000 }, (_, i) => String.fromCodePoint(1000 + 2 * i)).join('')}]{300}`,
    `${'x{900}'.repeat(6)}\\`,
  ])('%# is refused as too complex', (pattern) => {
    const compile = vi.spyOn(RE2JS, 'compile');
    expect(() => compileAnchored(pattern)).toThrow(
      expect.objectContaining({
        kind: 'bad_data',
        code: 'RUNTIME_REGEXP_TOO_COMPLEX',
        message: expect.stringMatching(
          /^too complex: about \d+ instructions .*, at most 5000 are allowed$/,
        ),
      }),
    );
    expect(compile).not.toHaveBeenCalled();
    compile.mockRestore();
  });

  test.each([
    ['.{0,1000}foo', 'foo'],
    ['(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}', 'a.example.com'],
    [
      '((25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}(25[0-5]|2[0-4]\\d|1?\\d?\\d)(:\\d{1,5})?',
      '10.0.0.1:9090',
    ],
    ['[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', '01234567-89ab-cdef-0123-456789abcdef'],
    ['(?i)[\\p{L}\\p{N}_.-]{1,100}', 'Ünï-1'],
    ['([^/]{1,100}/){1,10}', 'a/b/'],
    ['.*'.repeat(2000), 'x'],
    ['\\Q(((\\E[(){}\\]]+', '((()'],
    ['[]a]{2}[^]a]', 'a]b'],
    ['x{,5}', 'x{,5}'],
    [Array.from({ length: 600 }, (_, i) => `v${i}x?`).join('|'), 'v599'],
  ])('%j is taken', (pattern, text) => {
    expect(compileAnchored(pattern).matches(text)).toBe(true);
  });

  test('asking again costs nothing', () => {
    const pattern = '([a-f]{1,30}){1,30}';
    compileAnchored(pattern);
    const compile = vi.spyOn(RE2JS, 'compile');
    expect(compileAnchored(pattern).matches('abc')).toBe(true);
    expect(compile).not.toHaveBeenCalled();
    compile.mockRestore();
  });

  test('the error is that of the pattern, not of what is around it', () => {
    expect(() => compileAnchored('a\\')).toThrow('trailing backslash');
    expect(() => compileAnchored('(a')).toThrow('missing closing ): `(a`');
    expect(() => compileAnchored('a)|(b')).toThrow('unexpected ): `a)|(b`');
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
