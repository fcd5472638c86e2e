import { expect, test } from 'vitest';
import { printLabels } from '../../model/labels.ts';
import { parseSeriesDescription, type SequenceValue } from './series-description.ts';

function show(value: SequenceValue): string {
  if (value.kind === 'float') return String(value.value);
  if (value.kind !== 'histogram') return value.kind;
  const { histogram, isHintGiven } = value;
  return `${histogram}${isHintGiven ? `#${histogram.resetHint}` : ''}`;
}

function parse(line: string): string {
  const { labels, values } = parseSeriesDescription(line);
  return [printLabels(labels), ...values.map(show)].join(' | ');
}

test.each<[line: string, parsed: string]>([
  ['a', 'a'],
  ['{} 1 2 3', '{} | 1 | 2 | 3'],
  ['a{b="c"} -1 2 +3', 'a{b="c"} | -1 | 2 | 3'],
  ['{"my.metric", "é"="}"}\t\t0', '{"my.metric", "é"="}"} | 0'],
  ["by{x='}'} 1", 'by{x="}"} | 1'],
  ['a 1+2x3', 'a | 1 | 3 | 5 | 7'],
  ['a 1-2x1 5x0', 'a | 1 | -1 | 5'],
  ['a -1-1x3', 'a | -1 | -2 | -3 | -4'],
  ['a 5x2', 'a | 5 | 5 | 5'],
  ['a _ _x2 1 _', 'a | omitted | omitted | omitted | 1 | omitted'],
  ['a stale stalex1', 'a | stale | stale | stale'],
  [
    'a NaN Inf -Inf +inf 1e3 .5 1.5e-1',
    'a | NaN | Infinity | -Infinity | Infinity | 1000 | 0.5 | 0.15',
  ],
  ['a 1m -1h30m', 'a | 60 | -5400'],
  ['a 0.1+0.1x2', 'a | 0.1 | 0.2 | 0.30000000000000004'],
  ['{} {{}} {{ }}', '{} | {count:0, sum:0} | {count:0, sum:0}'],
  [
    'h {{schema:0 count:3 sum:5 buckets:[1 2] offset:1}}x1',
    'h | {count:3, sum:5, (1,2]:1, (2,4]:2} | {count:3, sum:5, (1,2]:1, (2,4]:2}',
  ],
  [
    'h {{count:1 buckets:[1]}}+{{count:2 buckets:[2] counter_reset_hint:gauge}}x1',
    'h | {count:1, sum:0, (0.5,1]:1}#0 | {count:3, sum:0, (0.5,1]:3}#3',
  ],
  [
    'h {{count:3 buckets:[3]}}-{{count:1 buckets:[1]}}x1',
    'h | {count:3, sum:0, (0.5,1]:3} | {count:2, sum:0, (0.5,1]:2}',
  ],
  [
    'h {{z_bucket:1 z_bucket_w:0.5 n_buckets:[1  2 ] n_offset:-1 counter_reset_hint:not_reset}}',
    'h | {count:0, sum:0, [-1,-0.5):2, [-0.5,-0.25):1, [-0.5,0.5]:1}#2',
  ],
  [
    'h {{schema:-53 custom_values:[5 10] buckets:[1 NaN 2]}}',
    'h | {count:0, sum:0, [-Inf,5]:1, (5,10]:NaN, (10,+Inf]:2}',
  ],
])('%s', (line, parsed) => {
  expect(parse(line)).toBe(parsed);
});

test.each([
  ['a{b} 1', '1:4: parse error: unexpected "}" in label set, expected "="'],
  ['a 1x', '1:4: parse error: a blank is expected before the next value'],
  ['a b', '1:3: parse error: a number, _, stale or {{…}} is expected'],
  ['a {b="c"} 1', '1:3: parse error: a number, _, stale or {{…}} is expected'],
  ['a 5mm', '1:6: parse error: bad number: 5mm'],
  ['a {{count:1', '1:3: parse error: }} is missing'],
  ['a {{count:1 count:2}}', '1:22: parse error: duplicate key "count" in histogram'],
  ['a {{schema:0.5}}', '1:17: parse error: bad value of schema in histogram: 0.5'],
  ['a {{width:1}}', '1:14: parse error: bad histogram descriptor found: "width"'],
  [
    'a {{schema:1}}+{{schema:0}}x1',
    '1:30: parse error: error combining histograms: cannot merge from schema 0 to 1',
  ],
  ['a 1x9999999', '1:12: parse error: more than 1000000 values'],
])('refuses %s', (line, message) => {
  expect(() => parseSeriesDescription(line)).toThrow(
    expect.objectContaining({ code: 'PROMQL_PARSE', message }),
  );
});
