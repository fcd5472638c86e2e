// What is as deep as the parser allows can also be printed, planned and evaluated.

import { expect, test } from 'vitest';
import { Engine } from '../../src/promql/eval/engine.ts';
import { astToJson } from '../../src/promql/language/ast-json.ts';
import { DEFAULT_MAX_DEPTH, parserOptions } from '../../src/promql/language/features.ts';
import { parseExpr } from '../../src/promql/language/parser.ts';
import { prettyPrint } from '../../src/promql/language/pretty.ts';
import { parseFile } from './parse-file.ts';
import { TestStore } from './store.ts';

const DEPTH = DEFAULT_MAX_DEPTH - 2;

function repeated(open: string, inner: string, close: string, times = DEPTH): string {
  return open.repeat(times) + inner + close.repeat(times);
}

test.each<[name: string, query: string]>([
  ['parentheses', repeated('(', 'a', ')')],
  ['signs', repeated('-', 'a', '')],
  ['calls', repeated('abs(', 'a', ')')],
  ['aggregations', repeated('sum(', 'a', ')')],
  ['unions', Array.from({ length: DEPTH }, () => 'a').join(' or ')],
  ['sums', Array.from({ length: DEPTH }, () => 'a').join(' + ')],
  ['powers', Array.from({ length: DEPTH }, () => '1').join(' ^ ')],
  ['subqueries', repeated('max_over_time(', 'a', '[1m:1m])', Math.floor(DEPTH / 2))],
])('%s', async (_, query) => {
  const store = new TestStore();
  for (const command of parseFile('load 1m\n  a{x="1"} 1 2 3 4')) {
    if (command.kind === 'load') store.load(command);
  }
  const expr = parseExpr(query, parserOptions());
  expect(prettyPrint(expr)).not.toBe('');
  expect(JSON.stringify(astToJson(expr))).not.toBe('');
  const request = { expr, query, startT: 0, endT: 180_000, stepMs: 60_000 };
  const { value } = await new Engine().evaluate(request, store);
  expect(value).toMatchObject({ type: 'steps', series: [{}] });
});
