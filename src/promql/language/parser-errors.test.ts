// What does not parse, and how that is told. Most inputs are those of Prometheus' own parser tests;
// the messages are the ones its version 3.14 prints.

import { describe, expect, test } from 'vitest';
import { LANGUAGE_FEATURES, parserOptions } from './features.ts';
import { parseExpr } from './parser.ts';

const OPTIONS = parserOptions(LANGUAGE_FEATURES);
const PLAIN = parserOptions();

/** `told`: place and message, without `parse error: ` between them. */
type Row = readonly [query: string, told: string];

function refuses(title: string, rows: readonly Row[], options = OPTIONS): void {
  describe(title, () => {
    test.each(rows)('%s', (query, told) => {
      const [, place, why] = /^(\d+:\d+|unknown position): (.*)$/s.exec(told)!;
      expect(() => parseExpr(query, options)).toThrow(
        expect.objectContaining({
          code: 'PROMQL_PARSE',
          kind: 'bad_data',
          message: `${place}: parse error: ${why}`,
        }),
      );
    });
  });
}

refuses('numbers and operators', [
  ['', 'unknown position: no expression found in input'],
  ['# just a comment\n\n', '1:1: no expression found in input'],
  ['1+', '1:3: unexpected end of input'],
  ['.', "1:1: unexpected character: '.'"],
  ['2.5.', '1:1: bad number or duration syntax: "2.5."'],
  ['100..4', '1:1: bad number or duration syntax: "100.."'],
  ['0deadbeef', '1:1: bad number or duration syntax: "0de"'],
  ['1 /', '1:4: unexpected end of input'],
  ['*1', '1:1: unexpected <op:*>'],
  ['(1))', "1:5: unexpected right parenthesis ')'"],
  ['((1)', '1:5: unclosed left parenthesis'],
  ['(', '1:2: unclosed left parenthesis'],
]);

refuses('scalars and strings', [
  ['1 and 1', '1:1: set operator "and" not allowed in binary scalar expression'],
  ['1 == 1', '1:3: comparisons between scalars must use BOOL modifier'],
  ['1 or 1', '1:1: set operator "or" not allowed in binary scalar expression'],
  ['1 unless 1', '1:1: set operator "unless" not allowed in binary scalar expression'],
  ['1 !~ 1', "1:3: unexpected character after '!': '~'"],
  ['1 =~ 1', "1:3: unexpected character after '=': '~'"],
  [
    '-"string"',
    '1:1: unary expression only allowed on expressions of type scalar or instant vector, got "string"',
  ],
  [
    '-test[5m]',
    '1:1: unary expression only allowed on expressions of type scalar or instant vector, got "range vector"',
  ],
  ['*test', '1:1: unexpected <op:*>'],
  ['@@', '1:1: unexpected <op:@>'],
]);

refuses('offsets and vector matching', [
  [
    '1 offset 1d',
    '1:1: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery',
  ],
  ['foo offset 1s offset 2s', '1:1: offset may not be set multiple times'],
  ['a - on(b) ignoring(c) d', '1:11: unexpected <ignoring>'],
  ['foo and 1', '1:1: set operator "and" not allowed in binary scalar expression'],
  ['1 and foo', '1:1: set operator "and" not allowed in binary scalar expression'],
  ['foo or 1', '1:1: set operator "or" not allowed in binary scalar expression'],
  ['1 or foo', '1:1: set operator "or" not allowed in binary scalar expression'],
  ['foo unless 1', '1:1: set operator "unless" not allowed in binary scalar expression'],
  ['1 unless foo', '1:1: set operator "unless" not allowed in binary scalar expression'],
  ['1 or on(bar) foo', '1:1: vector matching only allowed between instant vectors'],
  ['foo == on(bar) 10', '1:1: vector matching only allowed between instant vectors'],
  ['foo + group_left(baz) bar', '1:7: unexpected <group_left>'],
  ['foo and on(bar) group_left(baz) bar', '1:1: no grouping allowed for "and" operation'],
  ['foo and on(bar) group_right(baz) bar', '1:1: no grouping allowed for "and" operation'],
  ['foo or on(bar) group_left(baz) bar', '1:1: no grouping allowed for "or" operation'],
  ['foo or on(bar) group_right(baz) bar', '1:1: no grouping allowed for "or" operation'],
  ['foo unless on(bar) group_left(baz) bar', '1:1: no grouping allowed for "unless" operation'],
  ['foo unless on(bar) group_right(baz) bar', '1:1: no grouping allowed for "unless" operation'],
  [
    'http_requests{group="production"} + on(instance) group_left(job,instance) cpu_count{type="smp"}',
    '1:35: label "instance" must not occur in ON and GROUP clause at once',
  ],
  ['foo + bool bar', '1:5: bool modifier can only be used on comparison operators'],
  ['foo + bool 10', '1:5: bool modifier can only be used on comparison operators'],
  ['foo and bool 10', '1:5: bool modifier can only be used on comparison operators'],
]);

refuses('times', [
  ['foo @ +Inf', '1:1: timestamp out of bounds for @ modifier: +Inf'],
  ['foo @ -Inf', '1:1: timestamp out of bounds for @ modifier: -Inf'],
  ['foo @ NaN', '1:1: timestamp out of bounds for @ modifier: NaN'],
]);

refuses('matchers', [
  ["{'foo\\'bar', ", '1:14: unexpected end of input inside braces'],
  ['{', '1:2: unexpected end of input inside braces'],
  ['}', "1:1: unexpected character: '}'"],
  ['some{', '1:6: unexpected end of input inside braces'],
  ['some}', "1:5: unexpected character: '}'"],
  ['some_metric{a=b}', '1:15: unexpected identifier "b" in label matching, expected string'],
  ['some_metric{a:b="b"}', "1:14: unexpected character inside braces: ':'"],
  ['foo{a*"b"}', "1:6: unexpected character inside braces: '*'"],
  ['foo{a>="b"}', "1:6: unexpected character inside braces: '>'"],
  ['foo{gibberish}', '1:14: unexpected "}" in label matching, expected label matching operator'],
  ['foo{1}', "1:5: unexpected character inside braces: '1'"],
  ['{}', '1:1: vector selector must contain at least one non-empty matcher'],
  ['{x=""}', '1:1: vector selector must contain at least one non-empty matcher'],
  ['{x=~".*"}', '1:1: vector selector must contain at least one non-empty matcher'],
  ['{x!~".+"}', '1:1: vector selector must contain at least one non-empty matcher'],
  ['{x!="a"}', '1:1: vector selector must contain at least one non-empty matcher'],
  ['foo{__name__="bar"}', '1:1: metric name must not be set twice: "foo" or "bar"'],
  ['foo{__name__= =}', '1:15: unexpected "=" in label matching, expected string'],
  ['foo{,}', '1:5: unexpected "," in label matching, expected identifier or "}"'],
  ['foo{__name__ == "bar"}', '1:15: unexpected "=" in label matching, expected string'],
  [
    'foo{__name__="bar" lol}',
    '1:20: unexpected identifier "lol" in label matching, expected "," or "}"',
  ],
  ['foo{"a"=}', '1:9: unexpected "}" in label matching, expected string'],
]);

refuses('ranges', [
  ['foo[5mm]', '1:5: bad number or duration syntax: "5mm"'],
  ['foo[5m1]', '1:5: bad number or duration syntax: "5m1"'],
  ['foo[5m:1m1]', '1:8: bad number or duration syntax: "1m1"'],
  ['foo[5y1hs]', '1:5: unknown unit "hs" in duration "5y1hs"'],
  ['foo[5m1h]', '1:5: not a valid duration string: "5m1h"'],
  ['foo[5m1m]', '1:5: not a valid duration string: "5m1m"'],
  ['foo[0m]', '1:5: duration must be greater than 0'],
  ['foo["5m"]', "1:5: unexpected character in duration expression: '\"'"],
  [
    'foo[]',
    '1:5: unexpected "]" in subquery or range selector, expected number, duration, step(), or range()',
  ],
  ['foo[-1]', '1:5: duration must be greater than 0'],
  ['some_metric[5m] OFFSET 1mm', '1:24: bad number or duration syntax: "1mm"'],
  [
    'some_metric[5m] OFFSET',
    '1:23: unexpected end of input in offset, expected number, duration, step(), or range()',
  ],
  ['some_metric OFFSET 1m[5m]', '1:22: no offset modifiers allowed before range'],
  ['some_metric[5m] @', '1:18: unexpected end of input in @, expected timestamp'],
  ['some_metric @ 1234 [5m]', '1:20: no @ modifiers allowed before range'],
  ['some_metric @ start() [5m]', '1:23: no @ modifiers allowed before range'],
  ['some_metric @ end()[5m]', '1:20: no @ modifiers allowed before range'],
  ['some_metric offset step()[5m]', '1:26: no offset modifiers allowed before range'],
  ['(foo + bar)[5m]', '1:12: ranges only allowed for vector selectors'],
]);

refuses('aggregations', [
  ['sum by ("foo)(some_metric{})', '1:9: unterminated quoted string'],
  ['sum without(==)(some_metric)', '1:13: unexpected <op:==> in grouping opts, expected label'],
  ['sum without(,)(some_metric)', '1:13: unexpected "," in grouping opts, expected label'],
  ['sum without(foo,,)(some_metric)', '1:17: unexpected "," in grouping opts, expected label'],
  ['sum some_metric by (test)', '1:5: unexpected identifier "some_metric"'],
  [
    'sum (some_metric) by test',
    '1:22: unexpected identifier "test" in grouping opts, expected "("',
  ],
  ['sum () by (test)', '1:1: no arguments for aggregate expression provided'],
  ['MIN keep_common (some_metric)', '1:5: unexpected identifier "keep_common"'],
  ['MIN (some_metric) keep_common', '1:19: unexpected identifier "keep_common"'],
  ['sum (some_metric) without (test) by (test)', '1:34: unexpected <by>'],
  ['sum without (test) (some_metric) by (test)', '1:34: unexpected <by>'],
  [
    'topk(some_metric)',
    '1:1: wrong number of arguments for aggregate expression provided, expected 2, got 1',
  ],
  ['topk(some_metric,)', '1:17: trailing commas not allowed in function call args'],
  [
    'topk(some_metric, other_metric)',
    '1:6: expected type scalar in aggregation parameter, got instant vector',
  ],
  [
    'count_values(5, other_metric)',
    '1:14: expected type string in aggregation parameter, got scalar',
  ],
]);

refuses('calls', [
  [
    'rate(some_metric[5m]) @ 1234',
    '1:1: @ modifier must be preceded by an instant vector selector or range vector selector or a subquery',
  ],
  ['floor()', '1:1: expected 1 argument(s) in call to "floor", got 0'],
  ['floor(some_metric, other_metric)', '1:1: expected 1 argument(s) in call to "floor", got 2'],
  ['floor(some_metric, 1)', '1:1: expected 1 argument(s) in call to "floor", got 2'],
  ['floor(1)', '1:7: expected type instant vector in call to function "floor", got scalar'],
  [
    'hour(some_metric, some_metric, some_metric)',
    '1:1: expected at most 1 argument(s) in call to "hour", got 3',
  ],
  ['time(some_metric)', '1:1: expected 0 argument(s) in call to "time", got 1'],
  [
    'non_existent_function_far_bar()',
    '1:1: unknown function with name "non_existent_function_far_bar"',
  ],
  [
    'rate(some_metric)',
    '1:6: expected type range vector in call to function "rate", got instant vector',
  ],
]);

refuses('odd characters and strings', [
  ['-=', '1:2: unexpected "="'],
  ['++-++-+-+-<', '1:11: unexpected <op:<>'],
  ['e-+=/(0)', '1:4: unexpected "="'],
  ['a>b()', '1:3: unknown function with name "b"'],
  ['rate(avg)', '1:6: expected type range vector in call to function "rate", got instant vector'],
  ['`', '1:1: unterminated raw string'],
  ['`\\``', '1:4: unterminated raw string'],
  ['"\\', '1:1: escape sequence not terminated'],
  ['"\\c"', "1:1: unknown escape sequence U+0063 'c'"],
  ['"\\x."', "1:1: illegal character U+002E '.' in escape sequence"],
]);

refuses('subqueries', [
  ['foo{bar="baz"}[', '1:16: unexpected end of input in duration expression'],
  [
    'test[5d] OFFSET 10s [10m:5s]',
    '1:1: subquery is only allowed on instant vector, got matrix instead',
  ],
  [
    '(foo + bar{nm="val"})[5m:][10m:5s]',
    '1:1: subquery is only allowed on instant vector, got matrix instead',
  ],
  ['rate(food[1m])[1h] offset 1h', '1:15: ranges only allowed for vector selectors'],
  ['rate(food[1m])[1h] @ 100', '1:15: ranges only allowed for vector selectors'],
]);

refuses('info', [
  [
    'info(rate(http_request_counter_total{}[5m]), target_info{foo="bar"})',
    '1:46: expected label selectors only, got vector selector instead',
  ],
  [
    'info(http_request_counter_total{namespace="zzz"}, {foo="bar"} == 1)',
    '1:51: expected label selectors only',
  ],
]);

refuses('duration expressions', [
  [
    'foo[step]',
    '1:9: unexpected "]" in subquery or range selector, expected number, duration, step(), or range()',
  ],
  ['foo[step()/0d]', '1:11: division by zero'],
  ['foo[5s/0d]', '1:7: division by zero'],
  ['foo offset (4d/0)', '1:15: division by zero'],
  ['foo[5s%0d]', '1:7: modulo by zero'],
  ['foo offset 9.5e10', '1:12: duration out of range'],
  ['foo[9.5e10]', '1:5: duration out of range'],
  ['sum(', '1:5: unclosed left parenthesis'],
  ['sum(rate(', '1:10: unclosed left parenthesis'],
  ['foo[5s x 5s]', "1:8: unexpected character: 'x', expected ':'"],
  ['foo[5s s 5s]', "1:8: unexpected character: 's', expected ':'"],
  ['1[5m] smoothed', '1:2: ranges only allowed for vector selectors'],
  ['1[5m] anchored', '1:2: ranges only allowed for vector selectors'],
]);

refuses('places', [
  ['a\n+ é + "', "2:3: unexpected character: 'é'"],
  ['"é" + +', '1:9: unexpected end of input'],
  ['{"é"="ü"} + $', "1:15: unexpected character: '$'"],
  ['a +\n\n  b c', '3:5: unexpected identifier "c"'],
  ['é', "1:1: unexpected character: 'é'"],
  ['a{x="é" é}', "1:10: unexpected character inside braces: 'é'"],
]);

refuses('brackets', [
  ['a]', "1:2: unexpected right bracket ']'"],
  ['a[[5m]]', "1:3: unexpected character in duration expression: '['"],
  ['a[5m', '1:5: unclosed left bracket'],
  ['a[:5m]', '1:4: unexpected colon before duration in duration expression'],
  ['a[5m:1m:1m]', "1:8: unexpected colon ':'"],
  ['a[5m 3m]', '1:6: unexpected duration "3m" in subquery or range, expected ":" or "]"'],
  [
    'a[(5m]',
    '1:6: unexpected "]" in subquery or range selector, expected number, duration, step(), or range()',
  ],
  ['a[5m,3m]', '1:5: unexpected "," in subquery or range, expected ":" or "]"'],
  ['a[5m}', "1:5: unexpected character: '}'"],
  [
    'a[step(]',
    '1:8: unexpected "]" in subquery or range selector, expected number, duration, step(), or range()',
  ],
  ['a[5m:-1m]', '1:6: duration must be greater than 0'],
  ['a[1m:0]', '1:6: duration must be greater than 0'],
  ['a[end()]', "1:3: unexpected character in duration expression: 'e'"],
  ['a[# x\n5m]', "1:3: unexpected character in duration expression: '#'"],
]);

refuses('matching', [
  ['a + on b', '1:8: unexpected identifier "b" in grouping opts, expected "("'],
  ['a + group_left atan2', '1:5: unexpected <group_left>'],
  [
    'a + on(x) group_left group_left b',
    '1:22: unexpected <group_left> in grouping opts, expected "("',
  ],
  [
    'a + ignoring(x group_left b',
    '1:16: unexpected <group_left> in grouping opts, expected "," or ")"',
  ],
  ['a + on(x,,y) b', '1:10: unexpected "," in grouping opts, expected label'],
  ['a + on() group_left(x) fill(y) b', '1:29: unexpected identifier "y"'],
  ['a + fill(1) fill(2) b', '1:17: unexpected "("'],
  ['a and fill(1) b', '1:1: filling in missing series not allowed for set operators'],
  ['1 + fill(1) b', '1:1: filling in missing series only allowed between instant vectors'],
  ['a + on("") b', '1:8: invalid label name for grouping: ""'],
  ['a + on(1) b', '1:8: unexpected number "1" in grouping opts, expected label'],
]);

refuses('what is told where', [
  ['sum(foo bar)', '1:9: unexpected identifier "bar" in aggregation'],
  ['sum(rate(foo[5m)', '1:16: unexpected ")" in subquery or range, expected ":" or "]"'],
  ['sum by foo (x)', '1:8: unexpected identifier "foo" in grouping opts, expected "("'],
  ['rate(foo[5m],)', '1:13: trailing commas not allowed in function call args'],
  ['rate(,)', '1:6: unexpected ","'],
  ['rate(a b)', '1:8: unexpected identifier "b"'],
  [
    'a offset b',
    '1:10: unexpected identifier "b" in offset, expected number, duration, step(), or range()',
  ],
  ['a offset (5m', '1:13: unclosed left parenthesis'],
  [
    'a offset min_of(1m)',
    '1:19: unexpected ")" in offset, expected number, duration, step(), or range()',
  ],
  ['a @ foo', '1:5: unexpected identifier "foo" in @, expected timestamp'],
  ['a @ start', '1:10: unexpected end of input in @, expected timestamp'],
  ['a @ -', '1:6: unexpected end of input in @, expected timestamp'],
  ['a[5m] + b[5m]', '1:1: binary expression must contain only scalar and instant vector types'],
  ['(a', '1:3: unclosed left parenthesis'],
  ['a)', "1:3: unexpected right parenthesis ')'"],
  ['sum without (a) b', '1:17: unexpected identifier "b" in aggregation'],
  ['count_values(1, a)', '1:14: expected type string in aggregation parameter, got scalar'],
  ['quantile("x", a)', '1:10: expected type scalar in aggregation parameter, got string'],
  [
    'topk(a)',
    '1:1: wrong number of arguments for aggregate expression provided, expected 2, got 1',
  ],
  [
    'topk(1, a, b)',
    '1:1: wrong number of arguments for aggregate expression provided, expected 2, got 3',
  ],
  [
    'limitk(1)',
    '1:1: wrong number of arguments for aggregate expression provided, expected 2, got 1',
  ],
  ['info(a, 1)', '1:1: expected type instant vector in call to function "info", got scalar'],
  [
    'info(a, b[5m])',
    '1:1: expected type instant vector in call to function "info", got range vector',
  ],
  ['label_join(a)', '1:1: expected at least 3 argument(s) in call to "label_join", got 1'],
  ['label_replace(a, "b")', '1:1: expected 5 argument(s) in call to "label_replace", got 2'],
  ['round()', '1:1: expected at least 1 argument(s) in call to "round", got 0'],
  ['round(a, 1, 2)', '1:1: expected at most 2 argument(s) in call to "round", got 3'],
  [
    'histogram_quantiles(a, "q")',
    '1:1: expected at least 3 argument(s) in call to "histogram_quantiles", got 2',
  ],
  ['RATE(a[5m])', '1:1: unknown function with name "RATE"'],
  ['START()', '1:1: unknown function with name "START"'],
  ['step(1)', '1:1: expected 0 argument(s) in call to "step", got 1'],
  ['vector(a)', '1:8: expected type scalar in call to function "vector", got instant vector'],
  ['abs("x")', '1:5: expected type instant vector in call to function "abs", got string'],
  ['a anchored smoothed', '1:1: anchored and smoothed modifiers cannot be used together'],
  ['a[5m:1m] anchored', '1:1: anchored modifier is not supported for subqueries'],
  ['1 smoothed', '1:1: smoothed modifier not implemented'],
  [
    '-1 @ 5',
    '1:2: @ modifier must be preceded by an instant vector selector or range vector selector or a subquery',
  ],
  [
    '"x" offset 5m',
    '1:1: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery',
  ],
  ['scalar(a)[5m:]', '1:1: subquery is only allowed on instant vector, got scalar instead'],
  ['"x"[5m:]', '1:1: subquery is only allowed on instant vector, got string instead'],
  ['a[5m][5m]', '1:6: ranges only allowed for vector selectors'],
  ['a == bool', '1:10: unexpected end of input'],
  ['1 < 2', '1:3: comparisons between scalars must use BOOL modifier'],
  ['a{b=~"("}', '1:3: error parsing regexp: missing closing ): `(`'],
  ['a{b!~"*"}', '1:3: error parsing regexp: missing argument to repetition operator: `*`'],
  ['{a=~".*", b!="x"}', '1:1: vector selector must contain at least one non-empty matcher'],
  ['{"a", __name__!="b"}[1m] offset 1m offset 1m', '1:1: offset may not be set multiple times'],
  ['foo{"a"}', '1:1: metric name must not be set twice: "foo" or "a"'],
  ['a @ 10 @ start()', '1:1: @ <timestamp> may not be set multiple times'],
  ['a offset 1m offset step()', '1:1: offset may not be set multiple times'],
  ['-=', '1:2: unexpected "="'],
  ['a % % b', '1:5: unexpected <op:%>'],
  ['!a', "1:1: unexpected character after '!': 'a'"],
  ['a ! b', "1:3: unexpected character after '!': ' '"],
  ['a =! b', '1:3: unexpected "="'],
  ['a <> b', '1:4: unexpected <op:>>'],
  ['sum(a) by', '1:10: unexpected end of input in grouping opts, expected "("'],
  ['sum(a) by (', '1:12: unclosed left parenthesis'],
  ['by (a)', '1:4: unexpected "("'],
]);

refuses(
  'experimental features that are off',
  [
    [
      'limitk(1, a)',
      '1:1: limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions',
    ],
    [
      'limit_ratio(0.5, a)',
      '1:1: limit_ratio() is experimental and must be enabled with --enable-feature=promql-experimental-functions',
    ],
    ['sort_by_label(a, "x")', '1:1: function "sort_by_label" is not enabled'],
    ['info(a)', '1:1: function "info" is not enabled'],
    ['start()', '1:1: function "start" is not enabled'],
    ['range()', '1:1: function "range" is not enabled'],
    ['max_of(1, 2)', '1:1: function "max_of" is not enabled'],
    ['mad_over_time(a[5m])', '1:1: function "mad_over_time" is not enabled'],
    ['a[5m] anchored', '1:1: anchored modifier is experimental and not enabled'],
    ['a smoothed', '1:1: smoothed modifier is experimental and not enabled'],
    ['a + fill(1) b', '1:1: binop fill modifiers are experimental and not enabled'],
    ['a and fill_left(1) b', '1:1: binop fill modifiers are experimental and not enabled'],
    [
      'double_exponential_smoothing(a[5m], 0.5, 0.5)',
      '1:1: function "double_exponential_smoothing" is not enabled',
    ],
  ],
  PLAIN,
);

test('a number beyond floats', () => {
  expect(() => parseExpr('9'.repeat(400), OPTIONS)).toThrow(/value out of range$/);
});
