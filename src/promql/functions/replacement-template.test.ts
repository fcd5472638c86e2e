import { expect, test } from 'vitest';
import { expandedLength, expandTemplate, parseTemplate } from './replacement-template.ts';

test('templates expand as in Go', () => {
  const groups = new Map([
    ['name', 2],
    ['1x', 1],
  ]);
  const captures = ['whole', 'one', 'two', undefined];
  // With # for the dollar.
  const cases: Record<string, string> = {
    '': '',
    plain: 'plain',
    '#1': 'one',
    'a#1b': 'a',
    'a#{1}b': 'aoneb',
    '#1-#2': 'one-two',
    '#1x': 'one',
    '#0': 'whole',
    '#{name}s': 'twos',
    '#name': 'two',
    '#name_': '',
    '#3': '',
    '#9': '',
    '#01': '',
    '##1': '#1',
    'a#': 'a#',
    '#-': '#-',
    '#{1': '#{1',
    '#{}': '#{}',
    '#{1-}': '#{1-}',
    '#é': '',
  };
  for (const [text, expected] of Object.entries(cases)) {
    const template = parseTemplate(text.replaceAll('#', '$'), groups);
    const expanded = expandTemplate(template, captures);
    expect([text, expanded.replaceAll('$', '#')]).toEqual([text, expected]);
    expect([text, expandedLength(template, captures)]).toEqual([text, expected.length]);
  }
});
