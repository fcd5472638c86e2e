// Our own tests of PromQL, in Prometheus' test language; Prometheus 3.14 passes them, too. Everything
// the language has is in one of them.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LANGUAGE_FEATURES, parserOptions } from '../../src/promql/language/features.ts';
import { FUNCTIONS } from '../../src/promql/language/functions.ts';
import { parseExpr } from '../../src/promql/language/parser.ts';
import { AGGREGATORS } from '../../src/promql/language/token.ts';
import { walk } from '../../src/promql/language/walk.ts';
import { type EvalCommand, parseFile } from './parse-file.ts';
import { runFile } from './run-file.ts';

const FOLDER = new URL('./cases/', import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.test'));

function read(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8');
}

test.each(FILES)('%s', async (name) => {
  const outcomes = await runFile(parseFile(read(name)));
  const failed = outcomes.filter(({ problem }) => problem !== undefined);
  expect(
    failed.map(({ line, query, problem }) => `${name}:${line} ${query}\n  ${problem}`).join('\n'),
  ).toBe('');
});

const QUERIES = FILES.flatMap((name) => parseFile(read(name)))
  .filter((command): command is EvalCommand => command.kind === 'eval')
  .map(({ query }) => query);

test('every function, aggregation and operator is used', () => {
  const used = new Set<string>();
  for (const query of QUERIES) {
    walk(parseExpr(query, parserOptions(LANGUAGE_FEATURES)), (node) => {
      if (node.kind === 'call') used.add(node.func);
      else if (node.kind === 'aggregate' || node.kind === 'binary') used.add(node.op);
    });
  }
  const operators = '+ - * / % ^ atan2 == != < <= > >= </ >/ and or unless'.split(' ');
  const all = [...FUNCTIONS.keys(), ...AGGREGATORS, ...operators];
  expect(all.filter((name) => !used.has(name))).toEqual([]);
});

const ANNOTATIONS = [
  'ratio value should be between -1 and 1',
  'quantile value should be between 0 and 1',
  'bucket label "le" is missing or has a malformed value',
  'encountered a mix of histograms and floats for metric name',
  'encountered a mix of histograms and floats for aggregation',
  'vector contains a mix of classic and native histograms',
  'this native histogram metric is not a counter',
  'this native histogram metric is not a gauge',
  'vector contains a mix of histograms with exponential and custom buckets',
  'incompatible bucket layout encountered for binary operator',
  'sort is ineffective for range queries',
  'conflicting counter resets during histogram addition',
  'conflicting counter resets during histogram subtraction',
  'conflicting counter resets during histogram aggregation',
  'sample has start time that overlaps with previous sample timestamp',
  'metric might not be a counter, name does not end in',
  'input to histogram_quantile needed to be fixed for monotonicity',
  'incompatible sample types encountered for binary operator',
  'ignored histogram in ',
  'ignored histograms in a range containing both floats and histograms',
  'input to histogram_quantile has NaN observations, result is NaN',
  'input to histogram_quantile has NaN observations, result is skewed higher',
  'input to histogram_fraction has NaN observations',
  'mismatched custom buckets were reconciled during addition',
  'mismatched custom buckets were reconciled during subtraction',
  'mismatched custom buckets were reconciled during aggregation',
];

test('every annotation is expected somewhere', () => {
  const expected = FILES.map(read)
    .join('\n')
    .match(/expect (?:warn|info) .*/g)!;
  expect(ANNOTATIONS.filter((text) => !expected.some((line) => line.includes(text)))).toEqual([]);
});
