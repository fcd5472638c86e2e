import { describe, expect, test } from 'vitest';
import { labelsToObject } from '../../model/labels.ts';
import { callFunction, rowOf } from './function-testing.ts';

const UP = { __name__: 'up', job: 'web-1', zone: 'a' };

function replace(...strings: [dst: string, replacement: string, src: string, regex: string]) {
  return relabel('label_replace', strings);
}

function relabel(name: string, strings: readonly string[]): Record<string, string> {
  const { series } = callFunction(name, [[rowOf(UP, [1])], ...strings]);
  return labelsToObject(series[0]!.labels);
}

describe('label_replace', () => {
  test('fills in what was captured', () => {
    expect(replace('n', '$1', 'job', '.*-(.*)')).toEqual({ ...UP, n: '1' });
    expect(replace('n', '$kind-$0', 'job', '(?P<kind>[a-z]+)-.*')).toEqual({
      ...UP,
      n: 'web-web-1',
    });
  });

  test('the expression must match the whole value, newlines included', () => {
    expect(replace('n', 'x', 'job', 'web')).toEqual(UP);
    const rows = [rowOf({ a: '1\n2' }, [1])];
    const { series } = callFunction('label_replace', [rows, 'n', 'x', 'a', '1.2']);
    expect(labelsToObject(series[0]!.labels)).toEqual({ a: '1\n2', n: 'x' });
  });

  test('a label that is not there is empty', () => {
    expect(replace('n', 'x', 'nothing', '')).toEqual({ ...UP, n: 'x' });
    expect(replace('n', 'x', 'nothing', '.+')).toEqual(UP);
  });

  test('an empty replacement takes the label away', () => {
    expect(replace('zone', '', 'job', '.*')).toEqual({ __name__: 'up', job: 'web-1' });
    expect(replace('zone', '$1', 'job', 'web-1|(x)')).toEqual({ __name__: 'up', job: 'web-1' });
  });

  test('labels stay sorted', () => {
    const { series } = callFunction('label_replace', [[rowOf(UP, [1])], 'kind', 'k', 'job', '.*']);
    expect(series[0]!.labels.map(({ name }) => name)).toEqual(['__name__', 'job', 'kind', 'zone']);
  });

  test('who writes the name keeps it', () => {
    const row = { ...rowOf(UP, [1]), dropName: true };
    const dropped = (dst: string): boolean =>
      callFunction('label_replace', [[row], dst, 'x', 'job', '.*']).rows[0]!.dropName;
    expect(dropped('__name__')).toBe(false);
    expect(dropped('other')).toBe(true);
  });

  test('wrong expressions and names', () => {
    expect(() => replace('n', '', 'job', '(.*')).toThrow(
      'invalid regular expression in label_replace(): (.*',
    );
    expect(() => replace('', '', 'job', '.*')).toThrow(
      'invalid destination label name in label_replace(): ',
    );
    expect(() => replace('n', '', 'job', 'a)|(b')).toThrow(/invalid regular expression/);
    expect(replace('with blank', 'x', 'job', '.*')).toEqual({ ...UP, 'with blank': 'x' });
  });
});

describe('label_join', () => {
  const join = (...strings: string[]): Record<string, string> => relabel('label_join', strings);

  test('joins values, missing ones as empty', () => {
    expect(join('n', '-', 'zone', 'job')).toEqual({ ...UP, n: 'a-web-1' });
    expect(join('n', ',', 'zone', 'nothing', 'job')).toEqual({ ...UP, n: 'a,,web-1' });
  });

  test('nothing to join takes the label away', () => {
    expect(join('zone', '-')).toEqual({ __name__: 'up', job: 'web-1' });
    expect(join('zone', '', 'nothing')).toEqual({ __name__: 'up', job: 'web-1' });
  });

  test('wrong names', () => {
    expect(() => join('n', '-', '')).toThrow('invalid source label name in label_join(): ');
    expect(() => join('\ud800', '-', 'job')).toThrow('invalid destination label name');
  });
});

describe('labels that grow', () => {
  const LONG = 'x'.repeat(2 ** 17);

  test('a value longer than allowed is refused before it is made', () => {
    const doubled = (value: string): string => replace('n', `${value}$0`, 'zone', '.*').n!;
    expect(doubled(LONG.slice(1))).toHaveLength(2 ** 17);
    expect(() => doubled(LONG)).toThrow(
      expect.objectContaining({
        code: 'PROMQL_LABEL_TOO_LONG',
        kind: 'limit',
        message:
          'label value written by label_replace() would be 131073 characters long, at most 131072 are allowed',
      }),
    );
    const join = (separator: string): unknown =>
      relabel('label_join', ['n', separator, 'zone', 'zone', 'zone']);
    expect(() => join(LONG.slice(LONG.length / 2 + 2))).not.toThrow();
    expect(() => join(LONG.slice(LONG.length / 2))).toThrow('written by label_join()');
    expect(() => replace('n', '$0'.repeat(2 ** 17), 'job', '.*')).toThrow('655360 characters');
  });

  test('what is written counts as memory: each value once, and in each series a key with it', () => {
    const held = (name: string, ...strings: string[]): number => {
      let bytes = 0;
      const control = { checkpoint: () => {}, reserve: (more: number) => (bytes += more) };
      const rows = [rowOf({ a: 'v', b: '1' }, [1]), rowOf({ a: 'v', b: '2' }, [1])];
      callFunction(name, [rows, ...strings], undefined, undefined, control);
      return bytes;
    };
    expect(held('label_replace', 'to', '123', 'a', '.*')).toBe(2 * (3 + 2 * 5));
    expect(held('label_join', 'to', '-', 'a', 'b')).toBe(2 * (2 * 3 + 2 * 5));
    expect(held('label_replace', 'to', '123', 'a', 'no')).toBe(0);
  });
});
