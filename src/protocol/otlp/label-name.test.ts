import { expect, test } from 'vitest';
import { labelName } from './label-name.ts';
import { DEFAULT_OTLP_OPTIONS, type OtlpOptions } from './options.ts';

const COLLAPSING = { labelNamePreserveMultipleUnderscores: false };
const PLAIN_UNDERSCORE = { labelNameUnderscoreSanitization: false };
const UTF8 = { translationStrategy: 'NoUTF8EscapingWithSuffixes' } as const;

const CASES: readonly [Partial<OtlpOptions>, key: string, expected: string | undefined][] = [
  [{}, 'http.method', 'http_method'],
  [{}, 'http..method', 'http__method'],
  [{}, '123', 'key_123'],
  [{}, '_a', 'key_a'],
  [{}, '.a', 'key_a'],
  [{}, '__a', '__a'],
  [{}, '__reserved__', '__reserved__'],
  [{}, 'a:b', 'a_b'],
  [{}, 'größe', 'gr__e'],
  [{}, '温度', undefined],
  [{}, '温', 'key_'],
  [{}, '😀x', 'key_x'],
  [{}, '_', 'key_'],
  [{}, '__', undefined],
  [{}, '', undefined],

  [PLAIN_UNDERSCORE, '_a', '_a'],
  [PLAIN_UNDERSCORE, '_', undefined],
  [PLAIN_UNDERSCORE, '1', 'key_1'],

  [COLLAPSING, 'http..method__name', 'http_method_name'],
  [COLLAPSING, '__a', 'key_a'],
  [COLLAPSING, '__very__reserved__', '__very_reserved__'],
  [COLLAPSING, '____', undefined],
  [COLLAPSING, '温度', 'key_'],

  [UTF8, 'http.method', 'http.method'],
  [UTF8, '温度', '温度'],
  [UTF8, '1', '1'],
  [UTF8, '', undefined],
];

test.each(CASES)('%j: %j is %j', (options, key, expected) => {
  expect(labelName(key, { ...DEFAULT_OTLP_OPTIONS, ...options })).toBe(expected);
});
