// The runner itself: it must see what is wrong.

import { expect, test } from 'vitest';
import { parseFile } from './parse-file.ts';
import { runFile } from './run-file.ts';

const LOAD = `
load 1m
  a{x="1"} 1 2 3
  a{x="2"} 5 _ 7
  b{x="1"} {{count:2 sum:3 buckets:[2]}}x2
`;

async function problemsOf(evaluation: string): Promise<(string | undefined)[]> {
  const outcomes = await runFile(parseFile(`${LOAD}\n${evaluation}`));
  return outcomes.map(({ problem }) => problem);
}

test.each([
  'eval instant at 0 a\n  a{x="1"} 1\n  a{x="2"} 5',
  'eval instant at 0 a\n  a{x="1"} 1.0000001\n  a{x="2"} 5',
  'eval instant at 1m sort_desc(a)\n  expect ordered\n  a{x="2"} 5\n  a{x="1"} 2',
  'eval_ordered instant at 1m sort(a)\n  a{x="1"} 2\n  a{x="2"} 5',
  'eval instant at 0 a > 100',
  'eval instant at 0 scalar(a{x="1"})\n  1',
  'eval instant at 0 "x"\n  expect string `x`',
  'eval instant at 0 b\n  b{x="1"} {{count:2 sum:3 buckets:[2]}}',
  'eval instant at 1m b\n  b{x="1"} {{count:2 sum:3 buckets:[0 2 0] offset:-1 counter_reset_hint:not_reset}}',
  'eval range from 0 to 2m step 1m a{x="2"}\n  a{x="2"} 5 5 7',
  'eval instant at 2m a{x="2"}[3m]\n  expect range vector from 0 to 2m step 1m\n  a{x="2"} 5 _ 7',
  'eval instant at 0 a + on () a\n  expect fail regex: many-to-many|duplicate',
  'eval_fail instant at 0 a + on () a',
  'eval instant at 0 quantile(2, a)\n  expect warn msg: PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)\n  expect no_info\n  {} Inf',
  'eval instant at 2m rate(a[3m])\n  expect info\n  expect no_warn\n  {x="1"} 0.016666666\n  {x="2"} 0.016666666',
])('passes %j', async (evaluation) => {
  expect(await problemsOf(evaluation)).toEqual([undefined]);
});

test.each([
  ['eval instant at 0 a\n  a{x="1"} 1', 'unexpected a{x="2"}'],
  ['eval instant at 0 a{x="1"}\n  a{x="1"} 1\n  a{x="2"} 5', 'a{x="2"} is missing'],
  ['eval instant at 0 a{x="1"}\n  a{x="1"} 1.00001', 'expected 1.00001'],
  ['eval instant at 0 a{x="1"}\n  a{x="1"} NaN', 'expected NaN'],
  ['eval instant at 1m sort(a)\n  expect ordered\n  a{x="2"} 5\n  a{x="1"} 2', 'at position 1'],
  ['eval instant at 0 scalar(a{x="1"})\n  2', 'expected 2'],
  ['eval instant at 0 a{x="1"}\n  1', 'expected a scalar'],
  ['eval instant at 0 scalar(a{x="1"})\n  {} 1', 'got the scalar'],
  ['eval instant at 0 "x"\n  expect string "y"', 'got the string x'],
  ['eval instant at 0 b\n  b{x="1"} {{count:2 sum:3 buckets:[1 1]}}', 'b{x="1"}: expected'],
  [
    'eval instant at 0 b\n  b{x="1"} {{count:2 sum:3 z_bucket_w:1 buckets:[2]}}',
    'b{x="1"}: expected',
  ],
  [
    'eval instant at 1m b\n  b{x="1"} {{count:2 sum:3 buckets:[2] counter_reset_hint:reset}}',
    'b{x="1"}: expected',
  ],
  ['eval instant at 0 b\n  b{x="1"} 2', 'b{x="1"}: expected'],
  ['eval range from 0 to 2m step 1m a{x="2"}\n  a{x="2"} 5 _ 7', 'expected 5@0 7@120000'],
  ['eval range from 0 to 1m step 1m a{x="1"}\n  a{x="1"} 1 2 3', 'more points expected than fit'],
  ['eval range from 0 to 1m step 1m a{x="1"}\n  expect ordered\n  a{x="1"} 1 2', 'no order'],
  ['eval instant at 2m a{x="1"}[1m]\n  a{x="1"} 3', 'expected a vector'],
  ['eval instant at 0 a + on () a', 'failed: '],
  ['eval instant at 0 a\n  expect fail', 'did not fail'],
  ['eval instant at 0 a + on () a\n  expect fail msg: something else', 'instead of something else'],
  ['eval instant at 0 quantile(2, a)\n  expect no_warn\n  {} Inf', 'unexpected warning'],
  ['eval instant at 0 quantile(2, a)\n  expect warn regex: ratio\n  {} Inf', 'no warning matches'],
  ['eval instant at 0 sum(a)\n  expect warn\n  {} 6', 'no warning'],
])('sees what is wrong in %j', async (evaluation, problem) => {
  expect(await problemsOf(evaluation)).toEqual([expect.stringContaining(problem)]);
});

test('a comment ends a block; clear empties the store', async () => {
  const outcomes = await runFile(
    parseFile(
      `${LOAD}  # a comment\n\neval instant at 0 count(a)\n  {} 2\n\nclear\n\neval instant at 0 a`,
    ),
  );
  expect(outcomes.map(({ line, problem }) => [line, problem])).toEqual([
    [8, undefined],
    [13, undefined],
  ]);
});

test.each([
  ['loads 1m', 'line 1: '],
  ['load', 'line 1: invalid load command'],
  ['load 1x\n a 1', 'line 1: invalid duration 1x'],
  ['load 1m\n a{ 1', 'line 2: '],
  ['load 1m\n a@st 1m\n b 1', 'line 3: @st line is of another series'],
  ['load 1m\n a@st 1m 1m\n a 1', 'line 3: @st line has another number'],
  ['load 1m\n a@st 1m', 'line 2: @st line without'],
  ['load 1m\n a@st now\n a 1', 'line 2: invalid start time now'],
  ['eval instant a', 'line 1: invalid evaluation command'],
  ['eval range from 5m to 1m step 1m a', 'line 1: end is before start'],
  ['eval instant at 0 a\n a 1 2', 'line 2: an instant query gives one value per series'],
  ['eval instant at 0 a\n expect nothing', 'line 2: invalid expect statement'],
  ['eval instant at 0 a\n expect warn\n expect no_warn', 'cannot be used together'],
  ['eval instant at 0 a\n expect fail\n expect fail', 'several expect fail lines'],
])('refuses %j', (text, message) => {
  expect(() => parseFile(text)).toThrow(message);
});

test('samples must be in order', async () => {
  const text = 'load 1m\n a 1 2\n\nload 1m\n a _ 3';
  await expect(runFile(parseFile(text))).rejects.toThrow('duplicate sample for timestamp');
  await expect(runFile(parseFile('load 1m\n a 1 2\n\nload 1m\n a 1'))).rejects.toThrow(
    'out of order sample',
  );
});
