// Texts made to exhaust the stack, and what holds for any text.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../../runtime/error.ts';
import { DEFAULT_MAX_DEPTH, LANGUAGE_FEATURES, parserOptions } from './features.ts';
import { parseExpr } from './parser.ts';
import { printExpr } from './printer.ts';

const OPTIONS = parserOptions(LANGUAGE_FEATURES);
const MANY = 10_000;

test.each([
  ['parentheses', `${'('.repeat(MANY)}1${')'.repeat(MANY)}`],
  ['open parentheses', '('.repeat(MANY)],
  ['signs', `${'-'.repeat(MANY)}a`],
  ['calls', `${'abs('.repeat(MANY)}a${')'.repeat(MANY)}`],
  ['aggregations', `${'sum('.repeat(MANY)}a${')'.repeat(MANY)}`],
  ['powers', Array.from({ length: MANY }, () => 'a').join('^')],
  ['sums', Array.from({ length: MANY }, () => 'a').join('+')],
  ['subqueries', `a${'[1m:]'.repeat(MANY)}`],
  ['durations', `a[${'('.repeat(MANY)}1${')'.repeat(MANY)}]`],
  ['signs of durations', `a[${'-'.repeat(MANY)}1m]`],
])('%s', (_, text) => {
  expect(() => parseExpr(text, OPTIONS)).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^PROMQL_(TOO_DEEP|PARSE)$/) }),
  );
});

test('tells the place and the limit', () => {
  expect(() => parseExpr(`(((1)))`, { ...OPTIONS, maxDepth: 3 })).toThrow(
    expect.objectContaining({
      code: 'PROMQL_TOO_DEEP',
      kind: 'bad_data',
      message: '1:4: parse error: expression is nested more than 3 levels deep',
    }),
  );
});

test('what people write is not too deep', () => {
  const text = Array.from({ length: DEFAULT_MAX_DEPTH - 1 }, (_, i) => `a${i}`).join(' or ');
  expect(printExpr(parseExpr(text, OPTIONS))).toBe(text);
});

const WORD = fc.constantFrom(
  ...'( ) { } [ ] , : = =~ != @ + - * / % ^ == < > </ and or unless atan2 by on ignoring bool'.split(
    ' ',
  ),
  ...'group_left fill fill(1) offset anchored smoothed start() end step() range() min_of'.split(
    ' ',
  ),
  ...'a foo:bar rate sum topk info 1 5m 0x1f .5 1e3 inf "s" `r` {a="b"} [5m] [5m:1m] é # \n'.split(
    ' ',
  ),
);

test('any text is parsed or refused with a place', () => {
  fc.assert(
    fc.property(fc.array(WORD, { maxLength: 12 }), (words) => {
      const text = words.join(' ');
      let printed: string;
      try {
        printed = printExpr(parseExpr(text, OPTIONS));
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
        expect((error as AppError).message).toMatch(/^(\d+:\d+|unknown position): parse error: ./);
        return;
      }
      expect(printExpr(parseExpr(printed, OPTIONS))).toBe(printed);
    }),
    { numRuns: Number(process.env.PROP_RUNS ?? 2000) },
  );
});
