import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FUZZ } from '../../../../test/support/arbitraries.ts';
import { AppError } from '../../../runtime/error.ts';
import { parseJsonQuery } from './json-query.ts';
import { parseUrlQuery } from './url-query.ts';

const NOW = 1_700_000_000_000;

/** Parses, or refuses with an error of the sender's. */
function attempt(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe('OPENTSDB_REQUEST');
    return false;
  }
}

const word = fc.constantFrom(
  'sum',
  'none',
  ':',
  '1m-avg',
  '-',
  'zero',
  'rate',
  '{',
  '}',
  'counter',
  ',',
  'a',
  '=',
  '*',
  '|',
  '(',
  ')',
  'regexp',
  'explicit_tags',
  '1',
  '',
  '0all-sum',
  'é',
  '-ago',
  'now',
  '2024/01/31',
  '12:00:00',
  '1700000000',
  '.5',
);
const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(''));
const url = fc.oneof(
  text,
  fc.tuple(text, text).map(([a, b]) => `sum:1m-avg:rate{${a}}:m{${b}}`),
);

it('parses or refuses whatever a URL has', () => {
  let parsed = 0;
  fc.assert(
    fc.property(
      fc.oneof(text, fc.constant('1h-ago')),
      fc.oneof(text, fc.constant('now')),
      url,
      (start, end, m) => {
        const params = new URLSearchParams({ start, end, m });
        if (attempt(() => parseUrlQuery(params, NOW))) parsed++;
      },
    ),
    FUZZ,
  );
  expect(parsed).toBeGreaterThan(0);
});

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>(
      null,
      true,
      1,
      -1,
      1e300,
      '1h-ago',
      'sum',
      'm',
      '1m-avg',
      'wildcard',
      '*',
      '',
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(
        'start',
        'end',
        'queries',
        'metric',
        'aggregator',
        'downsample',
        'filters',
        'type',
        'tagk',
        'filter',
        'tags',
        'rate',
        'rateOptions',
        'delete',
        '__proto__',
      ),
      tie('value'),
      { maxKeys: 6 },
    ),
  ),
})).value;
const query = fc.tuple(json, json, json).map(([a, b, c]) => ({
  start: 1,
  queries: [{ metric: 'm', aggregator: 'sum', filters: a, tags: b, downsample: c }],
}));

it('parses or refuses whatever JSON has', () => {
  let parsed = 0;
  fc.assert(
    fc.property(fc.oneof(json, query), (body) => {
      if (attempt(() => parseJsonQuery(body, NOW))) parsed++;
    }),
    FUZZ,
  );
  expect(parsed).toBeGreaterThan(0);
});
