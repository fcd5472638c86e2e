import { expect, test } from 'vitest';
import { DEFAULT_ENGINE_OPTIONS } from '../promql/eval/engine.ts';
import { parserOptions } from '../promql/language/features.ts';
import { MemoryStorage } from '../storage/memory-store.ts';
import { parseRequest, prepareQuery, prepareQuickly } from './prepare.ts';
import { queryRequest } from './query-testing.ts';

const LANGUAGE = { parser: parserOptions([]), engine: DEFAULT_ENGINE_OPTIONS };
const MAX_LENGTH = 100_000;
const database = new MemoryStorage().database('default')!;
const requestFor = (query: string) => queryRequest({ database, query, startT: 0, endT: 0 });

/** Alternatives of eleven characters each. */
const alternatives = (count: number): string =>
  `m{a=~"${Array.from({ length: count }, (_, i) => `value-${String(i).padStart(4, '0')}`).join('|')}"}`;

test.each([
  ['an ordinary one', 'sum(rate(m{a=~"x.*", b=~"[a-z]+-[0-9]{1,3}"}[5m]))'],
  ['a long list of values', alternatives(1000)],
])('%s is parsed at once', (_, query) => {
  expect(prepareQuickly(requestFor(query), LANGUAGE, MAX_LENGTH).plan).toBeDefined();
});

test.each([
  ['a very long text', alternatives(2000)],
  ['a regular expression that takes long to compile', 'm{a=~"[ab]{0,800}[cd]{0,800}"}'],
  ['many that do together', `m{${'a=~"x[ab]{200}",'.repeat(8)}}`],
  ['a very long text with a mistake', `${alternatives(2000)} +`],
])('%s is parsed by the thread that evaluates it', (_, query) => {
  const prepared = prepareQuickly(requestFor(query), LANGUAGE, MAX_LENGTH);
  if (prepared.plan !== undefined) throw new Error('it was parsed');
  const outcome = (parse: () => unknown): unknown => {
    try {
      return parse();
    } catch (error) {
      return error;
    }
  };
  // Where it is done makes no difference.
  expect(outcome(() => parseRequest(prepared.request).expr)).toEqual(
    outcome(() => prepareQuery(requestFor(query), LANGUAGE, MAX_LENGTH).plan.request.expr),
  );
});

test('mistakes that are quick to find, and texts beyond the limit, are refused at once', () => {
  const refused =
    (query: string): unknown =>
    () =>
      prepareQuickly(requestFor(query), LANGUAGE, MAX_LENGTH);
  expect(refused('sum(')).toThrow(expect.objectContaining({ code: 'PROMQL_PARSE' }));
  expect(refused('m{a=~"("}')).toThrow(expect.objectContaining({ code: 'PROMQL_PARSE' }));
  expect(refused(alternatives(10_000))).toThrow(
    expect.objectContaining({ code: 'QUERY_TOO_LONG' }),
  );
});
