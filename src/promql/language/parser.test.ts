// What parses, and to which tree. The first fourteen groups are inputs of Prometheus' own parser tests.

import { describe, expect, test } from 'vitest';
import { LANGUAGE_FEATURES, parserOptions } from './features.ts';
import { parseExpr } from './parser.ts';
import { shapeOf } from './tree-testing.ts';

const OPTIONS = parserOptions(LANGUAGE_FEATURES);

type Row = readonly [query: string, shape: string];

function parses(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    test.each(rows)('%s', (query, shape) => {
      expect(shapeOf(parseExpr(query, OPTIONS))).toBe(shape);
    });
  });
}

parses('numbers', [
  ['1', '1'],
  ['+Inf', '+Inf'],
  ['-Inf', '-Inf'],
  ['.5', '0.5'],
  ['5.', '5'],
  ['123.4567', '123.4567'],
  ['5e-3', '0.005'],
  ['5e3', '5000'],
  ['0xc', '12'],
  ['0755', '493'],
  ['+5.5e-3', '0.0055'],
  ['-0755', '-493'],
]);

parses('operators between numbers', [
  ['1 + 1', '(+ 1 1)'],
  ['1 - 1', '(- 1 1)'],
  ['1 * 1', '(* 1 1)'],
  ['1 % 1', '(% 1 1)'],
  ['1 / 1', '(/ 1 1)'],
  ['1 == bool 1', '(== bool 1 1)'],
  ['1 != bool 1', '(!= bool 1 1)'],
  ['1 > bool 1', '(> bool 1 1)'],
  ['1 >= bool 1', '(>= bool 1 1)'],
  ['1 < bool 1', '(< bool 1 1)'],
  ['1 <= bool 1', '(<= bool 1 1)'],
  ['-1^2', '(- (^ 1 2))'],
  ['-1*2', '(* -1 2)'],
  ['-1+2', '(+ -1 2)'],
  ['-1^-2', '(- (^ 1 -2))'],
  ['+1 + -2 * 1', '(+ 1 (* -2 1))'],
  ['1 + 2/(3*1)', '(+ 1 (/ 2 (paren (* 3 1))))'],
  ['1 < bool 2 - 1 * 2', '(< bool 1 (- 2 (* 1 2)))'],
]);

parses('signs and names', [
  ['-some_metric', '(- <some_metric>)'],
  ['+some_metric', '(+ <some_metric>)'],
  [' +some_metric', '(+ <some_metric>)'],
  [' +{"some_metric"}', '(+ <{__name__="some_metric"}>)'],
  ['offset{step="1s"}[5m]', '<offset{step="1s"}[5m]>'],
  ['step{offset="1s"}[5m]', '<step{offset="1s"}[5m]>'],
  ['anchored{job="test"}', '<anchored{job="test"}>'],
  ['smoothed{job="test"}', '<smoothed{job="test"}>'],
]);

parses('operators between vectors', [
  ['foo * bar', '(* <foo> <bar>)'],
  ['foo * sum', '(* <foo> <sum>)'],
  ['foo == 1', '(== <foo> 1)'],
  ['foo == bool 1', '(== bool <foo> 1)'],
  ['2.5 / bar', '(/ 2.5 <bar>)'],
  ['foo and bar', '(and <foo> <bar>)'],
  ['foo or bar', '(or <foo> <bar>)'],
  ['foo unless bar', '(unless <foo> <bar>)'],
  ['foo + bar or bla and blub', '(or (+ <foo> <bar>) (and <bla> <blub>))'],
  ['foo and bar unless baz or qux', '(or (unless (and <foo> <bar>) <baz>) <qux>)'],
  [
    'bar + on(foo) bla / on(baz, buz) group_right(test) blub',
    '(+ on (foo) <bar> (/ on (baz, buz) group_right (test) <bla> <blub>))',
  ],
  ['foo * on(test,blub) bar', '(* on (test, blub) <foo> <bar>)'],
  ['foo * on(test,blub) group_left bar', '(* on (test, blub) group_left () <foo> <bar>)'],
  ['foo and on(test,blub) bar', '(and on (test, blub) <foo> <bar>)'],
  ['foo and on() bar', '(and on () <foo> <bar>)'],
  ['foo and ignoring(test,blub) bar', '(and ignoring (test, blub) <foo> <bar>)'],
  ['foo and ignoring() bar', '(and <foo> <bar>)'],
  ['foo unless on(bar) baz', '(unless on (bar) <foo> <baz>)'],
  ['foo / on(test,blub) group_left(bar) bar', '(/ on (test, blub) group_left (bar) <foo> <bar>)'],
  [
    'foo / ignoring(test,blub) group_left(blub) bar',
    '(/ ignoring (test, blub) group_left (blub) <foo> <bar>)',
  ],
  [
    'foo / ignoring(test,blub) group_left(bar) bar',
    '(/ ignoring (test, blub) group_left (bar) <foo> <bar>)',
  ],
  [
    'foo - on(test,blub) group_right(bar,foo) bar',
    '(- on (test, blub) group_right (bar, foo) <foo> <bar>)',
  ],
  [
    'foo - ignoring(test,blub) group_right(bar,foo) bar',
    '(- ignoring (test, blub) group_right (bar, foo) <foo> <bar>)',
  ],
]);

parses('selectors and their times', [
  ['foo', '<foo>'],
  ['min', '<min>'],
  ['foo offset 5m', '<foo offset 5m>'],
  ['foo offset -7m', '<foo offset -7m>'],
  ['foo offset +(5)', '<foo offset (5)>'],
  ['foo offset -(5)', '<foo offset -(5)>'],
  ['foo offset (5)', '<foo offset (5)>'],
  ['foo[(5s)]', '<foo[(5s)]>'],
  ['foo OFFSET 1h30m', '<foo offset 1h30m>'],
  ['foo OFFSET 1m30ms', '<foo offset 1m30ms>'],
  ['foo @ 1603774568', '<foo @ 1603774568.000>'],
  ['foo @ -100', '<foo @ -100.000>'],
  ['foo @ .3', '<foo @ 0.300>'],
  ['foo @ 3.', '<foo @ 3.000>'],
  ['foo @ 3.33', '<foo @ 3.330>'],
  ['foo @ 3.3333', '<foo @ 3.333>'],
  ['foo @ 3.3335', '<foo @ 3.334>'],
  ['foo @ 3e2', '<foo @ 300.000>'],
  ['foo @ 3e-1', '<foo @ 0.300>'],
  ['foo @ 0xA', '<foo @ 10.000>'],
  ['foo @ -3.3e1', '<foo @ -33.000>'],
]);

parses('matchers', [
  ['foo:bar{a="bc"}', '<foo:bar{a="bc"}>'],
  ['{"foo"}', '<{__name__="foo"}>'],
  [
    "{'foo\\'bar', 'a\\\\dos\\\\path'='boo\\\\urns'}",
    '<{"a\\\\dos\\\\path"="boo\\\\urns",__name__="foo\'bar"}>',
  ],
  ['{"foo", a="bc"}', '<{__name__="foo",a="bc"}>'],
  ["foo{NaN='bc'}", '<foo{NaN="bc"}>'],
  ["foo{bar='}'}", '<foo{bar="}"}>'],
  [
    'foo{a="b", foo!="bar", test=~"test", bar!~"baz"}',
    '<foo{a="b",bar!~"baz",foo!="bar",test=~"test"}>',
  ],
  [
    '{a="b", foo!="bar", "foo", test=~"test", bar!~"baz"}',
    '<{__name__="foo",a="b",bar!~"baz",foo!="bar",test=~"test"}>',
  ],
  [
    'foo{a="b", foo!="bar", test=~"test", bar!~"baz",}',
    '<foo{a="b",bar!~"baz",foo!="bar",test=~"test"}>',
  ],
  ['{__name__=~"bar", __name__!~"baz"}', '<{__name__!~"baz",__name__=~"bar"}>'],
  ['{__name__="bar", __name__="baz"}', '<{__name__="bar",__name__="baz"}>'],
  ['{"bar", __name__="baz"}', '<{__name__="bar",__name__="baz"}>'],
  ['some_metric{a="ÿ"}', '<some_metric{a="ÿ"}>'],
]);

parses('ranges', [
  ['test[1000ms]', '<test[1s]>'],
  ['test[1001ms]', '<test[1s1ms]>'],
  ['test[1002ms]', '<test[1s2ms]>'],
  ['test[5s]', '<test[5s]>'],
  ['test[5m]', '<test[5m]>'],
  ['foo[5m30s]', '<foo[5m30s]>'],
  ['test[5h] OFFSET 5m', '<test[5h] offset 5m>'],
  ['test[5d] OFFSET 10s', '<test[5d] offset 10s>'],
  ['test[5w] offset 2w', '<test[5w] offset 2w>'],
  ['test{a="b"}[5y] OFFSET 3d', '<test{a="b"}[5y] offset 3d>'],
  ['test{a="b"}[5m] OFFSET 3600', '<test{a="b"}[5m] offset 1h>'],
  ['foo[3ms] @ 2.345', '<foo[3ms] @ 2.345>'],
  ['foo[4s180ms] @ 2.345', '<foo[4s180ms] @ 2.345>'],
  ['foo[4.18] @ 2.345', '<foo[4s180ms] @ 2.345>'],
  ['foo[4s18ms] @ 2.345', '<foo[4s18ms] @ 2.345>'],
  ['foo[4.018] @ 2.345', '<foo[4s18ms] @ 2.345>'],
  ['test{a="b"}[5y] @ 1603774699', '<test{a="b"}[5y] @ 1603774699.000>'],
  ['test[5]', '<test[5s]>'],
  ['some_metric[5m] @ 1m', '<some_metric[5m] @ 60.000>'],
]);

parses('aggregations', [
  ['sum by (foo)(some_metric)', '(sum by (foo) <some_metric>)'],
  ['sum by (anchored)(some_metric)', '(sum by (anchored) <some_metric>)'],
  ['sum by (smoothed)(some_metric)', '(sum by (smoothed) <some_metric>)'],
  ['sum by ("foo bar")({"some.metric"})', '(sum by ("foo bar") <{__name__="some.metric"}>)'],
  [
    'sum by ("foo", bar, \'baz\')({"some.metric"})',
    '(sum by (foo, bar, baz) <{__name__="some.metric"}>)',
  ],
  ['avg by (foo)(some_metric)', '(avg by (foo) <some_metric>)'],
  ['max by (foo)(some_metric)', '(max by (foo) <some_metric>)'],
  ['sum without (foo) (some_metric)', '(sum without (foo) <some_metric>)'],
  ['sum (some_metric) without (foo)', '(sum without (foo) <some_metric>)'],
  ['stddev(some_metric)', '(stddev <some_metric>)'],
  ['stdvar by (foo)(some_metric)', '(stdvar by (foo) <some_metric>)'],
  ['sum by ()(some_metric)', '(sum <some_metric>)'],
  ['sum by (foo,bar,)(some_metric)', '(sum by (foo, bar) <some_metric>)'],
  ['sum by (foo,)(some_metric)', '(sum by (foo) <some_metric>)'],
  ['topk(5, some_metric)', '(topk 5 <some_metric>)'],
  ['count_values("value", some_metric)', '(count_values "value" <some_metric>)'],
  [
    'sum without(and, by, avg, count, alert, annotations)(some_metric)',
    '(sum without (and, by, avg, count, alert, annotations) <some_metric>)',
  ],
]);

parses('calls', [
  ['time()', '(time)'],
  ['floor(some_metric{foo!="bar"})', '(floor <some_metric{foo!="bar"}>)'],
  ['rate(some_metric[5m])', '(rate <some_metric[5m]>)'],
  ['round(some_metric)', '(round <some_metric>)'],
  ['round(some_metric, 5)', '(round <some_metric> 5)'],
  ['label_replace(a, `b`, `cÿ`, `d`, `.*`)', '(label_replace <a> "b" "cÿ" "d" ".*")'],
  ['sum(sum)', '(sum <sum>)'],
  ['a + sum', '(+ <a> <sum>)'],
]);

parses('strings', [
  [
    '"double-quoted string \\" with escaped quote"',
    '"double-quoted string \\" with escaped quote"',
  ],
  ["'single-quoted string \\' with escaped quote'", '"single-quoted string \' with escaped quote"'],
  ['`backtick-quoted string`', '"backtick-quoted string"'],
  [
    '"\\a\\b\\f\\n\\r\\t\\v\\\\\\" - \\xFF\\377\\u1234\\U00010111\\U0001011111☺"',
    '"\\a\\b\\f\\n\\r\\t\\v\\\\\\" - \\xff\\xffሴ𐄑𐄑11☺"',
  ],
  [
    "'\\a\\b\\f\\n\\r\\t\\v\\\\\\' - \\xFF\\377\\u1234\\U00010111\\U0001011111☺'",
    '"\\a\\b\\f\\n\\r\\t\\v\\\\\' - \\xff\\xffሴ𐄑𐄑11☺"',
  ],
]);

parses('subqueries', [
  ['foo{bar="baz"}[10m:6s]', '([10m:6s] <foo{bar="baz"}>)'],
  ['foo{bar="baz"}[10m5s:1h6ms]', '([10m5s:1h6ms] <foo{bar="baz"}>)'],
  ['foo[10m:]', '([10m:] <foo>)'],
  [
    'min_over_time(rate(foo{bar="baz"}[2s])[5m:5s])',
    '(min_over_time ([5m:5s] (rate <foo{bar="baz"}[2s]>)))',
  ],
  [
    'min_over_time(rate(foo{bar="baz"}[2s])[5m:])[4m:3s]',
    '([4m:3s] (min_over_time ([5m:] (rate <foo{bar="baz"}[2s]>))))',
  ],
  [
    'min_over_time(rate(foo{bar="baz"}[2s])[5m:] offset 4m)[4m:3s]',
    '([4m:3s] (min_over_time ([5m:] offset 4m (rate <foo{bar="baz"}[2s]>))))',
  ],
  [
    'min_over_time(rate(foo{bar="baz"}[2s])[5m:] @ 1603775091)[4m:3s]',
    '([4m:3s] (min_over_time ([5m:] @ 1603775091.000 (rate <foo{bar="baz"}[2s]>))))',
  ],
  [
    'min_over_time(rate(foo{bar="baz"}[2s])[5m:] @ -160377509)[4m:3s]',
    '([4m:3s] (min_over_time ([5m:] @ -160377509.000 (rate <foo{bar="baz"}[2s]>))))',
  ],
  [
    'sum without(and, by, avg, count, alert, annotations)(some_metric) [30m:10s]',
    '([30m:10s] (sum without (and, by, avg, count, alert, annotations) <some_metric>))',
  ],
  ['some_metric OFFSET 1m [10m:5s]', '([10m:5s] <some_metric offset 1m>)'],
  ['some_metric @ 123 [10m:5s]', '([10m:5s] <some_metric @ 123.000>)'],
  ['some_metric @ 123 offset 1m [10m:5s]', '([10m:5s] <some_metric @ 123.000 offset 1m>)'],
  ['some_metric offset 1m @ 123 [10m:5s]', '([10m:5s] <some_metric @ 123.000 offset 1m>)'],
  ['some_metric[10m:5s] offset 1m @ 123', '([10m:5s] @ 123.000 offset 1m <some_metric>)'],
  ['(foo + bar{nm="val"})[5m:]', '([5m:] (paren (+ <foo> <bar{nm="val"}>)))'],
  ['(foo + bar{nm="val"})[5m:] offset 10m', '([5m:] offset 10m (paren (+ <foo> <bar{nm="val"}>)))'],
  [
    '(foo + bar{nm="val"} @ 1234)[5m:] @ 1603775019',
    '([5m:] @ 1603775019.000 (paren (+ <foo> <bar{nm="val"} @ 1234.000>)))',
  ],
]);

parses('start and end', [
  ['foo @ start()', '<foo @ start()>'],
  ['foo @ end()', '<foo @ end()>'],
  ['test[5y] @ start()', '<test[5y] @ start()>'],
  ['test[5y] @ end()', '<test[5y] @ end()>'],
  ['foo[10m:6s] @ start()', '([10m:6s] @ start() <foo>)'],
  ['foo[10m:6s] @ end()', '([10m:6s] @ end() <foo>)'],
  ['start()', '(start)'],
  ['end()', '(end)'],
  ['start', '<start>'],
  ['end', '<end>'],
  ['start{end="foo"}', '<start{end="foo"}>'],
  ['end{start="foo"}', '<end{start="foo"}>'],
  ['foo unless on(start) bar', '(unless on (start) <foo> <bar>)'],
  ['foo unless on(end) bar', '(unless on (end) <foo> <bar>)'],
]);

parses('info', [
  [
    'info(rate(http_request_counter_total{}[5m]))',
    '(info (rate <http_request_counter_total[5m]>))',
  ],
  [
    'info(http_request_counter_total{namespace="zzz"}, {foo="bar", bar="baz"})',
    '(info <http_request_counter_total{namespace="zzz"}> <{bar="baz",foo="bar"}>)',
  ],
]);

parses('duration expressions', [
  ['foo[11s+10s-5*2^2]', '<foo[11s + 10s - 5 * 2 ^ 2]>'],
  ['foo[-(10s-5s)+20s]', '<foo[-(10s - 5s) + 20s]>'],
  ['foo[-10s+15s]', '<foo[-10s + 15s]>'],
  ['foo[step()]', '<foo[step()]>'],
  ['foo[  -  step  (  )  ]', '<foo[-step()]>'],
  ['foo[   step  (  )  ]', '<foo[step()]>'],
  ['foo[-step()]', '<foo[-step()]>'],
  ['foo offset step()', '<foo offset step()>'],
  ['foo offset -step()', '<foo offset -step()>'],
  ['foo[max_of(step(),5s)]', '<foo[max_of(step(), 5s)]>'],
  ['foo offset max_of(step(),5s)', '<foo offset max_of(step(), 5s)>'],
  ['foo offset -min_of(5s,step()+8s)', '<foo offset -min_of(5s, step() + 8s)>'],
  ['foo[range()]', '<foo[range()]>'],
  ['foo[2m/range()]', '<foo[2m / range()]>'],
  ['foo[-range()]', '<foo[-range()]>'],
  ['foo offset range()', '<foo offset range()>'],
  ['foo offset -range()', '<foo offset -range()>'],
  ['foo[max_of(range(),5s)]', '<foo[max_of(range(), 5s)]>'],
  ['foo[4s+4s:1s*2] offset (5s-8)', '([4s + 4s:1s * 2] offset (5s - 8) <foo>)'],
  ['foo offset 5s-8', '(- <foo offset 5s> 8)'],
  ['rate(foo[2m+2m])', '(rate <foo[2m + 2m]>)'],
  ['foo offset -1^1', '(^ <foo offset -1s> 1)'],
  ['foo offset -(1^2)', '<foo offset -(1 ^ 2)>'],
  ['foo offset (-1^2)', '<foo offset (-1 ^ 2)>'],
  ['foo[-2^2]', '<foo[-2 ^ 2]>'],
  ['foo[0+-2^2]', '<foo[0 + -2 ^ 2]>'],
]);

parses('parentheses and series', [
  ['(sum(foo))', '(paren (sum <foo>))'],
  ['(sum(foo) )', '(paren (sum <foo>))'],
  ['(sum(foo) by (bar))', '(paren (sum by (bar) <foo>))'],
  ['(sum by (bar) (foo))', '(paren (sum by (bar) <foo>))'],
  [
    'sum by (job)(rate(http_requests_total[30m]))',
    '(sum by (job) (rate <http_requests_total[30m]>))',
  ],
  [
    'http_requests{job="api-server", instance="0", group="production"}',
    '<http_requests{group="production",instance="0",job="api-server"}>',
  ],
  ['my_metric{a="b"} -3-3 -3', '(- (- (- <my_metric{a="b"}> 3) 3) 3)'],
  ['my_metric{a="b"} -3 -3-3', '(- (- (- <my_metric{a="b"}> 3) 3) 3)'],
]);

parses('precedence', [
  ['a or b and c == d + e * f ^ g', '(or <a> (and <b> (== <c> (+ <d> (* <e> (^ <f> <g>))))))'],
  ['a ^ b * c + d == e and f or g', '(or (and (== (+ (* (^ <a> <b>) <c>) <d>) <e>) <f>) <g>)'],
  ['2 ^ 3 ^ 2', '(^ 2 (^ 3 2))'],
  ['2 ^ -3 * 4', '(* (^ 2 -3) 4)'],
  ['-2 ^ 2', '(- (^ 2 2))'],
  ['- - 1', '1'],
  ['-a * b', '(* (- <a>) <b>)'],
  ['a - -b', '(- <a> (- <b>))'],
  ['a atan2 b * c', '(* (atan2 <a> <b>) <c>)'],
  ['a </ 1 >/ 2', '(>/ (</ <a> 1) 2)'],
  ['a unless b and c', '(and (unless <a> <b>) <c>)'],
]);

parses('modifiers of operators', [
  ['a + fill(1) b', '(+ fill (1) <a> <b>)'],
  ['a + fill_left(-1) fill_right(2m) b', '(+ fill_left (-1) fill_right (120) <a> <b>)'],
  ['a > bool on(x) group_left(y) fill(0) b', '(> bool on (x) group_left (y) fill (0) <a> <b>)'],
  ['a * ignoring(x) group_right b', '(* ignoring (x) group_right () <a> <b>)'],
  ['a + fill', '(+ <a> <fill>)'],
  ['fill{a="b"} + fill_left', '(+ <fill{a="b"}> <fill_left>)'],
  ['a + on(x) group_left () b', '(+ on (x) group_left () <a> <b>)'],
  ['a + fill (1000000) b', '(+ fill (1e+06) <a> <b>)'],
]);

parses('words in any case', [
  ['a AND b OR c UNLESS d', '(or (and <a> <b>) (unless <c> <d>))'],
  ['a @ START()', '<a @ start()>'],
  ['a offset STEP()', '<a offset step()>'],
  ['a == BOOL 1', '(== bool <a> 1)'],
  ['INF + nan', '(+ +Inf NaN)'],
  ['avg WITHOUT (x) (a)', '(avg without (x) <a>)'],
  ['TOPK(1, a)', '(topk 1 <a>)'],
]);

parses('keywords as names', [
  ['by', '<by>'],
  ['without + and', '(+ <without> <and>)'],
  ['sum{sum="x"}', '<sum{sum="x"}>'],
  ['group', '<group>'],
  ['limitk', '<limitk>'],
  ['limit_ratio > 0', '(> <limit_ratio> 0)'],
  ['offset offset 5m', '<offset offset 5m>'],
  ['count(count)', '(count <count>)'],
  ['min_of + max_of', '(+ <min_of> <max_of>)'],
  ['anchored smoothed', '<anchored smoothed>'],
  [
    'sum by (on, bool, atan2, group_left, START) (a)',
    '(sum by (on, bool, atan2, group_left, START) <a>)',
  ],
]);

parses('postfix', [
  ['a offset 5m @ 10', '<a @ 10.000 offset 5m>'],
  ['a @ end() offset -5m', '<a @ end() offset -5m>'],
  ['a[5m] anchored', '<a[5m] anchored>'],
  ['a smoothed', '<a smoothed>'],
  ['a[5m] smoothed @ 10 offset 1m', '<a[5m] smoothed @ 10.000 offset 1m>'],
  ['a anchored [5m]', '<a[5m] anchored>'],
  ['a - a offset 1d', '(- <a> <a offset 1d>)'],
  ['a[5m:1m] offset 1m', '([5m:1m] offset 1m <a>)'],
  ['sum(a)[1h:]', '([1h:] (sum <a>))'],
]);

parses('numbers', [
  ['1_000', '1000'],
  ['0x_1F', '31'],
  ['0_7', '7'],
  ['08', '8'],
  ['0xee1', '3809'],
  ['1e1_0', '10000000000'],
  ['.5e3', '500'],
  ['1h30m', '1h30m'],
  ['1y2w3d4h5m6s7ms', '382d4h5m6s7ms'],
  ['-5m', '-5m'],
  ['1ms', '1ms'],
  ['1e-7', '0.0000001'],
  ['-0', '-0'],
  ['123456789012345678', '123456789012345680'],
  ['1e25', '10000000000000000000000000'],
  ['5m * 2', '(* 5m 2)'],
]);

parses('strings', [
  ["'it\\'s'", '"it\'s"'],
  ['"\\x41\\101\\u00e9\\U0001F600"', '"AAé😀"'],
  ['`a\\n"b\'`', '"a\\\\n\\"b\'"'],
  ['"\\xc3\\xa9 \\xff"', '"é \\xff"'],
  ['"#no comment"', '"#no comment"'],
]);

parses('blanks and comments', [
  ['\n a # one\n + # two\n b\r\n\t', '(+ <a> <b>)'],
  ['a{ # in braces\n x = "1" , }', '<a{x="1"}>'],
  ['a[ 5m ]', '<a[5m]>'],
  ['a [5m : 1m ]', '([5m:1m] <a>)'],
  ['sum\nby(x)\n(a)', '(sum by (x) <a>)'],
]);
